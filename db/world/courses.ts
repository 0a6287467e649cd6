import type { Cohort } from './cohort.ts';
import { type Day, dayOf, onWorkingDay, workingDay, workingDaysAfter, workingIndex } from './days.ts';
import type { Course } from './filing.ts';
import { type Chance, skewed, weighted } from './random.ts';
import { firstDate, monthWeights, type Region, regionIds, regions, shares, yearWeights } from './shape.ts';
import { type Kind, kinds } from './work.ts';

const inadmissibleGrounds = weighted([
  ['MISSING_DOCS', 70],
  ['FEE_UNPAID', 12],
  ['NOT_FROM_ABROAD', 8],
  ['TOO_LATE_RENEWAL', 5],
  ['FILED_BY_WRONG_PARTY', 5],
] as const);

const refusalGrounds = weighted([
  ['LMT_FAILED', 24],
  ['SALARY_BELOW_THRESHOLD', 22],
  ['DIPLOMA', 18],
  ['NOT_ON_SHORTAGE_LIST', 14],
  ['WORKING_CONDITIONS', 8],
  ['EMPLOYER_INSOLVENT', 4],
  ['SHELL_COMPANY', 4],
  ['FRAUD_OR_FALSE_DOCS', 4],
  ['OTHER', 2],
] as const);

const residenceGrounds = weighted([
  ['RES_CRIMINAL_RECORD', 20],
  ['RES_MEANS', 25],
  ['RES_INSURANCE', 15],
  ['RES_FEE', 15],
  ['RES_ENTRY_BAN', 15],
  ['RES_PUBLIC_ORDER', 10],
] as const);

/** Draws why something was refused. */
export const grounds = { inadmissible: inadmissibleGrounds, refusal: refusalGrounds, residence: residenceGrounds };

// The Flemish procedures of the first ten months of 2021 are made one by one (flanders2021.ts); nothing else may be
// filed, or decided, there and then.
const closed = { decided: dayOf('2021-01-01'), filed: dayOf('2020-10-01'), reopens: dayOf('2021-11-02') };

/** Whether a Flemish dossier of the general population may be submitted on a day. */
export function openFor(region: Region, day: Day): boolean {
  return region !== 'VLA-DEM' || day < closed.filed || day >= closed.reopens;
}

// A dossier reaches the wrong region about as often as that region gets dossiers at all.
const formerly = Object.fromEntries(
  regionIds.map((region) => [
    region,
    weighted(regionIds.filter((one) => one !== region).map((one) => [one, regions[one].share] as const)),
  ]),
) as Record<Region, (chance: Chance) => Region>; // one entry per region

const months = new Map<string, (chance: Chance) => Day>();

/** Draws the day on which a dossier of the general population is submitted, up to the day of seeding. */
export function drawSubmission(cohort: Cohort, region: Region): Day {
  const { chance, today } = cohort;
  const key = String(today);
  let draw = months.get(key);
  if (draw === undefined) {
    draw = arrivals(today);
    months.set(key, draw);
  }
  for (;;) {
    const day = draw(chance);
    if (day <= today && openFor(region, day)) return day;
  }
}

function arrivals(today: Day): (chance: Chance) => Day {
  const table: (readonly [number, number])[] = [];
  const start = dayOf(firstDate);
  const last = Math.max(...Object.keys(yearWeights).map(Number));
  const year = (index: number) => 2019 + Math.floor(index / 12);
  const firstOf = (index: number) => dayOf(`${year(index)}-${String((index % 12) + 1).padStart(2, '0')}-01`);
  for (let index = 0; firstOf(index) <= today; index += 1) {
    const weight = yearWeights[Math.min(year(index), last)] ?? 1;
    // The running month has had only part of its days.
    const part = Math.min(1, (today - firstOf(index) + 1) / 30);
    table.push([index, weight * (monthWeights[index % 12] ?? 800) * part]);
  }
  const month = weighted(table);
  return (chance) => {
    const index = month(chance);
    return Math.max(start, onWorkingDay(chance.between(firstOf(index), Math.min(firstOf(index + 1) - 1, today))));
  };
}

function after(day: Day, workingDays: number): Day {
  return workingDaysAfter(day, Math.max(0, Math.round(workingDays)));
}

/** What may be fixed about a drawn course. */
export type CourseWish = {
  readonly outcome?: 'GRANT' | 'REFUSE' | 'REFUSE_RESIDENCE' | 'INADMISSIBLE';
  readonly undisturbed?: boolean;
};

