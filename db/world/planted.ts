import type { Chapter } from './careers.ts';
import type { Cohort } from './cohort.ts';
import type { Employer } from './enterprises.ts';
import type { Worker } from './persons.ts';
import { crossBorder } from './planted-borders.ts';
import { employment } from './planted-employment.ts';
import { files } from './planted-files.ts';
import { type Stage, stageIn } from './stage.ts';

/** Whom a planted case is about. */
export type Planted = { readonly worker?: Worker; readonly employer?: Employer; readonly chapter?: Chapter };

/**
 * A case planted for an inspection rule of DOMAIN 8: a hit, or a near miss that the rule must leave alone. Its number gives
 * it workers, employers and dossiers of its own, the same in every world: the first worker of case n has the id 1001 + 40n
 * (W-0001001 for case 0), his dossier the sequence 101 + 40n, and the first employer the KBO base 01010001 + 40n.
 */
export type Recipe = {
  readonly number: number;
  readonly rule: string;
  readonly kind: 'positive' | 'near-miss';
  readonly why: string;
  readonly play: (stage: Stage) => Planted;
};

/** The planted cases of all rules. */
export const recipes: readonly Recipe[] = [...employment, ...crossBorder, ...files];

/** A planted case with its ids. */
export type PlantedCase = {
  readonly rule: string;
  readonly kind: 'positive' | 'near-miss';
  readonly workerId: string | null;
  readonly employerKbo: string | null;
  readonly dossierNumber: string | null;
  readonly permitId: string | null;
  readonly why: string;
};

/** Plays all planted cases, each on a stage of its own, and answers what they are. */
export function plant(cohort: Cohort): PlantedCase[] {
  return recipes.map(({ number, rule, kind, why, play }) => {
    const stage = stageIn(cohort, {
      worker: 1000 + 40 * number,
      kbo: 1_010_000 + 40 * number,
      establishment: 89_002_000 + 40 * number,
      sequence: 100 + 40 * number,
      born: '1950-01-01',
    });
    const { worker, employer, chapter } = play(stage);
    stage.finish();
    return {
      rule,
      kind,
      workerId: worker?.id ?? null,
      employerKbo: employer?.kbo ?? null,
      dossierNumber: chapter?.dossier.number ?? null,
      permitId: chapter?.permit?.id ?? null,
      why,
    };
  });
}
