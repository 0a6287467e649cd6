import type { Day } from './days.ts';
import type { Employer, Establishment } from './enterprises.ts';
import type { Permit } from './permits.ts';
import type { Worker } from './persons.ts';
import type { Language, Place } from './places.ts';
import type { Region } from './shape.ts';
import type { Kind } from './work.ts';

/** What will happen to a dossier and when. Days after the day of seeding are what has yet to come: they are not stored. */
export type Course = {
  readonly created: Day;
  /** Null for a draft that is never submitted. */
  readonly submitted: Day | null;
  /** Before the dossier was admissible, or after: then a request for information comes after it, and the course ends there. */
  readonly transfer?: { readonly day: Day; readonly from: Region } | null;
  readonly request?: { readonly day: Day; readonly answered: Day | null } | null;
  readonly inadmissible?: { readonly day: Day; readonly ground: string } | null;
  readonly admissible?: Day | null;
  /** Admissible, and not yet taken up. */
  readonly untreated?: boolean;
  readonly work?: { readonly day: Day; readonly ground: string | null } | null;
  readonly residence?: { readonly day: Day; readonly ground: string | null } | null;
  readonly appeal?: { readonly lodged: Day; readonly decided: Day | null; readonly upheld: boolean } | null;
  readonly stop?: { readonly day: Day; readonly status: 'APPLICANT_WITHDRAWN' | 'WITHOUT_OBJECT' } | null;
};

/** Who files a dossier. */
export type Applicant = {
  readonly kind: 'EMPLOYER' | 'MANDATARY' | 'WORKER' | 'SELF_EMPLOYED' | 'ENTERPRISE_COUNTER' | 'HOST_FAMILY';
  readonly id: string;
};

/** A dossier as it is filed, and the course it will take. */
export type Filing = {
  /** Only for named people and planted cases, whose numbers do not depend on the profile. */
  readonly sequence?: number;
  readonly kind: Kind;
  readonly applicationType: string;
  readonly category: string;
  readonly worker: Worker;
  readonly employer: Employer | null;
  readonly establishment: Establishment | null;
  readonly host: Worker | null;
  readonly applicant: Applicant;
  readonly mandatary: string | null;
  readonly counter: string | null;
  /** Where the work is done; null when it may be done anywhere. */
  readonly workplace: Place | null;
  /** Where as much of the work is done as at the workplace, in another region: the seat then decides. */
  readonly secondWorkplace: Place | null;
  readonly region: Region;
  readonly language: Language;
  readonly job: {
    readonly title: string;
    readonly isco: string;
    readonly nace: string | null;
    readonly jointCommittee: string | null;
    readonly hours: number;
    readonly gross: number | null;
  };
  readonly periodFrom: Day;
  readonly periodTo: Day | null;
  readonly post: string | null;
  readonly previous: Permit | null;
  readonly posting: {
    readonly sender: string;
    readonly senderCountry: string;
    readonly limosaNumber: string | null;
  } | null;
  readonly duplicatedFrom?: string;
  readonly course: Course;
};
