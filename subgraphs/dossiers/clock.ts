/**
 * What happens because time passes, and not because somebody takes a step: the life cycle's steps of the clock, and reminders.
 * All that is due is found in the rows themselves, so that nothing is lost when the process ends and nothing is done twice.
 */
import type pg from 'pg';
import { isDown } from '../../db/database.ts';
import { statement } from '../../db/statement.ts';
import { type StepName, step } from '../../schema/lifecycle.ts';
import { daysFor, isDue, type Reminder, reminderName, reminders } from '../../schema/reminders.ts';
import type { CallerFacts, StepInput } from '../../schema/step-facts.ts';
import { callerKey } from '../caller-key.ts';
import { traceOf } from '../errors.ts';
import { log } from '../log.ts';
import { stepMoment, type Take } from '../take.ts';
import type { Viewer } from '../viewer.ts';
import { carryOut } from './carry.ts';
import { known, lockedByClock } from './locked.ts';

/** The platform, which RSZ runs, keeps the clock: so it stands in the read log. */
const platform = (today: string): Viewer => ({
  kind: 'PLATFORM',
  party: 'FED-RSZ',
  authority: 'FED-RSZ',
  kbo: null,
  insz: null,
  territory: null,
  id: 'clock',
  roles: ['SYSTEM'],
  purpose: null,
  reference: null,
  wrongPurpose: null,
  today,
});

type Due = { number: string; rule?: string | null; startsOn?: string | null; dueOn: string };

const most = 500; // of each kind in one round: the next round takes the rest

const untreated = statement<Due>(
  `select number, '' as "dueOn" from dossiers.dossier where status = 'ADMISSIBLE' order by admissible_at limit ${most}`,
);
const unanswered = statement<Due>(`
  select r.dossier_number as number, r.due_on as "dueOn" from dossiers.information_request r
    join dossiers.dossier d on d.number = r.dossier_number and d.status = 'INFO_REQUESTED'
  where r.answered_on is null and r.proposed_on is null and r.due_on < $1::date order by r.due_on limit ${most}`);
const missed = statement<Due>(`
  select x.dossier_number as number, x.rule, x.starts_on as "startsOn", x.due_on as "dueOn" from dossiers.deadline x
    join dossiers.dossier d on d.number = x.dossier_number
      and d.status in ('SUBMITTED', 'INFO_REQUESTED', 'ADMISSIBLE', 'IN_TREATMENT', 'UNDER_APPEAL')
  -- A request that was not answered has been reported with the proposal.
  where not exists (select from dossiers.information_request r where x.rule = 'D02' and r.dossier_number = x.dossier_number
      and r.due_on = x.due_on and r.proposed_on is not null)
    and x.met_on is null and x.suspended_since is null and x.due_on < $1::date and d.next_deadline_on < $1::date
    and not exists (select from dossiers.event e where e.dossier_number = x.dossier_number and e.type = 'DEADLINE_MISSED'
      and e.data ->> 'rule' = x.rule and e.data ->> 'startsOn' = x.starts_on::text)
  order by x.due_on limit ${most}`);
const runOut = statement<Due>(`
  select p.dossier_number as number, p.valid_to as "dueOn" from cadastre.permit p
    join dossiers.dossier d on d.number = p.dossier_number and d.status = 'GRANTED'
  where p.state in ('ACTIVE', 'GRANTED_NOT_STARTED') and p.valid_to < $1::date and p.bridging = 'NONE'
  order by p.valid_to limit ${most}`);

type Round = { step: StepName; find: typeof untreated; input?: (due: Due) => StepInput };

const rounds: readonly Round[] = [
  { step: 'beginTreatment', find: untreated },
  { step: 'proposeInadmissible', find: unanswered },
  { step: 'missDeadline', find: missed, input: ({ rule }) => ({ rule: rule ?? undefined }) },
  { step: 'expirePermit', find: runOut },
];

// A permit that follows on another begins, and the one before is over.
const takeOver = statement<{ id: string }>(`
  update cadastre.permit p set state = 'SUPERSEDED', bridging = 'NONE'
  from dossiers.dossier d join cadastre.permit n on n.dossier_number = d.number
  where d.previous_permit_id = p.id and n.valid_from <= $1::date and n.state in ('ACTIVE', 'GRANTED_NOT_STARTED')
    and p.state in ('ACTIVE', 'EXPIRED', 'GRANTED_NOT_STARTED') returning p.id`);

const endingPermits = statement<Due>(`
  select p.dossier_number as number, p.valid_to as "dueOn" from cadastre.permit p
    join dossiers.dossier d on d.number = p.dossier_number and d.status = 'GRANTED'
  where p.state in ('ACTIVE', 'GRANTED_NOT_STARTED') and p.valid_to between $1::date and $2::date`);
