/** The rows of the dossiers' tables, as the store reads them. */
import type { TimelineEvent } from '../../schema/timeline.ts';
import type { Scoped } from '../rows.ts';
import type { ApplicationType, Channel, DossierStatus, Handling, Lang, PermitKind, TrackStatus } from './types.ts';

/** A worker as the applicant of a draft states the person. */
export type StatedWorker = {
  readonly insz?: string | null | undefined;
  readonly lastName: string;
  readonly firstNames: string;
  readonly birthDate: string;
  readonly sex?: 'M' | 'F' | null | undefined;
  readonly nationalities: readonly string[];
  readonly passportNumber?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly abroad?: boolean | null | undefined;
};

export type DossierRow = {
  number: string;
  kind: PermitKind;
  applicationType: ApplicationType;
  status: DossierStatus;
  workTrack: TrackStatus;
  residenceTrack: TrackStatus;
  handling: Handling;
  channel: Channel;
  helpdeskTicket: string | null;
  language: Lang;
  ruleSet: string;
  competentAuthority: string | null;
  competenceRule: string | null;
  category: string | null;
  employerKbo: string | null;
  establishmentNumber: string | null;
  workerId: string | null;
  applicantKind: string;
  mandataryKbo: string | null;
  workplacePostalCode: string | null;
  workplaceNis: string | null;
  functionTitle: string | null;
  isco08: string | null;
  naceCode: string | null;
  jointCommittee: string | null;
  weeklyHours: string | null;
  grossMonthly: string | null;
  periodFrom: string | null;
  periodTo: string | null;
  posting: { sender?: string; senderCountry?: string; limosaNumber?: string } | null;
  diplomaticPost: string | null;
  residenceMunicipality: string | null;
  previousPermitId: string | null;
  duplicatedFrom: string | null;
  regionReference: string | null;
  dvzReference: string | null;
  createdAt: Date;
  submittedAt: Date | null;
  admissibleAt: Date | null;
  forwardedToDvzAt: Date | null;
  decidedAt: Date | null;
  version: number;
  statedWorker: StatedWorker | null;
  /** The moment as of which it is shown, where one was asked. */
  asOf?: AsOf;
};

type Hanging = { dossierNumber: string; asOf?: AsOf | undefined };

export type DeadlineRow = Hanging & {
  rule: string;
  startsOn: string;
  dueOn: string;
  metOn: string | null;
  suspendedSince: string | null;
};

export type DocumentRow = Hanging & {
  id: string;
  code: string;
  fileName: string | null;
  mime: string;
  sizeBytes: number;
  sha256: string | null;
  uploadedByKind: string;
  uploadedAt: Date;
  supersededBy: string | null;
  erasedAt: Date | null;
};

/** A document that was asked for by itself, and what of its dossier decides who may know of it. */
export type DocumentOfDossier = Scoped<DocumentRow> & { workerId: string | null };

export type RequestRow = Hanging & { requestedOn: string; dueOn: string; items: string[]; answeredOn: string | null };

export type TransferRow = Hanging & { at: Date; fromAuthority: string; toAuthority: string; reason: string };

export type AppealRow = Hanging & {
  lodgedOn: string;
  lodgedByKind: string;
  againstPart: 'WORK' | 'RESIDENCE';
  outcome: string | null;
  decidedOn: string | null;
};

export type MilestoneRow = Hanging & { kind: string; at: Date; authority: string };

export type MessageRow = Hanging & { id: string; at: Date; senderKind: string; text: string };

/** Something that happened, as the outbox keeps it. */
export type HappeningRow = Hanging & {
  position: string;
  at: Date;
  event: string;
  category: string;
  workerId: string | null;
  messageId: string | null;
};

export type NoteRow = Hanging & { at: Date; text: string };

export type EventRow = Hanging & { sequence: number; type: string; at: Date; actorKind: string; actor: string | null };

/** An event with what it tells, from which the state of its dossier is rebuilt. */
export type PastEventRow = Hanging & TimelineEvent & { at: Date };

/** A moment in a dossier's life: the day in Brussels, and what had happened by then. */
export type AsOf = { readonly moment: Date; readonly day: string; readonly events: readonly PastEventRow[] };
