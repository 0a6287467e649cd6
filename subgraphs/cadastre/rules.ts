/** What the register's rows say today. */

import { addDays, quarterDates } from '../../schema/calendar.ts';
import { annualFloor, salaryFloor } from '../../schema/categories.ts';
import { type MayEmploy, mayEmploy, type PermitFacts, type RenewalFacts } from '../../schema/may-employ.ts';
import { isExempt } from '../../schema/reference.ts';
import type { DmfaRow, LimosaRow, PermitRow } from './rows.ts';
import type { WorkFacts } from './store.ts';
import type { PermitState } from './types.ts';

/** The state of a permit on a day: time passes without anybody writing it down (DOMAIN 3.4, T20). */
export const stateOn = ({ state, validFrom, validTo, bridging }: PermitRow, today: string): PermitState => {
  if (state === 'GRANTED_NOT_STARTED' && validFrom <= today) return 'ACTIVE';
  return state === 'ACTIVE' && validTo !== null && validTo < today && bridging === 'NONE' ? 'EXPIRED' : state;
};

/** The same in SQL, for a filter on it. */
export const stateSql = `case when t.state = 'GRANTED_NOT_STARTED' and t.valid_from <= ? then 'ACTIVE' when t.state = 'ACTIVE' and t.valid_to < ? and t.bridging = 'NONE' then 'EXPIRED' else t.state end`;

/** Whether a permit is in force on a day, in SQL: begun, and neither run out unbridged, nor ended, nor withdrawn. */
export const inForceSql = `t.valid_from <= ? and (coalesce(least(t.valid_to, t.ended_on, t.withdrawn_on - 1), 'infinity') >= ? or (t.state = 'ACTIVE' and t.bridging <> 'NONE'))`;

const renewal = (permit: PermitRow): RenewalFacts => ({
  employerKbo: permit.employerKbo,
  admissibleAt: permit.renewalAdmissibleOn,
  workTrack: permit.renewalWorkGrantedOn === null ? 'IN_PROGRESS' : 'GRANTED',
  workDecidedOn: permit.renewalWorkGrantedOn,
});

const nobody: MayEmploy = { allowed: false, until: null, conditions: [], basis: 'NONE' };

/** A right of residence that opens the labour market is as good as an unlimited permit. */
const residencePermit = ({ labourMarket, from, to }: NonNullable<WorkFacts['residence']>): PermitFacts[] =>
  labourMarket === 'UNLIMITED'
    ? [
        {
          kind: 'RESIDENCE',
          employerKbo: null,
          labourMarket,
          validFrom: from,
          validTo: to,
          state: 'ACTIVE',
          bridging: 'NONE',
          functionTitle: null,
          workplaceNis: null,
          endedOn: null,
          withdrawnOn: null,
        },
      ]
    : [];

/** The last day of a permit that a later one took the place of. */
const eveOfNext = ({ state, validFrom }: PermitRow, permits: readonly PermitRow[]): string | null => {
  const [next] = permits
    .map((permit) => permit.validFrom)
    .filter((from) => from > validFrom)
    .sort();
  return state === 'SUPERSEDED' && next !== undefined ? addDays(next, -1) : null;
};

/** Whether an employer may employ a person on a day; of a person whom no register knows, the answer is as of one without a permit. */
export const allowed = (facts: WorkFacts | null, employerKbo: string, on: string): MayEmploy =>
  facts === null
    ? nobody
    : mayEmploy({
        on,
        employerKbo,
        nationalities: facts.nationalities,
        permits: [
          ...facts.permits.map((permit) => ({
            ...permit,
            state: stateOn(permit, on),
            endedOn: permit.endedOn ?? eveOfNext(permit, facts.permits),
          })),
          ...(facts.residence ? residencePermit(facts.residence) : []),
        ],
        renewals: facts.permits.filter(({ renewalAdmissibleOn }) => renewalAdmissibleOn !== null).map(renewal),
      });

/** Whether a person needs a permit and has none, for anybody, on a day. */
export const lacksPermit = ({ nationalities, permits, residence }: WorkFacts, on: string): boolean =>
  !nationalities.some(isExempt) &&
  !(residence?.labourMarket === 'UNLIMITED' && residence.from <= on && (residence.to === null || on <= residence.to)) &&
  !permits.some(({ validFrom, validTo, withdrawnOn, endedOn }) => {
    // The day of a withdrawal is the first on which the permit is no more.
    const eve = withdrawnOn && addDays(withdrawnOn, -1);
    const last = [validTo, eve, endedOn].filter((day) => day !== null).sort()[0];
    return validFrom <= on && (last === undefined || on <= last);
  });

/** Whether a posting needs no permit whoever is posted: staff of an employer in the EEA or Switzerland, with an A1 (Vander Elst). */
export const isVanderElst = ({ workerKind, senderCountry, a1Number }: LimosaRow): boolean =>
  workerKind === 'EMPLOYEE' && a1Number !== null && isExempt(senderCountry);

// Rule I14: full-time is 38 hours a week, thirteen weeks to the quarter; a wage within 2 % of the floor reaches it (assumption).
const fullTimeHours = 38 * 13;
const tolerance = 0.98;

/** A quarter's wage beside the floor of the admission category in that year and region. */
export const wageQuarter = (
  { quarter, grossWage, hours }: DmfaRow,
  { category, authority }: { category: string; authority: string },
) => {
  const floor = salaryFloor(category, authority, quarterDates(quarter).from);
  const yearly = floor && annualFloor(floor);
  const worked = Number(hours);
  const fullTime = worked > 0 ? (Number(grossWage) / worked) * fullTimeHours * 4 : null;
  return {
    quarter,
    grossWage,
    fullTimeYearly: fullTime === null ? null : fullTime.toFixed(2),
    floorYearly: yearly === null ? null : yearly.toFixed(2),
    reached: fullTime === null || yearly === null ? null : fullTime >= yearly * tolerance,
  };
};
