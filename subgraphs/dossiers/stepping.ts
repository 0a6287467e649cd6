/** Takes one step of a dossier's life: held, asked of the life cycle, carried out, or refused and nothing changed. */
import type pg from 'pg';
import { type Refusal, type StepName, step, type Transition } from '../../schema/lifecycle.ts';
import type { CallerFacts, DossierStatus, StepInput } from '../../schema/step-facts.ts';
import { refuse } from '../errors.ts';
import type { Scoped } from '../rows.ts';
import { type Done, type Problem, type StepGround, stepMoment } from '../take.ts';
import type { Viewer } from '../viewer.ts';
import { type Carried, carryOut } from './carry.ts';
import { type Known, known, locked, type Places, type Whole } from './locked.ts';
import { turn } from './turns.ts';

/** What came of a step, as the payload is resolved from it. */
export type Stepped = { number: string | null; problems: readonly Problem[] };

/** What every step on a dossier is given. */
export type OnDossier = { number: string; expectedVersion?: number | null | undefined; idempotencyKey: string };

/** What a step does beside what the life cycle says. */
export type Extra = {
  columns?: Partial<Whole>;
  written?: readonly string[];
  message?: string;
};

/** It can still refuse; the transaction then undoes all. */
export type More = (
  client: pg.PoolClient,
  held: { before: Whole; found: Known; caller: CallerFacts; now: Date },
) => Promise<Extra | Problem>;

const isProblem = (value: object): value is Problem => 'code' in value;

/** A dossier that is held for a step that may be taken. */
type Held = { before: Scoped<Whole>; found: Known; caller: CallerFacts; transition: Transition };

/** A refusal of what was given. */
export const wrong = (message: string, guard: string | null = null): Problem => ({
  code: 'BAD_USER_INPUT',
  message,
  guard,
});

/** The refusal of what is not there for the caller. */
export const missing: Problem = { code: 'NOT_FOUND', message: 'There is no such dossier, or none for you' };

/** A refusal of the life cycle as a payload tells it. */
export const problemOf = (refusal: Refusal, status: DossierStatus | null): Problem => {
  if (refusal.code === 'FORBIDDEN') return { code: 'FORBIDDEN', message: 'This step is not yours to take' };
  if (refusal.code === 'BAD_STATE') {
    return { code: 'BAD_STATE', message: `This step is not open: the dossier is ${status}`, status };
  }
  const code = refusal.by === 'STATE' ? 'BAD_STATE' : 'BAD_USER_INPUT';
  return { code, message: refusal.sentence, guard: refusal.guard, ...(code === 'BAD_STATE' ? { status } : {}) };
};

/**
 * What comes of a step on a dossier that is there. Who saw another version of it is told so before anything else that may be
 * wrong, which would be judged on what they have not seen; that the step is never theirs, they are told first.
 */
export const judged = (
  answer: ReturnType<typeof step>,
  { version, status }: Pick<Whole, 'version' | 'status'>,
  { expectedVersion }: Pick<OnDossier, 'expectedVersion'>,
): { problem: Problem } | { transition: Transition } => {
  const isForbidden = 'refusal' in answer && answer.refusal.code === 'FORBIDDEN';
  if (!isForbidden && expectedVersion != null && expectedVersion !== version) {
    const message = 'The dossier has changed since the version that you saw: look at it again';
    return { problem: { code: 'STALE_VERSION', message, version } };
  }
  return 'refusal' in answer ? { problem: problemOf(answer.refusal, status) } : answer;
};

const personal = ['WORKER', 'SELF_EMPLOYED'];

/** Who takes a step on a dossier, as the life cycle asks. */
export const callerOf = (
  viewer: Viewer,
  kind: string,
  of: Pick<CallerFacts, 'relation' | 'mandateInForce' | 'staysLegally'>,
): CallerFacts => ({
  // A person who has somebody come as an au pair files for a family, whatever the token names. To the au pair the dossier is
  // her own, and to the family one that it is involved in.
  kind:
    kind === 'WA_AUPAIR' && personal.includes(viewer.kind) && of.relation === 'INVOLVED' ? 'HOST_FAMILY' : viewer.kind,
  roles: viewer.roles,
  authority: viewer.authority,
  today: viewer.today,
  ...of,
});

/** The data categories that a step changes, for the log. */
export const writtenBy = ({ decision, permit, step: name }: Transition): string[] => [
  'ENVELOPE',
  ...(decision?.part === 'WORK' ? ['WORK_DECISION', 'WORK_MOTIVATION'] : []),
  ...(decision?.part === 'RESIDENCE' ? ['RESIDENCE_DECISION', 'RESIDENCE_MOTIVATION'] : []),
  ...(permit === null ? [] : ['PERMITS']),
  ...(name === 'updateDraft' || name === 'createDraft' ? ['JOB', 'WORKER_IDENTITY'] : []),
];

