import { addDays } from './calendar.ts';
import { isExempt } from './reference.ts';

/** A condition under which work is allowed, or why it is not yet; labels stand in the code list `workConditions`. */
export type WorkCondition =
  | 'EXEMPT_NATIONALITY'
  | 'UNLIMITED'
  | 'ONLY_THIS_EMPLOYER'
  | 'ONLY_THIS_FUNCTION'
  | 'ONLY_THIS_WORKPLACE'
  | 'ANNEX_49_NOT_FOR_TRAVEL'
  | 'NOT_STARTED';

/** A permit of the worker as the register holds it; all dates are days in Brussels. */
export type PermitFacts = {
  readonly kind: string;
  readonly employerKbo: string | null;
  readonly labourMarket: 'LIMITED' | 'UNLIMITED' | 'NONE';
  readonly validFrom: string;
  readonly validTo: string | null;
  readonly state: string;
  readonly bridging: 'NONE' | 'ANNEX_49' | 'ANNEX_51';
  readonly functionTitle: string | null;
  readonly workplaceNis: string | null;
  /** The last day of the employment, when it ended before the permit. */
  readonly endedOn: string | null;
  /** The first day on which the withdrawal has effect. */
  readonly withdrawnOn: string | null;
  /** The last day of the annex 49, where it is known. */
  readonly bridgingUntil?: string | null | undefined;
};

/** A dossier that renews a permit, as far as annex 49 depends on it; dates are days in Brussels. */
export type RenewalFacts = {
  readonly employerKbo: string | null;
  readonly admissibleAt: string | null;
  readonly workTrack: string;
  readonly workDecidedOn: string | null;
};

/** What is asked: may this employer employ this worker on this day. */
export type EmploymentFacts = {
  readonly on: string;
  readonly employerKbo: string;
  readonly nationalities: readonly string[];
  readonly permits: readonly PermitFacts[];
  readonly renewals: readonly RenewalFacts[];
};

/** On what the answer rests. */
export type WorkBasis = 'NATIONALITY' | 'UNLIMITED_PERMIT' | 'PERMIT' | 'ANNEX_49' | 'NONE';

/** The answer to an employer; `until` is the last day known, null when there is none. It tells nothing of other employers. */
export type MayEmploy = {
  readonly allowed: boolean;
  readonly until: string | null;
  readonly conditions: readonly WorkCondition[];
  readonly basis: WorkBasis;
};

// States in which a permit stands, or stood until its dates ran out. The others end it, on the date that goes with them.
const standing = ['ACTIVE', 'EXPIRED'];
const ended = ['WITHDRAWN', 'ENDED_EMPLOYMENT', 'LAPSED_RESIDENCE', 'SUPERSEDED'];

// The last day a permit can cover: the earliest of its own end, the end of the employment and the eve of a withdrawal.
function lastDay({ validTo, endedOn, withdrawnOn }: PermitFacts): string | null {
  const days = [validTo, endedOn, withdrawnOn && addDays(withdrawnOn, -1)].filter((day) => day !== null);
  return days.sort()[0] ?? null;
}

function endKnown({ state, endedOn, withdrawnOn }: PermitFacts): boolean {
  return ended.includes(state) && (endedOn !== null || withdrawnOn !== null);
}

/** Whether a permit itself covers a day: not withdrawn, not ended, and inside its validity (DOMAIN 3.4). */
export function permitCovers(permit: PermitFacts, on: string): boolean {
  if (!standing.includes(permit.state) && !endKnown(permit)) return false;
  const last = lastDay(permit);
  return permit.labourMarket !== 'NONE' && permit.validFrom <= on && (last === null || on <= last);
}

function positiveBy(renewal: RenewalFacts, on: string): boolean {
  const { admissibleAt, workTrack, workDecidedOn } = renewal;
  return (
    admissibleAt !== null &&
    admissibleAt <= on &&
    workTrack === 'GRANTED' &&
    workDecidedOn !== null &&
    workDecidedOn <= on
  );
}

