/** What the life cycle is asked about: a dossier as it stands, who asks, and what the step brings along. */
import type { FloorFacts } from './categories.ts';
import type { Kind, Relation, Role } from './policy.ts';
import { codeOf } from './reference.ts';

/** Where a dossier stands: a code of the list `dossierStatuses`. */
export type DossierStatus =
  | 'DRAFT'
  | 'SUBMITTED'
  | 'INFO_REQUESTED'
  | 'INADMISSIBLE'
  | 'ADMISSIBLE'
  | 'IN_TREATMENT'
  | 'GRANTED'
  | 'REFUSED'
  | 'APPLICANT_WITHDRAWN'
  | 'WITHOUT_OBJECT'
  | 'UNDER_APPEAL';

/** Where one of its two parts stands: a code of the list `trackStatuses`. */
export type TrackStatus = 'NOT_STARTED' | 'WAITING_WORK' | 'IN_PROGRESS' | 'GRANTED' | 'REFUSED' | 'NOT_APPLICABLE';

/** Whether residence follows work, or runs beside it. */
export type Handling = 'SERIAL' | 'PARALLEL';

/** One of the two parts of a dossier. */
export type Part = 'WORK' | 'RESIDENCE';

/** A deadline of a dossier; a rule may run more than once, from different days. Dates are days in Brussels. */
export type DossierDeadline = {
  readonly rule: string;
  readonly startsOn: string;
  readonly dueOn: string;
  readonly metOn: string | null;
  readonly suspendedSince: string | null;
};

/** What of a dossier its timeline must be able to rebuild. */
export type DossierState = {
  readonly status: DossierStatus | null;
  readonly workTrack: TrackStatus;
  readonly residenceTrack: TrackStatus;
  readonly handling: Handling;
  /** The authority that decides on work; null until the first submission. */
  readonly competentAuthority: string | null;
  readonly deadlines: readonly DossierDeadline[];
};

/** A permit as the register has it today: the clock has been applied to `state`. */
export type DossierPermit = {
  readonly state: string;
  readonly validFrom: string;
  readonly validTo: string | null;
  readonly bridging: string;
};

/** A dossier with what its steps depend on. `status` is null for one that is still to be made. */
export type DossierFacts = DossierState & {
  readonly kind: string;
  readonly applicationType: string;
  readonly category: string | null;
  readonly channel: string;
  readonly helpdeskTicket: string | null;
  readonly employerKbo: string | null;
  /** The KBO number of the mandatary that the dossier names: who has one is in Belgium. */
  readonly mandataryKbo: string | null;
  /** How the worker is identified: by a number, or by the details from which a bis number is asked; null when not at all. */
  readonly workerKnownBy: 'INSZ' | 'DETAILS' | null;
  readonly workerAbroad: boolean;
  readonly workerMinor: boolean;
  readonly diplomaticPost: string | null;
  readonly posted: boolean;
  /** The authority to which the facts lead as they stand, corrections that come with the step included (`competence.ts`). */
  readonly derivedAuthority: string | null;
  /** Codes of the documents present: none that was superseded, and those for which a register stands in (`replaceableBy`). */
  readonly documents: readonly string[];
  /** Whether an open dossier has the same worker, employer and an overlapping period (DOMAIN 3.6). */
  readonly openDuplicate: boolean;
  /** The period asked for, which is the contract's. */
  readonly periodFrom: string;
  readonly periodTo: string | null;
  readonly grossMonthly: number | null;
  /** What may lower the salary floor, as far as it is known. */
  readonly floor: FloorFacts;
  readonly submittedOn: string | null;
  readonly admissibleOn: string | null;
  /** The request for information that waits; `missing` are its items for which no document came since. */
  readonly request: { readonly missing: readonly string[]; readonly dueOn: string; readonly proposed: boolean } | null;
  /** Deadlines that were already reported as missed, as `<rule> <startsOn>`. */
  readonly reported: readonly string[];
  /** What was refused or withdrawn last: what an appeal is, or would be, against. */
  readonly contested: {
    readonly part: Part;
    readonly cause: 'REFUSAL' | 'WITHDRAWAL';
    readonly notifiedOn: string;
  } | null;
  /** The permit that came out of this dossier. */
  readonly permit: DossierPermit | null;
  /** The permit that this dossier renews. */
  readonly previousPermit: DossierPermit | null;
  /** Whether the worker agreed to be referred to the welcome services. */
  readonly welcomeConsent: boolean;
};

