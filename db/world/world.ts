import { cast } from './cast.ts';
import type { Cohort, World } from './cohort.ts';
import { dayOf } from './days.ts';
import { numbersOf } from './numbers.ts';
import { type NamedDossier, namedDossiers } from './people.ts';
import { type PlantedCase, plant } from './planted.ts';
import { cohortOf, population } from './population.ts';
import { makeServices } from './services.ts';
import { type Profile, profiles } from './shape.ts';

/** Ids of workers below this one belong to the named cast and to planted cases. */
const firstWorker = 10_000;

/** Prepares a world: a day, a size, and numbers that nobody has yet. */
export function worldOf(profile: Profile, today: string): World {
  // Before, the procedures of 2021 would be running still; after, the calendar ends.
  if (today < '2022-06-01' || today > '2035-12-31') throw new RangeError(`no world can be made for ${today}`);
  const size = profiles[profile];
  return {
    numbers: numbersOf(size.dossiersPerDay),
    size,
    today: dayOf(today),
    mandataries: [],
    counters: [],
    nextWorker: firstWorker,
  };
}

type Named = { cohort: Cohort; dossiers: Record<NamedDossier, string>; cases: PlantedCase[] };

// Comes first in every world, so that nothing fixed depends on the profile.
function named(world: World): Named {
  const cohort = cohortOf(world, 'named');
  const { mandataries, counters } = makeServices(cohort);
  world.mandataries = mandataries;
  world.counters = counters;
  const chapters = cast(cohort);
  const names = Object.keys(namedDossiers) as NamedDossier[]; // the keys of the constant
  const dossiers = Object.fromEntries(names.map((name) => [name, chapters[name].dossier.number])) as Named['dossiers']; // one per name
  const cases = plant(cohort);
  for (const [position, one] of cases.entries()) {
    cohort.batch.add('meta.planted_case', {
      position,
      rule: one.rule,
      kind: one.kind,
      worker_id: one.workerId,
      employer_kbo: one.employerKbo,
      dossier_number: one.dossierNumber,
      permit_id: one.permitId,
      why: one.why,
    });
  }
  cohort.register.write(cohort.batch);
  return { cohort, dossiers, cases };
}

/** Makes all cohorts of a world, the named cast and the planted cases first. */
export function* cohorts(world: World, profile: Profile): Generator<Cohort> {
  yield named(world).cohort;
  yield* population(world, profile);
}

/** The numbers of the named dossiers in every world of a day; the year in them is that of the draft. */
export function namedDossierNumbers(today: string): Readonly<Record<NamedDossier, string>> {
  return named(worldOf('small', today)).dossiers;
}

/** The planted cases of every world of a day, with their ids: only dossier numbers and permit ids depend on that day. */
export function planted(today: string): readonly PlantedCase[] {
  return named(worldOf('small', today)).cases;
}
