import type { StepName, Transition } from '../schema/lifecycle.ts';
import type { CallerFacts, DossierFacts } from '../schema/step-facts.ts';
import { type Case, dossier, permit, taken, today, waits, workOnly } from './life.ts';

/** What a step did, in one line: transition, state, events (those of the platform in brackets), and what follows. */
const short = ({ id, state, events, notify, decision, permit: change, effects }: Transition): string =>
  [
    `${id ?? '-'} ${state.status} ${state.workTrack} ${state.residenceTrack}`,
    events.map(({ type, by }) => (by === 'SYSTEM' ? `(${type})` : type)).join(' '),
    ...(notify.length > 0 ? [`notify ${notify.join(' ')}`] : []),
    ...(decision ? [`decision ${Object.values(decision).filter(Boolean).sort().join(' ')}`] : []),
    ...(change ? [`permit ${change}`] : []),
    ...(effects.length > 0 ? [`effects ${effects.join(' ')}`] : []),
  ].join(' | ');

const parallel = { handling: 'PARALLEL', workTrack: 'IN_PROGRESS', residenceTrack: 'IN_PROGRESS' } as const;
const researcher = { kind: 'SP_RES', workTrack: 'NOT_APPLICABLE', residenceTrack: 'NOT_STARTED' } as const;
const renewal = { applicationType: 'RENEWAL', previousPermit: permit } as const;
const refuse = { outcome: 'REFUSE', grounds: ['LMT_FAILED'], motivation: 'Geen kandidaten gezocht.' };
const refuseStay = { outcome: 'REFUSE', grounds: ['RES_MEANS'] };
const withdrawn = {
  permit: { ...permit, state: 'WITHDRAWN' },
  contested: { part: 'WORK', cause: 'WITHDRAWAL', notifiedOn: today },
} as const;
const stayRefused = {
  workTrack: 'GRANTED',
  residenceTrack: 'REFUSED',
  contested: { part: 'RESIDENCE', cause: 'REFUSAL', notifiedOn: today },
} as const;

const treated = (other: Partial<DossierFacts>) => dossier('IN_TREATMENT', other);

