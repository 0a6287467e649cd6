import { categories, categoriesFor, salaryFloor } from '../schema/categories.ts';
import { documentCodes, formDefinition, missingDocuments } from '../schema/forms.ts';
import { guide, guideTopics, info, infoTopics } from '../schema/guides.ts';
import { regions } from '../schema/places.ts';
import { codeList } from '../schema/reference.ts';

test('a region has its own categories, from the date of its reform', () => {
  const has = (code: string, region: string, date: string) =>
    categoriesFor(region, date).some((row) => row.code === code);
  expect([
    has('SHORTAGE', 'BRU-BEW', '2024-09-30'),
    has('SHORTAGE', 'BRU-BEW', '2024-10-01'),
    has('RESEARCHER', 'WAL-SPW', '2024-08-31'),
    has('RESEARCHER', 'WAL-SPW', '2024-09-01'),
    has('TEACHER_MOB', 'VLA-DEM', '2026-01-01'),
    has('TEACHER_MOB', 'WAL-SPW', '2026-01-01'),
  ]).toEqual([false, true, true, false, false, true]);
});

test('a category goes with the permit kinds it belongs to', () => {
  expect(categoriesFor('VLA-DEM', '2026-01-01', 'PC_SELF').map(({ code }) => code)).toEqual([
    'PC_ECON',
    'PC_INNOV',
    'PC_CULT',
  ]);
  const kinds = codeList('permitKinds').map(({ code }) => code);
  expect(categories.flatMap((row) => row.kinds).filter((kind) => !kinds.includes(kind))).toEqual([]);
});

const floor = (...of: Parameters<typeof salaryFloor>) => {
  const found = salaryFloor(...of);
  return found && [found.amount, found.unit];
};

test('the salary floors of 2026 are those of the region, lower for the young and for nurses', () => {
  expect([
    floor('HIGHSKILL', 'VLA-DEM', '2026-06-01'),
    floor('HIGHSKILL', 'VLA-DEM', '2026-06-01', { age: 29 }),
    floor('HIGHSKILL', 'VLA-DEM', '2026-06-01', { age: 30 }),
    floor('HIGHSKILL', 'VLA-DEM', '2026-06-01', { age: 45, profession: 'NURSE' }),
    floor('HIGHSKILL', 'BRU-BEW', '2026-06-01', { age: 29 }),
    floor('HIGHSKILL', 'WAL-SPW', '2026-06-01', { age: 29 }),
    floor('BLUECARD', 'WAL-SPW', '2026-06-01', { shortageOccupation: true }),
    floor('EXEC', 'WAL-SPW', '2026-06-01'),
    floor('HIGHSKILL', 'DG-MIN', '2026-06-01'),
    floor('HIGHSKILL', 'VLA-DEM', '2025-06-01'),
  ]).toEqual([
    [48912, 'YEAR'],
    [39129.6, 'YEAR'],
    [48912, 'YEAR'],
    [39129.6, 'YEAR'],
    [3703.44, 'MONTH'],
    [42576, 'YEAR'],
    [55052, 'YEAR'],
    [88790, 'YEAR'],
    null,
    null,
  ]);
});

const residence = ['RES_FEE_PROOF', 'RES_PASSPORT', 'RES_MEANS', 'RES_CRIMINAL_RECORD', 'RES_MEDICAL', 'RES_INSURANCE'];
const highSkill = { kind: 'SP_LIM', region: 'VLA-DEM', category: 'HIGHSKILL', at: '2026-11-22' };
const asked = (facts: Parameters<typeof formDefinition>[0]) => formDefinition(facts).documents.map(({ code }) => code);

test('a first application asks the documents of both parts', () => {
  expect(asked(highSkill)).toEqual([
    ...residence,
    'WRK_FORM',
    'WRK_CONTRACT',
    'WRK_EMPLOYER_ID',
    'WRK_DIPLOMA',
    'WRK_LIMOSA',
    'WRK_ASSIGNMENT_LETTER',
  ]);
});

test('a renewal asks payslips, which DmfA can replace, and no diploma again', () => {
  expect(missingDocuments(['WRK_FORM', 'RES_PASSPORT'], { ...highSkill, applicationType: 'RENEWAL' })).toEqual([
    'RES_FEE_PROOF',
    'RES_MEANS',
    'RES_INSURANCE',
    'WRK_CONTRACT',
    'WRK_EMPLOYER_ID',
    'WRK_PAYSLIPS',
  ]);
});

