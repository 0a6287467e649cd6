/**
 * The life cycle of a dossier: which step may be taken by whom, from where, under which guards, and what it does. The law stands
 * in `data/steps.json`, the terms in `data/deadlines.json`; here it is only read. Nothing is written: the caller carries it out.
 */
import { type Frozen, json, validOn } from './data.ts';
import { type GroundList, type GuardName, groundsListed, inputGuards, stateGuards } from './guards.ts';
import type { Kind, Relation, Role } from './policy.ts';
import { codeList, codeOf } from './reference.ts';
import {
  type Asked,
  type CallerFacts,
  type DossierFacts,
  type DossierState,
  type DossierStatus,
  type Handling,
  initialTrack,
  type Part,
  partsOf,
  type StepInput,
  type TrackStatus,
} from './step-facts.ts';
import { type DeadlineMove, type Field, moveDeadlines, type StepEvent, stepEvents, type When } from './timeline.ts';

/** What the executor does beside the state, the events and the deadlines. */
export const effects = [
  'TIE_APPLICANT', // the reference register: the applicant and the employer are parties
  'TIE_REGION', // the competent authority, and the inspection of the place of work
  'TIE_WORKER', // the worker, from admissibility on
  'TIE_MUNICIPALITY', // the municipality of residence, which issues the annex 49 of a renewal
  'TIE_FOLLOWERS', // the post and the municipality that the dossier names
  'KEEP_FORMER_REGION', // the authority that transferred keeps the status; the transfer is recorded
  'ROUTE', // the competent authority becomes the one that the facts lead to, and the handling its own
  'COPY_WITHOUT_DECISIONS', // data, and documents still valid, of the dossier that is duplicated
  'ASK_BIS_NUMBER',
  'OPEN_REQUEST',
  'CLOSE_REQUEST',
  'DATE_ADMISSIBLE', // the day of notification
  'COPY_TO_DVZ',
  'FORWARD_TO_DVZ',
  'SEND_REGISTERED_LETTER',
  'LAPSE_WORK_AUTHORISATION', // the work decision no longer gives a right to work
  'DATE_RENEWAL_ADMISSIBLE', // on the permit that is renewed
  'ALLOW_WORK_ON_ANNEX_49', // on the permit that is renewed: from today
  'BRIDGE_WITH_ANNEX_49', // on the permit that is renewed
  'END_ANNEX_49', // on the permit that is renewed, where one bridges it
  'RECORD_APPEAL',
  'CLOSE_APPEAL',
] as const;
export type Effect = (typeof effects)[number];

/** What becomes of the dossier's permit. RESTORED gives back what was withdrawn. */
export type PermitChange = 'CREATED' | 'WITHDRAWN' | 'ENDED_EMPLOYMENT' | 'EXPIRED' | 'RESTORED';

/** A decision that the step records, in the part that it is about. */
export type StepDecision = { readonly part: Part; readonly outcome: string; readonly annex: string | null };

type Entry = string | { name: string; when: When };

type Track = TrackStatus | 'AS_KIND';

type WayData = {
  id: string | null;
  when?: When;
  guards?: GuardName[];
  grounds?: GroundList;
  to?: DossierStatus;
  work?: Track;
  residence?: Track;
  decision?: { part: Part; outcome: string; annex?: string };
  permit?: PermitChange;
  events?: Entry[];
  notify?: Entry[];
  deadlines?: DeadlineMove[];
  effects?: Entry[];
  source: string;
  validFrom?: string;
  validTo?: string;
};

type StepData = {
  step: StepName;
  several?: string;
  who: string[];
  from: (DossierStatus | 'OPEN' | null)[];
  makes?: boolean;
  guards?: GuardName[];
  ways: WayData[];
};

type Actor = { kinds: string[]; relations: Relation[]; roles?: Role[]; applies?: boolean; source: string };