const ways: [string, StepName, Case, string][] = [
  [
    'a draft begins with the parts of its kind',
    'createDraft',
    { by: 'EMPLOYER', of: dossier(null, researcher) },
    'T01 DRAFT NOT_APPLICABLE NOT_STARTED | DRAFT_CREATED | effects TIE_APPLICANT',
  ],
  [
    'a copy takes no decisions along',
    'duplicateDossier',
    { by: 'EMPLOYER', of: dossier('REFUSED') },
    'T01 DRAFT NOT_STARTED NOT_STARTED | DRAFT_CREATED | effects TIE_APPLICANT COPY_WITHOUT_DECISIONS',
  ],
  [
    'filing routes to the region, and asks a bis number for who has none',
    'submitDossier',
    { by: 'EMPLOYER', of: dossier('DRAFT', { workerKnownBy: 'DETAILS' }) },
    'T02 SUBMITTED NOT_STARTED NOT_STARTED | DOSSIER_SUBMITTED (DOSSIER_ROUTED) | notify DOSSIER_SUBMITTED DOSSIER_ROUTED | effects ROUTE TIE_REGION ASK_BIS_NUMBER',
  ],
  [
    'a transfer in treatment begins anew elsewhere',
    'transferDossier',
    { by: 'REGION', of: treated({ derivedAuthority: 'WAL-SPW' }) },
    'T03 SUBMITTED NOT_STARTED NOT_STARTED | TRANSFERRED | notify DOSSIER_TRANSFERRED | effects ROUTE TIE_REGION KEEP_FORMER_REGION',
  ],
  [
    'a transfer keeps what the Immigration Office has granted',
    'transferDossier',
    { by: 'REGION', of: treated({ ...parallel, residenceTrack: 'GRANTED', derivedAuthority: 'WAL-SPW' }) },
    'T03 SUBMITTED NOT_STARTED GRANTED | TRANSFERRED | notify DOSSIER_TRANSFERRED | effects ROUTE TIE_REGION KEEP_FORMER_REGION',
  ],
  [
    'an admissible dossier is copied to the Immigration Office',
    'declareAdmissible',
    { by: 'REGION', of: dossier('SUBMITTED', { ...renewal, documents: [...dossier(null).documents, 'WRK_PAYSLIPS'] }) },
    'T08 ADMISSIBLE NOT_STARTED NOT_STARTED | ADMISSIBILITY_DECIDED (DOSSIER_COPIED) | notify ADMISSIBILITY_DECIDED | effects DATE_ADMISSIBLE TIE_WORKER COPY_TO_DVZ DATE_RENEWAL_ADMISSIBLE TIE_MUNICIPALITY',
  ],
  [
    'without a residence part nothing is copied',
    'declareAdmissible',
    { by: 'REGION', of: dossier('SUBMITTED', workOnly) },
    'T08 ADMISSIBLE NOT_STARTED NOT_APPLICABLE | ADMISSIBILITY_DECIDED | notify ADMISSIBILITY_DECIDED | effects DATE_ADMISSIBLE TIE_WORKER',
  ],
  [
    'after a transfer the new region admits without a second clock or copy',
    'declareAdmissible',
    { by: 'REGION', of: dossier('SUBMITTED', { admissibleOn: '2026-11-09' }) },
    'T08 ADMISSIBLE NOT_STARTED NOT_STARTED | ADMISSIBILITY_DECIDED | notify ADMISSIBILITY_DECIDED',
  ],
  [
    'serial treatment lets residence wait',
    'beginTreatment',
    { by: 'SYSTEM', of: dossier('ADMISSIBLE') },
    'T09 IN_TREATMENT IN_PROGRESS WAITING_WORK | (TREATMENT_BEGUN)',
  ],
  [
    'parallel treatment begins both parts',
    'beginTreatment',
    { by: 'SYSTEM', of: dossier('ADMISSIBLE', { handling: 'PARALLEL' }) },
    'T09 IN_TREATMENT IN_PROGRESS IN_PROGRESS | (TREATMENT_BEGUN)',
  ],
  [
    'a work card has one part to treat',
    'beginTreatment',
    { by: 'SYSTEM', of: dossier('ADMISSIBLE', workOnly) },
    'T09 IN_TREATMENT IN_PROGRESS NOT_APPLICABLE | (TREATMENT_BEGUN)',
  ],
  [
    'a researcher’s dossier goes to the Immigration Office at once',
    'beginTreatment',
    { by: 'SYSTEM', of: dossier('ADMISSIBLE', researcher) },
    'T09 IN_TREATMENT NOT_APPLICABLE IN_PROGRESS | (TREATMENT_BEGUN) (DOSSIER_FORWARDED) | effects FORWARD_TO_DVZ',
  ],
  [
    'a positive work decision is forwarded, and lets the worker of a renewal go on',
    'takeWorkDecision',
    { by: 'REGION', of: treated(renewal) },
    'T10 IN_TREATMENT GRANTED IN_PROGRESS | WORK_DECIDED (DOSSIER_FORWARDED) | notify WORK_DECIDED | decision GRANT WORK | effects FORWARD_TO_DVZ ALLOW_WORK_ON_ANNEX_49',
  ],
  [
    'in parallel it goes on without forwarding',
    'takeWorkDecision',
    { by: 'REGION', of: treated(parallel) },
    'T10 IN_TREATMENT GRANTED IN_PROGRESS | WORK_DECIDED | notify WORK_DECIDED | decision GRANT WORK',
  ],
  [
    'in parallel it is the last word where residence was granted before',
    'takeWorkDecision',
    { by: 'REGION', of: treated({ ...parallel, residenceTrack: 'GRANTED', welcomeConsent: true }) },
    'T10 GRANTED GRANTED GRANTED | WORK_DECIDED | notify WORK_DECIDED FINAL_DECISION WELCOME_REFERRAL | decision GRANT WORK | permit CREATED | effects TIE_FOLLOWERS',
  ],
  [
    'of a work card it is the only word',
    'takeWorkDecision',
    { by: 'REGION', of: treated(workOnly) },
    'T10 GRANTED GRANTED NOT_APPLICABLE | WORK_DECIDED | notify WORK_DECIDED FINAL_DECISION | decision GRANT WORK | permit CREATED | effects TIE_FOLLOWERS',
  ],
  [
    'a negative work decision ends it, by registered letter',
    'takeWorkDecision',
    { by: 'REGION', of: treated(renewal), with: refuse },
    'T11 REFUSED REFUSED NOT_APPLICABLE | WORK_DECIDED | notify WORK_DECIDED FINAL_DECISION | decision REFUSE WORK | effects SEND_REGISTERED_LETTER END_ANNEX_49',
  ],
  [
    'residence after work makes the permit',
    'takeResidenceDecision',
    { by: 'RESIDENCE', of: treated(waits) },
    'T12 GRANTED GRANTED GRANTED | RESIDENCE_DECIDED | notify RESIDENCE_DECIDED FINAL_DECISION | decision A46 GRANT RESIDENCE | permit CREATED | effects TIE_FOLLOWERS',
  ],
  [
    'in parallel an earlier yes to residence is recorded, and grants nothing yet',
    'takeResidenceDecision',
    { by: 'RESIDENCE', of: treated(parallel) },
    'T12 IN_TREATMENT IN_PROGRESS GRANTED | RESIDENCE_DECIDED | notify RESIDENCE_DECIDED | decision GRANT RESIDENCE',
  ],
  [
    'no residence, no work: the authorisation lapses',
    'takeResidenceDecision',
    { by: 'RESIDENCE', of: treated(waits), with: refuseStay },
    'T13 REFUSED GRANTED REFUSED | RESIDENCE_DECIDED | notify RESIDENCE_DECIDED FINAL_DECISION | decision A48 REFUSE RESIDENCE | effects LAPSE_WORK_AUTHORISATION',
  ],
  [
    'in parallel an earlier no cuts the work part off',
    'takeResidenceDecision',
    { by: 'RESIDENCE', of: treated(parallel), with: refuseStay },
    'T13 REFUSED NOT_APPLICABLE REFUSED | RESIDENCE_DECIDED | notify RESIDENCE_DECIDED FINAL_DECISION | decision A48 REFUSE RESIDENCE',
  ],
  [
    'the Immigration Office closes in its own part',
    'closeWithoutObject',
    { by: 'RESIDENCE', of: treated(waits) },
    'T15 WITHOUT_OBJECT GRANTED IN_PROGRESS | CLOSED_WITHOUT_OBJECT | notify FINAL_DECISION | decision RESIDENCE WITHOUT_OBJECT',
  ],
  [
    'an appeal that is upheld grants the work part, and residence follows',
    'decideAppeal',
    { by: 'REGION', of: dossier('UNDER_APPEAL') },
    'T17 IN_TREATMENT GRANTED IN_PROGRESS | APPEAL_DECIDED WORK_DECIDED (DOSSIER_FORWARDED) | notify WORK_DECIDED | decision GRANT WORK | effects CLOSE_APPEAL FORWARD_TO_DVZ',
  ],
  [
    'an appeal about a work card makes the permit',
    'decideAppeal',
    { by: 'REGION', of: dossier('UNDER_APPEAL', workOnly) },
    'T17 GRANTED GRANTED NOT_APPLICABLE | APPEAL_DECIDED WORK_DECIDED | notify WORK_DECIDED FINAL_DECISION | decision GRANT WORK | permit CREATED | effects CLOSE_APPEAL TIE_FOLLOWERS',
  ],
  [
    'an appeal that is rejected changes nothing',
    'decideAppeal',
    { by: 'REGION', of: dossier('UNDER_APPEAL'), with: { outcome: 'REJECT' } },
    'T17 REFUSED REFUSED NOT_APPLICABLE | APPEAL_DECIDED | notify FINAL_DECISION | effects CLOSE_APPEAL',
  ],
  [
    'an annulled refusal of residence is decided anew',
    'decideAppeal',
    { by: 'RESIDENCE', of: dossier('UNDER_APPEAL', stayRefused) },
    'T17 IN_TREATMENT GRANTED IN_PROGRESS | APPEAL_DECIDED | effects CLOSE_APPEAL',
  ],
  [
    'and with it the work part that it had cut off',
    'decideAppeal',
    { by: 'RESIDENCE', of: dossier('UNDER_APPEAL', { ...stayRefused, workTrack: 'NOT_APPLICABLE' }) },
    'T17 IN_TREATMENT IN_PROGRESS IN_PROGRESS | APPEAL_DECIDED | effects CLOSE_APPEAL',
  ],
  [
    'an appeal against a withdrawal gives the permit back',
    'decideAppeal',
    { by: 'REGION', of: dossier('UNDER_APPEAL', { ...withdrawn, workTrack: 'GRANTED', residenceTrack: 'GRANTED' }) },
    'T17 GRANTED GRANTED GRANTED | APPEAL_DECIDED | notify FINAL_DECISION RELEVANT_CHANGE | permit RESTORED | effects CLOSE_APPEAL',
  ],
  [
    'or leaves it withdrawn',
    'decideAppeal',
    { by: 'REGION', of: dossier('UNDER_APPEAL', withdrawn), with: { outcome: 'REJECT' } },
    'T17 GRANTED REFUSED NOT_APPLICABLE | APPEAL_DECIDED | notify FINAL_DECISION | effects CLOSE_APPEAL',
  ],
  [
    'a withdrawal is told to all',
    'withdrawPermit',
    { by: 'REGION', of: dossier('GRANTED'), with: { grounds: ['W1'] } },
    'T18 GRANTED GRANTED GRANTED | PERMIT_WITHDRAWN | notify PERMIT_WITHDRAWN RELEVANT_CHANGE | decision WITHDRAW WORK | permit WITHDRAWN',
  ],
  [
    'an end of employment opens the search for work',
    'notifyTermination',
    { by: 'EMPLOYER', of: dossier('GRANTED') },
    'T19 GRANTED GRANTED GRANTED | TERMINATION_NOTIFIED | notify TERMINATION_NOTIFIED JOBSEARCH_90D_STARTED RELEVANT_CHANGE | permit ENDED_EMPLOYMENT',
  ],
  [
    'consent after the grant refers at once',
    'consentWelcome',
    { by: 'WORKER', of: dossier('GRANTED') },
    '- GRANTED GRANTED GRANTED | WELCOME_CONSENTED | notify WELCOME_REFERRAL',
  ],
];

