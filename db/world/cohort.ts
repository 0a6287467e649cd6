import type { Day } from './days.ts';
import type { Employer } from './enterprises.ts';
import type { Numbers } from './numbers.ts';
import type { Chance } from './random.ts';
import type { Register } from './register.ts';
import type { Size } from './shape.ts';
import type { Batch } from './tables.ts';

/** What all cohorts of one world share. */
export type World = {
  readonly numbers: Numbers;
  readonly size: Size;
  readonly today: Day;
  /** The holders of mandates, and the counters that help the self-employed. */
  mandataries: readonly Employer[];
  counters: readonly Employer[];
  nextWorker: number;
};

/**
 * A closed group of employers and workers: nobody in it has a dossier, a job or a posting with anybody outside it. A world
 * is made and stored cohort by cohort, so that its size does not decide how much memory that takes.
 */
export type Cohort = {
  readonly world: World;
  readonly today: Day;
  readonly chance: Chance;
  readonly batch: Batch;
  readonly register: Register;
};