/** Whether an annex 49 lets the worker go on: the renewal is admissible and its work decision positive by then [W03][W05b]. */
export function annex49Covers(permit: PermitFacts, renewals: readonly RenewalFacts[], on: string): boolean {
  const { bridging, labourMarket, state, endedOn, withdrawnOn, bridgingUntil, validFrom } = permit;
  if (bridging !== 'ANNEX_49' || labourMarket === 'NONE' || !standing.includes(state)) return false;
  if ((endedOn !== null && endedOn < on) || (withdrawnOn !== null && withdrawnOn <= on)) return false;
  if (on < validFrom || (bridgingUntil && bridgingUntil < on)) return false;
  const same = (renewal: RenewalFacts) => labourMarket === 'UNLIMITED' || renewal.employerKbo === permit.employerKbo;
  return renewals.some((renewal) => same(renewal) && positiveBy(renewal, on));
}

/** `workAllowedOn(date)` of DOMAIN 3.4 for one permit, whoever the employer is. */
export function workAllowedOn(permit: PermitFacts, renewals: readonly RenewalFacts[], on: string): boolean {
  return permitCovers(permit, on) || annex49Covers(permit, renewals, on);
}

function bound(permit: PermitFacts): WorkCondition[] {
  if (permit.labourMarket === 'UNLIMITED') return ['UNLIMITED'];
  const conditions: WorkCondition[] = ['ONLY_THIS_EMPLOYER'];
  if (permit.functionTitle !== null) conditions.push('ONLY_THIS_FUNCTION');
  if (permit.workplaceNis !== null) conditions.push('ONLY_THIS_WORKPLACE');
  return conditions;
}

function answer(permit: PermitFacts, facts: EmploymentFacts): MayEmploy | null {
  if (permitCovers(permit, facts.on)) {
    const basis = permit.labourMarket === 'UNLIMITED' ? 'UNLIMITED_PERMIT' : 'PERMIT';
    return { allowed: true, until: lastDay(permit), conditions: bound(permit), basis };
  }
  if (annex49Covers(permit, facts.renewals, facts.on)) {
    const conditions: WorkCondition[] = [...bound(permit), 'ANNEX_49_NOT_FOR_TRAVEL'];
    return { allowed: true, until: permit.bridgingUntil ?? null, conditions, basis: 'ANNEX_49' };
  }
  return null;
}

const preference: readonly WorkBasis[] = ['UNLIMITED_PERMIT', 'PERMIT', 'ANNEX_49'];

// The widest right first; of two equal ones, the one that lasts longer.
function better(one: MayEmploy, other: MayEmploy): number {
  const rank = preference.indexOf(one.basis) - preference.indexOf(other.basis);
  return rank || (other.until ?? '9999').localeCompare(one.until ?? '9999');
}

/**
 * Whether an employer may employ a worker on a day, until when, and under which conditions (DOMAIN 3.4, checklist 36).
 * A limited permit counts only for its own employer; what another employer holds does not change the answer.
 */
export function mayEmploy(facts: EmploymentFacts): MayEmploy {
  if (facts.nationalities.some(isExempt)) {
    return { allowed: true, until: null, conditions: ['EXEMPT_NATIONALITY'], basis: 'NATIONALITY' };
  }
  const own = facts.permits.filter(
    ({ labourMarket, employerKbo }) => labourMarket === 'UNLIMITED' || employerKbo === facts.employerKbo,
  );
  const [best] = own.flatMap((permit) => answer(permit, facts) ?? []).sort(better);
  if (best !== undefined) return best;
  const waiting = own.some(
    ({ state, labourMarket, validFrom }) =>
      labourMarket !== 'NONE' && (state === 'GRANTED_NOT_STARTED' || (state === 'ACTIVE' && facts.on < validFrom)),
  );
  return { allowed: false, until: null, conditions: waiting ? ['NOT_STARTED'] : [], basis: 'NONE' };
}