const endingTerms = statement<Due>(`
  select x.dossier_number as number, x.rule, x.starts_on as "startsOn", x.due_on as "dueOn" from dossiers.deadline x
  where x.met_on is null and x.suspended_since is null and x.due_on between $1::date and $2::date and x.rule = any($3::text[])`);
const reminded = statement<{ key: string }>(
  'select key from steps.idempotency where caller = $1 and key = any($2::text[])',
);

const keyOf = (reminder: Reminder, { number, rule, startsOn, dueOn }: Due): string =>
  [reminderName(reminder), number, rule, startsOn ?? dueOn].filter(Boolean).join(':');

/** One that fails leaves the others: it is tried again next time. Where the database is away all would fail. */
const attempt = async (work: () => Promise<boolean>): Promise<boolean> => {
  try {
    return await work();
  } catch (error) {
    if (isDown(error)) throw error;
    log.error({ register: 'clock', ...traceOf(error) }, 'not done');
    return false;
  }
};

/** The clock over connections of the role permit_steps. Each call of `round` does all that is due by then. */
export const clockwork = (pool: pg.Pool, take: Take, today: () => string) => {
  const one = async (name: StepName, due: Due, input: StepInput, day: string): Promise<boolean> => {
    const viewer = platform(day);
    const key = ['clock', name, due.number, due.rule ?? '', due.startsOn ?? due.dueOn].filter(Boolean).join(':');
    const done = await take(
      viewer,
      { operation: name, key, input: { number: due.number, ...input } },
      async (client) => {
        const held = await lockedByClock(client, due.number);
        if (held === null) return { problem: { code: 'NOT_FOUND', message: 'There is no such dossier' } };
        const now = await stepMoment(client, day);
        const { relation: _, ...before } = held;
        const found = await known(client, before, { viewer: null, today: day });
        const caller: CallerFacts = { kind: 'SYSTEM', relation: 'OWN', roles: [], authority: null, today: day };
        const answer = step(name, { dossier: found.dossier, caller, input });
        // Somebody was quicker: what was due is no longer.
        if ('refusal' in answer) return { problem: { code: 'BAD_STATE', message: 'This is not due any more' } };
        const actor = { kind: 'SYSTEM', authority: null, now, today: day };
        const { announcement } = await carryOut(client, {
          before,
          known: found,
          transition: answer.transition,
          input,
          actor,
        });
        const written = ['ENVELOPE'];
        return { done: { answer: {}, announcements: [announcement], subject: before.workerId, written } };
      },
    );
    return 'answer' in done;
  };

  const remind = async (reminder: Reminder, due: Due, day: string): Promise<boolean> => {
    const done = await take(
      platform(day),
      { operation: reminder.event, key: keyOf(reminder, due), input: { number: due.number, dueOn: due.dueOn } },
      async (client, now) => {
        const held = await lockedByClock(client, due.number);
        if (held === null) return { problem: { code: 'NOT_FOUND', message: 'There is no such dossier' } };
        const { number: dossier, workerId: worker, employerKbo: employer } = held;
        const data = { dueOn: due.dueOn, ...(due.rule ? { rule: due.rule } : {}) };
        const announcement = {
          at: now,
          dossier,
          worker,
          employer,
          events: [{ event: reminder.event, data, notify: true }],
        };
        return { done: { answer: {}, announcements: [announcement], subject: worker, written: ['ENVELOPE'] } };
      },
    );
    return 'answer' in done;
  };

  const remindAll = async (reminder: Reminder, day: string): Promise<number> => {
    const { from, to } = daysFor(reminder, day);
    const found =
      reminder.of === 'DEADLINE'
        ? await endingTerms(pool, [from, to, reminder.rules])
        : await endingPermits(pool, [from, to]);
    const due = found.filter(({ dueOn }) => isDue(reminder, dueOn, day));
    const keys = due.map((one) => keyOf(reminder, one));
    const told = new Set((await reminded(pool, [callerKey(platform(day)), keys])).map(({ key }) => key));
    let count = 0;
    for (const one of due.filter((each) => !told.has(keyOf(reminder, each)))) {
      if (await attempt(() => remind(reminder, one, day))) count += 1;
    }
    return count;
  };

  return {
    /** Does what is due; answers how often each thing was done. */
    round: async (): Promise<Record<string, number>> => {
      const day = today();
      const counts: Record<string, number> = { takeOver: (await takeOver(pool, [day])).length };
      for (const { step: name, find, input } of rounds) {
        counts[name] = 0;
        for (const due of await find(pool, name === 'beginTreatment' ? [] : [day])) {
          if (await attempt(() => one(name, due, input?.(due) ?? {}, day))) counts[name] += 1;
        }
      }
      for (const reminder of reminders) {
        counts[reminderName(reminder)] = await remindAll(reminder, day);
      }
      return counts;
    },
  };
};
