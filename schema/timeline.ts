/**
 * The timeline of a dossier, complete enough to rebuild its state. The first event of each step carries under `change` what the
 * step made of the dossier: the outcome, not the cause, so that a change of law changes nothing of what has happened. Beside it
 * stand the details that people look for (an outcome, items, an authority); the executor adds ids, such as a decision's. Grounds
 * are not among them: they are protected otherwise than the timeline, and stand in the decision.
 */
import { addMonths, daysBetween, dueDate } from './calendar.ts';
import type { Frozen } from './data.ts';
import { type Circumstance, type DeadlineId, deadline } from './deadlines.ts';
import { overdue } from './guards.ts';
import { codeOf } from './reference.ts';
import type { Asked, DossierDeadline, DossierState } from './step-facts.ts';

/** A fact that an entry of the data may hang on. */
export type Field =
  | 'status'
  | 'kind'
  | 'applicationType'
  | 'handling'
  | 'work'
  | 'residence'
  | 'parts'
  | 'part'
  | 'cause'
  | 'caller'
  | 'outcome'
  | 'admitted'
  | 'workerKnownBy'
  | 'welcome';

/** Facts with the values that they may have. */
export type When = Partial<Record<Field, string[]>>;

/** From which day a deadline runs. */
type Start = 'NOTIFICATION' | 'ENTRY' | 'END_OF_EMPLOYMENT';

/** What a step does to deadlines: of `set` the first rule that names a date for the dossier counts. */
export type DeadlineMove = Frozen<
  { when?: When } & (
    | { set: string[]; from: Start; circumstance?: Circumstance }
    | { meet: string[] }
    | { suspend: string[] }
    | { resume: string[] }
  )
>;

/** What a step changed: only what is other than before, and each deadline that it touched as it then stands. */
export type Change = Partial<DossierState>;

/** An event as the timeline keeps it: its type is a code of `timelineEvents`, its data hold no personal data. */
export type TimelineEvent = {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly change?: Change };
};

/** An event of a step, with who did it, and the milestone it is, if it is one. */
export type StepEvent = TimelineEvent & { readonly by: 'CALLER' | 'SYSTEM'; readonly milestone: string | null };

// What the platform does by itself when somebody takes a step.
const automatic: readonly string[] = ['DOSSIER_ROUTED', 'DOSSIER_COPIED', 'DOSSIER_FORWARDED', 'TREATMENT_BEGUN'];

const startOf = (from: Start, { caller, input }: Asked): string => {
  const days = { NOTIFICATION: input.notifiedOn, ENTRY: input.enteredOn, END_OF_EMPLOYMENT: input.endedOn };
  return days[from] ?? caller.today;
};

const circumstanceOf = (id: string, { dossier: { permit }, input }: Asked): Circumstance | undefined => {
  if (id === 'D04' && input.complex === true) return 'COMPLEX';
  if (id !== 'D10' || permit === null) return undefined;
  // "More than two years": the same day two years on is not more.
  return addMonths(permit.validFrom, 24) < (input.endedOn ?? '') ? 'HELD_OVER_TWO_YEARS' : undefined;
};

const set = (move: Extract<DeadlineMove, { set: unknown }>, asked: Asked, region: string): DossierDeadline | null => {
  const { dossier, caller } = asked;
  const startsOn = startOf(move.from, asked);
  for (const rule of move.set) {
    const dueOn = deadline(rule as DeadlineId, {
      // the ids of the data, which a test holds to deadlines.json
      region,
      submittedOn: dossier.submittedOn ?? caller.today,
      from: startsOn,
      kind: dossier.kind,
      when: move.circumstance ?? circumstanceOf(rule, asked),
    });
    if (dueOn !== null) return { rule, startsOn, dueOn, metOn: null, suspendedSince: null };
  }
  return null;
};

const same = (one: DossierDeadline, other: DossierDeadline): boolean =>
  one.rule === other.rule && one.startsOn === other.startsOn;

const put = (all: readonly DossierDeadline[], changed: DossierDeadline): DossierDeadline[] =>
  all.some((one) => same(one, changed)) ? all.map((one) => (same(one, changed) ? changed : one)) : [...all, changed];

const resumed = (one: DossierDeadline, today: string): DossierDeadline => {
  const days = daysBetween(one.suspendedSince ?? today, today);
  return { ...one, dueOn: days > 0 ? dueDate(one.dueOn, { days }) : one.dueOn, suspendedSince: null };
};

