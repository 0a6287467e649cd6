import { type CompetenceFacts, competentAuthority } from '../schema/competence.ts';
import { authorityOfNis, authorityOfPostalCode, municipality } from '../schema/places.ts';

test.each([
  ['1630', 'VLA-DEM'],
  ['1180', 'BRU-BEW'],
  ['1410', 'WAL-SPW'],
  ['1931', 'VLA-DEM'],
  ['1299', 'BRU-BEW'],
  ['1300', 'WAL-SPW'],
  ['1499', 'WAL-SPW'],
  ['1500', 'VLA-DEM'],
  ['3790', 'VLA-DEM'],
  ['4699', 'WAL-SPW'],
  ['4700', 'DG-MIN'],
  ['4791', 'DG-MIN'],
  ['4800', 'WAL-SPW'],
  ['4950', 'WAL-SPW'],
  ['4960', 'WAL-SPW'],
  ['6599', 'WAL-SPW'],
  ['7780', 'WAL-SPW'],
  ['8957', 'VLA-DEM'],
  ['9600', 'VLA-DEM'],
  ['0999', null],
  ['10000', null],
  ['', null],
])('postal code %s belongs to %s', (code, authority) => {
  expect(authorityOfPostalCode(code)).toEqual(authority);
});

test.each([
  ['63001', 'Amel', '4770'],
  ['63012', 'Büllingen', '4760'],
  ['63013', 'Bütgenbach', '4750'],
  ['63023', 'Eupen', '4700'],
  ['63040', 'Kelmis', '4720'],
  ['63048', 'Lontzen', '4710'],
  ['63061', 'Raeren', '4730'],
  ['63067', 'Sankt Vith', '4780'],
  ['63087', 'Burg-Reuland', '4790'],
])('municipality %s, %s, belongs to the German-speaking Community', (nis, name, postalCode) => {
  expect(municipality(nis)).toMatchObject({ names: { de: name }, postalCode, authority: 'DG-MIN' });
  expect(authorityOfNis(nis)).toEqual('DG-MIN');
});

test.each([
  ['63049', '4960', 'WAL-SPW'],
  ['63080', '4950', 'WAL-SPW'],
  ['23100', '1630', 'VLA-DEM'],
  ['23098', '1620', 'VLA-DEM'],
  ['23099', '1950', 'VLA-DEM'],
  ['23101', '1640', 'VLA-DEM'],
  ['23102', '1780', 'VLA-DEM'],
  ['23103', '1970', 'VLA-DEM'],
  ['23009', '1547', 'VLA-DEM'],
  ['73028', '3717', 'VLA-DEM'],
  ['33016', '8957', 'VLA-DEM'],
  ['45041', '9600', 'VLA-DEM'],
  ['34043', '8587', 'VLA-DEM'],
  ['73109', '3790', 'VLA-DEM'],
  ['51067', '7850', 'WAL-SPW'],
  ['51019', '7880', 'WAL-SPW'],
  ['57097', '7780', 'WAL-SPW'],
  ['57096', '7700', 'WAL-SPW'],
])('facilities in %s (%s) do not change its authority: %s', (nis, postalCode, authority) => {
  expect(municipality(nis)).toMatchObject({ postalCode, authority, facilities: true });
});

test('a code that is no municipality has no authority', () => {
  expect(['04000', '22001', '2100', 'abcde'].map(authorityOfNis)).toEqual([null, null, null, null]);
});

const linkebeek = { postalCode: '1630' };
const ukkel = { postalCode: '1180' };
const waterloo = { postalCode: '1410' };
const eupen = { nis: '63023' };
const gent = { nis: '44021' };

test.each([
  ['Linkebeek', linkebeek, 'VLA-DEM'],
  ['Ukkel', ukkel, 'BRU-BEW'],
  ['Waterloo', waterloo, 'WAL-SPW'],
])('an employer seated in %s with no other place files with %s', (_name, seat, authority) => {
  expect(competentAuthority({ kind: 'SP_LIM', seat })).toEqual({
    authority,
    rule: 'R5',
    inputs: { kind: 'SP_LIM', seat },
    confidence: 'MEDIUM',
  });
});

