import { authority } from '../schema/authorities.ts';
import {
  channelRule,
  codeList,
  codeLists,
  codeOf,
  country,
  countryCodes,
  groundsForWithdrawal,
  isExempt,
  label,
  naceSection,
  plainCodeLists,
  sourceOf,
} from '../schema/reference.ts';

const languages = ['de', 'en', 'fr', 'nl'];

test.each(codeLists)('every code of %s has a label in four languages, and the list a source', (name) => {
  const rows = codeList(name);
  expect(rows.length).toBeGreaterThan(0);
  expect(sourceOf(name)).not.toEqual('');
  for (const { code, labels } of rows) {
    expect([code, Object.keys(labels).sort(), Object.values(labels).every((text) => text !== '')]).toEqual([
      code,
      languages,
      true,
    ]);
  }
});

test('every list is either plain or has rows of a shape of its own', () => {
  const shaped = [
    'permitKinds',
    'features',
    'applicationTypes',
    'dossierStatuses',
    'trackStatuses',
    'handlings',
    'channels',
    'ruleSets',
    'permitStates',
    'dataCategories',
    'irregularitySubjects',
    'groundsWithdrawal',
    'naceSections',
    'mandateGroups',
    'jointCommittees',
    'juridicalSituations',
  ];
  expect([...codeLists].sort()).toEqual([...plainCodeLists, ...shaped].sort());
});

test.each(codeLists.filter((name) => name !== 'naceSections'))('no code of %s stands there twice', (name) => {
  const codes = codeList(name).map(({ code }) => code);
  expect(codes).toEqual([...new Set(codes)]);
});

const codes = (name: (typeof codeLists)[number]) => codeList(name).map(({ code }) => code);

test('the lists hold the codes of the domain', () => {
  expect({
    kinds: codes('permitKinds'),
    statuses: codes('dossierStatuses'),
    tracks: codes('trackStatuses'),
    states: codes('permitStates'),
    types: codes('applicationTypes'),
    channels: codes('channels'),
    withdrawal: codes('groundsWithdrawal'),
  }).toEqual({
    kinds: [
      'SP_LIM',
      'SP_UNL',
      'WA_SHORT',
      'WA_UNL',
      'PC_SELF',
      'SP_BLUE',
      'SP_ICT',
      'SP_ICT_MOB',
      'SP_SEAS',
      'SP_RES',
      'WA_AUPAIR',
      'SP_TRAINEE',
    ],
    statuses: [
      'DRAFT',
      'SUBMITTED',
      'INFO_REQUESTED',
      'INADMISSIBLE',
      'ADMISSIBLE',
      'IN_TREATMENT',
      'GRANTED',
      'REFUSED',
      'APPLICANT_WITHDRAWN',
      'WITHOUT_OBJECT',
      'UNDER_APPEAL',
    ],
    tracks: ['NOT_STARTED', 'WAITING_WORK', 'IN_PROGRESS', 'GRANTED', 'REFUSED', 'NOT_APPLICABLE'],
    states: [
      'GRANTED_NOT_STARTED',
      'ACTIVE',
      'EXPIRED',
      'WITHDRAWN',
      'ENDED_EMPLOYMENT',
      'LAPSED_RESIDENCE',
      'SUPERSEDED',
    ],
    types: ['FIRST', 'RENEWAL', 'CHANGE_OF_EMPLOYER', 'CHANGE_OF_FUNCTION', 'UNLIMITED', 'MOBILITY', 'DUPLICATE_OF'],
    channels: ['ONLINE', 'EMAIL_EXCEPTION'],
    withdrawal: ['W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7', 'W8', 'W9', 'W10'],
  });
});

test('the answers cannot be changed', () => {
  const [first] = codeList('permitKinds');
  expect([Object.isFrozen(first), Object.isFrozen(first?.labels), Object.isFrozen(authority('VLA-DEM'))]).toEqual([
    true,
    true,
    true,
  ]);
});

test('a label of an unknown code is the code', () => {
  expect([label('permitKinds', 'SP_BLUE', 'de'), label('permitKinds', 'SP_X', 'de')]).toEqual([
    'Blaue Karte EU',
    'SP_X',
  ]);
});

test('only the worker himself applies for an unlimited permit, and a professional card has its own prefix', () => {
  expect([codeOf('permitKinds', 'SP_UNL')?.applicants, codeOf('permitKinds', 'PC_SELF')?.numberPrefix]).toEqual([
    ['WORKER'],
    'BK',
  ]);
});

test('nationals of the EEA and Switzerland are exempt, British and stateless persons are not', () => {
  expect(['BE', 'HR', 'IS', 'LI', 'NO', 'CH', 'GB', 'TR', 'XS', 'XX'].map(isExempt)).toEqual([
    true,
    true,
    true,
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

test('a country has a name in four languages', () => {
  expect([country('TR'), country('XS'), country('QQ'), countryCodes.length]).toEqual([
    { code: 'TR', labels: { nl: 'Turkije', fr: 'Turquie', de: 'Türkei', en: 'Türkiye' }, exempt: false, treaty: true },
    {
      code: 'XS',
      labels: { nl: 'Staatloos', fr: 'Apatride', de: 'Staatenlos', en: 'Stateless' },
      exempt: false,
      treaty: false,
    },
    null,
    252,
  ]);
});

test('a NACE code falls in the section of its edition: ICT is J in 2008 and K in 2025', () => {
  expect([
    naceSection('62010', '2008')?.code,
    naceSection('62010', '2025')?.code,
    naceSection('41', '2008')?.code,
    naceSection('04', '2008'),
  ]).toEqual(['J', 'K', 'F', null]);
});

test('the counter is open from 31 May 2021, and e-mail needs a ticket from 1 October 2021', () => {
  expect([
    channelRule('ONLINE', '2021-05-30'),
    channelRule('ONLINE', '2021-05-31'),
    channelRule('EMAIL_EXCEPTION', '2021-09-30'),
    channelRule('EMAIL_EXCEPTION', '2021-10-01'),
    channelRule('FAX', '2021-10-01'),
  ]).toEqual([
    { open: false, needsHelpdeskTicket: false },
    { open: true, needsHelpdeskTicket: false },
    { open: true, needsHelpdeskTicket: false },
    { open: true, needsHelpdeskTicket: true },
    { open: false, needsHelpdeskTicket: false },
  ]);
});

test('the Immigration Office withdraws on the generic grounds only', () => {
  expect(groundsForWithdrawal('FED-DVZ').map(({ code }) => code)).toEqual(['W8', 'W9', 'W10']);
});
