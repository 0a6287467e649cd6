import { type AdviceFacts, categoryAdvice } from '../schema/advice.ts';

const flanders = { region: 'VLA-DEM', date: '2026-11-22' } as const;

function advised(facts: Partial<AdviceFacts>) {
  return categoryAdvice({ ...flanders, ...facts }).map(({ category, fit, reasons }) => [
    category,
    fit,
    ...reasons.map(({ code, met }) => `${code} ${met}`),
  ]);
}

test('a diploma and a high salary lead to the Blue Card and to highly skilled work', () => {
  expect(advised({ diploma: 'HIGHER', grossAnnual: 70_000, contractMonths: 12, labourMarketTest: false })).toEqual([
    ['BLUECARD', 'MET', 'HIGHER_DIPLOMA true', 'CONTRACT_SIX_MONTHS true', 'SALARY_FLOOR true'],
    ['HIGHSKILL', 'MET', 'HIGHER_DIPLOMA true', 'SALARY_FLOOR true'],
    ['OTHER', 'NOT_MET', 'LABOUR_MARKET_TEST false'],
  ]);
});

test('a salary under the floor is said to be so, and a lower floor for the young counts', () => {
  const young = { diploma: 'HIGHER', grossAnnual: 40_000, age: 28 } as const;
  expect([advised(young), advised({ ...young, age: 31 })]).toEqual([
    [
      ['HIGHSKILL', 'MET', 'HIGHER_DIPLOMA true', 'SALARY_FLOOR true'],
      ['OTHER', 'OPEN', 'LABOUR_MARKET_TEST null'],
      ['BLUECARD', 'NOT_MET', 'HIGHER_DIPLOMA true', 'CONTRACT_SIX_MONTHS null', 'SALARY_FLOOR false'],
    ],
    [
      ['OTHER', 'OPEN', 'LABOUR_MARKET_TEST null'],
      ['BLUECARD', 'NOT_MET', 'HIGHER_DIPLOMA true', 'CONTRACT_SIX_MONTHS null', 'SALARY_FLOOR false'],
      ['HIGHSKILL', 'NOT_MET', 'HIGHER_DIPLOMA true', 'SALARY_FLOOR false'],
    ],
  ]);
});

test('a floor per month is compared with twelve months of pay', () => {
  const facts = { region: 'BRU-BEW', diploma: 'HIGHER', contractMonths: 3, labourMarketTest: true } as const;
  const highSkill = (grossAnnual: number) =>
    advised({ ...facts, grossAnnual }).find(([category]) => category === 'HIGHSKILL')?.[1];
  expect([highSkill(44_441.28), highSkill(44_441.27)]).toEqual(['MET', 'NOT_MET']);
});

test('a shortage occupation leads to its category once the region has it', () => {
  const facts = { region: 'BRU-BEW', shortageOccupation: true, labourMarketTest: false } as const;
  expect([advised({ ...facts, date: '2024-09-30' }), advised({ ...facts, date: '2024-10-01' })]).toEqual([
    [['OTHER', 'NOT_MET', 'LABOUR_MARKET_TEST false']],
    [
      ['SHORTAGE', 'MET', 'ON_SHORTAGE_LIST true'],
      ['OTHER', 'NOT_MET', 'LABOUR_MARKET_TEST false'],
    ],
  ]);
});

test('a transfer within the undertaking leads to its own category', () => {
  expect(advised({ kind: 'SP_ICT', intraCorporate: 'EXPERT' })).toEqual([['ICT_EXP', 'MET', 'INTRA_CORPORATE true']]);
});

test('a reason shows the floor it compared, with its source', () => {
  const [first] = categoryAdvice({ ...flanders, executive: true, grossAnnual: 90_000 });
  expect([first?.category, first?.reasons[1]?.floor]).toEqual([
    'EXEC',
    {
      category: 'EXEC',
      region: 'VLA-DEM',
      amount: 78259,
      unit: 'YEAR',
      when: null,
      validFrom: '2026-01-01',
      validTo: '2026-12-31',
      source: 'DOMAIN 3.8 [W42] secondary source',
    },
  ]);
});