type Case = [string, CompetenceFacts, ReturnType<typeof competentAuthority>];
const cases: Case[] = [
  [
    'R1: an unlimited permit goes to the region where the worker lives, wherever the work is',
    { kind: 'SP_UNL', residence: ukkel, workplaces: [gent], seat: gent },
    { authority: 'BRU-BEW', rule: 'R1', inputs: { kind: 'SP_UNL', residence: ukkel }, confidence: 'HIGH' },
  ],
  [
    'R1: so does an unlimited work card',
    { kind: 'WA_UNL', residence: eupen },
    { authority: 'DG-MIN', rule: 'R1', inputs: { kind: 'WA_UNL', residence: eupen }, confidence: 'HIGH' },
  ],
  ['R1: without a residence nothing is decided', { kind: 'SP_UNL', workplaces: [gent], seat: gent }, null],
  [
    'R2: a professional card goes to the region of the establishment, not of seat or domicile',
    { kind: 'PC_SELF', establishment: waterloo, seat: gent, residence: ukkel },
    { authority: 'WAL-SPW', rule: 'R2', inputs: { kind: 'PC_SELF', establishment: waterloo }, confidence: 'HIGH' },
  ],
  [
    'R3: a posted worker goes to the region where the end user is established',
    { kind: 'SP_LIM', posted: true, foreignEmployer: true, hostEstablishment: ukkel, workplaces: [gent] },
    { authority: 'BRU-BEW', rule: 'R3', inputs: { kind: 'SP_LIM', hostEstablishment: ukkel }, confidence: 'HIGH' },
  ],
  [
    'R3: an intra-corporate transferee goes to the region of the host entity',
    { kind: 'SP_ICT', hostEstablishment: gent, workplaces: [waterloo] },
    { authority: 'VLA-DEM', rule: 'R3', inputs: { kind: 'SP_ICT', hostEstablishment: gent }, confidence: 'HIGH' },
  ],
  [
    'R3: the client site is second best, and said to be so',
    { kind: 'SP_LIM', posted: true, workplaces: [waterloo] },
    { authority: 'WAL-SPW', rule: 'R3', inputs: { kind: 'SP_LIM', workplaces: [waterloo] }, confidence: 'LOW' },
  ],
  [
    'R4: a limited permit goes to the region of the place of work, not of the seat',
    { kind: 'SP_LIM', workplaces: [linkebeek], seat: ukkel },
    { authority: 'VLA-DEM', rule: 'R4', inputs: { kind: 'SP_LIM', workplaces: [linkebeek] }, confidence: 'HIGH' },
  ],
  [
    'R4: an establishment unit stands for the place of work',
    { kind: 'WA_SHORT', establishment: eupen, seat: ukkel },
    { authority: 'DG-MIN', rule: 'R4', inputs: { kind: 'WA_SHORT', establishment: eupen }, confidence: 'HIGH' },
  ],
  [
    'R4: several places of work in one region need no shares',
    { kind: 'SP_LIM', workplaces: [linkebeek, gent], seat: ukkel },
    { authority: 'VLA-DEM', rule: 'R4', inputs: { kind: 'SP_LIM', workplaces: [linkebeek, gent] }, confidence: 'HIGH' },
  ],
  [
    'R4: a strict majority of the planned time decides between regions',
    {
      kind: 'SP_LIM',
      workplaces: [
        { ...gent, share: 51 },
        { ...ukkel, share: 49 },
      ],
      seat: ukkel,
    },
    {
      authority: 'VLA-DEM',
      rule: 'R4',
      inputs: {
        kind: 'SP_LIM',
        workplaces: [
          { ...gent, share: 51 },
          { ...ukkel, share: 49 },
        ],
      },
      confidence: 'HIGH',
    },
  ],
  [
    'R4: a place of work whose code is not on the list is decided by its range, with less confidence',
    { kind: 'SP_LIM', workplaces: [{ postalCode: '1299' }] },
    {
      authority: 'BRU-BEW',
      rule: 'R4',
      inputs: { kind: 'SP_LIM', workplaces: [{ postalCode: '1299' }] },
      confidence: 'MEDIUM',
    },
  ],
  [
    'R5: half and half is no majority, so the seat decides',
    {
      kind: 'SP_LIM',
      workplaces: [
        { ...gent, share: 50 },
        { ...ukkel, share: 50 },
      ],
      seat: waterloo,
    },
    { authority: 'WAL-SPW', rule: 'R5', inputs: { kind: 'SP_LIM', seat: waterloo }, confidence: 'MEDIUM' },
  ],
  [
    'R5: the largest of three shares is no majority either',
    {
      kind: 'SP_LIM',
      workplaces: [
        { ...gent, share: 40 },
        { ...ukkel, share: 30 },
        { ...eupen, share: 30 },
      ],
      seat: ukkel,
    },
    { authority: 'BRU-BEW', rule: 'R5', inputs: { kind: 'SP_LIM', seat: ukkel }, confidence: 'MEDIUM' },
  ],
  [
    'R5: places in several regions without shares leave it to the seat',
    { kind: 'SP_LIM', workplaces: [gent, ukkel], seat: gent },
    { authority: 'VLA-DEM', rule: 'R5', inputs: { kind: 'SP_LIM', seat: gent }, confidence: 'MEDIUM' },
  ],
  ['R5: without a seat nothing is decided', { kind: 'SP_LIM', workplaces: [gent, ukkel] }, null],
  [
    'R6: an employer with no seat or unit in Belgium goes to the region where the work is done',
    { kind: 'SP_LIM', foreignEmployer: true, workplaces: [eupen] },
    { authority: 'DG-MIN', rule: 'R6', inputs: { kind: 'SP_LIM', workplaces: [eupen] }, confidence: 'HIGH' },
  ],
  [
    'R7: an au pair goes to the region where the host family lives',
    { kind: 'WA_AUPAIR', hostFamily: waterloo },
    { authority: 'WAL-SPW', rule: 'R7', inputs: { kind: 'WA_AUPAIR', hostFamily: waterloo }, confidence: 'HIGH' },
  ],
  ['a postal code that does not exist decides nothing', { kind: 'SP_LIM', workplaces: [{ postalCode: '0999' }] }, null],
];

test.each(cases)('%s', (_title, facts, answer) => {
  expect(competentAuthority(facts)).toEqual(answer);
});

test('the NIS code goes before the postal code', () => {
  const workplaces = [{ nis: '63049', postalCode: '4700' }];
  expect(competentAuthority({ kind: 'SP_LIM', workplaces })?.authority).toEqual('WAL-SPW');
});