/** The deadlines of a dossier after a step. A term that was suspended ends as many days later as it stood still. */
export const moveDeadlines = (moves: readonly DeadlineMove[], asked: Asked): readonly DossierDeadline[] => {
  const { dossier, caller } = asked;
  const { today } = caller;
  return moves.reduce<readonly DossierDeadline[]>((all, move) => {
    if ('set' in move) {
      const made = set(move, asked, dossier.competentAuthority ?? '');
      return made === null ? all : put(all, made);
    }
    const change = (rules: readonly string[], to: (one: DossierDeadline) => DossierDeadline) =>
      all.map((one) => (rules.includes(one.rule) && one.metOn === null ? to(one) : one));
    if ('meet' in move) return change(move.meet, (one) => ({ ...one, metOn: today, suspendedSince: null }));
    if ('suspend' in move)
      return change(move.suspend, (one) => ({ ...one, suspendedSince: one.suspendedSince ?? today }));
    return change(move.resume, (one) => (one.suspendedSince === null ? one : resumed(one, today)));
  }, dossier.deadlines);
};

const parts = ['status', 'workTrack', 'residenceTrack', 'handling', 'competentAuthority'] as const;

const nothing: DossierState = {
  status: null,
  workTrack: 'NOT_STARTED',
  residenceTrack: 'NOT_STARTED',
  handling: 'SERIAL',
  competentAuthority: null,
  deadlines: [],
};

/** What is other after a step than before; of a new dossier everything is. */
const changeOf = (before: DossierState | null, after: DossierState): Change => {
  const touched = after.deadlines.filter((one) => !before?.deadlines.includes(one));
  const changed = parts.filter((part) => before === null || before[part] !== after[part]);
  return {
    ...Object.fromEntries(changed.map((part) => [part, after[part]])),
    ...(touched.length > 0 ? { deadlines: touched } : {}),
  };
};

type Details = (asked: Asked, after: DossierState) => Readonly<Record<string, unknown>>;

const toResidence: Details = () => ({ authority: 'FED-DVZ' });

/** What people look for in an event of a type, beside the change. */
const details: Readonly<Record<string, Details>> = {
  DOSSIER_ROUTED: (_, { competentAuthority }) => ({ authority: competentAuthority }),
  TRANSFERRED: ({ dossier }, { competentAuthority }) => ({ from: dossier.competentAuthority, to: competentAuthority }),
  INFO_REQUESTED: ({ input }) => ({ items: input.items }),
  ADMISSIBILITY_DECIDED: (_, { status }) => ({ admissible: status === 'ADMISSIBLE' }),
  DOSSIER_COPIED: toResidence,
  DOSSIER_FORWARDED: toResidence,
  WORK_DECIDED: ({ input }) => ({ outcome: input.outcome === 'UPHOLD' ? 'GRANT' : input.outcome }),
  RESIDENCE_DECIDED: ({ input }) => ({ outcome: input.outcome }),
  CLOSED_WITHOUT_OBJECT: ({ input }) => ({ reason: input.reason }),
  APPEAL_LODGED: ({ dossier }) => ({ part: dossier.contested?.part }),
  APPEAL_DECIDED: ({ dossier, input }) => ({ part: dossier.contested?.part, outcome: input.outcome }),
  PERMIT_WITHDRAWN: ({ caller, input }) => ({
    part: caller.kind === 'RESIDENCE' ? 'RESIDENCE' : 'WORK',
    effectiveOn: input.effectiveOn,
  }),
  TERMINATION_NOTIFIED: ({ input }) => ({ endedOn: input.endedOn }),
  DEADLINE_MISSED: ({ dossier, input, caller }) => {
    const [late] = overdue(dossier, caller.today, input.rule);
    return { rule: late?.rule, startsOn: late?.startsOn };
  },
};

const detailsOf = (type: string, asked: Asked, after: DossierState) =>
  Object.fromEntries(Object.entries(details[type]?.(asked, after) ?? {}).filter(([, value]) => value !== undefined));

/** The events of a step, the first of them with what it changed. */
export const stepEvents = (
  types: readonly string[],
  asked: Asked,
  after: DossierState,
  makes: boolean,
): readonly StepEvent[] => {
  const change = changeOf(makes ? null : asked.dossier, after);
  return types.map((type, i) => ({
    type,
    by: asked.caller.kind === 'SYSTEM' || automatic.includes(type) ? 'SYSTEM' : 'CALLER',
    milestone: codeOf('milestones', type)?.code ?? null,
    data: { ...detailsOf(type, asked, after), ...(i === 0 ? { change } : {}) },
  }));
};

/** The state of a dossier, rebuilt from its timeline in order. */
export const replay = (events: readonly TimelineEvent[]): DossierState => {
  let state = nothing;
  for (const { change } of events.map(({ data }) => data)) {
    const deadlines = (change?.deadlines ?? []).reduce<readonly DossierDeadline[]>(put, state.deadlines);
    state = { ...state, ...change, deadlines };
  }
  return state;
};
