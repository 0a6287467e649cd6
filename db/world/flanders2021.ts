import { drawAppeal, grounds } from './courses.ts';
import { type Day, dayOf, workingDay, workingIndex } from './days.ts';
import type { Course } from './filing.ts';
import { drawKind } from './filings.ts';
import { type Chance, chanceOf, shuffle, skewed, weighted } from './random.ts';
import { firstApplications } from './shape.ts';
import { type Kind, kinds } from './work.ts';

/**
 * The Flemish figures of 2021 (answer to parliamentary question 67 of 28 October 2021, DOMAIN 7.3), which every profile but
 * `small` reproduces. The two series differ in scope and are not to be reconciled (DOMAIN 0, item 10). What is counted:
 *
 * - filed: dossiers.dossier with `competent_authority = 'VLA-DEM'`, `kind like 'SP\_%'` and the Brussels date of
 *   `submitted_at` from 2021-01-01 to 2021-10-31;
 * - admissible: of those, `admissible_at is not null` (all of them by 2021-10-31);
 * - forwarded: of those, the Brussels date of `forwarded_to_dvz_at` is at most 2021-10-31;
 * - finished in a month: decisions.decision with `authority = 'VLA-DEM'`, `part = 'WORK'`, `version = 1`,
 *   `outcome in ('GRANT', 'REFUSE', 'INADMISSIBLE')` and `decided_on` in that month, for dossiers of every kind;
 * - mean lead time of a month: over its finished procedures, the mean number of working days (DOMAIN 7.4: Monday to Friday
 *   without the ten statutory holidays) in (Brussels date of `submitted_at`, `decided_on`], to one decimal.
 */
export const flanders2021 = {
  filed: 6444,
  admissible: 5983,
  forwarded: 4613,
  finished: [702, 647, 908, 771, 618, 697, 723, 1054, 1026, 1042],
  leadTimes: [17.5, 16.0, 13.4, 14.2, 16.5, 22.3, 31.6, 34.7, 41.1, 40.3],
} as const;

/** A Flemish procedure of 2021, as a career begins with it. */
export type Procedure = { readonly kind: Kind; readonly applicationType: string; readonly course: Course };

const opens = dayOf('2021-01-01');
const closes = dayOf('2021-10-31');
const firstType = weighted(firstApplications);

// A procedure that ends in the ten months: indexes of working days, so that lead times are plain differences.
type Finished = { filed: number; readonly decided: number };

function month(chance: Chance, number: number, count: number, mean: number): Finished[] {
  const first = dayOf(`2021-${String(number).padStart(2, '0')}-01`);
  const next = number === 12 ? dayOf('2022-01-01') : dayOf(`2021-${String(number + 1).padStart(2, '0')}-01`);
  const low = workingIndex(first - 1) + 1;
  const high = workingIndex(next - 1);
  const made = Array.from({ length: count }, (): Finished => {
    const decided = chance.between(low, high);
    return { decided, filed: decided - Math.max(2, Math.min(110, Math.round(skewed(chance, mean)))) };
  });
  // Draws have their own mean; single working days are moved until the month has exactly the published one.
  let surplus = made.reduce((sum, one) => sum + one.decided - one.filed, 0) - Math.round(mean * count);
  while (surplus !== 0) {
    const one = chance.pick(made);
    const lead = one.decided - one.filed;
    if (surplus > 0 && lead <= 2) continue;
    one.filed += Math.sign(surplus);
    surplus -= Math.sign(surplus);
  }
  return made;
}

function base(chance: Chance, filed: Day): { created: Day; submitted: Day } {
  return { created: filed - (chance.happens(0.4) ? 0 : chance.between(1, 9)), submitted: filed };
}

function kindFor(chance: Chance, among: 'SP' | 'OTHER'): { kind: Kind; applicationType: string } {
  const drawn = firstType(chance);
  const applicationType = among === 'OTHER' && drawn === 'UNLIMITED' ? 'FIRST' : drawn;
  return { kind: drawKind(chance, applicationType, among), applicationType };
}

// Flanders looks at admissibility and merits together: admission falls on a day of the treatment, mostly an early one.
function admission(chance: Chance, filed: number, decided: number): number {
  return Math.min(decided, filed + chance.between(1, Math.max(1, Math.min(10, Math.floor((decided - filed) / 2)))));
}

