import { lastDayAllowed } from '../schema/guards.ts';
import { openSteps } from '../schema/lifecycle.ts';
import type { DossierFacts } from '../schema/step-facts.ts';
import { asked, caller, documents, dossier, type Situation, today } from './life.ts';

const late = { missing: ['WRK_DIPLOMA'], dueOn: '2026-11-20', proposed: false };
const refuse = { outcome: 'REFUSE', grounds: ['LMT_FAILED'], motivation: 'Geen kandidaten gezocht.' };
const submit = { step: 'submitDossier', in: 'DRAFT', by: 'EMPLOYER' } as const;
const grant = { step: 'takeWorkDecision', in: 'IN_TREATMENT', by: 'REGION' } as const;
const stay = { step: 'takeResidenceDecision', in: 'IN_TREATMENT', by: 'RESIDENCE' } as const;
const appeal = { step: 'lodgeAppeal', in: 'REFUSED', by: 'EMPLOYER' } as const;

const passes: [string, Situation][] = [
  ['a worker abroad with a post', { ...submit, but: { workerAbroad: true, diplomaticPost: 'POST-TR-1' } }],
  [
    'a posting through a mandatary',
    {
      ...submit,
      but: {
        posted: true,
        mandataryKbo: '0123456749',
        documents: [...documents, 'WRK_LIMOSA', 'WRK_ASSIGNMENT_LETTER'],
      },
    },
  ],
  ['e-mail with a ticket', { ...submit, but: { channel: 'EMAIL_EXCEPTION', helpdeskTicket: 'HD-1' } }],
  ['a duplicate with a reason', { ...submit, but: { openDuplicate: true }, input: { reason: 'Tweede functie' } }],
  [
    'a completion after the term of which every item came within it',
    { step: 'completeDossier', in: 'INFO_REQUESTED', by: 'EMPLOYER', but: { request: { ...late, missing: [] } } },
  ],
  [
    'a completion on the last day',
    { step: 'completeDossier', in: 'INFO_REQUESTED', by: 'EMPLOYER', but: { request: { ...late, dueOn: today } } },
  ],
  ['a lower floor for the young', { ...grant, but: { grossMonthly: 4000, floor: { age: 29 } } }],
  [
    'a shorter period than the one asked for',
    { ...grant, but: { periodTo: '2030-12-31' }, input: { validTo: '2029-12-31' } },
  ],
  ['an unlimited permit without end', { ...grant, but: { kind: 'SP_UNL', category: 'UNL_4Y', periodTo: null } }],
  [
    'residence beside work',
    { ...stay, but: { handling: 'PARALLEL', workTrack: 'IN_PROGRESS', residenceTrack: 'IN_PROGRESS' } },
  ],
  [
    'an appeal on the last day',
    { ...appeal, but: { contested: { part: 'WORK', cause: 'REFUSAL', notifiedOn: '2026-10-23' } } },
  ],
  ['a refusal that is motivated', { ...grant, but: {}, input: refuse }],
  ['a worker who stays legally', { ...appeal, by: 'WORKER', but: {} }],
  [
    'a worker abroad who applied in person',
    { ...appeal, by: 'WORKER', but: { kind: 'SP_UNL' }, caller: { staysLegally: false } },
  ],
];

test.each(passes)('%s passes', (_title, situation) => {
  expect(Object.keys(asked(situation))).toEqual(['transition']);
});

test('one of completing and declaring inadmissible is open after the term, never both and never none', () => {
  const after = (missing: readonly string[]) => dossier('INFO_REQUESTED', { request: { ...late, missing } });
  const open = (of: DossierFacts) =>
    [...openSteps(of, caller('EMPLOYER')), ...openSteps(of, caller('REGION'))]
      .map((one) => one.step)
      .filter((name) => name === 'completeDossier' || name === 'declareInadmissible');
  expect([open(after(['WRK_DIPLOMA'])), open(after([]))]).toEqual([['declareInadmissible'], ['completeDossier']]);
});

test('how long a permit may last depends on its kind and category', () => {
  const last = (kind: string, category: string | null) =>
    lastDayAllowed(dossier('IN_TREATMENT', { kind, category }), '2027-01-01');
  expect([
    last('WA_SHORT', 'SEASONAL'),
    last('SP_ICT', 'ICT_TRN'),
    last('SP_ICT', 'ICT_MGR'),
    last('SP_BLUE', 'BLUECARD'),
    last('PC_SELF', 'PC_ECON'),
    last('SP_UNL', 'UNL_4Y'),
  ]).toEqual(['2027-03-31', '2027-12-31', '2029-12-31', '2030-12-31', '2031-12-31', null]);
});

test('a step that is open shows the outcomes that can be chosen, and those that the facts leave', () => {
  const outcomes = (of: DossierFacts) =>
    openSteps(of, caller('REGION')).find((one) => one.step === 'takeWorkDecision')?.outcomes;
  expect([outcomes(dossier('IN_TREATMENT')), outcomes(dossier('IN_TREATMENT', { grossMonthly: 1000 }))]).toEqual([
    ['REFUSE', 'GRANT'],
    ['REFUSE'],
  ]);
});
