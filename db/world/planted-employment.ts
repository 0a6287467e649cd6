import { annualFloor, salaryFloor } from '../../schema/categories.ts';
import type { Chapter } from './careers.ts';
import { type Day, dateOf, quarterBounds } from './days.ts';
import { lastDeclared } from './employment.ts';
import type { Employer } from './enterprises.ts';
import type { Worker } from './persons.ts';
import type { Planted, Recipe } from './planted.ts';
import { around, type Grant, type Stage } from './stage.ts';

type Trio = { worker: Worker; employer: Employer; chapter: Chapter };

/** A worker who lives in Leuven, with a permit at an employer in Ghent, in force from one day to another (from today). */
export function permitted(stage: Stage, from: number, to: number, more: Partial<Grant> = {}): Trio {
  const worker = more.worker ?? stage.worker({ postalCode: '3000' });
  const employer = more.employer ?? stage.employer({ postalCode: '9000' });
  const grant = { worker, region: 'VLA-DEM', from: around(stage, from), to: stage.today + to, ...more } as const;
  return { worker, employer, chapter: stage.grant({ ...grant, employer }) };
}

function employed(stage: Stage, trio: Trio, start: Day, end: Day | null = null): Planted {
  stage.work({ worker: trio.worker, employer: trio.employer, start, end });
  return trio;
}

function starts({ chapter }: Trio): Day {
  return chapter.permit?.from ?? chapter.dossier.filing.periodFrom;
}

// The last quarter of which DmfA must be there, whole.
function declaredQuarter(stage: Stage): { first: Day; last: Day } {
  const { first, next } = quarterBounds(lastDeclared(stage.today));
  return { first, last: next - 1 };
}

function paid(
  stage: Stage,
  category: string,
  region: 'VLA-DEM' | 'BRU-BEW',
  postalCode: string,
  share: number,
): Planted {
  const { first } = declaredQuarter(stage);
  // The floors are indexed every year; where a year has none yet, the last known one stands.
  const floor = salaryFloor(category, region, dateOf(first)) ?? salaryFloor(category, region, '2026-07-01');
  const gross = ((floor ? annualFloor(floor) : 48_912) * share) / 12;
  const employer = stage.employer({ postalCode });
  const trio = permitted(stage, -500, 500, { employer, region, category, gross: 9000 });
  // From the first day of a quarter, so that every quarter is a full one.
  stage.work({ worker: trio.worker, employer, start: quarterBounds(starts(trio)).next, gross });
  return trio;
}