/**
 * Who asks. HOST_FAMILY is a person who files for an au pair, whatever kind the token names; SYSTEM is the clock. `relation` is
 * what the dossier is to the caller, OWN for one that it is about to make and for the clock.
 */
export type CallerFacts = {
  readonly kind: Kind | 'HOST_FAMILY' | 'SYSTEM';
  readonly relation: Relation;
  readonly roles: readonly Role[];
  readonly authority: string | null;
  /** Today in Brussels. */
  readonly today: string;
  /** Of a mandatary: whether the employer's mandate is in force today. */
  readonly mandateInForce?: boolean | undefined;
  /** Of a worker: whether the stay in Belgium is legal. */
  readonly staysLegally?: boolean | undefined;
};

/** What a step brings along; each step uses what it needs. Dates are days in Brussels. */
export type StepInput = {
  /** The day of notification, from which terms run; today unless told. */
  readonly notifiedOn?: string | undefined;
  /** GRANT or REFUSE of a decision, UPHOLD or REJECT of an appeal. */
  readonly outcome?: string | undefined;
  readonly grounds?: readonly string[] | undefined;
  /** The motivation of a refusal or of an appeal. */
  readonly motivation?: string | undefined;
  /** The language of an appeal. */
  readonly language?: string | undefined;
  /** The period granted; the one asked for unless told. */
  readonly validFrom?: string | undefined;
  readonly validTo?: string | null | undefined;
  /** Document codes that a request asks for. */
  readonly items?: readonly string[] | undefined;
  /** The code of a document that is added. */
  readonly document?: string | undefined;
  /** The code of a closing, or why a duplicate is filed. */
  readonly reason?: string | undefined;
  /** The authority to which the caller means to transfer. */
  readonly toAuthority?: string | undefined;
  /** A message, or an advice. */
  readonly text?: string | undefined;
  /** The first day of a withdrawal. */
  readonly effectiveOn?: string | undefined;
  /** The last day of the employment. */
  readonly endedOn?: string | undefined;
  /** The day of entry into Belgium. */
  readonly enteredOn?: string | undefined;
  /** Whether the case is complex, which lengthens the decision term under RS2026. */
  readonly complex?: boolean | undefined;
  /** The deadline that the clock reports. */
  readonly rule?: string | undefined;
};

/** A step that is asked for: what each guard judges. */
export type Asked = { readonly dossier: DossierFacts; readonly caller: CallerFacts; readonly input: StepInput };

/** The parts that are decided for a kind of permit. */
export const partsOf = (kind: string): readonly Part[] => {
  const deciders = codeOf('permitKinds', kind)?.deciders ?? [];
  return [
    ...(deciders.includes('REGION') ? ['WORK' as const] : []),
    ...(deciders.includes('RESIDENCE') ? ['RESIDENCE' as const] : []),
  ];
};

/** The first state of a part of a dossier of this kind. */
export const initialTrack = (kind: string, part: Part): TrackStatus =>
  partsOf(kind).includes(part) ? 'NOT_STARTED' : 'NOT_APPLICABLE';

/** The facts of a dossier that is still to be made, of which nothing is known but its kind. */
export const noDossier = (kind: string, applicationType = 'FIRST'): DossierFacts => ({
  kind,
  applicationType,
  status: null,
  workTrack: initialTrack(kind, 'WORK'),
  residenceTrack: initialTrack(kind, 'RESIDENCE'),
  handling: 'SERIAL',
  competentAuthority: null,
  deadlines: [],
  category: null,
  channel: 'ONLINE',
  helpdeskTicket: null,
  employerKbo: null,
  mandataryKbo: null,
  workerKnownBy: null,
  workerAbroad: false,
  workerMinor: false,
  diplomaticPost: null,
  posted: false,
  derivedAuthority: null,
  documents: [],
  openDuplicate: false,
  periodFrom: '',
  periodTo: null,
  grossMonthly: null,
  floor: {},
  submittedOn: null,
  admissibleOn: null,
  request: null,
  reported: [],
  contested: null,
  permit: null,
  previousPermit: null,
  welcomeConsent: false,
});
