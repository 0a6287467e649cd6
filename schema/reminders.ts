/** What is told before a day comes (DOMAIN 10). */
import { addDays, addMonths } from './calendar.ts';
import { type Frozen, json } from './data.ts';

/** A reminder: of which day, by which rules where that day is a deadline's, and how long before. */
export type Reminder = Frozen<{
  event: string;
  of: 'PERMIT_END' | 'DEADLINE';
  rules: string[] | null;
  before: { days: number } | { months: number };
  source: string;
}>;

const data = json<{ lateDays: number; reminders: Reminder[] }>('reminders.json');

/** All reminders. */
export const reminders: readonly Reminder[] = data.reminders;

const earlier = (day: string, { before }: Reminder): string =>
  'days' in before ? addDays(day, -before.days) : addMonths(day, -before.months);

/** Whether a reminder of a day is due: its own day has come, and has not long gone. */
export const isDue = (reminder: Reminder, day: string, today: string): boolean => {
  const on = earlier(day, reminder);
  return on <= today && today <= addDays(on, data.lateDays);
};

/** The days of which a reminder can be due today, from the first to the last; a query narrows with it, `isDue` decides. */
export const daysFor = ({ before }: Reminder, today: string): { from: string; to: string } => {
  const later = (day: string): string => ('days' in before ? addDays(day, before.days) : addMonths(day, before.months));
  // A month's length differs: a few days more on both sides, which `isDue` takes away.
  return { from: addDays(later(addDays(today, -data.lateDays)), -3), to: addDays(later(today), 3) };
};

/** A name for a reminder among those of one day. */
export const reminderName = ({ event, before }: Reminder): string =>
  'days' in before ? `${event}:${before.days}d` : `${event}:${before.months}m`;
