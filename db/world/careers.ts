import type { Cohort } from './cohort.ts';
import { drawCourse, drawSubmission, openFor } from './courses.ts';
import { type Day, onWorkingDay, workingDaysAfter } from './days.ts';
import { writeDossier } from './dossiers.ts';
import { type Employment, employmentsOf, writeEmployments } from './employment.ts';
import type { Employer } from './enterprises.ts';
import type { Course } from './filing.ts';
import { drawKind, type FilingWish, fileFor } from './filings.ts';
import { writeHit } from './hits.ts';
import { involveSameWorker } from './involve.ts';
import { live } from './life.ts';
import { end, follow, type Permit, priorPermit, residenceFrom, settlePermit, writePermit } from './permits.ts';
import { makeWorker, type Worker, writeWorker } from './persons.ts';
import { regionOf } from './places.ts';
import { weighted } from './random.ts';
import { firstApplications, type Region, shares } from './shape.ts';
import type { Dossier } from './steps.ts';

/** What a worker's first dossier with us is to be; the rest is drawn. */
export type Beginning = {
  readonly region: Region;
  readonly applicationType?: string;
  readonly kind?: FilingWish['kind'];
  /** Given for the Flemish procedures of 2021, drawn otherwise. */
  readonly course?: Course;
};

/** The employers of a cohort, by region. */
export type Employers = {
  pick(region: Region): Employer;
  /** Another employer in the region than the one given. */
  other(region: Region, than: Employer | null): Employer;
  own(worker: Worker, region: Region, start: Day): Employer;
};

const firstType = weighted(firstApplications);

/** A dossier with the permit that came of it, and the day the worker was there to use it. */
export type Chapter = { readonly dossier: Dossier; readonly permit: Permit | null; here: Day | null };

/** A career under way: the worker, the permit he had before we knew him, and his dossiers, oldest first. */
type Career = { readonly worker: Worker; readonly prior: Permit | null; readonly chapters: Chapter[] };

/** Takes one dossier through its life and lets its permit follow; a worker who does not arrive stays abroad. */
export function open(cohort: Cohort, { arrives = true, ...wish }: FilingWish & { arrives?: boolean }): Chapter {
  const dossier = live(cohort, fileFor(cohort, wish));
  const { permit } = dossier;
  const here = permit && dossier.decided && arrives ? follow(cohort, dossier, dossier.decided.day) : null;
  return { dossier, permit, here };
}

function fate(cohort: Cohort, permit: Permit, here: Day | null): void {
  const { chance, today } = cohort;
  if (permit.state !== 'ACTIVE' || here === null) return;
  const last = Math.min(permit.to ?? today, today - 1);
  const start = Math.max(permit.from, here) + 40;
  if (last - start < 30) return;
  const day = onWorkingDay(chance.between(start, last - 10));
  if (day >= last) return;
  const lot = chance.next();
  if (lot < shares.permitWithdrawn)
    end(permit, { day, how: 'WITHDRAWN', ground: chance.pick(['W1', 'W4', 'W5', 'W6', 'W7']) });
  else if (permit.card !== null && lot < shares.permitWithdrawn + shares.residenceLapsed)
    end(permit, { day, how: 'WITHDRAWN', part: 'RESIDENCE', ground: chance.pick(['W9', 'W10']) });
  else if (
    permit.market === 'LIMITED' &&
    permit.employer &&
    lot < shares.permitWithdrawn + shares.residenceLapsed + shares.endedEarly
  )
    end(permit, { day, how: 'ENDED_EMPLOYMENT', ground: 'W8' });
}

