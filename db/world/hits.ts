import type { Cohort } from './cohort.ts';
import { type Day, dateOf, momentOf } from './days.ts';
import type { Permit } from './permits.ts';
import { type Chance, weighted } from './random.ts';
import { inspectionOf } from './register.ts';
import { jsonList } from './tables.ts';

// What earlier runs of the rules found in the general population, among the anomalies it holds anyway.
const rules = weighted([
  [{ rule: 'I02', severity: 'HIGH', evidence: 'DIMONA' }, 20],
  [{ rule: 'I07', severity: 'LOW', evidence: 'DIMONA' }, 22],
  [{ rule: 'I12', severity: 'MEDIUM', evidence: 'DIMONA' }, 8],
  [{ rule: 'I14', severity: 'HIGH', evidence: 'DMFA' }, 26],
  [{ rule: 'I23', severity: 'MEDIUM', evidence: 'DMFA' }, 24],
] as const);

const states = weighted([
  ['OPEN', 40],
  ['ASSIGNED', 20],
  ['IN_INQUIRY', 15],
  ['CLOSED', 25],
] as const);

const outcomes = ['NO_INFRINGEMENT', 'WARNING', 'PV', 'REGULARISED'] as const;

function service(chance: Chance, authority: string): string {
  return chance.happens(0.5) ? (inspectionOf(authority) ?? 'INS-TSW') : chance.pick(['INS-RSZ', 'INS-TSW']);
}

/** Writes an inspection hit on a permit whose holder was employed under it. */
export function writeHit(
  cohort: Cohort,
  permit: Permit,
  employment: { readonly id: string; readonly start: Day },
): void {
  const { chance, batch, today } = cohort;
  const found = rules(chance);
  const status = states(chance);
  const on = Math.min(today, employment.start + chance.between(40, 400));
  batch.add('cadastre.inspection_hit', {
    id: `HIT-${permit.id}`,
    rule: found.rule,
    severity: found.severity,
    worker_id: permit.worker.id,
    employer_kbo: permit.employer?.kbo ?? null,
    authority: permit.authority,
    evidence: jsonList([
      { kind: 'PERMIT', id: permit.id },
      found.evidence === 'DIMONA'
        ? { kind: 'DIMONA', id: employment.id }
        : { kind: 'DMFA', id: `${permit.worker.id}/${permit.employer?.kbo ?? ''}/${dateOf(on).slice(0, 4)}` },
    ]),
    detected_at: momentOf(on, 7 * 3600),
    status,
    assigned_to: status === 'OPEN' ? null : service(chance, permit.authority),
    outcome: status === 'CLOSED' ? chance.pick(outcomes) : null,
  });
}