/** The two ways in which a mutation runs: on a dossier that is there, or in a transaction that makes one. */
export const stepping = ({ viewer, take, readings, renew }: StepGround) => {
  const { today } = viewer;

  /** Runs a step, and puts a refused one on record too: who may not, or found nothing, has tried. */
  const run = async (
    operation: string,
    { idempotencyKey: key, ...input }: OnDossier | (Omit<OnDossier, 'number'> & { number?: undefined }),
    work: (client: pg.PoolClient, now: Date) => Promise<{ done: Done<{ number: string }> } | { problem: Problem }>,
  ): Promise<Stepped> => {
    if (take === undefined)
      throw refuse('DEPENDENCY_UNAVAILABLE', 'Nothing can be changed here', { register: 'dossiers' });
    const outcome = await take<{ number: string }>(viewer, { operation, key, input }, work);
    if ('answer' in outcome) {
      renew();
      return { number: outcome.answer.number, problems: [] };
    }
    const { problem } = outcome;
    if (problem.code === 'NOT_FOUND') readings.miss({ read: ['ENVELOPE'], refused: [], counts: true });
    return { number: problem.code === 'NOT_FOUND' ? null : (input.number ?? null), problems: [problem] };
  };

  /** A refusal that tells how a dossier stands is a look at it: it goes on record as one, where it is about somebody. */
  const tell = ({ workerId, relation }: Scoped<Whole>, problem: Problem): Problem => {
    const counts = relation !== 'OWN' || viewer.purpose !== null;
    if (problem.code === 'FORBIDDEN') readings.note(workerId, { read: [], refused: ['ENVELOPE'], counts: false });
    else if (workerId !== null) readings.note(workerId, { read: ['ENVELOPE'], refused: [], counts });
    return problem;
  };

  /** Locks the dossier that a step is asked about, and asks the life cycle. */
  const hold = async (
    client: pg.PoolClient,
    name: StepName,
    { number, expectedVersion }: OnDossier,
    { brought = {}, places }: { brought?: StepInput; places?: Places | null | undefined } = {},
  ): Promise<Held | { problem: Problem }> => {
    const before = await locked(client, viewer, number);
    if (before === null) return { problem: missing };
    // Of two submissions for one worker both would find that there is no other.
    const { employerKbo } = before;
    if (name === 'submitDossier' && employerKbo !== null) await turn(client, 'SUBMISSION_FOR', employerKbo);
    const found = await known(client, before, { viewer, today, places: places ?? undefined });
    const caller = callerOf(viewer, before.kind, { relation: before.relation, ...found.caller });
    const answer = judged(step(name, { dossier: found.dossier, caller, input: brought }), before, { expectedVersion });
    if ('problem' in answer) return { problem: tell(before, answer.problem) };
    return { before, found, caller, transition: answer.transition };
  };

  /** One step on a dossier that is there. */
  const on = (
    name: StepName,
    input: OnDossier,
    brought: StepInput = {},
    { places, more, reason }: { places?: Places | null | undefined; more?: More; reason?: string } = {},
  ): Promise<Stepped> =>
    run(name, input, async (client) => {
      const held = await hold(client, name, input, { brought, places });
      if ('problem' in held) return held;
      const now = await stepMoment(client, today);
      const { before, found, caller, transition } = held;
      const { relation: _, ...whole } = before;
      const extra = (await more?.(client, { before: whole, found, caller, now })) ?? {};
      if (isProblem(extra)) return { problem: tell(before, extra) };
      const carried: Carried = {
        before: whole,
        known: found,
        transition,
        input: brought,
        actor: { kind: caller.kind, authority: viewer.authority, now, today },
        columns: { ...(places ? { places: { ...whole.places, ...places } } : {}), ...extra.columns },
        reason,
      };
      // A message is no change of the dossier: who sees another version of it would be told to look again.
      if (name === 'sendMessage') {
        const events = [{ event: 'MESSAGE_ADDED', data: {}, notify: false }];
        const of = { dossier: whole.number, worker: whole.workerId, employer: whole.employerKbo };
        const announcements = [{ at: now, ...of, message: extra.message, events }];
        return {
          done: {
            answer: { number: whole.number },
            announcements,
            subject: whole.workerId,
            written: ['WORK_DOCUMENTS'],
          },
        };
      }
      const first = await carryOut(client, carried);
      const announcements = [{ ...first.announcement, message: extra.message }];
      if (first.after.status === 'ADMISSIBLE') {
        // Treatment begins by itself (T09), in the same breath.
        const next = await known(client, first.after, { viewer: null, today });
        const clock: CallerFacts = { kind: 'SYSTEM', relation: 'OWN', roles: [], authority: null, today };
        const begun = step('beginTreatment', { dossier: next.dossier, caller: clock });
        if ('transition' in begun) {
          const actor = { kind: 'SYSTEM', authority: null, now, today };
          const second = { before: first.after, known: next, transition: begun.transition, input: {}, actor };
          announcements.push({ ...(await carryOut(client, second)).announcement, message: undefined });
        }
      }
      const written = [...new Set([...writtenBy(transition), ...(extra.written ?? [])])].sort();
      return { done: { answer: { number: whole.number }, announcements, subject: first.after.workerId, written } };
    });

  return { run, on, hold };
};

/** Takes steps for one viewer. */
export type Stepping = ReturnType<typeof stepping>;