test('a posting asks the Limosa notification and the assignment letter, a minor no criminal record', () => {
  expect(missingDocuments([...residence, 'WRK_FORM', 'WRK_CONTRACT'], { ...highSkill, posted: true })).toEqual([
    'WRK_EMPLOYER_ID',
    'WRK_DIPLOMA',
    'WRK_LIMOSA',
    'WRK_ASSIGNMENT_LETTER',
  ]);
  expect(missingDocuments([], { ...highSkill, minor: true })).not.toContain('RES_CRIMINAL_RECORD');
});

test('without a category a form holds what every category asks', () => {
  expect(asked({ ...highSkill, category: null })).toEqual([
    ...residence,
    'WRK_FORM',
    'WRK_CONTRACT',
    'WRK_EMPLOYER_ID',
    'WRK_LIMOSA',
    'WRK_ASSIGNMENT_LETTER',
  ]);
});

test('a work card asks nothing for residence', () => {
  expect(
    asked({ ...highSkill, kind: 'WA_SHORT', category: 'OTHER' }).filter((code) => code.startsWith('RES_')),
  ).toEqual([]);
});

test('only Wallonia asks old permits and the health insurance fund for an unlimited permit', () => {
  const unlimited = { kind: 'SP_UNL', category: 'UNL_4Y', at: '2026-11-22' };
  const own = (region: string) => asked({ ...unlimited, region }).filter((code) => code.startsWith('WRK_'));
  expect(regions.map(own)).toEqual([
    ['WRK_FORM'],
    ['WRK_FORM'],
    ['WRK_FORM', 'WRK_OLD_PERMITS', 'WRK_MUTUAL'],
    ['WRK_FORM'],
  ]);
});

test('the wage certificate is never asked, because the administration looks it up itself', () => {
  const { forbidden } = formDefinition(highSkill);
  expect(forbidden.map(({ code, reason, lookedUpIn }) => [code, reason, lookedUpIn])).toEqual([
    ['WRK_RSZ_WAGE_CERTIFICATE', 'ONLY_ONCE', 'DMFA'],
  ]);
  expect(documentCodes.map(({ code }) => code)).not.toContain('WRK_RSZ_WAGE_CERTIFICATE');
});

test('a form has the fields of its region and date', () => {
  const has = (region: string, at: string) =>
    formDefinition({ kind: 'SP_LIM', region, category: 'OTHER', at })
      .fields.filter(({ name }) => name === 'vacancyReference')
      .map(({ labels }) => labels.en);
  expect([has('VLA-DEM', '2024-04-30'), has('VLA-DEM', '2024-05-01'), has('WAL-SPW', '2026-01-01')]).toEqual([
    [],
    ['Reference of the vacancy at VDAB'],
    ['Reference of the vacancy at Forem'],
  ]);
});

test('the fees are those of the date and the region', () => {
  const fees = (region: string, at: string) =>
    formDefinition({ ...highSkill, region, at }).fees.map(({ code, amount }) => [code, amount]);
  expect([fees('VLA-DEM', '2026-08-31'), fees('VLA-DEM', '2026-09-01'), fees('BRU-BEW', '2026-09-01')]).toEqual([
    [['FEDERAL', 152]],
    [
      ['FEDERAL', 152],
      ['REGIONAL', 180],
    ],
    [['FEDERAL', 152]],
  ]);
});

test('the manual of a posting leads from exemption to the end', () => {
  expect([guideTopics, guide('POSTING')?.steps.map(({ code }) => code), guide('SKIING')]).toEqual([
    ['POSTING', 'RENEWAL'],
    ['EXEMPTION', 'MANDATARY', 'REGION', 'CATEGORY', 'DOCUMENTS', 'LIMOSA', 'FOLLOW'],
    null,
  ]);
});

test('the information page has the topics of the domain, and gives the article of the region first', () => {
  expect([
    infoTopics,
    info('LANGUAGE', 'DG-MIN', 'de', 'WORKER')?.title,
    info('TAX', 'DG-MIN', 'de', 'FAMILY'),
  ]).toEqual([
    [
      'RESIDENCE_STEPS',
      'SALARY',
      'RIGHTS',
      'HOUSING',
      'HEALTH_INSURANCE',
      'LANGUAGE',
      'CHILD_CARE',
      'SCHOOLS',
      'TAX',
      'COMPLAINTS',
      'CONTACT',
    ],
    'Deutsch lernen',
    null,
  ]);
  expect([
    info('CONTACT', 'VLA-DEM', 'en', 'EMPLOYER')?.region,
    info('CONTACT', 'WAL-SPW', 'en', 'EMPLOYER')?.region,
  ]).toEqual(['VLA-DEM', null]);
});
