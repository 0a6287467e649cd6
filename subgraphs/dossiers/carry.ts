/** Carries a transition out: writes what the life cycle says that a step makes of a dossier. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { statement } from '../../db/statement.ts';
import { brusselsDate } from '../../schema/calendar.ts';
import { ruleSet } from '../../schema/deadlines.ts';
import type { Transition } from '../../schema/lifecycle.ts';
import { municipality, nisOfPostalCode } from '../../schema/places.ts';
import { codeOf } from '../../schema/reference.ts';
import type { StepInput } from '../../schema/step-facts.ts';
import type { Announcement } from '../outbox.ts';
import { snake } from '../rows.ts';
import type { Known, Whole } from './locked.ts';
import { changePermit } from './permit.ts';
import { tie } from './ties.ts';

/** Who takes a step, and when: the kind that the timeline names, and the authority where it is one. */
export type Actor = {
  readonly kind: string;
  readonly authority: string | null;
  readonly now: Date;
  readonly today: string;
};

/** A step as it is carried out. `columns` are changes of the dossier's own facts that come with it. */
export type Carried = {
  readonly before: Whole;
  readonly known: Known;
  readonly transition: Transition;
  readonly input: StepInput;
  readonly actor: Actor;
  readonly columns?: Partial<Whole>;
  readonly reason?: string | undefined;
};

const json = new Set<keyof Whole>(['competenceInputs', 'places', 'statedWorker', 'floorFacts', 'posting']);

/** Writes columns of a dossier; its version grows by one, and the database keeps what it was. */
export const update = async (client: pg.PoolClient, number: string, changes: Partial<Whole>): Promise<void> => {
  const names = (Object.keys(changes) as (keyof Whole)[]).sort(); // the keys of the type above
  const sets = names.map((name, i) => `${snake(name)} = $${i + 2}${json.has(name) ? '::jsonb' : ''}`);
  const values = names.map((name) =>
    json.has(name) && changes[name] !== null ? JSON.stringify(changes[name]) : changes[name],
  );
  const text = `update dossiers.dossier set ${[...sets, 'version = version + 1'].join(', ')} where number = $1`;
  await statement(text)(client, [number, ...values]);
};

const putDeadlines = statement(`
  insert into dossiers.deadline as x (dossier_number, rule, starts_on, due_on, met_on, suspended_since)
  select $1, d.rule, d."startsOn", d."dueOn", d."metOn", d."suspendedSince"
  from json_to_recordset($2::json) as d(rule text, "startsOn" date, "dueOn" date, "metOn" date, "suspendedSince" date)
  on conflict (dossier_number, rule, starts_on) do update
    set due_on = excluded.due_on, met_on = excluded.met_on, suspended_since = excluded.suspended_since`);
const addEvents = statement(`
  insert into dossiers.event (dossier_number, sequence, at, type, actor_kind, actor, data)
  select $1, coalesce((select max(sequence) from dossiers.event where dossier_number = $1), 0) + e.nth, $2, e.type, e.kind, e.actor, e.data
  from json_to_recordset($3::json) as e(nth integer, type text, kind text, actor text, data jsonb)`);
const addMilestone = statement(
  'insert into dossiers.milestone (dossier_number, kind, at, authority) values ($1, $2, $3, $4)',
);
const addDecision = statement<{ id: string; version: number }>(`
  insert into decisions.decision (id, dossier_number, part, outcome, authority, decided_on, notified_on, valid_from, valid_to,
    grounds, motivation, annex, version, supersedes, worker_id, employer_kbo, recorded_at)
  select $1 || '-' || left($2, 1) || n.version, $1, $2, $3, $4, $5::date, $5::date, $6, $7, $8, $9, $10, n.version, n.before, $11, $12, $13
  from (select coalesce(max(d.version), 0) + 1 as version, (array_agg(d.id order by d.version desc))[1] as before
    from decisions.decision d where d.dossier_number = $1 and d.part = $2) n
  returning id, version`);
const openRequest = statement(`
  insert into dossiers.information_request (id, dossier_number, requested_on, due_on, items, requested_at) values ($1, $2, $3, $4, $5, $6)`);
