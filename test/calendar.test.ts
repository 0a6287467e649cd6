import {
  addDays,
  addMonths,
  addQuarters,
  brusselsDate,
  daysBetween,
  dueDate,
  easter,
  holidays,
  isDate,
  isHoliday,
  isWorkingDay,
  nextWorkingDay,
  quarterDates,
  quarterOf,
  workingDaysBetween,
} from '../schema/calendar.ts';

test.each([
  [2021, '2021-04-04'],
  [2024, '2024-03-31'],
  [2025, '2025-04-20'],
  [2026, '2026-04-05'],
  [2027, '2027-03-28'],
])('Easter %i falls on %s', (year, date) => {
  expect(easter(year)).toEqual(date);
});

test('2026 has the ten statutory holidays', () => {
  expect([...holidays(2026).keys()]).toEqual([
    '2026-01-01',
    '2026-04-06',
    '2026-05-01',
    '2026-05-14',
    '2026-05-25',
    '2026-07-21',
    '2026-08-15',
    '2026-11-01',
    '2026-11-11',
    '2026-12-25',
  ]);
});

test.each([
  [2021, 254],
  [2024, 253],
  [2025, 252],
  [2026, 253],
  [2027, 254],
])('%i has %i working days', (year, days) => {
  expect(workingDaysBetween(`${year - 1}-12-31`, `${year}-12-31`)).toEqual(days);
});

test.each([
  ['01', 20],
  ['02', 20],
  ['03', 23],
  ['04', 21],
  ['05', 19],
  ['06', 22],
  ['07', 21],
  ['08', 22],
  ['09', 22],
  ['10', 21],
])('month %s of 2021 has %i working days', (month, days) => {
  const first = `2021-${month}-01`;
  expect(workingDaysBetween(addDays(first, -1), addDays(addMonths(first, 1), -1))).toEqual(days);
});

test.each([
  ['2021-05-12', '2021-05-17', 2],
  ['2021-07-20', '2021-07-22', 1],
  ['2021-10-29', '2021-11-02', 1],
  ['2021-04-02', '2021-04-06', 1],
  ['2021-12-24', '2022-01-03', 6],
  ['2021-05-03', '2021-05-31', 18],
  ['2021-09-01', '2021-10-27', 40],
])('after %s and up to %s there are %i working days', (from, to, days) => {
  expect([workingDaysBetween(from, to), workingDaysBetween(to, from)]).toEqual([days, -days]);
});

test('a span over several years counts as the sum of its years', () => {
  expect(workingDaysBetween('2023-12-31', '2027-12-31')).toEqual(253 + 252 + 253 + 254);
});

test.each([
  ['2021-05-31', { days: 15 }, '2021-06-15'],
  ['2022-01-14', { days: 15 }, '2022-01-31'],
  ['2021-05-31', { months: 4 }, '2021-09-30'],
  ['2021-10-31', { months: 4 }, '2022-02-28'],
  ['2022-01-14', { months: 4 }, '2022-05-16'],
  ['2021-05-31', { days: 90 }, '2021-08-30'],
  ['2021-10-31', { days: 90 }, '2022-01-31'],
  ['2026-05-21', { days: 90 }, '2026-08-19'],
  ['2026-11-20', { workingDays: 8 }, '2026-12-02'],
])('a term that starts on %s and lasts %j ends on %s', (from, term, due) => {
  expect(dueDate(from, term)).toEqual(due);
});

test('months are clamped to the end of the month, forward and back', () => {
  expect([addMonths('2021-10-31', 4), addMonths('2024-10-31', 4), addMonths('2026-03-31', -1)]).toEqual([
    '2022-02-28',
    '2025-02-28',
    '2026-02-28',
  ]);
});

test('a civil-service day is a holiday only when it is named', () => {
  expect([isHoliday('2026-11-02'), isHoliday('2026-11-02', ['ALL_SOULS']), isWorkingDay('2026-11-02')]).toEqual([
    false,
    true,
    true,
  ]);
});

test('the next working day is the day itself when it is one', () => {
  expect([nextWorkingDay('2026-11-20'), nextWorkingDay('2026-05-14'), nextWorkingDay('2026-04-04')]).toEqual([
    '2026-11-20',
    '2026-05-15',
    '2026-04-07',
  ]);
});

test('the date is that of Brussels, in winter and in summer time', () => {
  expect([
    brusselsDate(new Date('2026-01-31T22:59:59Z')),
    brusselsDate(new Date('2026-01-31T23:00:00Z')),
    brusselsDate(new Date('2026-06-30T22:00:00Z')),
  ]).toEqual(['2026-01-31', '2026-02-01', '2026-07-01']);
});

test('only real dates are dates', () => {
  expect(['2024-02-29', '2026-02-29', '2026-13-01', '2026-1-01', '26-01-01'].map(isDate)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});

test('quarters are named, dated and counted', () => {
  expect([
    quarterOf('2026-11-22'),
    quarterDates('2024Q1'),
    addQuarters('2026Q4', 1),
    addQuarters('2026Q1', -5),
    daysBetween('2024-02-28', '2024-03-01'),
  ]).toEqual(['2026Q4', { from: '2024-01-01', to: '2024-03-31' }, '2027Q1', '2024Q4', 2]);
});
