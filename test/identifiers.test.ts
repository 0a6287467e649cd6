import {
  a1Number,
  bisNumber,
  countryCode,
  dossierNumber,
  establishmentNumber,
  formatEstablishment,
  formatInsz,
  formatKbo,
  formatNsso,
  insz,
  inszFacts,
  jointCommitteeCode,
  kboNumber,
  limosaNumber,
  makeA1,
  makeBis,
  makeDossierNumber,
  makeEstablishment,
  makeKbo,
  makeLimosa,
  makeNsso,
  makeRrn,
  maskInsz,
  naceCode,
  nationalNumber,
  nisCode,
  nssoNumber,
  partialDate,
  postalCodeForm,
  quarter,
} from '../schema/identifiers.ts';

const today = '2026-11-22';

test.each([
  '0100000070',
  '0123456749',
  '1900000168',
  '1912345694',
  '1987654318',
  '1900006997',
  '1900006801',
])('%s is an enterprise number', (number) => {
  expect(kboNumber(number)).toEqual({ value: number });
});

test.each([
  ['0100000071', 'CHECKSUM'],
  ['1900000186', 'CHECKSUM'],
  ['1912345649', 'CHECKSUM'],
  ['2900000189', 'PREFIX'],
  ['190000016', 'LENGTH'],
  ['1900006900', 'CHECKSUM'],
  ['19000001X8', 'FORMAT'],
])('%s is no enterprise number: %s', (number, fault) => {
  expect(kboNumber(number)).toEqual({ fault });
});

test('an enterprise number may be written with dots, with BE, and with BE and nine digits', () => {
  expect(['0123.456.749', 'BE 0123.456.749', 'BE123456749'].map(kboNumber)).toEqual([
    { value: '0123456749' },
    { value: '0123456749' },
    { value: '0123456749' },
  ]);
});

test.each([
  '8900000121',
  '8912345647',
  '8950000057',
  '8999999993',
  '8976543217',
])('%s is the number of an establishment unit', (number) => {
  expect(establishmentNumber(number)).toEqual({ value: number });
});

test.each([
  ['8900000122', 'CHECKSUM'],
  ['8912345674', 'CHECKSUM'],
  ['1900000168', 'PREFIX'],
  ['9147812751', 'PREFIX'],
  ['890000012', 'LENGTH'],
])('%s is no number of an establishment unit: %s', (number, fault) => {
  expect(establishmentNumber(number)).toEqual({ fault });
});

test('the printed examples of the FPS Economy hold: 21478127 ends in 01 and 21478128 in 97', () => {
  expect(['21478127', '21478128'].map(makeEstablishment)).toEqual(['2147812701', '2147812897']);
});

test.each([
  ['64022999773', '1964-02-29', 'M'],
  ['85071299591', '1985-07-12', 'M'],
  ['99123199445', '1999-12-31', 'F'],
  ['00010199380', '2000-01-01', 'M'],
  ['00010199351', '1900-01-01', 'M'],
  ['05063099626', '2005-06-30', 'F'],
  ['07081599845', '2007-08-15', 'F'],
  ['90000099621', '1990', 'F'],
])('%s is a national register number: born %s, %s', (number, birthDate, sex) => {
  expect([nationalNumber(number, today), insz(number, today), inszFacts(number, today)]).toEqual([
    { value: number },
    { value: number },
    { kind: 'RRN', birthDate, sex },
  ]);
});

test.each([
  ['64022999774', 'CHECKSUM'],
  ['99022999435', 'DATE'],
  ['85131299536', 'DATE'],
  ['64023099743', 'DATE'],
  ['99123199454', 'CHECKSUM'],
  ['85471299382', 'DATE'],
  ['0001019938', 'LENGTH'],
  ['35123199686', 'DATE'],
])('%s is no national register number: %s', (number, fault) => {
  expect(nationalNumber(number, today)).toEqual({ fault });
});

test('the same nine digits of 1935 get another check than those of 2035', () => {
  expect(nationalNumber('35123199657', today)).toEqual({ value: '35123199657' });
});

