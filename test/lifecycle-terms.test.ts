import type { StepName, Transition } from '../schema/lifecycle.ts';
import type { DossierDeadline, DossierFacts, DossierStatus } from '../schema/step-facts.ts';
import { type Case, dossier, permit, taken, waits, workOnly } from './life.ts';

const refuse = { outcome: 'REFUSE', grounds: ['LMT_FAILED'], motivation: 'Geen kandidaten gezocht.' };
const refuseStay = { outcome: 'REFUSE', grounds: ['RES_MEANS'] };

const running = (
  rule: string,
  startsOn: string,
  dueOn: string,
  suspendedSince: string | null = null,
): DossierDeadline => ({
  rule,
  startsOn,
  dueOn,
  metOn: null,
  suspendedSince,
});

const written = ({ state }: Transition): string[] =>
  state.deadlines.map(({ rule, startsOn, dueOn, metOn, suspendedSince }) =>
    [
      rule,
      startsOn,
      dueOn,
      ...(metOn ? [`met ${metOn}`] : []),
      ...(suspendedSince ? [`suspended ${suspendedSince}`] : []),
    ].join(' '),
  );

const filed = (status: DossierStatus, submittedOn: string, other: Partial<DossierFacts> = {}) =>
  dossier(status, { submittedOn, admissibleOn: status === 'SUBMITTED' ? null : submittedOn, ...other });