/** Cases about Dimona and DmfA against permits. */
export const employment: readonly Recipe[] = [
  {
    number: 0,
    rule: 'I01',
    kind: 'positive',
    why: 'A Turkish national is in Dimona for two months and never had a dossier or a permit.',
    play: (stage) => {
      const worker = stage.worker({ postalCode: '3000' });
      const employer = stage.employer({ postalCode: '9000' });
      stage.work({ worker, employer, start: around(stage, -60) });
      return { worker, employer };
    },
  },
  {
    number: 1,
    rule: 'I01',
    kind: 'positive',
    why: 'The dossier of this worker and employer was refused; the employment began all the same.',
    play: (stage) => {
      const worker = stage.worker({ postalCode: '3000', nationality: 'IN' });
      const employer = stage.employer({ postalCode: '2000' });
      const course = {
        created: stage.back(122),
        submitted: stage.back(120),
        admissible: stage.back(115),
        work: { day: stage.back(90), ground: 'DIPLOMA' },
      };
      const chapter = stage.dossier({ worker, employer, region: 'VLA-DEM', course });
      stage.work({ worker, employer, start: around(stage, -70) });
      return { worker, employer, chapter };
    },
  },
  {
    number: 2,
    rule: 'I01',
    kind: 'near-miss',
    why: 'In Dimona without a permit, and also a German national: no permit is needed.',
    play: (stage) => {
      const worker = stage.worker({ postalCode: '3000', second: 'DE' });
      const employer = stage.employer({ postalCode: '9000' });
      stage.work({ worker, employer, start: around(stage, -60) });
      return { worker, employer };
    },
  },
  {
    number: 3,
    rule: 'I02',
    kind: 'positive',
    why: 'Dimona begins twenty days before the permit does.',
    play: (stage) => {
      const trio = permitted(stage, -200, 400);
      return employed(stage, trio, starts(trio) - 20);
    },
  },
  {
    number: 4,
    rule: 'I02',
    kind: 'positive',
    why: 'Dimona ends thirty days after the permit, and nothing bridged that time.',
    play: (stage) => {
      const trio = permitted(stage, -500, -100);
      return employed(stage, trio, starts(trio), stage.today - 70);
    },
  },
  {
    number: 5,
    rule: 'I02',
    kind: 'near-miss',
    why: 'Dimona begins on the first day of the permit and ends on its last: both days are inside.',
    play: (stage) => {
      const trio = permitted(stage, -500, -100);
      return employed(stage, trio, starts(trio), stage.today - 100);
    },
  },
  {
    number: 6,
    rule: 'I03',
    kind: 'positive',
    why: 'The limited permit names one employer, and Dimona another.',
    play: (stage) => {
      const trio = permitted(stage, -200, 400);
      const other = stage.employer({ postalCode: '2800' });
      stage.work({ worker: trio.worker, employer: other, start: starts(trio) + 10 });
      return { ...trio, employer: other };
    },
  },
  {
    number: 7,
    rule: 'I03',
    kind: 'positive',
    why: 'Works for the employer of the limited permit, and for a second one for whom there is none.',
    play: (stage) => {
      const trio = permitted(stage, -300, 400);
      const other = stage.employer({ postalCode: '8500' });
      stage.work({ worker: trio.worker, employer: trio.employer, start: starts(trio) });
      stage.work({ worker: trio.worker, employer: other, start: around(stage, -80), hours: 10 });
      return { ...trio, employer: other };
    },
  },
  {
    number: 8,
    rule: 'I03',
    kind: 'near-miss',
    why: 'Left the employer of the limited permit for another one after an unlimited permit was granted.',
    play: (stage) => {
      const first = permitted(stage, -1400, -250);
      const other = stage.employer({ postalCode: '2800' });
      const chapter = stage.grant({
        worker: first.worker,
        employer: null,
        region: 'VLA-DEM',
        kind: 'SP_UNL',
        applicationType: 'UNLIMITED',
        previous: first.chapter.permit,
        from: around(stage, -250),
        to: stage.today + 1500,
      });
      stage.work({ worker: first.worker, employer: first.employer, start: starts(first), end: stage.today - 240 });
      stage.work({ worker: first.worker, employer: other, start: around(stage, -200) });
      return { worker: first.worker, employer: other, chapter };
    },
  },
  {
    number: 9,
    rule: 'I04',
    kind: 'positive',
    why: 'The permit was withdrawn two months ago, and Dimona is still open.',
    play: (stage) => {
      const day = around(stage, -60);
      const trio = permitted(stage, -300, 400, { fate: { day, how: 'WITHDRAWN', ground: 'W1' } });
      return employed(stage, trio, starts(trio));
    },
  },
  {
    number: 10,
    rule: 'I04',
    kind: 'positive',
    why: 'Dimona was closed when the permit was withdrawn, but DmfA declares days in a quarter that lies wholly after it.',
    play: (stage) => {
      const quarter = declaredQuarter(stage);
      const day = quarter.first - 45;
      const trio = permitted(stage, -700, 400, { fate: { day, how: 'WITHDRAWN', ground: 'W4' } });
      stage.work({ ...trio, start: starts(trio), end: day, declaredUntil: quarter.last });
      return trio;
    },
  },
  {
    number: 11,
    rule: 'I04',
    kind: 'near-miss',
    why: 'The permit was withdrawn, and Dimona and DmfA ended the day before.',
    play: (stage) => {
      const day = around(stage, -120);
      const trio = permitted(stage, -500, 400, { fate: { day, how: 'WITHDRAWN', ground: 'W5' } });
      return employed(stage, trio, starts(trio), day - 1);
    },
  },
  {
    number: 12,
    rule: 'I05',
    kind: 'positive',
    why: 'The permit expired twenty days ago, Dimona is open, and no renewal was filed.',
    play: (stage) => {
      const trio = permitted(stage, -400, -20);
      return employed(stage, trio, starts(trio));
    },
  },
  {
    number: 13,
    rule: 'I05',
    kind: 'positive',
    why: 'A renewal was filed, but a month after the permit expired; Dimona was never closed.',
    play: (stage) => {
      const trio = permitted(stage, -400, -40);
      const course = { created: stage.back(7), submitted: stage.back(6) };
      stage.dossier({ ...trio, region: 'VLA-DEM', applicationType: 'RENEWAL', previous: trio.chapter.permit, course });
      return employed(stage, trio, starts(trio));
    },
  },
  {
    number: 14,
    rule: 'I05',
    kind: 'near-miss',
    why: 'The permit expired, but the renewal was filed in time and the region has said yes: annex 49 covers the work.',
    play: (stage) => {
      const trio = permitted(stage, -400, -15);
      const course = {
        created: stage.back(66),
        submitted: stage.back(65),
        admissible: stage.back(60),
        work: { day: stage.back(30), ground: null },
      };
      stage.dossier({ ...trio, region: 'VLA-DEM', applicationType: 'RENEWAL', previous: trio.chapter.permit, course });
      return employed(stage, trio, starts(trio));
    },
  },
  {
    number: 15,
    rule: 'I06',
    kind: 'positive',
    why: 'The permit has run for a hundred days, the worker is here, and Dimona knows of no work.',
    play: (stage) => permitted(stage, -100, 500),
  },
  {
    number: 16,
    rule: 'I06',
    kind: 'positive',
    why: 'A blue card has run for two hundred days without a day of work.',
    play: (stage) => permitted(stage, -200, 700, { kind: 'SP_BLUE', category: 'BLUECARD', gross: 6400 }),
  },
  {
    number: 17,
    rule: 'I06',
    kind: 'near-miss',
    why: 'The permit has run for a hundred days, but no arrival was registered: the worker is still abroad.',
    play: (stage) => permitted(stage, -100, 500, { worker: stage.worker({ nationality: 'IN' }), arrives: false }),
  },
  {
    number: 18,
    rule: 'I07',
    kind: 'positive',
    why: 'Dimona ended forty days ago, the permit stands, and nobody gave notice.',
    play: (stage) => {
      const trio = permitted(stage, -300, 400);
      return employed(stage, trio, starts(trio), stage.today - 40);
    },
  },
  {
    number: 19,
    rule: 'I07',
    kind: 'positive',
    why: 'Dimona ended sixteen days ago: notice is one day late.',
    play: (stage) => {
      const trio = permitted(stage, -300, 400);
      return employed(stage, trio, starts(trio), stage.today - 16);
    },
  },
  {
    number: 20,
    rule: 'I07',
    kind: 'near-miss',
    why: 'Dimona ended fifteen days ago: notice may still be given today.',
    play: (stage) => {
      const trio = permitted(stage, -300, 400);
      return employed(stage, trio, starts(trio), stage.today - 15);
    },
  },
  {
    number: 21,
    rule: 'I14',
    kind: 'positive',
    why: 'Paid 85 % of the Flemish floor for the highly skilled, in full quarters and full time.',
    play: (stage) => paid(stage, 'HIGHSKILL', 'VLA-DEM', '9000', 0.85),
  },
  {
    number: 22,
    rule: 'I14',
    kind: 'positive',
    why: 'Paid 97 % of the Brussels floor for executives: under the tolerance of two per cent.',
    play: (stage) => paid(stage, 'EXEC', 'BRU-BEW', '1000', 0.97),
  },
  {
    number: 23,
    rule: 'I14',
    kind: 'near-miss',
    why: 'Paid 98.5 % of the Flemish floor: inside the tolerance of two per cent.',
    play: (stage) => paid(stage, 'HIGHSKILL', 'VLA-DEM', '9000', 0.985),
  },
  {
    number: 24,
    rule: 'I23',
    kind: 'positive',
    why: 'In Dimona all through the last quarter that had to be declared, and no DmfA line for it.',
    play: (stage) => {
      const trio = permitted(stage, -500, 400);
      const { first } = declaredQuarter(stage);
      stage.work({ ...trio, start: starts(trio), declaredUntil: first - 1 });
      return trio;
    },
  },
  {
    number: 25,
    rule: 'I23',
    kind: 'positive',
    why: 'Dimona ended before the last quarter that had to be declared, and DmfA has a line for it.',
    play: (stage) => {
      const trio = permitted(stage, -500, 400);
      const { first, last } = declaredQuarter(stage);
      stage.work({ ...trio, start: starts(trio), end: first - 20, declaredUntil: last });
      return trio;
    },
  },
  {
    number: 26,
    rule: 'I23',
    kind: 'near-miss',
    why: 'In Dimona since the running quarter began, and no DmfA line: it is not due yet.',
    play: (stage) => {
      const trio = permitted(stage, -300, 400);
      const { next } = quarterBounds(lastDeclared(stage.today));
      stage.work({ ...trio, start: Math.max(next, starts(trio)) });
      return trio;
    },
  },
];