function decidedCourse(
  chance: Chance,
  one: Finished,
  kind: Kind,
  outcome: 'GRANT' | 'REFUSE' | 'INADMISSIBLE',
): Course {
  const decided = workingDay(one.decided);
  const { created, submitted } = base(chance, workingDay(one.filed));
  if (outcome === 'INADMISSIBLE')
    return { created, submitted, inadmissible: { day: decided, ground: grounds.inadmissible(chance) } };
  const admissible = workingDay(admission(chance, one.filed, one.decided));
  const residence = kinds[kind].residence;
  const federal = workingDay(one.decided + chance.between(8, 17));
  const refusedByFederal = chance.happens(0.05);
  if (outcome === 'REFUSE') {
    const drawn = drawAppeal(chance, decided);
    // An appeal upheld within the ten months would forward one dossier more than was counted.
    const appeal = drawn ? { ...drawn, upheld: drawn.upheld && (drawn.decided ?? closes) > closes } : null;
    const then = residence && appeal?.decided && appeal.upheld ? { day: appeal.decided + 21, ground: null } : null;
    return {
      created,
      submitted,
      admissible,
      work: { day: decided, ground: grounds.refusal(chance) },
      appeal,
      residence: then,
    };
  }
  return {
    created,
    submitted,
    admissible,
    work: { day: decided, ground: null },
    residence: residence ? { day: federal, ground: refusedByFederal ? grounds.residence(chance) : null } : null,
  };
}

// Filed in the ten months and still open at their end: admissible, and decided in the three months after.
function pendingCourse(chance: Chance, kind: Kind): Course {
  const last = workingIndex(closes);
  const filed = chance.between(last - 44, last - 1);
  const admitted = Math.min(last, filed + chance.between(1, 9));
  const decided = Math.max(last + 1, Math.max(filed + chance.between(28, 60), admitted + 3));
  const granted = chance.happens(0.9);
  const { created, submitted } = base(chance, workingDay(filed));
  const work = { day: workingDay(decided), ground: granted ? null : grounds.refusal(chance) };
  const residence =
    kinds[kind].residence && granted ? { day: workingDay(decided + chance.between(8, 17)), ground: null } : null;
  return { created, submitted, admissible: workingDay(admitted), work, residence };
}

// Filed in the ten months, and withdrawn before anybody looked at it.
function withdrawnCourse(chance: Chance): Course {
  const last = workingIndex(closes);
  const filed = chance.between(workingIndex(opens) + 1, last - 12);
  const { created, submitted } = base(chance, workingDay(filed));
  return {
    created,
    submitted,
    stop: { day: workingDay(filed + chance.between(2, 10)), status: 'APPLICANT_WITHDRAWN' },
  };
}

// How the single-permit dossiers of the ten months end that are neither forwarded nor still open.
const refused = 512;
const inadmissible = 330;

/** All Flemish procedures that were filed or finished in the first ten months of 2021, in a random order. */
export function flemishProcedures(): Procedure[] {
  const chance = chanceOf('flanders 2021');
  const finished = flanders2021.finished.flatMap((count, at) =>
    month(chance, at + 1, count, flanders2021.leadTimes[at] ?? 20),
  );
  const filedBefore = (one: Finished) => workingDay(one.filed) < opens;
  const carried = finished.filter(filedBefore);
  const within = shuffle(
    chance,
    finished.filter((one) => !filedBefore(one)),
  );
  const procedures: Procedure[] = [];
  const add = (among: 'SP' | 'OTHER', course: (kind: Kind) => Course) => {
    const { kind, applicationType } = kindFor(chance, among);
    procedures.push({ kind, applicationType, course: course(kind) });
  };
  // A refusal or an inadmissible dossier of 2021 is in no way special, so that the order of the draws decides.
  const outcomes = [
    ...Array.from({ length: flanders2021.forwarded }, () => 'GRANT' as const),
    ...Array.from({ length: refused }, () => 'REFUSE' as const),
    ...Array.from({ length: inadmissible }, () => 'INADMISSIBLE' as const),
  ];
  if (within.length < outcomes.length) throw new RangeError('too few Flemish procedures were filed in 2021 itself');
  for (const [at, one] of within.entries()) {
    const outcome = outcomes[at] ?? otherOutcome(chance);
    add(at < outcomes.length ? 'SP' : 'OTHER', (kind) => decidedCourse(chance, one, kind, outcome));
  }
  for (const one of carried) {
    const outcome = otherOutcome(chance);
    add(chance.happens(0.75) ? 'SP' : 'OTHER', (kind) => decidedCourse(chance, one, kind, outcome));
  }
  const open = flanders2021.admissible - flanders2021.forwarded - refused;
  for (let count = 0; count < open; count += 1) add('SP', (kind) => pendingCourse(chance, kind));
  const never = flanders2021.filed - flanders2021.admissible - inadmissible;
  for (let count = 0; count < never; count += 1) add('SP', () => withdrawnCourse(chance));
  return shuffle(chance, procedures);
}

const otherOutcome = weighted([
  ['GRANT', 84],
  ['REFUSE', 9],
  ['INADMISSIBLE', 7],
] as const);
