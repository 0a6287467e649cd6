/** The rows of the register's tables, as the store reads them. */
import type { Relation } from '../../schema/policy.ts';
import type { CodeRef } from '../common.ts';
import type { Scoped } from '../rows.ts';
import type {
  Bridging,
  ConsultationOutcome,
  DataCategory,
  PermitKind,
  PermitState,
  Severity,
  WorkerKind,
} from './types.ts';

export type PermitRow = {
  id: string;
  kind: PermitKind;
  dossierNumber: string | null;
  workerId: string;
  employerKbo: string | null;
  establishmentNumber: string | null;
  authority: string;
  labourMarket: 'LIMITED' | 'UNLIMITED' | 'NONE';
  functionTitle: string | null;
  workplaceNis: string | null;
  validFrom: string;
  validTo: string | null;
  state: PermitState;
  bridging: Bridging;
  renewalAdmissibleOn: string | null;
  renewalWorkGrantedOn: string | null;
  withdrawnOn: string | null;
  withdrawalGround: string | null;
  withdrawalAuthority: string | null;
  endedOn: string | null;
  cardType: string | null;
};

export type DimonaRow = {
  id: string;
  workerId: string;
  employerKbo: string;
  establishmentNumber: string | null;
  type: string;
  jointCommittee: string | null;
  startDate: string;
  endDate: string | null;
  cancelled: boolean;
};

export type DmfaRow = {
  quarter: string;
  employerKbo: string;
  workerId: string;
  establishmentNumber: string | null;
  jointCommittee: string;
  grossWage: string;
  days: string;
  hours: string;
};

export type LimosaRow = {
  number: string;
  workerKind: WorkerKind;
  workerId: string;
  senderName: string;
  senderCountry: string;
  senderReference: string | null;
  clients: string[];
  places: { postalCode?: string; locality?: string; street?: string }[];
  startDate: string;
  endDate: string | null;
  sector: string | null;
  temporaryAgency: boolean;
  a1Number: string | null;
  permitReminder: string | null;
  cancelled: boolean;
};

export type A1Row = {
  number: string;
  foreignNumber: string | null;
  issuingCountry: string;
  workerId: string;
  validFrom: string;
  validTo: string | null;
};

export type HitRow = {
  id: string;
  rule: string;
  severity: Severity;
  workerId: string | null;
  employerKbo: string | null;
  evidence: { kind: string; id: string }[];
  detectedAt: Date;
  status: string;
  assignedTo: string | null;
  outcome: string | null;
};

/** An entry of the read log. */
export type ConsultationRow = {
  seq: string;
  at: Date;
  userId: string;
  party: string;
  kind: string;
  /** The worker's internal id. */
  subject: string | null;
  read: DataCategory[];
  refused: DataCategory[];
  purpose: string | null;
  reference: string | null;
  operation: string;
  outcome: ConsultationOutcome;
};

/** Of whom the register is asked, and for which day. */
export type Asked = { worker: string | null; employer: string | null; establishment: string | null; at: string | null };

export type SiteCheckRow = {
  /** Empty where no register knows the person. */
  workerId: string;
  position: number;
  allowed: boolean;
  until: string | null;
  declared: boolean;
  relation: Relation;
};

/** Whether a person may work somewhere; the person is null where no register knows the number. */
export type MayEmployAnswer = {
  allowed: boolean;
  until: string | null;
  conditions: CodeRef[];
  workerId: string | null;
};

/** One person, employer or establishment, as an inspection service asked about it. */
export type Inspected = Asked & { relation: Relation };

export type WageRow = Scoped<{
  workerId: string;
  quarter: string;
  grossWage: string;
  fullTimeYearly: string | null;
  floorYearly: string | null;
  reached: boolean | null;
}>;
