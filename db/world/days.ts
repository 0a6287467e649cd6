import { isWorkingDay } from '../../schema/calendar.ts';
import type { Chance } from './random.ts';

// The generator counts in whole days since 1 January 1970: millions of additions and comparisons stay cheap.

/** A Belgian calendar day, as the number of days since 1970-01-01. */
export type Day = number;

const MILLISECONDS = 86_400_000;
const written = new Map<Day, string>();
const workingUpTo: number[] = [];
const workingDayAt: Day[] = [];

/** The day of a date 'YYYY-MM-DD'. */
export function dayOf(date: string): Day {
  return Math.round(Date.parse(`${date}T00:00:00Z`) / MILLISECONDS);
}

/** The date 'YYYY-MM-DD' of a day. */
export function dateOf(day: Day): string {
  const known = written.get(day);
  if (known !== undefined) return known;
  const made = new Date(day * MILLISECONDS).toISOString().slice(0, 10);
  written.set(day, made);
  return made;
}

/** The date of a day, or null when there is none. */
export function dateOrNull(day: Day | null | undefined): string | null {
  return day === null || day === undefined ? null : dateOf(day);
}

/** The calendar year of a day. */
export function yearOf(day: Day): number {
  return Number(dateOf(day).slice(0, 4));
}

const FIRST = dayOf('2016-01-01');
const LAST = dayOf('2041-12-31'); // the longest permit of the last world, and its renewal

function prepare(): void {
  let count = 0;
  for (let day = FIRST; day <= LAST; day += 1) {
    if (isWorkingDay(dateOf(day))) {
      workingDayAt.push(day);
      count += 1;
    }
    workingUpTo.push(count);
  }
}

/** How many working days lie up to and including a day; a lead time is the difference of two of these. */
export function workingIndex(day: Day): number {
  if (workingUpTo.length === 0) prepare();
  const found = workingUpTo[day - FIRST];
  if (found === undefined) throw new RangeError(`no calendar for ${dateOf(day)}`);
  return found;
}

/** The working day with this index. */
export function workingDay(index: number): Day {
  if (workingUpTo.length === 0) prepare();
  const found = workingDayAt[index - 1];
  if (found === undefined) throw new RangeError(`no working day ${index}`);
  return found;
}

/** The day itself when it is worked, else the next one that is. */
export function onWorkingDay(day: Day): Day {
  const index = workingIndex(day);
  return workingDay(index) === day ? day : workingDay(index + 1);
}

/** The working day that comes so many working days after a day; before it when negative. */
export function workingDaysAfter(day: Day, count: number): Day {
  return workingDay(workingIndex(day) + count);
}

/** A moment: the day, and the time of that day in Brussels. */
export type Moment = { readonly day: Day; readonly at: string };

/** Makes a clock that turns days into moments in office hours, each later than the one before. */
export function officeClock(chance: Chance): (day: Day) => Moment {
  let lastDay: Day = Number.NEGATIVE_INFINITY;
  let lastSecond = 0;
  return (wanted) => {
    // A step that is planned for an earlier day than the one before it happens on that later day.
    const day = Math.max(wanted, lastDay);
    const second =
      day === lastDay ? lastSecond + chance.between(1, 5) * 97 : chance.between(8 * 3600 + 1800, 15 * 3600 + 1800);
    lastDay = day;
    lastSecond = Math.min(second, 86_399);
    return { day, at: momentOf(day, lastSecond) };
  };
}

/** A moment in Brussels time, as PostgreSQL reads it in a session whose time zone is Europe/Brussels. */
export function momentOf(day: Day, second: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${dateOf(day)} ${two(second / 3600)}:${two((second / 60) % 60)}:${two(second % 60)}`;
}

/** The quarter 'YYYYQn' of a day. */
export function quarterOfDay(day: Day): string {
  const date = dateOf(day);
  return `${date.slice(0, 4)}Q${Math.ceil(Number(date.slice(5, 7)) / 3)}`;
}

/** The first day of the quarter of a day, and of the quarter after it. */
export function quarterBounds(day: Day): { first: Day; next: Day } {
  const date = dateOf(day);
  const year = Number(date.slice(0, 4));
  const quarter = Math.ceil(Number(date.slice(5, 7)) / 3);
  const start = (y: number, q: number) => dayOf(`${y}-${String(q * 3 - 2).padStart(2, '0')}-01`);
  return { first: start(year, quarter), next: quarter === 4 ? start(year + 1, 1) : start(year, quarter + 1) };
}
