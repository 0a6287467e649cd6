import type { Cohort } from './cohort.ts';
import type { Day } from './days.ts';
import type { Worker } from './persons.ts';
import { type Capacity, inspectionOf } from './register.ts';
import type { Dossier } from './steps.ts';

type Tie = { readonly party: string; readonly capacity: Capacity; readonly from: Day };

// What the steps of a dossier would have written, from the day on which each was taken.
function authorities(dossier: Dossier): Tie[] {
  const { submitted, filing } = dossier;
  if (submitted === null) return [];
  const ties: Tie[] = [{ party: dossier.authority, capacity: 'COMPETENT', from: submitted.day }];
  if (dossier.former !== null) {
    const moved = dossier.filing.course.transfer?.day ?? submitted.day;
    ties[0] = { party: dossier.authority, capacity: 'COMPETENT', from: moved };
    ties.push({ party: dossier.former, capacity: 'FORMER', from: submitted.day });
  }
  if (dossier.copied) ties.push({ party: 'FED-DVZ', capacity: 'COPIED', from: dossier.copied.day });
  if (dossier.forwarded) ties.push({ party: 'FED-DVZ', capacity: 'FORWARDED', from: dossier.forwarded.day });
  const inspection = filing.workplace ? inspectionOf(filing.workplace.authority) : null;
  if (inspection) ties.push({ party: inspection, capacity: 'TERRITORY', from: submitted.day });
  const granted = dossier.state.status === 'GRANTED' && dossier.decided ? dossier.decided.day : null;
  if (granted !== null && filing.post) ties.push({ party: filing.post, capacity: 'NAMED', from: granted });
  // A renewal is known to the municipality before, so that it can issue an annex 49.
  const named = filing.applicationType === 'RENEWAL' ? (dossier.admissible?.day ?? granted) : granted;
  if (named !== null && dossier.municipality) {
    const { nis, since } = dossier.municipality;
    ties.push({ party: `MUN-${nis}`, capacity: 'NAMED', from: Math.max(named, since) });
  }
  return ties;
}

/** Enters a dossier in the reference register: who is tied to it, to its worker and to its employer, and since when. */
export function involve({ register }: Cohort, dossier: Dossier): void {
  const { filing, number, created, submitted, admissible } = dossier;
  const { worker, employer, counter, host, applicant } = filing;
  const kbo = employer?.kbo ?? null;
  const own = (party: string, from: Day) => register.note(party, 'DOSSIER', number, 'PARTY', from);
  if (kbo !== null) own(`EMPLOYER:${kbo}`, created.day);
  if (counter !== null) own(`ENTERPRISE_COUNTER:${counter}`, created.day);
  const workerFrom = applicant.id === worker.id ? created.day : (admissible?.day ?? null);
  if (workerFrom !== null) own(`WORKER:${worker.id}`, workerFrom);
  if (host) own(`WORKER:${host.id}`, created.day);
  for (const { party, capacity, from } of authorities(dossier)) {
    register.note(party, 'DOSSIER', number, capacity, from);
    register.note(party, 'WORKER', worker.id, capacity, from);
    if (kbo !== null) register.note(party, 'EMPLOYER', kbo, capacity, from);
    if (host && capacity === 'COMPETENT') register.note(party, 'WORKER', host.id, capacity, from);
  }
  if (kbo !== null && workerFrom !== null && submitted)
    register.note(`WORKER:${worker.id}`, 'EMPLOYER', kbo, 'PARTY', workerFrom);
  if (submitted === null) return;
  // Before it is submitted nobody has checked that the employer may know this person.
  if (kbo !== null) register.note(`EMPLOYER:${kbo}`, 'WORKER', worker.id, 'PARTY', submitted.day);
  if (counter !== null) {
    register.note(`ENTERPRISE_COUNTER:${counter}`, 'WORKER', worker.id, 'PARTY', submitted.day);
    if (kbo !== null) register.note(`ENTERPRISE_COUNTER:${counter}`, 'EMPLOYER', kbo, 'PARTY', submitted.day);
  }
  worker.filed.push({ number, authority: dossier.authority, from: submitted.day });
}

/** Ties each region that has a dossier on a worker to the dossiers that other regions have on the same worker. */
export function involveSameWorker({ register }: Cohort, { filed }: Worker): void {
  for (const own of filed) {
    for (const other of filed) {
      if (own.authority !== other.authority)
        register.note(own.authority, 'DOSSIER', other.number, 'SAME_WORKER', Math.max(own.from, other.from));
    }
  }
}

/** Enters an employment or a posting: the employer, the worker and the inspection of the place. */
export function involveWork(
  { register }: Cohort,
  work: { worker: Worker; kbo: string; authority: string; from: Day; employed: boolean },
): void {
  register.note(`EMPLOYER:${work.kbo}`, 'WORKER', work.worker.id, 'PARTY', work.from);
  if (work.employed) register.note(`WORKER:${work.worker.id}`, 'EMPLOYER', work.kbo, 'PARTY', work.from);
  const inspection = inspectionOf(work.authority);
  if (inspection) register.note(inspection, 'WORKER', work.worker.id, 'TERRITORY', work.from);
}
