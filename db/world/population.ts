import { type Beginning, career, type Employers } from './careers.ts';
import type { Cohort, World } from './cohort.ts';
import { type Employer, giveMandates, makeEmployer, writeEmployer } from './enterprises.ts';
import { hostsOf, mandateShare, ownEnterprise } from './filings.ts';
import { flemishProcedures, type Procedure } from './flanders2021.ts';
import { writeWorker } from './persons.ts';
import { placeAt } from './places.ts';
import { postedCareer } from './postings.ts';
import { chanceOf, weighted } from './random.ts';
import { registerOf } from './register.ts';
import { type Region, regionIds, regions } from './shape.ts';
import { batchOf } from './tables.ts';
import { sectors } from './work.ts';

/** Makes an empty cohort of a world, with a source of chance of its own. */
export function cohortOf(world: World, name: string): Cohort {
  return { world, today: world.today, chance: chanceOf(name), batch: batchOf(), register: registerOf() };
}

// How many dossiers of the general population come from each region once what is there already is counted.
type Quota = Map<Region, number>;

function quotaOf(dossiers: number): Quota {
  return new Map(regionIds.map((region) => [region, (dossiers * regions[region].share) / 100]));
}

/** The employers of one cohort; a few have many dossiers, most have one or two. */
function employersOf(cohort: Cohort, plan: CohortPlan): Employers & { all: Employer[] } {
  const { chance, world } = cohort;
  const all: Employer[] = [];
  const pools = new Map<Region, Employer[]>();
  const dossiers = plan.dossiers + plan.procedures.length;
  const make = (region: Region, wish: Parameters<typeof makeEmployer>[1] = {}): Employer => {
    const employer = makeEmployer(cohort, { region, ...wish });
    giveMandates(cohort, employer, mandateShare);
    all.push(employer);
    return employer;
  };
  const giant = plan.giant ? make('VLA-DEM', giantWish(cohort)) : null;
  const poolOf = (region: Region): Employer[] => {
    const known = pools.get(region);
    if (known) return known;
    const flemish = region === 'VLA-DEM' ? plan.procedures.length : 0;
    const here = (plan.dossiers * regions[region].share) / 100 + flemish;
    const active = Math.max(2, Math.round((here / dossiers) * Math.min(plan.enterprises * 0.62, dossiers / 2.2)));
    const made = Array.from({ length: active }, () => make(region));
    pools.set(region, made);
    return made;
  };
  const draw = (region: Region): Employer => {
    if (giant && region === 'VLA-DEM' && giant.dossiers < world.size.giant && chance.happens(0.7)) return giant;
    const pool = poolOf(region);
    const found = pool[Math.floor(pool.length * chance.next() ** 1.35)];
    if (found === undefined) throw new RangeError(`no employer in ${region}`);
    return found;
  };
  return {
    all,
    pick: draw,
    other: (region, than) => {
      for (let attempt = 0; attempt < 8; attempt += 1) {
        const found = draw(region);
        if (found !== than) return found;
      }
      return make(region);
    },
    own: (worker, region, start) => {
      const employer = ownEnterprise(cohort, worker, region, start);
      all.push(employer);
      return employer;
    },
  };
}

function giantWish(cohort: Cohort): Parameters<typeof makeEmployer>[1] {
  const sector = sectors.find(({ nace }) => nace === '62010') ?? sectors[0];
  const places = ['2000', '9000', '3000', '1800', '3500', '8500', '2800'];
  return {
    name: 'Schelde Digitaal NV',
    form: '014',
    ...(sector ? { sector } : {}),
    place: placeAt('2000'),
    start: cohort.today - 9000,
    establishments: places.map((code) => ({ place: placeAt(code) })),
  };
}

/** What one cohort of the general population is to hold. */
type CohortPlan = {
  readonly procedures: readonly Procedure[];
  readonly dossiers: number;
  readonly enterprises: number;
  readonly posted: number;
  readonly giant: boolean;
};

const ended = weighted([
  [null, 88],
  ['STOPPED', 7],
  ['BANKRUPT', 3],
  ['JUDICIAL_REORGANISATION', 1],
  ['IN_LIQUIDATION', 1],
] as const);

function populate(cohort: Cohort, plan: CohortPlan): void {
  const { chance, world, today } = cohort;
  const employers = employersOf(cohort, plan);
  const quota = quotaOf(plan.dossiers);
  // With so many dossiers per worker, this share of careers goes on after each of them.
  const followUps = 1 - 1 / (world.size.dossiersPerWorker * 1.22);
  const run = (beginning: Beginning): void => {
    // The procedures of 2021 are so many that their renewals would leave no room for anything later.
    const share = beginning.course ? followUps / 2 : followUps;
    const { dossiers } = career(cohort, employers, beginning, share);
    const counted = beginning.course ? dossiers.slice(1) : dossiers;
    for (const { filing } of counted) quota.set(filing.region, (quota.get(filing.region) ?? 0) - 1);
  };
  for (const { kind, applicationType, course } of plan.procedures)
    run({ region: 'VLA-DEM', kind, applicationType, course });
  for (;;) {
    const open = [...quota].filter(([, left]) => left > 0);
    const total = open.reduce((sum, [, left]) => sum + left, 0);
    // What is left of a dossier in one region is made with the probability that it would be one.
    if (total < 1 && !chance.happens(total)) break;
    run({ region: weighted(open)(chance) });
  }
  const clients = employers.all.slice();
  for (let count = clients.length; count < plan.enterprises; count += 1) {
    const employer = makeEmployer(cohort, {
      region: chance.happens(0.61) ? 'VLA-DEM' : chance.happens(0.28) ? 'BRU-BEW' : 'WAL-SPW',
    });
    const state = ended(chance);
    if (state !== null) employer.end = { state, since: today - chance.between(20, 2000) };
    else clients.push(employer);
    giveMandates(cohort, employer, mandateShare / 3);
    employers.all.push(employer);
  }
  for (let count = 0; count < plan.posted; count += 1)
    postedCareer(cohort, () => chance.pick(clients), world.size.limosaPerWorker);
  for (const host of hostsOf(cohort)) writeWorker(cohort, host);
  for (const employer of employers.all) writeEmployer(cohort, employer);
  cohort.register.write(cohort.batch);
}

function part(total: number, at: number, parts: number): number {
  return Math.floor((total * (at + 1)) / parts) - Math.floor((total * at) / parts);
}

/** Makes the general population, one closed cohort after the other. */
export function* population(world: World, profile: string): Generator<Cohort> {
  const { size } = world;
  const procedures = size.flanders2021 ? flemishProcedures() : [];
  const parts = Math.max(1, Math.ceil((size.dossiers + procedures.length) / size.cohort));
  let taken = 0;
  for (let at = 0; at < parts; at += 1) {
    const cohort = cohortOf(world, `${profile} ${at}`);
    const count = part(procedures.length, at, parts);
    populate(cohort, {
      procedures: procedures.slice(taken, taken + count),
      dossiers: part(size.dossiers, at, parts),
      enterprises: part(size.enterprises, at, parts),
      posted: part(size.postedWorkers, at, parts),
      giant: at === 0,
    });
    taken += count;
    yield cohort;
  }
}
