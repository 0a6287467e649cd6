import type { Day } from './days.ts';
import type { Course } from './filing.ts';
import { addressIn, placeAt } from './places.ts';
import type { Planted, Recipe } from './planted.ts';
import { permitted } from './planted-employment.ts';
import { around, type Stage } from './stage.ts';

type Ending = 'REFUSED' | 'INADMISSIBLE' | 'WITHDRAWN';

// A dossier that ends badly on a day.
function ending(day: Day, how: Ending): Course {
  const base = { created: day - 32, submitted: day - 30 };
  if (how === 'INADMISSIBLE') return { ...base, inadmissible: { day, ground: 'MISSING_DOCS' } };
  if (how === 'WITHDRAWN') return { ...base, admissible: day - 24, stop: { day, status: 'APPLICANT_WITHDRAWN' } };
  return { ...base, admissible: day - 24, work: { day, ground: 'SALARY_BELOW_THRESHOLD' } };
}

function refiled(stage: Stage, refused: number, filed: number): Planted {
  const worker = stage.worker({ nationality: 'CM' });
  const employer = stage.employer({
    postalCode: '9000',
    establishments: [{ place: placeAt('9000') }, { place: placeAt('1000') }],
  });
  const [ghent, brussels] = employer.establishments;
  if (ghent === undefined || brussels === undefined) return { worker, employer };
  stage.dossier({
    worker,
    employer,
    establishment: ghent,
    region: 'VLA-DEM',
    course: ending(around(stage, -refused), 'REFUSED'),
  });
  const submitted = around(stage, -filed);
  const course = { created: submitted - 2, submitted, admissible: around(stage, 7 - filed) };
  const chapter = stage.dossier({ worker, employer, establishment: brussels, region: 'BRU-BEW', course });
  return { worker, employer, chapter };
}

function sharedAddress(stage: Stage, employers: number): Planted {
  const place = placeAt('8500');
  const address = addressIn(stage.cohort.chance, place);
  const made = Array.from({ length: employers }, () =>
    stage.employer({ postalCode: '8500', establishments: [{ place, address }] }),
  );
  const trios = made.map((employer) => {
    const trio = permitted(stage, -200, 500, { employer });
    stage.employedAsPermitted(trio.worker);
    return trio;
  });
  return trios[0] ?? {};
}

function crowd(stage: Stage, permits: number, others: number): Planted {
  const employer = stage.employer({ postalCode: '2800' });
  employer.headcount = permits + others;
  const trios = Array.from({ length: permits }, () => {
    const trio = permitted(stage, -200, 500, { employer });
    stage.employedAsPermitted(trio.worker);
    return trio;
  });
  for (let count = 0; count < others; count += 1) {
    const worker = stage.worker({ postalCode: '2800', nationality: 'NL' });
    stage.work({ worker, employer, start: around(stage, -300), gross: 3200 });
  }
  return trios[0] ?? { employer };
}

function insolvent(stage: Stage, state: string, days: number, leaves = false): Planted {
  const employer = stage.employer({ postalCode: '9000' });
  const day = around(stage, -days);
  employer.end = { state, since: day };
  const fate = leaves ? ({ fate: { day, how: 'ENDED_EMPLOYMENT', ground: 'W7' } } as const) : {};
  const trio = permitted(stage, -300, 400, { employer, ...fate });
  stage.employedAsPermitted(trio.worker);
  return trio;
}

function twoPermits(stage: Stage, hours: number, more: number): Planted {
  const first = permitted(stage, -300, 400, { hours });
  const second = permitted(stage, -200, 500, { worker: first.worker, hours: more, gross: 4600 });
  stage.work({ ...first, start: first.chapter.permit?.from ?? stage.today, hours });
  stage.work({ ...second, start: second.chapter.permit?.from ?? stage.today, hours: more });
  return second;
}

