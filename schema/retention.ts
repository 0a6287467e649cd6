/** How long what is kept is kept (DOMAIN 9). */
import { addDays, addMonths } from './calendar.ts';
import { json } from './data.ts';

/** What a period is for. */
export type Kept =
  | 'DRAFT'
  | 'CRIMINAL_MEDICAL'
  | 'DOSSIER'
  | 'HIT_WITHOUT_FOLLOW_UP'
  | 'HIT_FOLLOWED_UP'
  | 'READ_LOG'
  | 'IDEMPOTENCY_KEY'
  | 'WAITING_UPLOAD';

type Rule = { name: Kept; period: { days: number } | { months: number }; from: string; source: string };

const data = json<{ rules: Rule[]; noFollowUp: string[] }>('retention.json');

/** The rules, in the order of the data. */
export const retentionRules: readonly Readonly<Rule>[] = data.rules;

/** Outcomes of an inspection hit that nothing followed from. */
export const noFollowUp: readonly string[] = data.noFollowUp;

const periodOf = (kept: Kept): Rule['period'] => {
  const rule = data.rules.find(({ name }) => name === kept);
  if (!rule) throw new Error(`nothing says how long ${kept} is kept`);
  return rule.period;
};

/** What began before this day is over today: its period has passed, to the last day. */
export const overBefore = (kept: Kept, today: string): string => {
  const period = periodOf(kept);
  return 'days' in period ? addDays(today, -period.days) : addMonths(today, -period.months);
};

/** The same to the hour, for what is counted in days: what began before this moment is over now. */
export const overSince = (kept: Kept, now: Date): Date => {
  const period = periodOf(kept);
  if (!('days' in period)) throw new Error(`${kept} is not counted in days`);
  return new Date(now.getTime() - period.days * 86_400_000);
};