const closeRequest = statement(
  'update dossiers.information_request set answered_on = $2 where dossier_number = $1 and answered_on is null',
);
const proposeOn = statement(
  'update dossiers.information_request set proposed_on = $2 where dossier_number = $1 and answered_on is null',
);
const addTransfer = statement(`
  insert into dossiers.transfer (dossier_number, at, from_authority, to_authority, reason) values ($1, $2, $3, $4, $5)`);
const addAppeal = statement(`
  insert into dossiers.appeal (id, dossier_number, lodged_on, lodged_by_kind, against_part, due_on, language, motivation)
  values ($1, $2, $3, $4, $5, $6, $7, $8)`);
const closeAppeal = statement(
  'update dossiers.appeal set outcome = $2, decided_on = $3 where dossier_number = $1 and decided_on is null',
);

/** The municipality in which the work is done, with its authority and postal code as far as they are known. */
const workplaceOf = ({ places, workplaceNis, workplacePostalCode }: Whole): Partial<Whole> => {
  // Of several places the one where most time is spent.
  const [main] = [...(places.workplaces ?? [])].sort((one, other) => (other.share ?? 0) - (one.share ?? 0));
  const postalCode = main?.postalCode ?? (main ? null : workplacePostalCode);
  const nis =
    main?.nis ?? (postalCode === null || postalCode === undefined ? workplaceNis : nisOfPostalCode(postalCode));
  return { workplacePostalCode: postalCode ?? null, workplaceNis: nis ?? null };
};

/** The dossier's own columns after a step. */
const changesOf = ({ before, known, transition, actor, columns = {} }: Carried): Partial<Whole> => {
  const { state, effects } = transition;
  const { now, today } = actor;
  const has = (effect: Transition['effects'][number]): boolean => effects.includes(effect);
  const { status } = state;
  if (status === null) throw new Error('a step left a dossier without a status');
  const wasFinal = codeOf('dossierStatuses', before.status)?.final === true;
  const isFinal = codeOf('dossierStatuses', status)?.final === true;
  const running = state.deadlines.filter(({ metOn, suspendedSince }) => metOn === null && suspendedSince === null);
  const routed: Partial<Whole> = {};
  if (has('ROUTE')) {
    const place = workplaceOf({ ...before, ...columns });
    const nis = place.workplaceNis ?? null;
    const authority = nis === null ? null : (municipality(nis)?.authority ?? null);
    Object.assign(routed, place, {
      workplaceAuthority: authority,
      competentAuthority: state.competentAuthority,
      competenceRule: known.competence?.rule ?? before.competenceRule,
      competenceInputs: known.competence?.inputs ?? before.competenceInputs,
      // Whoever is not told where the worker will live takes it to be near the work.
      residenceMunicipality: before.residenceMunicipality ?? nis,
    });
  }
  // An appeal that changes nothing leaves the decision as old as it is; one that is upheld takes it away, or makes another.
  const stands = before.decidedAt !== null && transition.permit !== 'CREATED';
  const decided: Partial<Whole> = !isFinal
    ? status === 'UNDER_APPEAL'
      ? {}
      : { decidedAt: null }
    : wasFinal || stands
      ? {}
      : { decidedAt: now };
  const isFirstFiling = before.submittedAt === null && status === 'SUBMITTED';
  return {
    ...columns,
    ...routed,
    status,
    workTrack: state.workTrack,
    residenceTrack: state.residenceTrack,
    handling: state.handling,
    ...(isFirstFiling ? { submittedAt: now, ruleSet: ruleSet(brusselsDate(now)), statedWorker: null } : {}),
    ...(has('DATE_ADMISSIBLE') ? { admissibleAt: now } : {}),
    ...(has('COPY_TO_DVZ') ? { copiedToDvzAt: now } : {}),
    ...(has('FORWARD_TO_DVZ') ? { forwardedToDvzAt: now } : {}),
    ...decided,
    ...(transition.step === 'consentWelcome' ? { welcomeConsentOn: today } : {}),
    // What is over waits for nobody, though a term to appeal may run.
    nextDeadlineOn: isFinal ? null : (running.map(({ dueOn }) => dueOn).sort()[0] ?? null),
  };
};