function drawOutcome(chance: Chance, kind: Kind): NonNullable<CourseWish['outcome']> {
  const rule = kinds[kind];
  if (!chance.happens(shares.admissible)) return 'INADMISSIBLE';
  if (rule.work && !chance.happens(shares.workGranted)) return 'REFUSE';
  return rule.residence && !chance.happens(shares.residenceGranted) ? 'REFUSE_RESIDENCE' : 'GRANT';
}

/** Draws the course of a dossier of the general population that is submitted on a day. */
export function drawCourse(cohort: Cohort, kind: Kind, region: Region, submitted: Day, wish: CourseWish = {}): Course {
  const { chance } = cohort;
  const rule = kinds[kind];
  const outcome = wish.outcome ?? drawOutcome(chance, kind);
  const created = submitted - (chance.happens(0.35) ? 0 : chance.between(1, 12));
  const earliest = dayOf(firstDate);
  const quiet = wish.undisturbed ?? false;
  const early = region === 'VLA-DEM' && submitted < closed.decided;
  const slow = !quiet && !early && chance.happens(shares.slow) ? chance.between(3, 5) : 1;
  const base = { created: Math.max(earliest, created), submitted };
  const transfer =
    !quiet && submitted >= closed.reopens && chance.happens(shares.transfer)
      ? { day: after(submitted, chance.between(1, 4)), from: formerly[region](chance) }
      : null;
  const received = transfer?.day ?? submitted;
  const missing =
    outcome === 'INADMISSIBLE' ? chance.happens(0.6) : !quiet && chance.happens(shares.informationRequested);
  const asked = after(received, chance.between(1, 6));
  const request = missing
    ? { day: asked, answered: outcome === 'INADMISSIBLE' ? null : Math.min(asked + 15, asked + chance.between(1, 15)) }
    : null;
  if (outcome === 'INADMISSIBLE') {
    const day = request
      ? after(onWorkingDay(asked + 15), chance.between(1, 9))
      : after(received, chance.between(2, 12));
    const ground = request ? 'MISSING_DOCS' : grounds.inadmissible(chance);
    return { ...base, transfer, request, inadmissible: { day, ground } };
  }
  const complete = request?.answered ?? received;
  const admissible = after(onWorkingDay(complete), chance.between(request ? 0 : 1, 5));
  const work = rule.work
    ? { day: capped(after(admissible, skewed(chance, regions[region].workDays) * slow + 1), early), ground: null }
    : null;
  const decided = work?.day ?? admissible;
  const residence = rule.residence ? { day: after(decided, skewed(chance, 11) * slow + 2), ground: null } : null;
  const end = residence?.day ?? decided;
  const stopAt = submitted + chance.between(3, Math.max(4, end - submitted - 1));
  const withdrawn = chance.happens(shares.withdrawn);
  const stop =
    !quiet && !early && (withdrawn || chance.happens(shares.withoutObject))
      ? ({
          day: onWorkingDay(Math.max(stopAt, (transfer?.day ?? submitted) + 1)),
          status: withdrawn ? 'APPLICANT_WITHDRAWN' : 'WITHOUT_OBJECT',
        } as const)
      : null;
  const common = { ...base, transfer, request, admissible, stop };
  if (outcome === 'REFUSE' && work) {
    const appeal = drawAppeal(chance, work.day, early);
    const then =
      residence && appeal?.decided ? { ...residence, day: after(appeal.decided, skewed(chance, 11) + 2) } : null;
    return { ...common, work: { ...work, ground: grounds.refusal(chance) }, appeal, residence: then };
  }
  if (outcome === 'REFUSE_RESIDENCE' && residence) {
    const appeal = drawAppeal(chance, residence.day, early);
    return { ...common, work, residence: { ...residence, ground: grounds.residence(chance) }, appeal };
  }
  return { ...common, work, residence };
}

// Flemish dossiers of before October 2020 are decided before 2021 begins.
function capped(day: Day, early: boolean): Day {
  if (!early || day < closed.decided) return day;
  return workingDay(workingIndex(closed.decided - 1) - (day % 11));
}

/** Draws an appeal against a refusal of a day, or none. An appeal that is upheld carries the dossier on to residence. */
export function drawAppeal(chance: Chance, refused: Day, never = false): Course['appeal'] {
  if (never || !chance.happens(shares.appeal)) return null;
  const lodged = refused + chance.between(5, 27);
  return { lodged, decided: after(lodged, chance.between(30, 80)), upheld: chance.happens(shares.appealUpheld) };
}
