/** Mandates, made and ended: two parties agree to one, and either may end it. What the register says counts at the next request. */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type pg from 'pg';
import { param, shape, statement } from '../../db/statement.ts';
import { addDays, quarterOf } from '../../schema/calendar.ts';
import { faultIn, firstDay, lastDay, type MandateSide, overlaps, standing, statusOn } from '../../schema/mandates.ts';
import { scopeKey, scopeValues, visible } from '../access.ts';
import { refuse } from '../errors.ts';
import { columns } from '../rows.ts';
import type { Done, Problem, StepGround } from '../take.ts';
import type { Viewer } from '../viewer.ts';
import { type MandateRow, mandateColumns } from './store.ts';
import type { CreateMandateInput, EndMandateInput } from './types.ts';

/** What came of a change, as the payload is resolved from it. */
export type Changed = { id: string | null; problems: readonly Problem[] };

// What is done about one pair is done one after the other. Nobody but its two parties ever waits for it.
const holdPair = statement(`select pg_advisory_xact_lock(hashtextextended('mandate ' || $1 || ' ' || $2, 0))`);
const isKnown = statement('select from employers.enterprise where kbo = $1 and end_date is null');
const add = statement(`
  insert into employers.mandate (id, giver_kbo, holder_kbo, mandate_group, from_quarter, to_quarter, status, proposed_by)
  values ($1, $2, $3, $4, $5, $6, 'PENDING', $7)`);
const confirm = statement(`update employers.mandate set status = 'ACTIVE', confirmed_on = $2 where id = $1`);
const reject = statement(`update employers.mandate set status = 'REJECTED' where id = $1`);
const end = statement(`
  update employers.mandate set status = $2, ended_on = $3, to_quarter = greatest(from_quarter, $4) where id = $1`);
const becomeMandatary = statement(`
  insert into employers.mandatary (kbo, kind) values ($1, 'SERVICE_PROVIDER') on conflict do nothing`);
const tie = statement(`
  insert into access.involvement (party, subject_kind, subject, capacity, valid_from, valid_to)
  values ('MANDATARY:' || $1, 'EMPLOYER', $2, 'MANDATE', $3, $4)
  on conflict (party, subject_kind, subject) do update set valid_from = excluded.valid_from, valid_to = excluded.valid_to`);
const untie = statement(`
  update access.involvement set valid_to = $3
  where party = 'MANDATARY:' || $1 and subject_kind = 'EMPLOYER' and subject = $2 and coalesce(valid_to, 'infinity') > $3::date`);

type Pair = Pick<MandateRow, 'giverKbo' | 'holderKbo'>;
type Event = 'MANDATE_PROPOSED' | 'MANDATE_CONFIRMED' | 'MANDATE_REJECTED' | 'MANDATE_ENDED';
type Outcome = { done: Done<{ id: string }> } | { problem: Problem; about?: string };

const unfit = (message: string): { problem: Problem } => ({ problem: { code: 'BAD_USER_INPUT', message } });
const notNow = (message: string, about?: string): Outcome => ({
  problem: { code: 'BAD_STATE', message },
  ...(about === undefined ? {} : { about }),
});
const notYours: { problem: Problem } = {
  problem: {
    code: 'FORBIDDEN',
    message: 'A mandate is given by an employer and held by a mandatary: one of them is you',
  },
};
const missing: { problem: Problem } = {
  problem: { code: 'NOT_FOUND', message: 'There is no such mandate, or none of yours' },
};

/** On which side of a mandate a viewer stands; null on neither. */
const sideOf = ({ kind, kbo }: Viewer, { giverKbo, holderKbo }: Pair): MandateSide | null => {
  if (kind === 'EMPLOYER' && kbo === giverKbo) return 'GIVER';
  return kind === 'MANDATARY' && kbo === holderKbo ? 'HOLDER' : null;
};

const done = (id: string, event: Event, { giverKbo, holderKbo }: Pair, now: Date): Outcome => ({
  done: {
    answer: { id },
    announcements: [
      {
        at: now,
        dossier: null,
        worker: null,
        employer: giverKbo,
        events: [{ event, data: { mandate: id, holder: holderKbo }, notify: false }],
      },
    ],
    subject: null,
    written: ['EMPLOYER'],
  },
});

/** The mandates that a viewer may see: one, or those of a pair. */
const seen = (viewer: Viewer) => {
  const all = (knex: Knex) => visible(knex, 'mandate', viewer).select(columns(mandateColumns));
  const byId = shape<MandateRow>(`mandate to end for ${scopeKey(viewer)}`, (knex) =>
    all(knex).whereRaw('t.id = ?', [param('id')]),
  );
  const ofPair = shape<MandateRow>(`mandates of a pair for ${scopeKey(viewer)}`, (knex) =>
    all(knex)
      .whereRaw('t.giver_kbo = ? and t.holder_kbo = ?', [param('giver'), param('holder')])
      .orderByRaw('t.id'),
  );
  const scope = scopeValues(viewer);
  return {
    byId: async (client: pg.PoolClient, id: string) => (await byId(client, { ...scope, id }))[0],
    ofPair: (client: pg.PoolClient, { giverKbo, holderKbo }: Pair) =>
      ofPair(client, { ...scope, giver: giverKbo, holder: holderKbo }),
  };
};