/** The name of a step: its mutation, or what the clock does. */
export type StepName =
  | 'createDraft'
  | 'duplicateDossier'
  | 'updateDraft'
  | 'addDocument'
  | 'submitDossier'
  | 'transferDossier'
  | 'requestInformation'
  | 'completeDossier'
  | 'proposeInadmissible'
  | 'declareInadmissible'
  | 'declareAdmissible'
  | 'beginTreatment'
  | 'takeWorkDecision'
  | 'takeResidenceDecision'
  | 'withdrawApplication'
  | 'closeWithoutObject'
  | 'lodgeAppeal'
  | 'decideAppeal'
  | 'withdrawPermit'
  | 'notifyTermination'
  | 'expirePermit'
  | 'missDeadline'
  | 'issueVisa'
  | 'registerArrival'
  | 'registerResidence'
  | 'issueCard'
  | 'issueAnnex49'
  | 'sendMessage'
  | 'giveAdvice'
  | 'consentWelcome';

const data = json<{ open: DossierStatus[]; actors: Record<string, Actor[]>; steps: StepData[] }>('steps.json');

/** A way in which a step may be taken, and a step, as the data has them. */
export type Way = Frozen<WayData>;
export type Step = Frozen<StepData>;

/** All steps, in the order of the data. */
export const steps: readonly Step[] = data.steps;

/** The statuses that OPEN stands for. */
export const openStatuses: readonly DossierStatus[] = data.open;

/** The statuses from which a step may be taken; null is before there is a dossier. */
export const fromOf = ({ from }: Step): readonly (DossierStatus | null)[] =>
  from.flatMap((status): readonly (DossierStatus | null)[] => (status === 'OPEN' ? data.open : [status]));

const byName = new Map(
  steps.map((row) => [
    row.step,
    { row, from: new Set(fromOf(row)), who: row.who.flatMap((name) => data.actors[name] ?? []) },
  ]),
);

/** How an authority handles a dossier that was submitted on a day; SERIAL where a kind has one part only. */
export const handlingOf = (kind: string, region: string | null, submittedOn: string): Handling => {
  const parallel = codeList('handlings').some(
    ({ code, regions }) =>
      code === 'PARALLEL' && regions.some((row) => row.region === region && validOn(row, submittedOn)),
  );
  return parallel && partsOf(kind).length === 2 ? 'PARALLEL' : 'SERIAL';
};

const mayTake = (actors: readonly Frozen<Actor>[], { kind }: DossierFacts, caller: CallerFacts): boolean =>
  actors.some(
    ({ kinds, relations, roles, applies }) =>
      kinds.includes(caller.kind) &&
      relations.includes(caller.relation) &&
      (roles === undefined || roles.some((role) => caller.roles.includes(role))) &&
      (applies !== true || codeOf('permitKinds', kind)?.applicants.includes(caller.kind) === true),
  );

/** The kinds of principal that may ever take a step, by the name of its mutation; a host family is a person. */
export const takersOf = (name: string): readonly Kind[] => {
  const known = steps.find(({ step: own, several }) => own === name || several === name);
  const named = (known?.who ?? []).flatMap((actor) => data.actors[actor]?.flatMap(({ kinds }) => kinds) ?? []);
  const persons: readonly Kind[] = ['WORKER', 'SELF_EMPLOYED'];
  return [...new Set(named.flatMap((kind) => (kind === 'HOST_FAMILY' ? persons : [kind as Kind])))]; // a test holds the names to the list
};

const factOf: Record<Field, (asked: Asked) => string | null | undefined> = {
  status: ({ dossier }) => dossier.status,
  kind: ({ dossier }) => dossier.kind,
  applicationType: ({ dossier }) => dossier.applicationType,
  handling: ({ dossier }) => dossier.handling,
  work: ({ dossier }) => dossier.workTrack,
  residence: ({ dossier }) => dossier.residenceTrack,
  parts: ({ dossier }) => (partsOf(dossier.kind).length === 2 ? 'BOTH' : partsOf(dossier.kind)[0]),
  part: ({ dossier }) => dossier.contested?.part,
  cause: ({ dossier }) => dossier.contested?.cause,
  caller: ({ caller }) => caller.kind,
  outcome: ({ input }) => input.outcome,
  admitted: ({ dossier }) => (dossier.admissibleOn === null ? 'NO' : 'YES'),
  workerKnownBy: ({ dossier }) => dossier.workerKnownBy,
  welcome: ({ dossier }) => (dossier.welcomeConsent ? 'YES' : 'NO'),
};