const requests = async (client: pg.PoolClient, { before, transition, input, actor }: Carried): Promise<void> => {
  const { effects, state, step } = transition;
  const { number } = before;
  if (effects.includes('OPEN_REQUEST')) {
    const due = state.deadlines.findLast(({ rule, metOn }) => rule === 'D02' && metOn === null)?.dueOn;
    await openRequest(client, [randomUUID(), number, actor.today, due, input.items, actor.now]);
  }
  if (effects.includes('CLOSE_REQUEST')) await closeRequest(client, [number, actor.today]);
  if (step === 'proposeInadmissible') await proposeOn(client, [number, actor.today]);
};

const appeals = async (client: pg.PoolClient, { before, known, transition, input, actor }: Carried): Promise<void> => {
  const { effects, state } = transition;
  const { contested } = known.dossier;
  if (effects.includes('RECORD_APPEAL')) {
    const due = state.deadlines.findLast(({ rule, metOn }) => rule === 'D12' && metOn === null)?.dueOn ?? null;
    const values = [randomUUID(), before.number, actor.today, actor.kind, contested?.part, due];
    await addAppeal(client, [...values, input.language, input.motivation]);
  }
  if (effects.includes('CLOSE_APPEAL')) await closeAppeal(client, [before.number, input.outcome, actor.today]);
};

const decide = async (
  client: pg.PoolClient,
  after: Whole,
  { transition, input, actor }: Carried,
): Promise<string | null> => {
  const { decision } = transition;
  if (decision === null) return null;
  const granted = decision.outcome === 'GRANT';
  const from = granted ? (input.validFrom ?? after.periodFrom) : null;
  const to = granted ? (input.validTo === undefined ? after.periodTo : input.validTo) : null;
  const authority = decision.part === 'RESIDENCE' ? 'FED-DVZ' : after.competentAuthority;
  const values = [after.number, decision.part, decision.outcome, authority, actor.today, from, to, input.grounds ?? []];
  const person = [after.workerId, after.employerKbo, actor.now];
  const [row] = await addDecision(client, [...values, input.motivation ?? null, decision.annex, ...person]);
  return row?.id ?? null;
};

/** Writes a step, and answers the dossier as it then is, with what is to be announced. */
export const carryOut = async (
  client: pg.PoolClient,
  carried: Carried,
): Promise<{ after: Whole; announcement: Announcement }> => {
  const { before, transition, actor, reason } = carried;
  const { number } = before;
  const { state, events, effects } = transition;
  const changes = changesOf(carried);
  const after: Whole = { ...before, ...changes, version: before.version + 1 };
  await update(client, number, changes);
  if (state.deadlines.length > 0) await putDeadlines(client, [number, JSON.stringify(state.deadlines)]);
  await requests(client, carried);
  await appeals(client, carried);
  if (effects.includes('KEEP_FORMER_REGION')) {
    await addTransfer(client, [number, actor.now, before.competentAuthority, after.competentAuthority, reason ?? '']);
  }
  const decisionId = await decide(client, after, carried);
  await changePermit(client, after, carried);
  await tie(client, after, { effects, today: actor.today, before: before.competentAuthority });
  const told = events.map(({ type, by, data, milestone }, i) => ({
    nth: i + 1,
    type,
    kind: by === 'SYSTEM' ? 'SYSTEM' : actor.kind,
    actor: by === 'SYSTEM' ? null : actor.authority,
    milestone,
    data: {
      ...data,
      ...(decisionId !== null && /_DECIDED$|^PERMIT_WITHDRAWN$|^CLOSED/.test(type) ? { decision: decisionId } : {}),
    },
  }));
  if (told.length > 0) await addEvents(client, [number, actor.now, JSON.stringify(told)]);
  for (const { milestone } of told) {
    if (milestone !== null) await addMilestone(client, [number, milestone, actor.now, actor.authority]);
  }
  const named = [...new Set([...events.map(({ type }) => type), ...transition.notify])];
  return {
    after,
    announcement: {
      at: actor.now,
      dossier: number,
      worker: after.workerId,
      employer: after.employerKbo,
      letter: effects.includes('SEND_REGISTERED_LETTER'),
      events: named.map((event) => {
        // What the timeline needs to be rebuilt from stays in the timeline.
        const { change: _, ...data } = (told.find(({ type }) => type === event) ?? told[0])?.data ?? {};
        return { event, data, notify: transition.notify.includes(event) };
      }),
    },
  };
};
