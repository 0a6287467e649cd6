import { addDays, addMonths, dueDate, type Term } from './calendar.ts';
import { type Code, type Frozen, json, validOn } from './data.ts';
import { codeList } from './reference.ts';

/** The two bodies of rules; a dossier keeps the one of the day it was submitted. */
export type RuleSet = 'RS2019' | 'RS2026';

type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9';

/** The id of a deadline: D01 to D16 of DOMAIN 3.5. */
export type DeadlineId = `D${'0' | '1'}${Digit}`;

/** A circumstance that changes a term. */
export type Circumstance =
  | 'COMPLEX'
  | 'EARLIEST'
  | 'LATEST'
  | 'HELD_OVER_TWO_YEARS'
  | 'APPEAL_ADVICE'
  | 'APPEAL_MINISTER'
  | 'COUNCIL_OF_STATE';

/** A term with what it holds for; a null list means any, a null term that the rule sets no date. */
export type DeadlineRow = Frozen<{
  id: string;
  ruleSets: string[];
  regions: string[] | null;
  kinds: string[] | null;
  when: Circumstance | null;
  term: Term | null;
  direction: 'AFTER' | 'BEFORE';
  binding: boolean;
  source: string;
}>;

/** What a term depends on: `submittedOn` chooses the rule set, `from` is the day it runs from (or, for D07 and D14, back from). */
export type DeadlineFacts = {
  readonly region: string;
  readonly submittedOn: string;
  readonly from: string;
  readonly kind?: string | undefined;
  readonly when?: Circumstance | undefined;
};

const { rows } = json<{ names: Code[]; rows: DeadlineRow[] }>('deadlines.json');

/** The rule set of a dossier, by the date of its submission: RS2026 from 22 May 2026 (DOMAIN 3.5 [W29]). */
export function ruleSet(submittedOn: string): RuleSet {
  const found = codeList('ruleSets').find((row) => validOn(row, submittedOn));
  return found?.code === 'RS2019' ? 'RS2019' : 'RS2026';
}

/** The row that sets a term; null where the rules set none for this region, kind and date. */
export function deadlineRow(id: DeadlineId, facts: Omit<DeadlineFacts, 'from'>): DeadlineRow | null {
  const rules = ruleSet(facts.submittedOn);
  const fits = (row: DeadlineRow) =>
    row.id === id &&
    row.ruleSets.includes(rules) &&
    (row.regions?.includes(facts.region) ?? true) &&
    (row.kinds?.includes(facts.kind ?? '') ?? true) &&
    (row.when === null || row.when === facts.when);
  return rows.find(fits) ?? null;
}

function before(date: string, term: Term): string {
  if ('months' in term) return addMonths(date, -term.months);
  return addDays(date, -('days' in term ? term.days : term.workingDays));
}

/**
 * The last day of a term, or for the earliest day of a window that day; null where the rules set no date. A term that runs
 * forward ends on a working day (Judicial Code art. 52-54); one that runs back from an end date is not moved.
 */
export function deadline(id: DeadlineId, facts: DeadlineFacts): string | null {
  const row = deadlineRow(id, facts);
  if (row === null || row.term === null) return null;
  return row.direction === 'AFTER' ? dueDate(facts.from, row.term) : before(facts.from, row.term);
}

/** The first and the last day on which the renewal of a permit may be filed (D07 [W18][W03][W52]). */
export function renewalWindow(
  validTo: string,
  facts: Omit<DeadlineFacts, 'from' | 'when'>,
): { earliest: string | null; latest: string | null } {
  return {
    earliest: deadline('D07', { ...facts, from: validTo, when: 'EARLIEST' }),
    latest: deadline('D07', { ...facts, from: validTo, when: 'LATEST' }),
  };
}
