import { type GuardName, inputGuards, stateGuards } from '../schema/guards.ts';
import { asked, documents, permit, type Situation, today, waits, yesterday } from './life.ts';

const late = { missing: ['WRK_DIPLOMA'], dueOn: '2026-11-20', proposed: false };
const refuse = { outcome: 'REFUSE', grounds: ['LMT_FAILED'], motivation: 'Geen kandidaten gezocht.' };
const submit = { step: 'submitDossier', in: 'DRAFT', by: 'EMPLOYER' } as const;
const grant = { step: 'takeWorkDecision', in: 'IN_TREATMENT', by: 'REGION' } as const;
const stay = { step: 'takeResidenceDecision', in: 'IN_TREATMENT', by: 'RESIDENCE' } as const;
const appeal = { step: 'lodgeAppeal', in: 'REFUSED', by: 'EMPLOYER' } as const;
const withdraw = { step: 'withdrawPermit', in: 'GRANTED', by: 'REGION' } as const;
const arrive = { step: 'registerArrival', in: 'GRANTED', by: 'MUNICIPALITY' } as const;
const floor = 'The gross pay is below the floor of HIGHSKILL: 48912 euro a year.';

/** Each refuses; without `but`, `input` and `caller` the same step is taken. */
const refusals: [GuardName, Situation, string][] = [
  [
    'KIND_OFFERED',
    { step: 'createDraft', in: null, by: 'HOST_FAMILY', but: { kind: 'WA_AUPAIR' } },
    'The counter does not take WA_AUPAIR yet.',
  ],
  [
    'KIND_OFFERED',
    { step: 'duplicateDossier', in: 'GRANTED', by: 'HOST_FAMILY', but: { kind: 'WA_AUPAIR' } },
    'The counter does not take WA_AUPAIR yet.',
  ],
  [
    'MANDATE_IN_FORCE',
    { ...submit, by: 'MANDATARY', but: {}, caller: { mandateInForce: false } },
    'The mandate is not in force today.',
  ],
  [
    'MANDATE_IN_FORCE',
    { step: 'withdrawApplication', in: 'SUBMITTED', by: 'MANDATARY', but: {}, caller: { mandateInForce: undefined } },
    'The mandate is not in force today.',
  ],
  [
    'CHANNEL_OPEN',
    { ...submit, but: { channel: 'EMAIL_EXCEPTION' } },
    'Filing by e-mail needs a ticket of the helpdesk.',
  ],
  ['CHANNEL_OPEN', { ...submit, but: {}, caller: { today: '2021-05-30' } }, 'Filing by ONLINE is not open today.'],
  ['PARTIES_KNOWN', { ...submit, but: { employerKbo: null } }, 'The employer is not identified by a KBO number.'],
  ['PARTIES_KNOWN', { ...submit, but: { workerKnownBy: null } }, 'The worker is not identified.'],
  ['POST_NAMED', { ...submit, but: { workerAbroad: true } }, 'The worker is abroad and no diplomatic post is named.'],
  ['BELGIAN_MANDATARY', { ...submit, but: { posted: true } }, 'A posting is filed through a Belgian mandatary.'],
  ['REGION_KNOWN', { ...submit, but: { derivedAuthority: null } }, 'No competent authority follows from the facts.'],
  [
    'DOCUMENTS_PRESENT',
    { ...submit, but: { documents: ['WRK_FORM', ...documents.slice(0, 6)] } },
    'These documents are missing: WRK_CONTRACT, WRK_EMPLOYER_ID, WRK_DIPLOMA.',
  ],
  [
    'DOCUMENTS_PRESENT',
    { step: 'declareAdmissible', in: 'SUBMITTED', by: 'REGION', but: { documents: documents.slice(1) } },
    'These documents are missing: RES_FEE_PROOF.',
  ],
  [
    'NO_DUPLICATE',
    { ...submit, but: { openDuplicate: true } },
    'The same application is open: a second one needs a reason.',
  ],
  [
    'DOCUMENT_ACCEPTED',
    { step: 'addDocument', in: 'DRAFT', by: 'EMPLOYER', but: {}, input: { document: 'WRK_NOTHING' } },
    'There is no such document.',
  ],
  [
    'NOT_AFTER_DUE_DATE',
    { step: 'addDocument', in: 'INFO_REQUESTED', by: 'EMPLOYER', but: { request: late } },
    'The term to complete ended on 2026-11-20.',
  ],
  [
    'TARGET_DERIVES',
    { step: 'transferDossier', in: 'SUBMITTED', by: 'REGION', but: { derivedAuthority: 'VLA-DEM' } },
    'The corrected facts lead to no other authority.',
  ],
  [
    'TARGET_DERIVES',
    { step: 'transferDossier', in: 'SUBMITTED', by: 'REGION', but: {}, input: { toAuthority: 'WAL-SPW' } },
    'The corrected facts lead to BRU-BEW.',
  ],
  [
    'NOT_AFTER_WORK_DECISION',
    { step: 'transferDossier', in: 'IN_TREATMENT', by: 'REGION', but: waits },
    'The work part is GRANTED.',
  ],
  [
    'ITEMS_NAMED',
    { step: 'requestInformation', in: 'SUBMITTED', by: 'REGION', but: {}, input: { items: [] } },
    'A request names what is missing.',
  ],
  [
    'ITEMS_NAMED',
    { step: 'requestInformation', in: 'SUBMITTED', by: 'REGION', but: {}, input: { items: ['WRK_FORM', 'WAGE'] } },
    'These cannot be asked for: WAGE.',
  ],
  [
    'COMPLETED_IN_TIME',
    { step: 'completeDossier', in: 'INFO_REQUESTED', by: 'EMPLOYER', but: { request: late } },
    'The term to complete ended on 2026-11-20, and items are missing.',
  ],
  [
    'DUE_DATE_PASSED',
    { step: 'declareInadmissible', in: 'INFO_REQUESTED', by: 'REGION', but: { request: { ...late, dueOn: today } } },
    'The term to complete runs until 2026-11-23.',
  ],
  [
    'DUE_DATE_PASSED',
    { step: 'proposeInadmissible', in: 'INFO_REQUESTED', by: 'SYSTEM', but: { request: { ...late, dueOn: today } } },
    'The term to complete runs until 2026-11-23.',
  ],
  [
    'ITEMS_MISSING',
    { step: 'declareInadmissible', in: 'INFO_REQUESTED', by: 'REGION', but: { request: { ...late, missing: [] } } },
    'All that was asked for has come.',
  ],
  [
    'NOT_YET_PROPOSED',
    { step: 'proposeInadmissible', in: 'INFO_REQUESTED', by: 'SYSTEM', but: { request: { ...late, proposed: true } } },
    'This was proposed before.',
  ],
  [
    'GROUNDS_LISTED',
    { step: 'declareInadmissible', in: 'SUBMITTED', by: 'REGION', but: {}, input: { grounds: ['LMT_FAILED'] } },
    'These are no grounds here: LMT_FAILED.',
  ],
  ['GROUNDS_LISTED', { ...grant, but: {}, input: { ...refuse, grounds: [] } }, 'A ground is needed.'],
  ['GROUNDS_LISTED', { ...stay, but: {}, input: refuse }, 'These are no grounds here: LMT_FAILED.'],
  [
    'GROUNDS_LISTED',
    { ...stay, but: {}, input: { ...refuse, grounds: ['91.45.17-998.39'] } },
    'These are no grounds here: something that is no code.',
  ],
  [
    'GROUNDS_LISTED',
    { ...withdraw, but: {}, input: { grounds: ['W8', 'RES_MEANS'] } },
    'These are no grounds here: RES_MEANS.',
  ],
  [
    'GROUNDS_LISTED',
    { ...withdraw, by: 'RESIDENCE', but: {}, input: { grounds: ['W1'] } },
    'These are no grounds here: W1.',
  ],
  ['MOTIVATED', { ...grant, but: {}, input: { ...refuse, motivation: ' ' } }, 'A motivation is needed.'],
  ['MOTIVATED', { ...appeal, but: {}, input: { motivation: undefined } }, 'A motivation is needed.'],
  ['OUTCOME_STATED', { ...grant, but: {}, input: { outcome: undefined } }, 'The outcome is one of REFUSE, GRANT.'],
  [
    'OUTCOME_STATED',
    { step: 'decideAppeal', in: 'UNDER_APPEAL', by: 'REGION', but: {}, input: { outcome: 'GRANT' } },
    'The outcome is one of REJECT, UPHOLD.',
  ],
  ['WORK_PART_OPEN', { ...grant, but: waits }, 'The work part is GRANTED.'],
  [
    'WORK_PART_OPEN',
    { ...grant, but: { kind: 'SP_RES', workTrack: 'NOT_APPLICABLE' } },
    'The work part is NOT_APPLICABLE.',
  ],
  [
    'CATEGORY_CONDITIONS',
    { ...grant, but: { category: 'TEACHER_MOB' } },
    'VLA-DEM has no admission category TEACHER_MOB for this kind of permit.',
  ],
  [
    'CATEGORY_CONDITIONS',
    { ...grant, but: { category: null } },
    'The admission category or the competent authority is not known.',
  ],
  ['CATEGORY_CONDITIONS', { ...grant, but: { grossMonthly: 4000 } }, floor],
  ['CATEGORY_CONDITIONS', { ...grant, but: { grossMonthly: null } }, floor],
  [
    'PERIOD_ALLOWED',
    { ...grant, but: {}, input: { validTo: '2029-01-01' } },
    'The period granted goes beyond the contract: 2027-01-01 to 2028-12-31.',
  ],
  [
    'PERIOD_ALLOWED',
    { ...grant, but: {}, input: { validFrom: '2026-12-31' } },
    'The period granted goes beyond the contract: 2027-01-01 to 2028-12-31.',
  ],
  [
    'PERIOD_ALLOWED',
    { ...grant, but: {}, input: { validTo: null } },
    'The period granted goes beyond the contract: 2027-01-01 to 2028-12-31.',
  ],
  ['PERIOD_ALLOWED', { ...grant, but: {}, input: { validTo: '2026-12-31' } }, 'The period granted is no period.'],
  [
    'PERIOD_ALLOWED',
    { ...grant, but: { periodTo: '2030-12-31' } },
    'A permit of this kind lasts until 2029-12-31 at most.',
  ],
  ['PERIOD_ALLOWED', { ...grant, but: { periodTo: null } }, 'A permit of this kind lasts until 2029-12-31 at most.'],
  [
    'WORK_GRANTED',
    { ...stay, but: { workTrack: 'IN_PROGRESS', residenceTrack: 'WAITING_WORK' } },
    'The residence part follows the work part, which is IN_PROGRESS.',
  ],
  [
    'RESIDENCE_PART_OPEN',
    { ...stay, but: { handling: 'PARALLEL', workTrack: 'IN_PROGRESS', residenceTrack: 'GRANTED' } },
    'The residence part is GRANTED.',
  ],
  [
    'REASON_LISTED',
    { step: 'closeWithoutObject', in: 'SUBMITTED', by: 'REGION', but: {}, input: { reason: 'TIRED' } },
    'The reason is no code of the list closingReasons.',
  ],
  [
    'STAYS_LEGALLY',
    { ...appeal, by: 'WORKER', but: {}, caller: { staysLegally: false } },
    'A worker appeals from a legal stay.',
  ],
  [
    'SOMETHING_TO_APPEAL',
    { ...appeal, in: 'GRANTED', but: { permit } },
    'Only a refusal or a withdrawal can be appealed.',
  ],
  [
    'WITHIN_APPEAL_TERM',
    { ...appeal, but: { contested: { part: 'WORK', cause: 'REFUSAL', notifiedOn: '2026-10-20' } } },
    'The term of appeal ended on 2026-11-20.',
  ],
  [
    'WITHIN_APPEAL_TERM',
    {
      ...appeal,
      but: {
        deadlines: [{ rule: 'D08', startsOn: '2026-10-19', dueOn: '2026-11-19', metOn: null, suspendedSince: null }],
      },
    },
    'The term of appeal ended on 2026-11-19.',
  ],
  ['LANGUAGE_OF_APPEAL', { ...appeal, but: {}, input: { language: 'EN' } }, 'An appeal is in NL, FR, DE.'],
  [
    'APPEAL_IS_YOURS',
    {
      step: 'decideAppeal',
      in: 'UNDER_APPEAL',
      by: 'REGION',
      but: { contested: { part: 'RESIDENCE', cause: 'REFUSAL', notifiedOn: today } },
    },
    'The appeal is against the residence part.',
  ],
  ['PERMIT_IN_FORCE', { ...withdraw, but: { permit: { ...permit, state: 'EXPIRED' } } }, 'The permit is not in force.'],
  ['PERMIT_IN_FORCE', { ...arrive, but: { permit: null } }, 'The permit is not in force.'],
  ['EFFECTIVE_DATE', { ...withdraw, but: {}, input: { effectiveOn: '2026-02-30' } }, 'A withdrawal has a first day.'],
  // [asm]: neither before the permit could be used nor after it has run out
  ...['2025-12-31', '2028-01-01'].map((effectiveOn): [GuardName, Situation, string] => [
    'EFFECTIVE_DATE',
    { ...withdraw, but: {}, input: { effectiveOn } },
    'A permit is withdrawn from a day on which it could still be used.',
  ]),
  [
    'END_BEFORE_PERMIT_END',
    { step: 'notifyTermination', in: 'GRANTED', by: 'EMPLOYER', but: {}, input: { endedOn: '2027-12-31' } },
    'The employment ends before the permit.',
  ],
  ...[permit, { ...permit, validFrom: '2027-01-01' }].map((one, i): [GuardName, Situation, string] => [
    'END_BEFORE_PERMIT_END',
    {
      step: 'notifyTermination',
      in: 'GRANTED',
      by: 'EMPLOYER',
      but: { permit: one },
      input: { endedOn: ['2025-12-31', yesterday][i] },
    },
    'The employment does not end before it could begin.',
  ]),
  [
    'PERMIT_RUN_OUT',
    { step: 'expirePermit', in: 'GRANTED', by: 'SYSTEM', but: { permit: { ...permit, validTo: today } } },
    'The permit has not run out.',
  ],
  [
    'PERMIT_RUN_OUT',
    {
      step: 'expirePermit',
      in: 'GRANTED',
      by: 'SYSTEM',
      but: { permit: { ...permit, validTo: '2026-11-01', bridging: 'ANNEX_49' } },
    },
    'The permit has not run out.',
  ],
  [
    'DEADLINE_OVERDUE',
    { step: 'missDeadline', in: 'IN_TREATMENT', by: 'SYSTEM', but: { reported: ['D04 2026-08-20'] } },
    'No deadline has passed unreported.',
  ],
  [
    'DEADLINE_OVERDUE',
    { step: 'missDeadline', in: 'IN_TREATMENT', by: 'SYSTEM', but: {}, input: { rule: 'D03' } },
    'No deadline has passed unreported.',
  ],
  [
    'ENTRY_DATED',
    { ...arrive, but: {}, input: { enteredOn: '2026-11-24' } },
    'The entry has a day, which is not in the future.',
  ],
  [
    'RENEWAL_PENDING',
    { step: 'issueAnnex49', in: 'ADMISSIBLE', by: 'MUNICIPALITY', but: { applicationType: 'FIRST' } },
    'Annex 49 bridges the renewal of a permit that stands or has run out.',
  ],
  [
    'RENEWAL_PENDING',
    {
      step: 'issueAnnex49',
      in: 'ADMISSIBLE',
      by: 'MUNICIPALITY',
      but: { previousPermit: { ...permit, state: 'WITHDRAWN' } },
    },
    'Annex 49 bridges the renewal of a permit that stands or has run out.',
  ],
  [
    'TEXT_GIVEN',
    { step: 'sendMessage', in: 'SUBMITTED', by: 'EMPLOYER', but: {}, input: { text: '' } },
    'There is no text.',
  ],
  [
    'PROFESSIONAL_CARD',
    { step: 'giveAdvice', in: 'DRAFT', by: 'ENTERPRISE_COUNTER', but: { kind: 'SP_LIM' } },
    'An enterprise counter advises on professional cards.',
  ],
];

test.each(refusals)('%s stands in the way: %j', (guard, situation, sentence) => {
  expect(asked(situation)).toEqual({
    refusal: { code: 'GUARD', guard, by: guard in stateGuards ? 'STATE' : 'INPUT', sentence },
  });
});

test.each(refusals)('%s lets through what it is not about: %j', (guard, situation) => {
  // A host family's own kind is the only one that the counter does not take; another party's own kind is taken.
  const plain: Situation = {
    ...situation,
    by: guard === 'KIND_OFFERED' ? 'EMPLOYER' : situation.by,
    but: {},
    input: {},
    caller: {},
  };
  expect(Object.keys(asked(plain))).toEqual(['transition']);
});

test('every guard is seen to stand in the way', () => {
  const seen = new Set<string>(refusals.map(([guard]) => guard));
  expect([...Object.keys(stateGuards), ...Object.keys(inputGuards)].filter((name) => !seen.has(name))).toEqual([]);
});
