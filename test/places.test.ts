import { authorities, authority, contactPoint, inspectionOf } from '../schema/authorities.ts';
import {
  currentNis,
  municipalities,
  municipality,
  nisOfPostalCode,
  postalCode,
  postalCodes,
  regions,
} from '../schema/places.ts';

test('the authorities of the agreement are known by id', () => {
  const ids = authorities.map(({ id }) => id).filter((id) => !id.startsWith('POST-'));
  expect(ids).toEqual([
    'VLA-DEM',
    'BRU-BEW',
    'WAL-SPW',
    'DG-MIN',
    'FED-DVZ',
    'FED-RSZ',
    'FED-KSZ',
    'INS-RSZ',
    'INS-TSW',
    'INS-RVA',
    'INS-RIZIV',
    'INS-RSVZ',
    'INS-TWW',
    'INS-VSI',
    'INS-BRU',
    'INS-WAL',
    'INS-DG',
    'COO-SIOD',
    'POL-FED',
    'JUS-AUD',
    'EU-COM',
    'ADV-CEM',
  ]);
});

test('a post and a municipality are known by the form of their id', () => {
  expect([authority('POST-TR-1'), authority('POST-VN-3')?.names.en, authority('MUN-21016')]).toEqual([
    {
      id: 'POST-TR-1',
      kind: 'POST',
      names: {
        nl: 'Belgische post in Turkije (Ankara)',
        fr: 'Poste belge : Turquie (Ankara)',
        de: 'Belgische Vertretung: Türkei (Ankara)',
        en: 'Belgian post in Türkiye (Ankara)',
      },
      territory: null,
      languages: ['NL', 'FR', 'DE', 'EN'],
      contact: null,
      source: 'DOMAIN 2.2 [W16]; numbering [asm]',
    },
    'Belgian post in Vietnam (3)',
    {
      id: 'MUN-21016',
      kind: 'MUNICIPALITY',
      names: { nl: 'Gemeente Ukkel', fr: 'Commune d’Uccle', de: 'Gemeinde Ukkel', en: 'Municipality of Ukkel' },
      territory: 'BRU-BEW',
      languages: ['NL', 'FR'],
      contact: null,
      source: 'DOMAIN 2.2',
    },
  ]);
});

test.each(['POST-QQ-1', 'POST-TR', 'MUN-99999', 'MUN-2101', 'VLA', ''])('%p is no authority', (id) => {
  expect([authority(id), contactPoint(id)]).toEqual([null, null]);
});

test('each region has one inspection for its territory', () => {
  expect(regions.map((region) => inspectionOf(region)?.id)).toEqual(['INS-VSI', 'INS-BRU', 'INS-WAL', 'INS-DG']);
});

test('a contact point is what a source prints, and nothing where none does', () => {
  expect([contactPoint('VLA-DEM'), contactPoint('DG-MIN')]).toEqual([
    {
      email: 'arbeidskaart@vlaanderen.be',
      phone: '02 553 43 00',
      url: null,
      source: 'S1: both stand under the contact heading of the Flemish page on the counter',
    },
    {
      email: null,
      phone: null,
      url: null,
      source: 'no source readable here prints a contact point for this authority',
    },
  ]);
});

test('Belgium had 581 municipalities in 2024 and has 565 since', () => {
  expect([municipalities('2024-12-31').length, municipalities('2025-01-01').length]).toEqual([581, 565]);
});

test('every municipality has a postal code of the official list, in its own region', () => {
  const wrong = municipalities('2026-11-22').filter(
    (one) => postalCode(one.postalCode ?? '')?.authority !== one.authority,
  );
  expect(wrong).toEqual([]);
});

test('a merged municipality leads to the one that goes on', () => {
  expect([municipality('23023')?.validTo, currentNis('23023'), currentNis('55010'), currentNis('21016')]).toEqual([
    '2024-12-31',
    '23106',
    '51067',
    '21016',
  ]);
});

test.each([
  ['1000', '21004'],
  ['1030', '21015'],
  ['1040', '21005'],
  ['1050', '21009'],
  ['1060', '21013'],
  ['1070', '21001'],
  ['1080', '21012'],
  ['1081', '21011'],
  ['1082', '21003'],
  ['1083', '21008'],
  ['1090', '21010'],
  ['1140', '21006'],
  ['1150', '21019'],
  ['1160', '21002'],
  ['1170', '21017'],
  ['1180', '21016'],
  ['1190', '21007'],
  ['1200', '21018'],
  ['1210', '21014'],
  ['1020', '21004'],
  ['1410', '25110'],
  ['1570', '23106'],
  ['9180', '46029'],
  ['1301', null],
])('postal code %s belongs to municipality %s', (code, nis) => {
  expect(nisOfPostalCode(code)).toEqual(nis);
});

test('a postal code names its municipality, province and authority', () => {
  expect([postalCode('1630'), postalCode('1299'), postalCodes.length]).toEqual([
    { code: '1630', name: 'LINKEBEEK', province: 'Vlaams-Brabant', authority: 'VLA-DEM', nis: '23100' },
    null,
    1146,
  ]);
});
