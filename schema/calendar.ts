import { type Code, freeze, json, type Labels } from './data.ts';

// All dates are 'YYYY-MM-DD' in Europe/Brussels, so that they compare as text and carry no time zone.

/** A length of time: calendar days, months or working days. */
export type Term = { readonly days: number } | { readonly months: number } | { readonly workingDays: number };

type HolidayRow = Code & { readonly monthDay?: string; readonly easterOffset?: number };

const data = json<{ statutory: HolidayRow[]; optional: HolidayRow[] }>('calendar.json');

/** The optional civil-service days, by code; they count as holidays only when a caller names them (DOMAIN 7.4). */
export const optionalHolidays: readonly Code[] = data.optional;

const DAY = 86_400_000;
const brussels = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Brussels',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});

function parts(date: string): { year: number; month: number; day: number } {
  return { year: Number(date.slice(0, 4)), month: Number(date.slice(5, 7)), day: Number(date.slice(8, 10)) };
}

function written(year: number, month: number, day: number): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function number(date: string): number {
  const { year, month, day } = parts(date);
  return Date.UTC(year, month - 1, day) / DAY;
}

function fromNumber(days: number): string {
  return new Date(days * DAY).toISOString().slice(0, 10);
}

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Whether a text is a real date written 'YYYY-MM-DD'. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const { year, month, day } = parts(text);
  return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/** The date in Brussels at an instant. */
export function brusselsDate(instant: Date): string {
  const [day, month, year] = brussels.format(instant).split('/');
  return `${year}-${month}-${day}`;
}

/** The date so many calendar days later, or earlier when negative. */
export function addDays(date: string, days: number): string {
  return fromNumber(number(date) + days);
}

/** The same day number so many months later, or earlier when negative; clamped to the end of the month. */
export function addMonths(date: string, months: number): string {
  const { year, month, day } = parts(date);
  const index = year * 12 + (month - 1) + months;
  const toYear = Math.floor(index / 12);
  const toMonth = (index % 12) + 1;
  return written(toYear, toMonth, Math.min(day, daysInMonth(toYear, toMonth)));
}

/** Calendar days from one date to another; negative when the second lies before the first. */
export function daysBetween(from: string, to: string): number {
  return number(to) - number(from);
}

/** Easter Sunday of a year (Gregorian computus, Butcher). */
export function easter(year: number): string {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return written(year, Math.floor(n / 31), (n % 31) + 1);
}

function dateOf(row: HolidayRow, year: number): string {
  return row.monthDay === undefined ? addDays(easter(year), row.easterOffset ?? 0) : `${year}-${row.monthDay}`;
}

const years = new Map<string, ReadonlyMap<string, Labels>>();

/** The holidays of a year, from date to name: the ten statutory ones, and the optional ones that are named. */
export function holidays(year: number, optional: readonly string[] = []): ReadonlyMap<string, Labels> {
  const key = [year, ...optional].join();
  const known = years.get(key);
  if (known !== undefined) return known;
  const rows = [...data.statutory, ...data.optional.filter((row) => optional.includes(row.code))];
  const made = new Map(rows.map((row) => [dateOf(row, year), row.labels] as const));
  years.set(key, made);
  return made;
}

/** Whether a date is a holiday. */
export function isHoliday(date: string, optional: readonly string[] = []): boolean {
  return holidays(parts(date).year, optional).has(date);
}

/** Whether a date is neither a Saturday, a Sunday nor a holiday. */
export function isWorkingDay(date: string, optional: readonly string[] = []): boolean {
  const weekday = new Date(number(date) * DAY).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !isHoliday(date, optional);
}

/** The date itself when it is a working day, else the first working day after it. */
export function nextWorkingDay(date: string, optional: readonly string[] = []): string {
  let day = date;
  while (!isWorkingDay(day, optional)) day = addDays(day, 1);
  return day;
}

const counted = new Map<number, readonly number[]>();

// Working days of a year up to and including each of its days: a lead time over years costs a few look-ups.
function tally(year: number): readonly number[] {
  const known = counted.get(year);
  if (known !== undefined) return known;
  const made: number[] = [];
  let count = 0;
  for (let day = `${year}-01-01`; parts(day).year === year; day = addDays(day, 1)) {
    if (isWorkingDay(day)) count += 1;
    made.push(count);
  }
  counted.set(year, freeze(made));
  return made;
}

function upTo(date: string): number {
  const { year } = parts(date);
  return tally(year)[number(date) - number(`${year}-01-01`)] ?? 0;
}

/** The working days in (from, to], negative when `to` lies before `from`; statutory holidays only (DOMAIN 7.4). */
export function workingDaysBetween(from: string, to: string): number {
  if (to < from) return -workingDaysBetween(to, from);
  let count = upTo(to) - upTo(from);
  for (let year = parts(from).year; year < parts(to).year; year += 1) count += tally(year).at(-1) ?? 0;
  return count;
}

/** The working day that comes so many working days after a date. */
export function addWorkingDays(date: string, days: number): string {
  let day = date;
  for (let left = days; left > 0; left -= 1) day = nextWorkingDay(addDays(day, 1));
  return day;
}

/** The last day of a term that starts the day after `from`; moved to the next working day (Judicial Code art. 52-54). */
export function dueDate(from: string, term: Term): string {
  if ('workingDays' in term) return addWorkingDays(from, term.workingDays);
  return nextWorkingDay('days' in term ? addDays(from, term.days) : addMonths(from, term.months));
}

/** The quarter of a date, as 'YYYYQn'. */
export function quarterOf(date: string): string {
  const { year, month } = parts(date);
  return `${year}Q${Math.ceil(month / 3)}`;
}

/** The first and the last date of a quarter 'YYYYQn'. */
export function quarterDates(quarter: string): { from: string; to: string } {
  const year = Number(quarter.slice(0, 4));
  const last = Number(quarter.slice(5)) * 3;
  return { from: written(year, last - 2, 1), to: written(year, last, daysInMonth(year, last)) };
}

/** The quarter so many quarters later, or earlier when negative. */
export function addQuarters(quarter: string, quarters: number): string {
  return quarterOf(addMonths(quarterDates(quarter).from, quarters * 3));
}