/** The vectors of DOMAIN 3.5: the terms run from the day of notification, which is the day of the step unless told. */
const terms: [string, StepName, Case, string[]][] = [
  [
    '15 days to complete',
    'requestInformation',
    { by: 'REGION', of: filed('SUBMITTED', '2021-05-01'), on: '2021-05-31' },
    ['D02 2021-05-31 2021-06-15'],
  ],
  [
    'a term that ends on a Saturday ends on Monday',
    'requestInformation',
    { by: 'REGION', of: filed('SUBMITTED', '2021-12-01'), on: '2022-01-14' },
    ['D02 2022-01-14 2022-01-31'],
  ],
  [
    'four months to decide under RS2019',
    'declareAdmissible',
    { by: 'REGION', of: filed('SUBMITTED', '2021-05-01'), on: '2021-05-31' },
    ['D04 2021-05-31 2021-09-30', 'D03 2021-05-31 2021-06-15 met 2021-05-31'],
  ],
  [
    'four months end with a shorter month',
    'declareAdmissible',
    { by: 'REGION', of: filed('SUBMITTED', '2021-05-01', workOnly), on: '2021-10-31' },
    ['D04 2021-10-31 2022-02-28'],
  ],
  [
    'four months that end on a Saturday',
    'declareAdmissible',
    { by: 'REGION', of: filed('SUBMITTED', '2021-05-01', workOnly), on: '2022-01-14' },
    ['D04 2022-01-14 2022-05-16'],
  ],
  [
    'a dossier filed before 22 May 2026 keeps four months',
    'declareAdmissible',
    { by: 'REGION', of: filed('SUBMITTED', '2026-05-21', workOnly), on: '2026-06-01' },
    ['D04 2026-06-01 2026-10-01'],
  ],
  [
    'from then on 90 days',
    'declareAdmissible',
    { by: 'REGION', of: filed('SUBMITTED', '2026-05-22', workOnly), on: '2026-06-01' },
    ['D04 2026-06-01 2026-08-31'],
  ],
  [
    'and 120 in a complex case',
    'declareAdmissible',
    { by: 'REGION', of: filed('SUBMITTED', '2026-05-22', workOnly), on: '2026-06-01', with: { complex: true } },
    ['D04 2026-06-01 2026-09-29'],
  ],
  [
    'the clock starts at the notification',
    'declareAdmissible',
    {
      by: 'REGION',
      of: filed('SUBMITTED', '2026-05-22', workOnly),
      on: '2026-05-29',
      with: { notifiedOn: '2026-06-01' },
    },
    ['D04 2026-06-01 2026-08-31'],
  ],
  [
    'a professional card has its own term, and no copy',
    'declareAdmissible',
    {
      by: 'REGION',
      of: filed('SUBMITTED', '2026-05-22', {
        kind: 'PC_SELF',
        category: 'PC_ECON',
        residenceTrack: 'NOT_APPLICABLE',
        documents: ['WRK_FORM', 'WRK_BUSINESS_PLAN'],
      }),
      on: '2026-06-01',
    },
    ['D12 2026-06-01 2026-09-29'],
  ],
  [
    'a refusal meets the terms of the decision and opens that of appeal: one month in Flanders',
    'takeWorkDecision',
    {
      by: 'REGION',
      of: filed('IN_TREATMENT', '2021-05-01', { deadlines: [running('D04', '2021-05-31', '2021-09-30')] }),
      on: '2021-08-02',
      with: refuse,
    },
    ['D04 2021-05-31 2021-09-30 met 2021-08-02', 'D08 2021-08-02 2021-09-02'],
  ],
  [
    '30 days in Brussels',
    'takeWorkDecision',
    {
      by: 'REGION',
      of: filed('IN_TREATMENT', '2021-05-01', { competentAuthority: 'BRU-BEW' }),
      on: '2021-08-02',
      with: refuse,
    },
    ['D08 2021-08-02 2021-09-01'],
  ],
  [
    '30 days against a refusal of residence',
    'takeResidenceDecision',
    { by: 'RESIDENCE', of: filed('IN_TREATMENT', '2021-05-01', waits), on: '2021-08-02', with: refuseStay },
    ['D09 2021-08-02 2021-09-01'],
  ],
  [
    'a withdrawal opens the term of appeal of the part',
    'withdrawPermit',
    { by: 'RESIDENCE', of: filed('GRANTED', '2021-05-01'), on: '2021-08-02' },
    ['D09 2021-08-02 2021-09-01'],
  ],
  [
    'an appeal meets its term',
    'lodgeAppeal',
    {
      by: 'EMPLOYER',
      of: filed('REFUSED', '2021-05-01', { deadlines: [running('D08', '2021-08-02', '2021-09-02')] }),
      on: '2021-09-02',
    },
    ['D08 2021-08-02 2021-09-02 met 2021-09-02'],
  ],
  [
    'about a professional card the council advises within four months',
    'lodgeAppeal',
    {
      by: 'SELF_EMPLOYED',
      of: filed('REFUSED', '2026-05-22', {
        kind: 'PC_SELF',
        contested: { part: 'WORK', cause: 'REFUSAL', notifiedOn: '2026-05-29' },
      }),
      on: '2026-06-01',
    },
    ['D12 2026-06-01 2026-10-01'],
  ],
  [
    'and after its rejection the Council of State hears within 60 days',
    'decideAppeal',
    {
      by: 'REGION',
      of: filed('UNDER_APPEAL', '2026-05-22', {
        kind: 'PC_SELF',
        deadlines: [running('D12', '2026-06-01', '2026-10-01')],
      }),
      on: '2026-09-01',
      with: { outcome: 'REJECT' },
    },
    ['D12 2026-06-01 2026-10-01 met 2026-09-01', 'D12 2026-09-01 2026-11-02'],
  ],
  [
    'an employment that ends leaves 90 days to look for work under RS2019',
    'notifyTermination',
    { by: 'EMPLOYER', of: filed('GRANTED', '2021-05-01'), on: '2026-11-23', with: { endedOn: '2026-11-20' } },
    ['D10 2026-11-20 2027-02-18'],
  ],
  [
    'three months under RS2026',
    'notifyTermination',
    {
      by: 'EMPLOYER',
      of: filed('GRANTED', '2026-06-01', { permit: { ...permit, validFrom: '2024-11-20' } }),
      with: { endedOn: '2026-11-20' },
    },
    ['D10 2026-11-20 2027-02-22'],
  ],
  [
    'and six for who held the permit more than two years',
    'notifyTermination',
    {
      by: 'EMPLOYER',
      of: filed('GRANTED', '2026-06-01', { permit: { ...permit, validFrom: '2024-11-19' } }),
      with: { endedOn: '2026-11-20' },
    },
    ['D10 2026-11-20 2027-05-20'],
  ],
  [
    'who arrives registers within 8 working days of entry',
    'registerArrival',
    { by: 'MUNICIPALITY', of: filed('GRANTED', '2026-06-01'), on: '2026-11-30', with: { enteredOn: '2026-11-20' } },
    ['D11 2026-11-20 2026-12-02 met 2026-11-30'],
  ],
  [
    'after a transfer a request stops the clock',
    'requestInformation',
    {
      by: 'REGION',
      of: filed('SUBMITTED', '2026-06-01', { deadlines: [running('D04', '2026-06-01', '2026-08-31')] }),
      on: '2026-07-01',
    },
    ['D04 2026-06-01 2026-08-31 suspended 2026-07-01', 'D02 2026-07-01 2026-07-16'],
  ],
  [
    'and the answer lets it run as many days longer',
    'completeDossier',
    {
      by: 'EMPLOYER',
      of: filed('INFO_REQUESTED', '2026-06-01', {
        request: { missing: [], dueOn: '2026-07-16', proposed: false },
        deadlines: [
          running('D04', '2026-06-01', '2026-08-31', '2026-07-01'),
          running('D02', '2026-07-01', '2026-07-16'),
        ],
      }),
      on: '2026-07-11',
    },
    ['D04 2026-06-01 2026-09-10', 'D02 2026-07-01 2026-07-16 met 2026-07-11'],
  ],
  [
    'a grant meets what ran',
    'takeResidenceDecision',
    {
      by: 'RESIDENCE',
      of: filed('IN_TREATMENT', '2026-06-01', { ...waits, deadlines: [running('D04', '2026-06-01', '2026-08-31')] }),
      on: '2026-08-03',
    },
    ['D04 2026-06-01 2026-08-31 met 2026-08-03'],
  ],
  [
    'a missed deadline stays open: nothing is granted tacitly',
    'missDeadline',
    {
      by: 'SYSTEM',
      of: filed('IN_TREATMENT', '2026-06-01', { deadlines: [running('D04', '2026-06-01', '2026-08-31')] }),
      on: '2026-09-01',
    },
    ['D04 2026-06-01 2026-08-31'],
  ],
];

test.each(terms)('%s (%s)', (_title, name, what, deadlines) => {
  expect(written(taken(name, what))).toEqual(deadlines);
});