/** Whether the facts are those that an entry of the data hangs on; `but` leaves one field out of account. */
const fits = (when: Frozen<When> | undefined, asked: Asked, but?: Field): boolean =>
  when === undefined ||
  (Object.keys(when) as Field[]) // the keys of the type When
    .every((field) => field === but || when[field]?.includes(factOf[field](asked) ?? ''));

const named = (entries: readonly Frozen<Entry>[] | undefined, asked: Asked): string[] =>
  (entries ?? []).flatMap((entry) => {
    if (typeof entry === 'string') return [entry];
    return fits(entry.when, asked) ? [entry.name] : [];
  });

const waysOf = (row: Step, asked: Asked, but?: Field): Way[] =>
  row.ways.filter(
    ({ when, validFrom = null, validTo = null }) =>
      validOn({ validFrom, validTo }, asked.caller.today) && fits(when, asked, but),
  );

const outcomesOf = (ways: readonly Way[]): string[] => [...new Set(ways.flatMap(({ when }) => when?.outcome ?? []))];

/**
 * Why a step is not taken: FORBIDDEN where it is never the caller's, BAD_STATE where the dossier's status does not allow it, else
 * the guard that fails, with a sentence for people. `by` tells whether the dossier stands in the way or the input does.
 */
export type Refusal =
  | { readonly code: 'FORBIDDEN' }
  | { readonly code: 'BAD_STATE'; readonly status: DossierStatus | null }
  | { readonly code: 'GUARD'; readonly guard: GuardName; readonly by: 'STATE' | 'INPUT'; readonly sentence: string };

const isState = (name: GuardName): name is keyof typeof stateGuards => Object.hasOwn(stateGuards, name);
const isInput = (name: GuardName): name is keyof typeof inputGuards => Object.hasOwn(inputGuards, name);

const check = (name: GuardName, asked: Asked, row: Step, way?: Way): string | null => {
  if (isState(name)) return stateGuards[name](asked);
  if (isInput(name)) return inputGuards[name](asked);
  if (name === 'GROUNDS_LISTED') return groundsListed(way?.grounds, asked);
  const known = outcomesOf(row.ways);
  return known.includes(asked.input.outcome ?? '') ? null : `The outcome is one of ${known.join(', ')}.`;
};

const firstFailing = (names: readonly GuardName[] | undefined, asked: Asked, row: Step, way?: Way): Refusal | null => {
  for (const guard of names ?? []) {
    const sentence = check(guard, asked, row, way);
    if (sentence !== null) return { code: 'GUARD', guard, by: isState(guard) ? 'STATE' : 'INPUT', sentence };
  }
  return null;
};

/** What a step does once it is taken. */
export type Transition = {
  readonly step: StepName;
  /** T01 to T21; null for a step that the table of transitions does not number. */
  readonly id: string | null;
  /** Whether the step makes a new dossier, which `state` then describes; the dossier that was asked about stays as it is. */
  readonly makes: boolean;
  /** The dossier as it stands after the step, with all its deadlines. */
  readonly state: DossierState;
  /** Timeline events, in order. The first one carries what the step changed, from which `replay` rebuilds the state. */
  readonly events: readonly StepEvent[];
  /** Names of DOMAIN 10, for the outbox. */
  readonly notify: readonly string[];
  readonly decision: StepDecision | null;
  readonly permit: PermitChange | null;
  readonly effects: readonly Effect[];
  readonly source: string;
};

const trackAfter = (track: Track | undefined, before: TrackStatus, kind: string, part: Part): TrackStatus =>
  track === undefined ? before : track === 'AS_KIND' ? initialTrack(kind, part) : track;

