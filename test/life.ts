/** A dossier and its callers for tests of the life cycle: in each status it is ripe for what may happen there. */

import { type StepName, step, type Transition } from '../schema/lifecycle.ts';
import {
  type CallerFacts,
  type DossierFacts,
  type DossierStatus,
  noDossier,
  type Part,
  type StepInput,
  type TrackStatus,
} from '../schema/step-facts.ts';

export const today = '2026-11-23'; // a Monday
export const yesterday = '2026-11-22';
const tomorrow = '2026-11-24';

export const documents = [
  'RES_FEE_PROOF',
  'RES_PASSPORT',
  'RES_MEANS',
  'RES_CRIMINAL_RECORD',
  'RES_MEDICAL',
  'RES_INSURANCE',
  'WRK_FORM',
  'WRK_CONTRACT',
  'WRK_EMPLOYER_ID',
  'WRK_DIPLOMA',
];

/** A permit that stands. */
export const permit = { state: 'ACTIVE', validFrom: '2026-01-01', validTo: '2027-12-31', bridging: 'NONE' };

const tracks: Partial<Record<DossierStatus, [TrackStatus, TrackStatus]>> = {
  IN_TREATMENT: ['IN_PROGRESS', 'WAITING_WORK'],
  GRANTED: ['GRANTED', 'GRANTED'],
  REFUSED: ['REFUSED', 'NOT_APPLICABLE'],
  UNDER_APPEAL: ['REFUSED', 'NOT_APPLICABLE'],
};

const early: readonly (DossierStatus | null)[] = [null, 'DRAFT', 'SUBMITTED', 'INFO_REQUESTED', 'INADMISSIBLE'];

/** A Flemish single permit of a highly skilled worker, in a status, with all that is needed to go on. */
export const dossier = (status: DossierStatus | null, other: Partial<DossierFacts> = {}): DossierFacts => {
  const [workTrack, residenceTrack] = tracks[status ?? 'DRAFT'] ?? ['NOT_STARTED', 'NOT_STARTED'];
  const filed = status !== null && status !== 'DRAFT';
  return {
    ...noDossier('SP_LIM'),
    status,
    workTrack,
    residenceTrack,
    competentAuthority: filed ? 'VLA-DEM' : null,
    derivedAuthority: 'VLA-DEM',
    category: 'HIGHSKILL',
    employerKbo: '0123456749',
    workerKnownBy: 'INSZ',
    documents,
    periodFrom: '2027-01-01',
    periodTo: '2028-12-31',
    grossMonthly: 6000,
    submittedOn: filed ? '2026-11-02' : null,
    admissibleOn: early.includes(status) ? null : '2026-11-09',
    request: status === 'INFO_REQUESTED' ? { missing: ['WRK_DIPLOMA'], dueOn: tomorrow, proposed: false } : null,
    contested:
      status === 'REFUSED' || status === 'UNDER_APPEAL' ? { part: 'WORK', cause: 'REFUSAL', notifiedOn: today } : null,
    permit: status === 'GRANTED' ? permit : null,
    ...other,
  };
};

/** Somebody of a kind to whom the dossier is its own, with every role and every quality. */
export const caller = (kind: CallerFacts['kind'], other: Partial<CallerFacts> = {}): CallerFacts => ({
  kind,
  relation: 'OWN',
  roles: ['READER', 'HANDLER', 'DECISION_MAKER', 'DATA_PROTECTION_OFFICER', 'SYSTEM'],
  authority: kind === 'REGION' ? 'VLA-DEM' : kind === 'RESIDENCE' ? 'FED-DVZ' : null,
  today,
  mandateInForce: true,
  staysLegally: true,
  ...other,
});

const overdueRequest = { missing: ['WRK_DIPLOMA'], dueOn: yesterday, proposed: false };

