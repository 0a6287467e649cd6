import type { Cohort } from './cohort.ts';
import { type Day, dateOf, dateOrNull, dayOf, quarterBounds, quarterOfDay } from './days.ts';
import type { Employer, Establishment } from './enterprises.ts';
import { involveWork } from './involve.ts';
import type { Permit } from './permits.ts';
import type { Worker } from './persons.ts';
import { firstDate, type Region, shares } from './shape.ts';

/** An employment as Dimona has it, with what DmfA declares of it. */
export type Employment = {
  readonly id: string;
  readonly worker: Worker;
  readonly employer: Employer;
  readonly establishment: Establishment;
  readonly start: Day;
  readonly end: Day | null;
  readonly gross: number;
  readonly hours: number;
  readonly type?: string;
  /** What DmfA says wrongly, or does not say: a missing last quarter, or a wage that is too low. */
  readonly anomaly?: 'MISSING_LINE' | 'LOW_WAGE' | null;
  /** The last day for which DmfA has days, where that is not the last day of the employment. */
  readonly declaredUntil?: Day;
};

const FULL_TIME = 38;
const firstQuarter = quarterBounds(dayOf(firstDate)).first;

/** The last day of the last quarter that had to be declared by a day: each is due by the end of the month after it. */
export function lastDeclared(today: Day): Day {
  const { first } = quarterBounds(today);
  const past = today - first > 30 ? first : quarterBounds(first - 1).first;
  return past - 1;
}

type Line = { readonly work: Employment; readonly quarter: string; gross: number; days: number; hours: number };

// DmfA has one line per worker, employer and quarter, however often he came and went.
function wages(today: Day, work: Employment, lines: Map<string, Line>): void {
  const last = Math.min(work.declaredUntil ?? work.end ?? today, lastDeclared(today));
  const part = Math.min(1, work.hours / FULL_TIME);
  // The register begins with the first quarter of 2019, whenever an employment began.
  let from = Math.max(work.start, firstQuarter);
  while (from <= last) {
    const { first, next } = quarterBounds(from);
    const until = Math.min(last, next - 1);
    const share = (until - from + 1) / (next - first);
    const final = next > last;
    const days = Math.round(65 * share);
    const low = work.anomaly === 'LOW_WAGE' && final ? 0.62 : 1;
    if (days > 0 && !(final && work.anomaly === 'MISSING_LINE')) {
      const quarter = quarterOfDay(from);
      const key = `${work.employer.kbo} ${quarter}`;
      const line = lines.get(key) ?? { work, quarter, gross: 0, days: 0, hours: 0 };
      line.gross += Math.ceil(work.gross * 3 * share * 100 * low) / 100;
      line.days += days;
      line.hours += days * 7.6 * part;
      lines.set(key, line);
    }
    from = next;
  }
}

function writeDimona(cohort: Cohort, work: Employment): void {
  const { place } = work.establishment.address;
  cohort.batch.add('cadastre.dimona_period', {
    id: work.id,
    worker_id: work.worker.id,
    employer_kbo: work.employer.kbo,
    establishment_number: work.establishment.number,
    authority: place.authority,
    type: work.type ?? 'OTH',
    joint_committee: work.employer.sector.jointCommittee,
    start_date: dateOf(work.start),
    end_date: dateOrNull(work.end),
    cancelled: false,
  });
  involveWork(cohort, {
    worker: work.worker,
    kbo: work.employer.kbo,
    authority: place.authority,
    from: work.start,
    employed: true,
  });
}

/** Writes all employments of one worker: the Dimona periods, and the DmfA lines of their quarters. */
export function writeEmployments(cohort: Cohort, works: readonly Employment[]): void {
  const lines = new Map<string, Line>();
  for (const work of works) {
    writeDimona(cohort, work);
    wages(cohort.today, work, lines);
  }
  for (const { work, quarter, gross, days, hours } of lines.values()) {
    cohort.batch.add('cadastre.dmfa_line', {
      quarter,
      employer_kbo: work.employer.kbo,
      worker_id: work.worker.id,
      establishment_number: work.establishment.number,
      authority: work.establishment.address.place.authority,
      joint_committee: work.employer.sector.jointCommittee,
      gross_wage: gross.toFixed(2),
      days,
      hours: hours.toFixed(1),
    });
  }
}

function lastDayOf(permit: Permit, today: Day): Day | null {
  if (permit.withdrawn) return permit.withdrawn.on - 1;
  if (permit.ended !== null) return permit.ended;
  if (permit.state === 'EXPIRED') return permit.to;
  // A pending renewal lets work go on only once the region has said yes.
  if (permit.bridging === 'ANNEX_49' && permit.to !== null && permit.to < today)
    return permit.renewal?.workGranted == null ? permit.to : null;
  return null;
}

type Job = { readonly employer: Employer | null; readonly establishment: Establishment | null };

function jobOf(permit: Permit, before: Employment | undefined, anywhere: (region: Region) => Employer | null): Job {
  if (permit.market !== 'UNLIMITED') return permit;
  if (before) return before;
  const employer = anywhere(permit.authority as Region); // the work part is decided by one of the four
  return { employer, establishment: employer?.establishments[0] ?? null };
}

/** The employments that a worker's permits cover, successive permits with one employer taken together. */
export function employmentsOf(
  cohort: Cohort,
  permits: readonly { permit: Permit; here: Day | null; gross: number; hours: number }[],
  anywhere: (region: Region) => Employer | null,
): Employment[] {
  const { chance, today } = cohort;
  const made: Employment[] = [];
  for (const { permit, here, gross, hours } of permits) {
    const { worker } = permit;
    const { employer, establishment } = jobOf(permit, made.at(-1), anywhere);
    if (employer === null || establishment === null || permit.kind === 'PC_SELF' || permit.kind.startsWith('SP_ICT'))
      continue;
    if (permit.state === 'GRANTED_NOT_STARTED' || here === null) continue;
    const start = Math.max(permit.from, here) + chance.between(0, 4);
    const before = made.at(-1);
    const end = lastDayOf(permit, today);
    if (before && before.employer === employer && before.establishment === establishment) {
      const gap = before.end === null ? 0 : start - before.end;
      if (gap < 12) {
        made[made.length - 1] = { ...before, end, gross };
        continue;
      }
    }
    if (start > today || (end !== null && end < start)) continue;
    if (before && before.end === null) made[made.length - 1] = { ...before, end: Math.max(before.start, start - 1) };
    made.push({
      id: `DIM-${worker.id.slice(2)}-${made.length + 1}`,
      worker,
      employer,
      establishment,
      start,
      end,
      gross,
      hours,
      type: permit.kind === 'SP_SEAS' ? 'EXT' : 'OTH',
      anomaly: chance.happens(shares.dmfaAnomaly) ? chance.pick(['MISSING_LINE', 'LOW_WAGE'] as const) : null,
    });
  }
  return made;
}