const transition = (row: Step, way: Way, asked: Asked): Transition => {
  const { dossier, caller } = asked;
  const does = named(way.effects, asked) as Effect[]; // a test holds the names of the data to the list
  const makes = row.makes === true;
  const routed = does.includes('ROUTE');
  const region = makes ? null : routed ? dossier.derivedAuthority : dossier.competentAuthority;
  const state: DossierState = {
    status: way.to ?? dossier.status,
    workTrack: trackAfter(way.work, dossier.workTrack, dossier.kind, 'WORK'),
    residenceTrack: trackAfter(way.residence, dossier.residenceTrack, dossier.kind, 'RESIDENCE'),
    handling: makes
      ? 'SERIAL'
      : routed
        ? handlingOf(dossier.kind, region, dossier.submittedOn ?? caller.today)
        : dossier.handling,
    competentAuthority: region,
    deadlines: makes ? [] : moveDeadlines(way.deadlines?.filter(({ when }) => fits(when, asked)) ?? [], asked),
  };
  return {
    step: row.step,
    id: way.id,
    makes,
    state,
    events: stepEvents(named(way.events, asked), asked, state, makes),
    notify: named(way.notify, asked),
    decision: way.decision ? { annex: null, ...way.decision } : null,
    permit: way.permit ?? null,
    effects: does,
    source: way.source,
  };
};

/** What a step does where it is taken, whoever takes it and whatever its guards say: null where it leads nowhere from here. */
export function transitionOf(name: StepName, asked: Asked): Transition | null {
  const known = byName.get(name);
  if (!known?.from.has(asked.dossier.status)) return null;
  const [way] = waysOf(known.row, asked);
  return way === undefined ? null : transition(known.row, way, asked);
}

/** Whether a step may be taken, and what it does. */
export function step(
  name: StepName,
  facts: { readonly dossier: DossierFacts; readonly caller: CallerFacts; readonly input?: StepInput },
): { readonly transition: Transition } | { readonly refusal: Refusal } {
  const { dossier, caller, input = {} } = facts;
  const asked: Asked = { dossier, caller, input };
  const known = byName.get(name);
  if (known === undefined || !mayTake(known.who, dossier, caller)) return { refusal: { code: 'FORBIDDEN' } };
  const badState: Refusal = { code: 'BAD_STATE', status: dossier.status };
  if (!known.from.has(dossier.status)) return { refusal: badState };
  const failing = firstFailing(known.row.guards, asked, known.row);
  if (failing !== null) return { refusal: failing };
  const [way] = waysOf(known.row, asked);
  if (way === undefined) return { refusal: badState };
  const refusal = firstFailing(way.guards, asked, known.row, way);
  return refusal === null ? { transition: transition(known.row, way, asked) } : { refusal };
}

/** A step that a caller may take now, with the outcomes to choose from where it has any. */
export type OpenStep = {
  readonly step: StepName;
  readonly ids: readonly string[];
  readonly outcomes: readonly string[];
};

/** The steps that are open to a caller on a dossier as it stands: those that some input would let through. */
export function openSteps(dossier: DossierFacts, caller: CallerFacts): readonly OpenStep[] {
  const asked: Asked = { dossier, caller, input: {} };
  return [...byName.values()].flatMap(({ row, from, who }) => {
    if (!mayTake(who, dossier, caller) || !from.has(dossier.status)) return [];
    if (firstFailing(row.guards?.filter(isState), asked, row) !== null) return [];
    const fitting = waysOf(row, asked, 'outcome');
    // Of the ways that differ in nothing but the outcome, the first of each outcome is the one that step() would take.
    const first = fitting.filter(
      (way, i) => fitting.findIndex((other) => `${other.when?.outcome}` === `${way.when?.outcome}`) === i,
    );
    const ways = first.filter((way) => firstFailing(way.guards?.filter(isState), asked, row, way) === null);
    if (ways.length === 0) return [];
    return [{ step: row.step, ids: [...new Set(ways.flatMap(({ id }) => id ?? []))], outcomes: outcomesOf(ways) }];
  });
}