test.each([
  ['85471299382', '1985-07-12', 'M'],
  ['90513099858', '1990-11-30', 'F'],
  ['78222899158', '1978-02-28', null],
  ['01431599768', '2001-03-15', 'M'],
  ['04290999026', '2004-09-09', null],
  ['95200099672', '1995', null],
  ['99523199434', '1999-12-31', 'F'],
])('%s is a bis number: born %s, %s', (number, birthDate, sex) => {
  expect([bisNumber(number, today), insz(number, today), inszFacts(number, today)]).toEqual([
    { value: number },
    { value: number },
    { kind: 'BIS', birthDate, sex },
  ]);
});

test.each([
  ['85471299383', 'CHECKSUM'],
  ['85611299383', 'DATE'],
  ['85741299377', 'DATE'],
  ['01431599721', 'CHECKSUM'],
  ['85071299591', 'DATE'],
  ['85471299314', 'DATE'],
  ['8547129938', 'LENGTH'],
])('%s is no bis number: %s', (number, fault) => {
  expect(bisNumber(number, today)).toEqual({ fault });
});

test('an INSZ of neither kind tells nothing', () => {
  expect([insz('85131299536', today), inszFacts('85131299536', today)]).toEqual([{ fault: 'DATE' }, null]);
});

test('a birth date of tomorrow is in the future, one of today is not', () => {
  const born = makeRrn({ birthDate: '2026-11-22', counter: 991 });
  expect([nationalNumber(born, '2026-11-21'), nationalNumber(born, '2026-11-22')]).toEqual([
    { fault: 'DATE' },
    { value: born },
  ]);
});

test.each([
  '190000107',
  '123456749',
  '198765415',
  '170000065',
  '199999934',
])('%s is an NSSO number under mem96', (number) => {
  expect(nssoNumber(number, 'mem96')).toEqual({ value: number });
});

test.each([
  '190000108',
  '123456794',
  '198765451',
  '170000056',
  '199999943',
])('%s is no NSSO number under mem96, but passes while the check is off', (number) => {
  expect([nssoNumber(number, 'mem96'), nssoNumber(number)]).toEqual([{ fault: 'CHECKSUM' }, { value: number }]);
});

test.each([
  'SP-2021-0000001-51',
  'SP-2021-0006444-10',
  'SP-2024-0123456-43',
  'AK-2025-0000042-94',
  'BK-2026-9999999-82',
])('%s is a dossier number', (number) => {
  expect(dossierNumber(number)).toEqual({ value: number });
});

test.each([
  ['SP-2021-0000001-15', 'CHECKSUM'],
  ['SP-2021-0006445-10', 'CHECKSUM'],
  ['XX-2024-0123456-43', 'PREFIX'],
  ['SP-2024-123456-43', 'LENGTH'],
  ['SP-24-0123456-43', 'LENGTH'],
])('%s is no dossier number: %s', (number, fault) => {
  expect(dossierNumber(number)).toEqual({ fault });
});

test.each([
  'L1-2021-000000001-58',
  'L1-2021-000255000-72',
  'L1-2023-000209721-81',
  'L1-2024-987654321-24',
  'L1-2026-012345678-80',
])('%s is a Limosa number', (number) => {
  expect(limosaNumber(number)).toEqual({ value: number });
});

test.each([
  ['L1-2021-000000001-85', 'CHECKSUM'],
  ['L1-2021-000255001-72', 'CHECKSUM'],
  ['L2-2023-000209721-81', 'PREFIX'],
  ['L1-2024-98765432-24', 'LENGTH'],
  ['L1-26-012345678-80', 'LENGTH'],
])('%s is no Limosa number: %s', (number, fault) => {
  expect(limosaNumber(number)).toEqual({ fault });
});

test.each([
  'A1-PL-2021-00000001-34',
  'A1-PT-2022-00004711-93',
  'A1-LT-2023-99999999-84',
  'A1-NL-2024-00000123-57',
  'A1-BE-2025-31415926-48',
])('%s is an A1 number', (number) => {
  expect(a1Number(number)).toEqual({ value: number });
});