// Renewals and changes come from who has a permit; a refused worker may try again, here or elsewhere.
function nextWish(cohort: Cohort, employers: Employers, { worker, chapters }: Career): FilingWish | null {
  const { chance, today } = cohort;
  const latest = chapters.at(-1);
  if (latest === undefined) return null;
  const { dossier, permit } = latest;
  const { filing } = dossier;
  if (briefKinds.has(filing.kind)) return null;
  if (permit?.to) {
    if (permit.state === 'WITHDRAWN') return null;
    const left = permit.state === 'ENDED_EMPLOYMENT';
    const moves = left || (permit.market === 'LIMITED' && chance.happens(0.16));
    const submitted = left
      ? workingDaysAfter((permit.ended ?? permit.to) + chance.between(5, 60), 1)
      : onWorkingDay(permit.to - chance.between(65, 150));
    const free =
      !moves &&
      permit.market === 'LIMITED' &&
      worker.home !== null &&
      permit.to - permit.from > 900 &&
      chance.happens(0.12);
    const region = moves && chance.happens(0.12) ? regionOf(chance) : filing.region;
    if (submitted > today || submitted <= (dossier.decided?.day ?? permit.from) || !openFor(region, submitted))
      return null;
    const applicationType = free ? 'UNLIMITED' : moves ? 'CHANGE_OF_EMPLOYER' : 'RENEWAL';
    const kind = free ? 'SP_UNL' : filing.kind;
    const where = free && worker.home ? worker.home.place.authority : region;
    if (!openFor(where, submitted)) return null;
    const course = drawCourse(cohort, kind, where, submitted, { undisturbed: chance.happens(0.6) });
    const employer = moves ? employers.other(where, filing.employer) : filing.employer;
    const same =
      moves || free || filing.establishment === null
        ? {}
        : { establishment: filing.establishment, title: filing.job.title };
    return {
      kind,
      region: where,
      worker,
      employer,
      ...same,
      applicationType,
      category: free ? 'UNL_4Y' : filing.category,
      course,
      previous: permit,
    };
  }
  const closed = dossier.decided?.day;
  if (closed === undefined || dossier.state.status === 'UNDER_APPEAL' || permit) return null;
  const submitted = workingDaysAfter(closed + chance.between(20, 300), 1);
  if (submitted > today || !openFor(filing.region, submitted) || filing.kind === 'PC_SELF') return null;
  const course = drawCourse(cohort, filing.kind, filing.region, submitted);
  const employer = chance.happens(0.5) ? filing.employer : employers.pick(filing.region);
  return { kind: filing.kind, region: filing.region, worker, employer, applicationType: 'FIRST', course };
}

/** Starts the career of a worker with a first dossier. */
function begin(cohort: Cohort, employers: Employers, beginning: Beginning): Career {
  const { chance, today } = cohort;
  const { region } = beginning;
  const applicationType = beginning.applicationType ?? firstType(chance);
  const kind = beginning.kind ?? drawKind(chance, applicationType);
  const draft = beginning.course === undefined && chance.happens(shares.draft);
  const submitted = beginning.course?.submitted ?? drawSubmission(cohort, region);
  const course: Course = draft
    ? { created: today - chance.between(0, 80), submitted: null }
    : (beginning.course ?? drawCourse(cohort, kind, region, submitted));
  const filed = course.submitted ?? course.created;
  const resident = applicationType !== 'FIRST' || chance.happens(0.22) || kind === 'WA_UNL' || kind === 'PC_SELF';
  const employer = kind === 'PC_SELF' ? null : employers.pick(region);
  const home = resident ? placeOfWork(cohort, employers, region) : null;
  const worker = makeWorker(cohort, {
    since: filed - (resident ? chance.between(200, 2500) : 0),
    home,
    // As long as a draft is not submitted, no number is asked for a person who has none.
    unnumbered: draft && !resident && chance.happens(0.5),
  });
  const self =
    kind === 'PC_SELF' && applicationType !== 'FIRST'
      ? employers.own(worker, region, filed - chance.between(1200, 2000))
      : employer;
  const prior = draft ? null : before(cohort, { worker, employer: self, region, kind, applicationType, filed });
  const same =
    prior?.employer && prior.employer === self && prior.establishment ? { establishment: prior.establishment } : {};
  const wish = { kind, region, worker, employer: self, ...same, applicationType, course, previous: prior };
  return { worker, prior, chapters: [open(cohort, wish)] };
}

type Earlier = Pick<FilingWish, 'worker' | 'employer' | 'region' | 'kind'> & { applicationType: string; filed: Day };

