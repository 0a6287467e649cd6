import { type Code, type Frozen, json, validOn } from './data.ts';

type CategoryRow = { region: string; validFrom: string | null; validTo: string | null; note: string | null };

/** An admission category, the permit kinds it goes with, and the regions and periods in which it exists. */
export type Category = Frozen<Code & { kinds: string[]; source: string; rows: CategoryRow[] }>;

/** What lowers a salary floor: any one of these facts is enough, where the region has such a rule. */
export type FloorFacts = {
  readonly age?: number | undefined;
  readonly profession?: string | undefined;
  readonly junior?: boolean | undefined;
  readonly shortageOccupation?: boolean | undefined;
};

type When = { ageBelow?: number; professions?: string[]; junior?: boolean; shortageOccupation?: boolean };

/** A gross salary floor in euro, per year or per month; `when` says to whom a lower floor applies, null to all. */
export type SalaryFloor = Frozen<{
  category: string;
  region: string;
  amount: number;
  unit: 'YEAR' | 'MONTH';
  when: When[] | null;
  validFrom: string | null;
  validTo: string | null;
  source: string;
}>;

const data = json<{ categories: Category[]; floors: SalaryFloor[] }>('categories.json');

/** All admission categories (DOMAIN 3.8). */
export const categories: readonly Category[] = data.categories;

/** The admission category of a code, or null. */
export function category(code: string): Category | null {
  return categories.find((row) => row.code === code) ?? null;
}

/** The categories that a region has on a date, for one permit kind when it is named. */
export function categoriesFor(region: string, date: string, kind?: string): readonly Category[] {
  return categories.filter(
    ({ rows, kinds }) =>
      (kind === undefined || kinds.includes(kind)) && rows.some((row) => row.region === region && validOn(row, date)),
  );
}

function met(when: Frozen<When>, facts: FloorFacts): boolean {
  if (when.ageBelow !== undefined) return facts.age !== undefined && facts.age < when.ageBelow;
  if (when.professions !== undefined) return when.professions.includes(facts.profession ?? '');
  return (
    (when.junior === true && facts.junior === true) ||
    (when.shortageOccupation === true && facts.shortageOccupation === true)
  );
}

/** The salary floor of a category in a region on a date; null where none is known for that date. */
export function salaryFloor(code: string, region: string, date: string, facts: FloorFacts = {}): SalaryFloor | null {
  const here = data.floors.filter((row) => row.category === code && row.region === region && validOn(row, date));
  const lowered = here.find(({ when }) => when?.some((one) => met(one, facts)) ?? false);
  return lowered ?? here.find(({ when }) => when === null) ?? null;
}

/** A floor as euro per year, twelve months to the year. */
export function annualFloor(floor: SalaryFloor): number {
  return floor.unit === 'YEAR' ? floor.amount : Math.round(floor.amount * 1200) / 100;
}