// Two entries in the registers that may be one person: a national number, and a bis number given by mistake.
function twins(stage: Stage, birthDate: string, last: string, passport: string): Planted {
  const name = { first: 'Oleksandr', last: 'Savchenko' };
  const common = { nationality: 'UA', birthDate };
  const worker = stage.worker({ ...common, postalCode: '9000', name, passport: 'UA5550101' });
  stage.worker({ ...common, kind: 'BIS', name: { ...name, last }, passport });
  return { worker };
}

function manyFiled(stage: Stage, age: number, dossiers: number): Planted {
  const start = stage.today - age;
  const employer = stage.employer({ postalCode: '3500', start });
  const chapters = Array.from({ length: dossiers }, (_, at) => {
    const submitted = stage.back(20 - at);
    return stage.dossier({
      worker: stage.worker({ nationality: 'IN' }),
      employer,
      region: 'VLA-DEM',
      course: { created: submitted - 1, submitted },
    });
  });
  return { employer, ...(chapters[0] ? { chapter: chapters[0] } : {}) };
}

// Filed so many days after a Monday half a year ago, each closed a month later.
function tries(stage: Stage, offsets: readonly number[], endings: readonly Ending[]): Planted {
  const worker = stage.worker({ nationality: 'MA' });
  const employer = stage.employer({ postalCode: '8000' });
  const then = stage.today - 200;
  const monday = then - ((then + 3) % 7); // 1 January 1970 was a Thursday
  const chapters = offsets.map((offset, at) => {
    const course = ending(monday + offset + 30, endings[at] ?? 'WITHDRAWN');
    return stage.dossier({ worker, employer, region: 'VLA-DEM', category: 'SHORTAGE', gross: 3000, course });
  });
  return { worker, employer, ...(chapters[0] ? { chapter: chapters[0] } : {}) };
}