test.each(ways)('%s (%s)', (_title, name, what, outcome) => {
  expect(short(taken(name, what))).toEqual(outcome);
});

test('a transfer gives the dossier the handling of the region it goes to', () => {
  const { state } = taken('transferDossier', {
    by: 'REGION',
    of: treated({ ...parallel, derivedAuthority: 'WAL-SPW' }),
  });
  expect([state.competentAuthority, state.handling]).toEqual(['WAL-SPW', 'SERIAL']);
});

test('filing sets the handling of the region: in Flanders both parts run together', () => {
  const { state } = taken('submitDossier', { by: 'EMPLOYER', of: dossier('DRAFT') });
  expect([state.competentAuthority, state.handling]).toEqual(['VLA-DEM', 'PARALLEL']);
});

test('a visa, an arrival, a registration, a card and an annex 49 are milestones', () => {
  const followed = (name: StepName, by: CallerFacts['kind'], of: DossierFacts) =>
    taken(name, { by, of }).events.map(({ milestone }) => milestone);
  expect([
    followed('issueVisa', 'POST', dossier('GRANTED')),
    followed('registerArrival', 'MUNICIPALITY', dossier('GRANTED')),
    followed('registerResidence', 'MUNICIPALITY', dossier('GRANTED')),
    followed('issueCard', 'MUNICIPALITY', dossier('GRANTED')),
    followed('issueAnnex49', 'MUNICIPALITY', treated(renewal)),
    followed('withdrawApplication', 'EMPLOYER', treated({})),
  ]).toEqual([
    ['VISA_ISSUED'],
    ['ARRIVAL_REGISTERED'],
    ['RESIDENCE_REGISTERED'],
    ['CARD_ISSUED'],
    ['ANNEX_49_ISSUED'],
    [null],
  ]);
});