// Who asks for a renewal or a change had a permit of before the register; his dossier of that time is not in it.
function before(cohort: Cohort, { worker, employer, region, kind, applicationType, filed }: Earlier): Permit | null {
  const { chance } = cohort;
  if (applicationType === 'FIRST' || briefKinds.has(kind) || employer === null) return null;
  const to = filed + chance.between(65, 150);
  const held = kind === 'SP_UNL' || kind === 'WA_UNL' ? 'SP_LIM' : kind;
  return priorPermit(cohort, { worker, employer, region, kind: held, from: to - chance.between(360, 1080), to });
}

// Kinds that are not renewed.
const briefKinds = new Set<string>(['WA_SHORT', 'WA_AUPAIR', 'SP_SEAS']);

function placeOfWork({ chance }: Cohort, employers: Employers, region: Region) {
  return chance.pick(employers.pick(region).establishments).address.place;
}

// Who has an unlimited permit works for whom he likes.
type Anywhere = (region: Region) => Employer | null;
const none: Anywhere = () => null;

type Circumstances = {
  readonly anywhere?: Anywhere;
  /** Instead of what the permits imply. */
  readonly employments?: readonly Employment[];
  readonly prior?: Permit | null;
};

/** What a career left behind: its dossiers, permits and employments, all written. */
export type Written = {
  readonly dossiers: readonly Dossier[];
  readonly permits: readonly Permit[];
};

/** Brings a worker's permits and employments up to the day of seeding, and writes them with the worker. */
export function conclude(
  cohort: Cohort,
  worker: Worker,
  chapters: readonly Chapter[],
  { anywhere = none, employments, prior = null }: Circumstances = {},
): Written {
  const first = chapters[0];
  const granted = chapters.flatMap(({ permit, here, dossier }) => {
    const { gross, hours } = dossier.filing.job;
    return permit ? [{ permit, here, gross: gross ?? 3200, hours }] : [];
  });
  const earlier = prior
    ? [{ permit: prior, here: prior.from, gross: first?.dossier.filing.job.gross ?? 3200, hours: 38 }]
    : [];
  const withPermit = [...earlier, ...granted];
  if (prior) settlePermit(cohort, prior, first?.dossier.submitted ? first : null);
  for (const [at, { permit }] of chapters.entries()) {
    const next = chapters[at + 1];
    if (permit) settlePermit(cohort, permit, next && next.dossier.filing.previous === permit ? next : null);
  }
  for (const { dossier } of chapters) writeDossier(cohort, dossier);
  for (const { permit } of withPermit) writePermit(cohort, permit);
  const latest = withPermit.findLast(({ permit }) => permit.state !== 'GRANTED_NOT_STARTED')?.permit;
  if (latest && worker.home) worker.residence = residenceFrom(latest);
  const works = employments ?? employmentsOf(cohort, withPermit, anywhere);
  writeEmployments(cohort, works);
  for (const { permit } of employments === undefined ? granted : []) {
    const work = works.find(({ employer, start }) => employer === permit.employer && start >= permit.from);
    if (work && cohort.chance.happens(shares.hits)) writeHit(cohort, permit, work);
  }
  involveSameWorker(cohort, worker);
  // Who has no number is known from a draft alone.
  if (worker.aliases.length > 0) writeWorker(cohort, worker);
  return { dossiers: chapters.map(({ dossier }) => dossier), permits: withPermit.map(({ permit }) => permit) };
}

/** Takes a worker from the first dossier to the day of seeding, and writes all of it. */
export function career(cohort: Cohort, employers: Employers, beginning: Beginning, followUps: number): Written {
  const made = begin(cohort, employers, beginning);
  for (let count = 0; count < 6; count += 1) {
    const latest = made.chapters.at(-1);
    if (latest?.permit) fate(cohort, latest.permit, latest.here);
    if (!cohort.chance.happens(followUps)) break;
    const wish = nextWish(cohort, employers, made);
    if (wish === null) break;
    made.chapters.push(open(cohort, wish));
  }
  return conclude(cohort, made.worker, made.chapters, {
    anywhere: (region) => employers.pick(region),
    prior: made.prior,
  });
}