/** Cases about dossiers, about employers, and about who a worker is. */
export const files: readonly Recipe[] = [
  {
    number: 48,
    rule: 'I11',
    kind: 'positive',
    why: 'Refused in Flanders, and filed a hundred days later in Brussels by the same employer, with another workplace.',
    play: (stage) => refiled(stage, 200, 100),
  },
  {
    number: 49,
    rule: 'I11',
    kind: 'positive',
    why: 'Inadmissible in Wallonia; filed in Flanders by another employer whose establishment shares the address.',
    play: (stage) => {
      const worker = stage.worker({ nationality: 'CD' });
      const address = addressIn(stage.cohort.chance, placeAt('4000'));
      const liege = { place: placeAt('4000'), address };
      const first = stage.employer({ postalCode: '4000', establishments: [liege] });
      const second = stage.employer({ postalCode: '3500', establishments: [{ place: placeAt('3500') }, liege] });
      stage.dossier({
        worker,
        employer: first,
        region: 'WAL-SPW',
        course: ending(around(stage, -150), 'INADMISSIBLE'),
      });
      const submitted = around(stage, -60);
      const course = { created: submitted - 2, submitted, admissible: around(stage, -52) };
      return {
        worker,
        employer: second,
        chapter: stage.dossier({ worker, employer: second, region: 'VLA-DEM', course }),
      };
    },
  },
  {
    number: 50,
    rule: 'I11',
    kind: 'near-miss',
    why: 'Refused in Flanders, and filed in Brussels thirteen months later.',
    play: (stage) => refiled(stage, 500, 100),
  },
  {
    number: 51,
    rule: 'I13',
    kind: 'positive',
    why: 'Twenty-five permits in force at one establishment.',
    play: (stage) => crowd(stage, 25, 0),
  },
  {
    number: 52,
    rule: 'I13',
    kind: 'positive',
    why: 'Five permits in force at an establishment where eight people work.',
    play: (stage) => crowd(stage, 5, 3),
  },
  {
    number: 53,
    rule: 'I13',
    kind: 'positive',
    why: 'Twelve employers with a permit each share one address.',
    play: (stage) => sharedAddress(stage, 12),
  },
  {
    number: 54,
    rule: 'I13',
    kind: 'near-miss',
    why: 'Five permits in force where ten people work: half, and not more than half.',
    play: (stage) => crowd(stage, 5, 5),
  },
  {
    number: 55,
    rule: 'I15',
    kind: 'positive',
    why: 'The employer has been bankrupt for a month, and the permit stands.',
    play: (stage) => insolvent(stage, 'BANKRUPT', 30),
  },
  {
    number: 56,
    rule: 'I15',
    kind: 'positive',
    why: 'The employer stopped ten days ago, and the permit stands.',
    play: (stage) => insolvent(stage, 'STOPPED', 10),
  },
  {
    number: 57,
    rule: 'I15',
    kind: 'near-miss',
    why: 'The employer is bankrupt, and the permit was ended on the same day.',
    play: (stage) => insolvent(stage, 'BANKRUPT', 30, true),
  },
  {
    number: 58,
    rule: 'I16',
    kind: 'positive',
    why: 'Two limited permits with two employers at the same time, 38 and 19 hours a week.',
    play: (stage) => twoPermits(stage, 38, 19),
  },
  {
    number: 59,
    rule: 'I16',
    kind: 'positive',
    why: 'Two limited permits with two employers at the same time, 30 and 20 hours a week.',
    play: (stage) => twoPermits(stage, 30, 20),
  },
  {
    number: 60,
    rule: 'I16',
    kind: 'near-miss',
    why: 'Two limited permits with two employers at the same time, 26 and 19 hours: 45 a week, and no more.',
    play: (stage) => twoPermits(stage, 26, 19),
  },
  {
    number: 61,
    rule: 'I17',
    kind: 'positive',
    why: 'Two entries with the same birth date, and names that differ in one letter.',
    play: (stage) => twins(stage, '1985-07-12', 'Savchenco', 'UA5550102'),
  },
  {
    number: 62,
    rule: 'I17',
    kind: 'positive',
    why: 'Two entries with the same birth date and the same passport, under quite different names.',
    play: (stage) => twins(stage, '1985-07-13', 'Moroz', 'UA5550101'),
  },
  {
    number: 63,
    rule: 'I17',
    kind: 'near-miss',
    why: 'Two entries with the same birth date, names that differ in two letters, and two passports.',
    play: (stage) => twins(stage, '1985-07-14', 'Savchenca', 'UA5550102'),
  },
  {
    number: 64,
    rule: 'I18',
    kind: 'positive',
    why: 'Five dossiers of an employer that began a hundred days ago.',
    play: (stage) => manyFiled(stage, 100, 5),
  },
  {
    number: 65,
    rule: 'I18',
    kind: 'positive',
    why: 'Six dossiers of an employer that began five months ago.',
    play: (stage) => manyFiled(stage, 150, 6),
  },
  {
    number: 66,
    rule: 'I18',
    kind: 'near-miss',
    why: 'Four dossiers of an employer that began a hundred days ago.',
    play: (stage) => manyFiled(stage, 100, 4),
  },
  {
    number: 67,
    rule: 'I22',
    kind: 'positive',
    why: 'Three dossiers for one worker within 77 days, all withdrawn.',
    play: (stage) => tries(stage, [0, 42, 77], ['WITHDRAWN', 'WITHDRAWN', 'WITHDRAWN']),
  },
  {
    number: 68,
    rule: 'I22',
    kind: 'positive',
    why: 'Three dossiers for one worker within 84 days: inadmissible, refused and withdrawn.',
    play: (stage) => tries(stage, [0, 28, 84], ['INADMISSIBLE', 'REFUSED', 'WITHDRAWN']),
  },
  {
    number: 69,
    rule: 'I22',
    kind: 'near-miss',
    why: 'Three dossiers for one worker, all withdrawn, but within 92 days.',
    play: (stage) => tries(stage, [0, 42, 92], ['WITHDRAWN', 'WITHDRAWN', 'WITHDRAWN']),
  },
];
