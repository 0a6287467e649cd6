import { makeEstablishment, makeKbo } from '../../schema/identifiers.ts';
import { type Chapter, conclude, open } from './careers.ts';
import type { Cohort } from './cohort.ts';
import { type Day, dateOf, dayOf, onWorkingDay, workingDay, workingDaysAfter, workingIndex } from './days.ts';
import type { Employment } from './employment.ts';
import { type Employer, type EnterpriseWish, type Establishment, makeEmployer, writeEmployer } from './enterprises.ts';
import type { Course } from './filing.ts';
import type { FilingWish } from './filings.ts';
import { inszOf } from './numbers.ts';
import { end, type Fate } from './permits.ts';
import { makeWorker, type PersonWish, type Worker } from './persons.ts';
import { type Place, placeAt } from './places.ts';
import { type Posting, writePosting } from './postings.ts';
import type { Region } from './shape.ts';
import { sectors } from './work.ts';

/** The fixed numbers from which the cast of a stage takes its own: the same in every profile and on every day. */
export type Reserved = { worker: number; kbo: number; establishment: number; sequence: number; born: string };

/** What a dossier of the cast is about; the course says what happens to it. */
export type Part = Partial<Omit<FilingWish, 'course'>> & {
  worker: Worker;
  employer: Employer | null;
  region: Region;
  course: Course;
  arrives?: boolean;
};

/** A permit of the cast: granted in time, in force from one day to another. */
export type Grant = Partial<Omit<FilingWish, 'course'>> & {
  worker: Worker;
  employer: Employer | null;
  region: Region;
  from: Day;
  to: Day;
  /** Whether the worker came; false for one who is still abroad. */
  arrives?: boolean;
  fate?: Fate;
};

/** Where named people and planted cases are put together, by hand and with fixed numbers. */
export type Stage = {
  readonly cohort: Cohort;
  readonly today: Day;
  /** The working day so many working days before the day of seeding. */
  back(workingDays: number): Day;
  employer(wish: EnterpriseWish & { postalCode: string; region?: undefined }): Employer;
  worker(wish?: Partial<PersonWish> & { postalCode?: string }): Worker;
  dossier(part: Part): Chapter;
  grant(grant: Grant): Chapter;
  /** An employment of a worker; DmfA follows unless the wish says otherwise. */
  work(wish: Partial<Employment> & { worker: Worker; employer: Employer; start: Day; end?: Day | null }): Employment;
  posting(posting: Posting): string;
  /** Lets what the permits imply be the worker's employments, for whom none is put in by hand. */
  employedAsPermitted(worker: Worker): void;
  finish(): void;
};

const founded = dayOf('2009-03-02');

/** A course in which everything goes well and as usual, for a permit that begins on a day. */
export function smooth(from: Day): Course {
  const submitted = workingDaysAfter(from, -70);
  return {
    created: submitted - 3,
    submitted,
    admissible: workingDaysAfter(submitted, 5),
    work: { day: workingDaysAfter(submitted, 24), ground: null },
    residence: { day: workingDaysAfter(submitted, 36), ground: null },
  };
}

/** Makes an empty stage in a cohort. */
export function stageIn(cohort: Cohort, reserved: Reserved): Stage {
  const { today } = cohort;
  const next = { ...reserved };
  const employers: Employer[] = [];
  const chapters = new Map<Worker, Chapter[]>();
  const works = new Map<Worker, Employment[]>();
  const permitted = new Set<Worker>();
  const cast = (worker: Worker): Chapter[] => {
    const known = chapters.get(worker) ?? [];
    chapters.set(worker, known);
    return known;
  };
  const enter = (part: Part): Chapter => {
    next.sequence += 1;
    const chapter = open(cohort, {
      kind: 'SP_LIM',
      ...(part.kind === undefined || part.kind === 'SP_LIM' ? { category: 'HIGHSKILL', gross: 5000 } : {}),
      hours: 38,
      sequence: next.sequence,
      ...(part.employer?.establishments[0] ? { establishment: part.employer.establishments[0] } : {}),
      mandatary: null,
      ...part,
    });
    cast(part.worker).push(chapter);
    return chapter;
  };
  return {
    cohort,
    today,
    back: (count) => workingDay(workingIndex(today) - count),
    employer: ({ postalCode, ...wish }) => {
      next.kbo += 1;
      const place = placeAt(postalCode);
      const sector = wish.sector ?? sectors[0];
      const units = wish.establishments ?? [{ place }];
      const employer = makeEmployer(cohort, {
        kbo: makeKbo(String(next.kbo).padStart(8, '0')),
        start: founded,
        place,
        ...wish,
        ...(sector ? { sector } : {}),
        establishments: units.map((unit) => {
          next.establishment += 1;
          return { number: makeEstablishment(String(next.establishment)), ...unit };
        }),
      });
      employers.push(employer);
      return employer;
    },
    worker: ({ postalCode, ...wish } = {}) => {
      next.worker += 1;
      const sex = wish.sex ?? 'M';
      const birthDate = wish.birthDate ?? dateOf(dayOf(next.born) + next.worker * 5);
      const kind = wish.kind ?? (postalCode === undefined ? 'BIS' : 'RRN');
      const home: Place | null = postalCode === undefined ? null : placeAt(postalCode);
      const own = wish.unnumbered ? null : (wish.insz ?? inszOf(kind, birthDate, sex === 'M' ? 991 : 990));
      for (const insz of [own, wish.successor]) if (insz) cohort.world.numbers.reserve(insz);
      const insz = own === null ? {} : { insz: own };
      const worker = makeWorker(cohort, {
        id: `W-${String(next.worker).padStart(7, '0')}`,
        nationality: 'TR',
        since: today - 900,
        ...wish,
        sex,
        birthDate,
        kind,
        home,
        ...insz,
      });
      cast(worker);
      return worker;
    },
    dossier: enter,
    grant: ({ from, to, arrives, fate, ...part }) => {
      const chapter = enter({
        ...part,
        course: smooth(from),
        periodFrom: from,
        periodTo: to,
        ...(arrives === undefined ? {} : { arrives }),
      });
      if (fate && chapter.permit) end(chapter.permit, fate);
      return chapter;
    },
    work: (wish) => {
      const establishment: Establishment | undefined = wish.establishment ?? wish.employer.establishments[0];
      if (establishment === undefined) throw new RangeError('an employment needs an establishment');
      const known = works.get(wish.worker) ?? [];
      const made = {
        end: null,
        gross: 5000,
        hours: 38,
        ...wish,
        establishment,
        id: `DIM-${wish.worker.id.slice(2)}-${known.length + 1}`,
      };
      works.set(wish.worker, [...known, made]);
      return made;
    },
    posting: (posting) => writePosting(cohort, posting),
    employedAsPermitted: (worker) => permitted.add(worker),
    finish: () => {
      for (const [worker, acts] of chapters)
        conclude(cohort, worker, acts, permitted.has(worker) ? {} : { employments: works.get(worker) ?? [] });
      for (const employer of employers) writeEmployer(cohort, employer);
    },
  };
}

/** The first working day on or after a day so many days from the day of seeding, negative for the past. */
export function around(stage: Stage, days: number): Day {
  return onWorkingDay(stage.today + days);
}