/** Changes to mandates for one viewer. */
export const employerSteps = ({ viewer, take, readings, renew }: StepGround) => {
  const { today } = viewer;
  const { byId, ofPair } = seen(viewer);

  const run = async (
    operation: string,
    { idempotencyKey: key, ...input }: CreateMandateInput | EndMandateInput,
    work: (client: pg.PoolClient, now: Date) => Promise<Outcome>,
  ): Promise<Changed> => {
    if (take === undefined)
      throw refuse('DEPENDENCY_UNAVAILABLE', 'Nothing can be changed here', { register: 'employers' });
    let about: string | null = null;
    const outcome = await take<{ id: string }>(viewer, { operation, key, input }, async (client, now) => {
      const came = await work(client, now);
      about = 'about' in came ? (came.about ?? null) : null;
      return came;
    });
    if ('answer' in outcome) {
      renew();
      return { id: outcome.answer.id, problems: [] };
    }
    const { problem } = outcome;
    if (problem.code === 'FORBIDDEN') readings.note(null, { read: [], refused: ['EMPLOYER'], counts: false });
    return { id: about, problems: [problem] };
  };

  /** Writes in the reference register when the holder may act, as the mandates of the pair then stand; or says why they may not. */
  const settle = async (
    client: pg.PoolClient,
    { giverKbo, holderKbo }: Pair,
    mandates: readonly MandateRow[],
  ): Promise<Outcome | null> => {
    const [period, later] = standing(mandates, today);
    // The register has room for one span of days.
    if (later) return notNow('Between two mandates of one mandatary there would be days without any');
    if (period) await tie(client, [holderKbo, giverKbo, period.from, period.to]);
    else await untie(client, [holderKbo, giverKbo, addDays(today, -1)]);
    return null;
  };

  const createMandate = (input: CreateMandateInput): Promise<Changed> =>
    run('createMandate', input, async (client, now) => {
      const { group, fromQuarter } = input;
      const pair = { giverKbo: input.giver, holderKbo: input.holder };
      const side = sideOf(viewer, pair);
      if (side === null) return notYours;
      if (pair.giverKbo === pair.holderKbo) return unfit('For yourself you need no mandate');
      // Each party answers for itself, so that neither learns of the other by proposing.
      if ((await isKnown(client, [viewer.kbo])).length === 0)
        return notNow('The register of enterprises has you as stopped, or not at all');
      await holdPair(client, [pair.giverKbo, pair.holderKbo]);
      const mandates = await ofPair(client, pair);
      const toQuarter = input.toQuarter ?? null;
      const waiting = mandates.find(
        (one) =>
          one.status === 'PENDING' &&
          one.mandateGroup === group &&
          one.fromQuarter === fromQuarter &&
          one.toQuarter === toQuarter,
      );
      const fault = faultIn({ group, fromQuarter, toQuarter }, { today, isProposed: waiting !== undefined });
      if (fault !== null) return unfit(fault);
      if (waiting?.proposedBy === side)
        return notNow('You proposed this before: it waits for the other party', waiting.id);
      const id = waiting?.id ?? `MAN-${randomUUID()}`;
      const terms = { mandateGroup: group, fromQuarter, toQuarter, endedOn: null };
      const agreed: MandateRow = { ...pair, ...terms, id, status: 'ACTIVE', proposedBy: side, confirmedOn: today };
      const others = mandates.filter((one) => one.id !== id);
      const twice = others.find(
        (one) => one.mandateGroup === group && statusOn(one, today) === 'ACTIVE' && overlaps(one, agreed),
      );
      if (twice) return notNow('There is a mandate of this group for these days', twice.id);
      if (!waiting) {
        await add(client, [id, pair.giverKbo, pair.holderKbo, group, fromQuarter, toQuarter, side]);
        return done(id, 'MANDATE_PROPOSED', pair, now);
      }
      await becomeMandatary(client, [pair.holderKbo]);
      await confirm(client, [id, today]);
      return (await settle(client, pair, [...others, agreed])) ?? done(id, 'MANDATE_CONFIRMED', pair, now);
    });

  const endMandate = (input: EndMandateInput): Promise<Changed> =>
    run('endMandate', input, async (client, now) => {
      const found = await byId(client, input.mandate);
      if (!found) return missing;
      if (sideOf(viewer, found) === null) return notYours;
      await holdPair(client, [found.giverKbo, found.holderKbo]);
      const mandates = await ofPair(client, found);
      const mandate = mandates.find(({ id }) => id === found.id) ?? found;
      const { id } = mandate;
      const status = statusOn(mandate, today);
      const last = input.lastDay ?? null;
      if (status === 'PENDING' || status === 'TO_FINALISE') {
        if (last !== null) return unfit('A mandate that is not agreed has no last day: it is refused, or taken back');
        await reject(client, [id]);
        return done(id, 'MANDATE_REJECTED', mandate, now);
      }
      if (status !== 'ACTIVE') return notNow(`This mandate is ${status}`, id);
      const first = firstDay(mandate);
      const within = last === null || (today <= last && first <= last && last <= (lastDay(mandate) ?? last));
      if (!within) return unfit('The last day of a mandate lies in it, today or later; without one it ends at once');
      const endedOn = last ?? addDays(today, -1);
      const closed = last === null ? 'CLOSED' : 'ACTIVE';
      await end(client, [id, closed, endedOn, quarterOf(endedOn)]);
      const ended: MandateRow = { ...mandate, status: closed, endedOn };
      const after = mandates.map((one) => (one.id === id ? ended : one));
      return (await settle(client, mandate, after)) ?? done(id, 'MANDATE_ENDED', mandate, now);
    });

  return { createMandate, endMandate };
};
