import { type StepName, transitionOf } from '../../schema/lifecycle.ts';
import {
  type CallerFacts,
  type DossierFacts,
  type DossierState,
  noDossier,
  type StepInput,
} from '../../schema/step-facts.ts';
import { type Day, dateOf, dateOrNull, type Moment, workingDaysAfter } from './days.ts';
import type { Filing } from './filing.ts';
import type { Permit } from './permits.ts';
import { remembered } from './rules.ts';

/** An entry of the timeline. */
export type TimelineEvent = {
  readonly at: string;
  readonly type: string;
  readonly actorKind: string;
  readonly actor: string | null;
  readonly data: Readonly<Record<string, unknown>>;
};

/** A decision in one part of a dossier. */
export type Decision = {
  readonly id: string;
  readonly part: 'WORK' | 'RESIDENCE';
  readonly outcome: string;
  readonly authority: string;
  readonly day: Day;
  readonly notified: Day;
  readonly grounds: readonly string[];
  readonly annex: string | null;
  readonly version: number;
  readonly supersedes: string | null;
  readonly valid: { readonly from: Day; readonly to: Day | null } | null;
};

/** A dossier and all that happened in it up to the day of seeding. */
export type Dossier = {
  readonly filing: Filing;
  readonly number: string;
  readonly today: Day;
  readonly clock: (day: Day) => Moment;
  /** What its timeline rebuilds. */
  state: DossierState;
  /** The region that decides on work; of a draft, the one that it would go to. */
  authority: string;
  former: string | null;
  readonly created: Moment;
  submitted: Moment | null;
  admissible: Moment | null;
  copied: Moment | null;
  forwarded: Moment | null;
  decided: Moment | null;
  /** The Belgian municipality of residence: from the start for who lives here, else from submission that of the workplace. */
  municipality: { readonly nis: string; readonly since: Day } | null;
  readonly events: TimelineEvent[];
  readonly decisions: Decision[];
  readonly requests: {
    readonly day: Day;
    readonly due: string;
    readonly answered: Day | null;
    readonly items: string[];
  }[];
  readonly appeals: {
    readonly part: 'WORK' | 'RESIDENCE';
    readonly lodged: Day;
    readonly due: string | null;
    readonly decided: Day | null;
    readonly outcome: string | null;
  }[];
  readonly milestones: { readonly kind: string; readonly at: string; readonly authority: string }[];
  permit: Permit | null;
};

/** Who takes a step. */
export type Actor = { readonly kind: CallerFacts['kind']; readonly id: string | null };

/** What a step brings along, and the period that its decision grants. */
export type Brought = StepInput & { readonly valid?: Decision['valid'] };

/** The clock of the platform. */
export const system: Actor = { kind: 'SYSTEM', id: null };

/** Who decides on residence. */
export const immigrationOffice: Actor = { kind: 'RESIDENCE', id: 'FED-DVZ' };

/** Who decides on work in a dossier. */
export const regionOf = ({ authority }: Dossier): Actor => ({ kind: 'REGION', id: authority });

// What these steps decide is notified on the next working day, but never after the day of seeding; their terms run from then.
const notifiedLater: ReadonlySet<StepName> = new Set([
  'takeWorkDecision',
  'takeResidenceDecision',
  'decideAppeal',
  'withdrawPermit',
]);
const notifiedOn = ({ today }: Dossier, day: Day): Day => Math.min(workingDaysAfter(day, 1), today);

function contestedIn({ decisions }: Dossier): DossierFacts['contested'] {
  const found = decisions.findLast(({ outcome }) => outcome === 'REFUSE' || outcome === 'WITHDRAW');
  if (found === undefined) return null;
  const cause = found.outcome === 'REFUSE' ? 'REFUSAL' : 'WITHDRAWAL';
  return { part: found.part, cause, notifiedOn: dateOf(found.notified) };
}

const unknown = remembered((kind: string, applicationType: string) => `${kind} ${applicationType}`, noDossier);

