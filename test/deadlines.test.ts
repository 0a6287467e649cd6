import {
  type DeadlineFacts,
  type DeadlineId,
  deadline,
  deadlineRow,
  renewalWindow,
  ruleSet,
} from '../schema/deadlines.ts';

test('the rules of 2026 hold for what is submitted from 22 May 2026', () => {
  expect(['2019-01-03', '2026-05-21', '2026-05-22'].map(ruleSet)).toEqual(['RS2019', 'RS2019', 'RS2026']);
});

const flanders = { region: 'VLA-DEM', submittedOn: '2021-05-31', from: '2021-05-31' };
const recast = { region: 'VLA-DEM', submittedOn: '2026-05-22', from: '2026-06-01' };

const cases: [string, DeadlineId, DeadlineFacts, string | null][] = [
  ['missing items are completed within 15 days', 'D02', flanders, '2021-06-15'],
  ['15 days that end on a Saturday end on Monday', 'D02', { ...flanders, from: '2022-01-14' }, '2022-01-31'],
  ['the Immigration Office has its copy within 15 days', 'D03', flanders, '2021-06-15'],
  ['until May 2026 a decision takes four months at most', 'D04', flanders, '2021-09-30'],
  ['from then on 90 days', 'D04', recast, '2026-08-31'],
  ['and 120 in a complex case', 'D04', { ...recast, when: 'COMPLEX' }, '2026-09-29'],
  ['a complex case changed nothing before', 'D04', { ...flanders, when: 'COMPLEX' }, '2021-09-30'],
  ['Flanders allows one month to appeal', 'D08', { ...flanders, from: '2021-08-02' }, '2021-09-02'],
  ['Brussels allows 30 days', 'D08', { ...flanders, region: 'BRU-BEW', from: '2021-08-02' }, '2021-09-01'],
  ['the German-speaking Community too', 'D08', { ...flanders, region: 'DG-MIN', from: '2021-08-02' }, '2021-09-01'],
  ['a refusal of residence is appealed within 30 days', 'D09', { ...flanders, from: '2021-08-02' }, '2021-09-01'],
  ['a worker may look for work for 90 days', 'D10', flanders, '2021-08-30'],
  ['under the recast for three months', 'D10', recast, '2026-09-01'],
  ['and for six after two years', 'D10', { ...recast, when: 'HELD_OVER_TWO_YEARS' }, '2026-12-01'],
  ['registration follows arrival within 8 working days', 'D11', { ...recast, from: '2026-11-20' }, '2026-12-02'],
  ['a professional card takes 120 days', 'D12', { ...recast, kind: 'PC_SELF' }, '2026-09-29'],
  ['the council advises in four months', 'D12', { ...recast, kind: 'PC_SELF', when: 'APPEAL_ADVICE' }, '2026-10-01'],
  ['no other kind has that term', 'D12', { ...recast, kind: 'SP_LIM' }, null],
  ['a card is renewed three months ahead', 'D14', { ...recast, kind: 'PC_SELF', from: '2026-12-31' }, '2026-09-30'],
  ['the admissibility check has no binding term', 'D01', flanders, null],
  ['only Flanders names a target of one month', 'D05', { ...flanders, region: 'WAL-SPW' }, null],
];

test.each(cases)('%s (%s)', (_title, id, facts, due) => {
  expect(deadline(id, facts)).toEqual(due);
});

test('a renewal is filed six to two months before the end, seasonal work one month', () => {
  expect([
    renewalWindow('2026-12-31', { ...flanders, kind: 'SP_LIM' }),
    renewalWindow('2026-12-31', { ...flanders, kind: 'SP_SEAS' }),
  ]).toEqual([
    { earliest: '2026-06-30', latest: '2026-10-31' },
    { earliest: '2026-06-30', latest: '2026-11-30' },
  ]);
});

test('every term names its source, and tells a target from a binding term', () => {
  expect([deadlineRow('D02', flanders)?.source, deadlineRow('D05', flanders)?.binding]).toEqual(['[W06]', false]);
});