/** What a step needs beside the status, so that only who asks and the status can stand in its way. */
export const ripe = (step: StepName, status: DossierStatus | null, kind: CallerFacts['kind']): DossierFacts => {
  const part: Part = kind === 'RESIDENCE' ? 'RESIDENCE' : 'WORK';
  const needs: Partial<Record<StepName, Partial<DossierFacts>>> = {
    transferDossier: { derivedAuthority: 'BRU-BEW' },
    proposeInadmissible: { request: overdueRequest },
    declareInadmissible: { request: overdueRequest },
    takeWorkDecision: { workTrack: 'IN_PROGRESS', residenceTrack: 'WAITING_WORK' },
    takeResidenceDecision: { workTrack: 'GRANTED', residenceTrack: 'IN_PROGRESS' },
    lodgeAppeal: {
      contested: { part: 'WORK', cause: status === 'GRANTED' ? 'WITHDRAWAL' : 'REFUSAL', notifiedOn: today },
      permit: { ...permit, state: 'WITHDRAWN' },
    },
    decideAppeal: { contested: { part, cause: 'REFUSAL', notifiedOn: today } },
    expirePermit: { permit: { ...permit, validTo: yesterday } },
    missDeadline: {
      deadlines: [{ rule: 'D04', startsOn: '2026-08-20', dueOn: yesterday, metOn: null, suspendedSince: null }],
    },
    issueAnnex49: { applicationType: 'RENEWAL', previousPermit: permit },
    giveAdvice: { kind: 'PC_SELF' },
  };
  return dossier(status, needs[step]);
};

const texts = { motivation: 'Omdat het zo is.', language: 'NL', text: 'Is het dossier volledig?' };

/** What a step may bring along; none of it stands in the way of any. */
export const input: Partial<Record<StepName, StepInput>> = {
  addDocument: { document: 'WRK_DIPLOMA' },
  requestInformation: { items: ['WRK_DIPLOMA'] },
  declareInadmissible: { grounds: ['MISSING_DOCS'] },
  takeWorkDecision: { outcome: 'GRANT' },
  takeResidenceDecision: { outcome: 'GRANT' },
  closeWithoutObject: { reason: 'WORKER_EXEMPT' },
  lodgeAppeal: texts,
  decideAppeal: { outcome: 'UPHOLD' },
  withdrawPermit: { grounds: ['W8'], effectiveOn: today },
  notifyTermination: { endedOn: today },
  registerArrival: { enteredOn: yesterday },
  sendMessage: texts,
  giveAdvice: texts,
};

/** A step that is asked for: by whom, on which dossier, with what, and on which day. */
export type Case = { by: CallerFacts['kind']; of: DossierFacts; with?: StepInput; on?: string };

/** What a step does; it fails with the refusal where it is not taken. */
export const taken = (name: StepName, { by, of, with: brought, on = today }: Case): Transition => {
  const answer = step(name, { dossier: of, caller: caller(by, { today: on }), input: { ...input[name], ...brought } });
  if ('transition' in answer) return answer.transition;
  throw new Error(JSON.stringify(answer.refusal));
};

/** The tracks while the Immigration Office decides after a positive work decision. */
export const waits = { workTrack: 'GRANTED', residenceTrack: 'IN_PROGRESS' } as const;

/** A work card: one part only. */
export const workOnly = {
  kind: 'WA_SHORT',
  residenceTrack: 'NOT_APPLICABLE',
  periodTo: '2027-03-31',
  category: 'SEASONAL',
} as const;

/** A step in a status, ripe but for what is told: other facts of the dossier, other input, another caller. */
export type Situation = {
  step: StepName;
  in: DossierStatus | null;
  by: CallerFacts['kind'];
  but: Partial<DossierFacts>;
  input?: StepInput;
  caller?: Partial<CallerFacts>;
};

/** The answer of the life cycle in a situation. */
export const asked = ({ step: name, in: status, by, but, input: brought, caller: who }: Situation) =>
  step(name, {
    dossier: { ...ripe(name, status, by), ...but },
    caller: caller(by, who),
    input: { ...input[name], ...brought },
  });