function factsOf(dossier: Dossier): DossierFacts {
  const { filing, state, submitted, admissible, permit } = dossier;
  const { kind, applicationType, region, course } = filing;
  return {
    ...unknown(kind, applicationType),
    ...state,
    workerKnownBy: 'INSZ',
    derivedAuthority: submitted === null ? (course.transfer?.from ?? region) : region,
    submittedOn: dateOrNull(submitted?.day),
    admissibleOn: dateOrNull(admissible?.day),
    contested: contestedIn(dossier),
    permit: permit && {
      state: permit.state,
      validFrom: dateOf(permit.from),
      validTo: dateOrNull(permit.to),
      bridging: permit.bridging,
    },
  };
}

function decide(
  dossier: Dossier,
  { part, outcome, annex }: { part: Decision['part']; outcome: string; annex: string | null },
  day: Day,
  { grounds = [], valid = null }: Brought,
): string {
  const before = dossier.decisions.findLast((one) => one.part === part);
  const version = (before?.version ?? 0) + 1;
  const id = `${dossier.number}-${part === 'WORK' ? 'W' : 'R'}${version}`;
  const authority = part === 'WORK' ? dossier.authority : 'FED-DVZ';
  const notified = notifiedOn(dossier, day);
  const supersedes = before?.id ?? null;
  dossier.decisions.push({ id, part, outcome, authority, day, notified, grounds, annex, version, supersedes, valid });
  return id;
}

// The events that tell of a decision, which they name.
const tellsOfDecision = /_DECIDED$|^PERMIT_WITHDRAWN$|^CLOSED/;

/** The statuses in which nothing is left to decide. */
export const finalStatuses: ReadonlySet<string> = new Set([
  'INADMISSIBLE',
  'GRANTED',
  'REFUSED',
  'APPLICANT_WITHDRAWN',
  'WITHOUT_OBJECT',
]);

/**
 * Takes a step on a day, or as soon after it as what went before allows, and answers its moment. What it does stands in the
 * life cycle, from which the services act too; guards are not asked, for a planted case may be what they keep out.
 */
export function take(dossier: Dossier, name: StepName, day: Day, actor: Actor, brought: Brought = {}): Moment {
  const moment = name === 'createDraft' ? dossier.created : dossier.clock(day);
  const asked = {
    dossier: factsOf(dossier),
    caller: { kind: actor.kind, relation: 'OWN', roles: [], authority: actor.id, today: dateOf(moment.day) },
    input: notifiedLater.has(name) ? { ...brought, notifiedOn: dateOf(notifiedOn(dossier, moment.day)) } : brought,
  } as const;
  const made = transitionOf(name, asked);
  if (made === null) throw new Error(`${dossier.number}: no ${name} from ${JSON.stringify(dossier.state)}`);
  const { state, events, decision } = made;
  dossier.state = state;
  dossier.authority = state.competentAuthority ?? dossier.authority;
  const named = decision && { decision: decide(dossier, decision, moment.day, brought) };
  for (const [nth, { type, by, milestone, data }] of events.entries()) {
    const when = nth === 0 ? moment : dossier.clock(day);
    const who = by === 'SYSTEM' ? system : actor;
    const told = named && tellsOfDecision.test(type) ? { ...data, ...named } : data;
    dossier.events.push({ at: when.at, type, actorKind: who.kind, actor: who.id, data: told });
    if (milestone !== null) dossier.milestones.push({ kind: milestone, at: when.at, authority: who.id ?? '' });
    if (type === 'DOSSIER_COPIED') dossier.copied = when;
    if (type === 'DOSSIER_FORWARDED') dossier.forwarded = when;
  }
  if (state.status === 'IN_TREATMENT') dossier.decided = null;
  else if (made.permit === 'CREATED') dossier.decided = moment;
  else if (finalStatuses.has(state.status ?? '')) dossier.decided ??= moment;
  return moment;
}
