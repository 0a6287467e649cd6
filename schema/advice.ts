import { annualFloor, categoriesFor, type FloorFacts, type SalaryFloor, salaryFloor } from './categories.ts';
import { type Code, type Frozen, json, type Labels } from './data.ts';

/** The facts from which a fitting admission category follows; what is left out counts as unknown. */
export type AdviceFacts = FloorFacts & {
  readonly region: string;
  readonly date: string;
  readonly kind?: string | undefined;
  /** Gross pay in euro per year. */
  readonly grossAnnual?: number | undefined;
  readonly diploma?: 'NONE' | 'SECONDARY' | 'HIGHER' | undefined;
  readonly contractMonths?: number | undefined;
  readonly executive?: boolean | undefined;
  readonly posted?: boolean | undefined;
  readonly intraCorporate?: 'MANAGER' | 'EXPERT' | 'TRAINEE' | undefined;
  readonly seasonal?: boolean | undefined;
  readonly hostingAgreement?: boolean | undefined;
  readonly traineeship?: boolean | undefined;
  readonly auPair?: boolean | undefined;
  readonly longTermResidentElsewhere?: boolean | undefined;
  readonly labourMarketTest?: boolean | undefined;
};

type Test = {
  fact: Exclude<keyof AdviceFacts, 'region' | 'date' | 'kind'> | 'salary';
  reason: string;
  equals?: boolean;
  oneOf?: string[];
  atLeast?: number;
  atMost?: number;
  floor?: boolean;
};

/** Why a category fits or not; `met` is null when the fact is unknown, `floor` the salary floor that was compared. */
export type AdviceReason = {
  readonly code: string;
  readonly labels: Labels;
  readonly met: boolean | null;
  readonly floor: SalaryFloor | null;
};

/** A category with how it fits: MET in all, OPEN while a fact is unknown, NOT_MET in some. */
export type CategoryAdvice = {
  readonly category: string;
  readonly labels: Labels;
  readonly fit: 'MET' | 'OPEN' | 'NOT_MET';
  readonly reasons: readonly AdviceReason[];
};

const data = json<{ reasons: Code[]; categories: { category: string; tests: Test[] }[] }>('advice.json');

function outcome(test: Frozen<Test>, floor: SalaryFloor | null, facts: AdviceFacts): boolean | null {
  if (test.fact === 'salary') {
    return floor === null || facts.grossAnnual === undefined ? null : facts.grossAnnual >= annualFloor(floor);
  }
  const value = facts[test.fact];
  if (value === undefined) return null;
  if (test.oneOf !== undefined) return test.oneOf.includes(String(value));
  if (test.atLeast !== undefined) return Number(value) >= test.atLeast;
  if (test.atMost !== undefined) return Number(value) <= test.atMost;
  return value === test.equals;
}

function reason(test: Frozen<Test>, category: string, facts: AdviceFacts): AdviceReason {
  const floor = test.floor === true ? salaryFloor(category, facts.region, facts.date, facts) : null;
  const { code, labels } = data.reasons.find((row) => row.code === test.reason) ?? noLabels(test.reason);
  return { code, labels, met: outcome(test, floor, facts), floor };
}

function noLabels(code: string): Code {
  return { code, labels: { nl: code, fr: code, de: code, en: code } };
}

const order = ['MET', 'OPEN', 'NOT_MET'] as const;

/**
 * The admission categories that may fit, best first; orientation only, never a decision (DOMAIN 11 no. 4). A category
 * whose first test is not met is left out, except OTHER, which stays as the last resort.
 */
export function categoryAdvice(facts: AdviceFacts): readonly CategoryAdvice[] {
  const open = new Map(categoriesFor(facts.region, facts.date, facts.kind).map((row) => [row.code, row.labels]));
  const advice = data.categories.flatMap(({ category, tests }): CategoryAdvice[] => {
    const labels = open.get(category);
    if (labels === undefined) return [];
    const reasons = tests.map((test) => reason(test, category, facts));
    if (reasons[0]?.met !== true && category !== 'OTHER') return [];
    const fit = reasons.some(({ met }) => met === false)
      ? 'NOT_MET'
      : reasons.some(({ met }) => met === null)
        ? 'OPEN'
        : 'MET';
    return [{ category, labels, fit, reasons }];
  });
  return order.flatMap((fit) => advice.filter((one) => one.fit === fit));
}