test.each([
  ['A1-PL-2021-00000001-43', 'CHECKSUM'],
  ['A1-XX-2022-00004711-93', 'PREFIX'],
  ['A1-LT-2023-9999999-84', 'LENGTH'],
  ['A1-NL-2024-00000124-57', 'CHECKSUM'],
  ['A1-be-25-31415926-48', 'LENGTH'],
])('%s is no A1 number: %s', (number, fault) => {
  expect(a1Number(number)).toEqual({ fault });
});

test('dossier, Limosa and A1 numbers are stored with their dashes, however they are typed', () => {
  expect([
    dossierNumber('SP 2021 0000001 51'),
    limosaNumber('L1202100000000158'),
    a1Number('A1.PL.2021.00000001.34'),
  ]).toEqual([{ value: 'SP-2021-0000001-51' }, { value: 'L1-2021-000000001-58' }, { value: 'A1-PL-2021-00000001-34' }]);
});

test.each([
  [nisCode, '23100', { value: '23100' }],
  [nisCode, '02000', { fault: 'FORMAT' }],
  [nisCode, '2310', { fault: 'LENGTH' }],
  [postalCodeForm, '1630', { value: '1630' }],
  [postalCodeForm, '0999', { fault: 'FORMAT' }],
  [postalCodeForm, '10000', { fault: 'LENGTH' }],
  [naceCode, '62.010', { value: '62010' }],
  [naceCode, '41', { value: '41' }],
  [naceCode, '6.2010', { fault: 'FORMAT' }],
  [naceCode, '620100', { fault: 'LENGTH' }],
  [jointCommitteeCode, '124', { value: '124' }],
  [jointCommitteeCode, '140.03', { value: '140.03' }],
  [jointCommitteeCode, '14003', { value: '140.03' }],
  [jointCommitteeCode, '140.3', { fault: 'LENGTH' }],
  [countryCode, 'TR', { value: 'TR' }],
  [countryCode, 'XK', { value: 'XK' }],
  [countryCode, 'tr', { fault: 'FORMAT' }],
  [countryCode, 'QQ', { fault: 'PREFIX' }],
  [quarter, '2026Q4', { value: '2026Q4' }],
  [quarter, '2026Q5', { fault: 'FORMAT' }],
  [partialDate, '1990', { value: '1990' }],
  [partialDate, '1990-02', { value: '1990-02' }],
  [partialDate, '2000-02-29', { value: '2000-02-29' }],
  [partialDate, '1999-02-29', { fault: 'DATE' }],
  [partialDate, '1999-13', { fault: 'DATE' }],
  [partialDate, '1999-2', { fault: 'LENGTH' }],
] as const)('%p reads %s', (check, text, answer) => {
  expect(check(text)).toEqual(answer);
});

test('numbers are shown in their official form', () => {
  expect([
    formatKbo('0123456749'),
    formatEstablishment('8900000121'),
    formatInsz('85471299382'),
    formatNsso('190000107'),
  ]).toEqual(['0123.456.749', '8.900.000.121', '85.47.12-993.82', '1900001-07']);
});

test('a masked INSZ hides the counter and the check digits, and all of what is no INSZ', () => {
  expect([maskInsz('85471299382'), maskInsz('8547')]).toEqual(['85.47.12-***.**', '**.**.**-***.**']);
});

test('makers append the check digits', () => {
  expect([
    makeKbo('01234567'),
    makeKbo('19000069'),
    makeEstablishment('89000001'),
    makeRrn({ birthDate: '1985-07-12', counter: 995 }),
    makeRrn({ birthDate: '2000-01-01', counter: 993 }),
    makeRrn({ birthDate: '1990', counter: 996 }),
    makeBis({ birthDate: '1985-07-12', counter: 993, sexKnown: true }),
    makeBis({ birthDate: '2004-09-09', counter: 990, sexKnown: false }),
    makeDossierNumber('SP', 2021, 6444),
    makeLimosa(2021, 255000),
    makeA1('PT', 2022, 4711),
    makeNsso('1900001'),
  ]).toEqual([
    '0123456749',
    '1900006997',
    '8900000121',
    '85071299591',
    '00010199380',
    '90000099621',
    '85471299382',
    '04290999026',
    'SP-2021-0006444-10',
    'L1-2021-000255000-72',
    'A1-PT-2022-00004711-93',
    '190000107',
  ]);
});
