import type { Chapter } from './careers.ts';
import type { Cohort } from './cohort.ts';
import { type Day, dayOf, onWorkingDay, workingDaysAfter } from './days.ts';
import type { Employer } from './enterprises.ts';
import type { Course } from './filing.ts';
import {
  type NamedDossier,
  namedCounter,
  namedDossiers,
  namedEmployers,
  namedMandataries,
  namedWorkers,
  type Person,
  rahulsBisNumber,
} from './people.ts';
import type { Worker } from './persons.ts';
import { placeAt } from './places.ts';
import { type Grant, type Stage, smooth, stageIn } from './stage.ts';
import { sectors } from './work.ts';

const brewing = {
  nace: '11050',
  jointCommittee: '118',
  weight: 0,
  noun: { NL: 'Brouwerij', FR: 'Brasserie', DE: 'Brauerei' },
  functions: [{ isco: '3122', NL: 'brouwmeester', FR: 'maître brasseur', DE: 'Braumeister' }],
} as const;

type Employers = Record<keyof typeof namedEmployers, Employer>;
type Workers = Record<Person, Worker>;

function employers(stage: Stage): Employers {
  const sectorOf = { brewery: brewing, ukkel: sectors[9], waterloo: sectors[1], eupen: sectors[4] } as const;
  const made = (name: keyof typeof namedEmployers): Employer => {
    const { kbo, postalCode, establishment } = namedEmployers[name];
    const place = placeAt(postalCode);
    const sector = sectorOf[name] ?? brewing;
    return stage.employer({
      kbo,
      name: namedEmployers[name].name,
      postalCode,
      sector,
      establishments: [{ place, number: establishment }],
    });
  };
  const brewery = made('brewery');
  const group = 'SINGLE_PERMIT';
  brewery.mandates.push(
    {
      holder: namedMandataries.closed.kbo,
      group,
      from: dayOf('2019-07-01'),
      to: dayOf('2022-12-31'),
      status: 'CLOSED',
    },
    { holder: namedMandataries.active.kbo, group, from: dayOf('2023-01-01'), to: null, status: 'ACTIVE' },
  );
  return { brewery, ukkel: made('ukkel'), waterloo: made('waterloo'), eupen: made('eupen') };
}

const livesIn: Readonly<Partial<Record<Person, string>>> = {
  fatima: '1600',
  dragan: '1630',
  mehmet: '1500',
  grace: '1410',
  nadia: '1410',
  milan: '4700',
  emma: '1180',
  nabil: '1070',
  katrien: '3000',
};

function workers(stage: Stage): Workers {
  const made = Object.entries(namedWorkers).map(([name, who]) => {
    const home = livesIn[name as Person]; // the keys of the constant above
    const first =
      name === 'rahul'
        ? ({ insz: rahulsBisNumber, kind: 'BIS', successor: who.insz ?? '' } as const)
        : who.insz === null
          ? { unnumbered: true }
          : { insz: who.insz };
    const worker = stage.worker({
      id: who.id,
      name: who,
      sex: who.sex,
      nationality: who.nationality,
      birthDate: who.birthDate,
      ...first,
      ...(home === undefined ? {} : { postalCode: home }),
      since: stage.today - 1500,
    });
    return [name, worker] as const;
  });
  return Object.fromEntries(made) as Workers; // one entry per person
}

/** When the draft of a named dossier is made, on a day of seeding: this decides the year in its number. */
function createdOn(stage: Stage, daysBack: number): Day {
  return stage.back(daysBack) - 1;
}

type Running = Omit<Course, 'created' | 'submitted'>;

function running(stage: Stage, submitted: number, course: Running = {}): Course {
  return { created: createdOn(stage, submitted), submitted: stage.back(submitted), ...course };
}

/** Plays the named cast: every status, every bridging, and the cases that the README tells of. Answers the dossiers by name. */
export function cast(cohort: Cohort): Record<NamedDossier, Chapter> {
  const stage = stageIn(cohort, {
    worker: 0,
    kbo: 1_001_500,
    establishment: 89_001_500,
    sequence: 0,
    born: '1970-01-01',
  });
  const { today } = stage;
  const { brewery, ukkel, waterloo, eupen } = employers(stage);
  const who = workers(stage);
  const at = (name: NamedDossier) => ({ kind: namedDossiers[name].kind, sequence: namedDossiers[name].sequence });
  const flemish = { employer: brewery, region: 'VLA-DEM', category: 'HIGHSKILL', gross: 4800 } as const;
  const granted = (back: number) => ({ day: stage.back(back), ground: null });
  const file = (name: NamedDossier & Person, course: Course, more: object = {}): Chapter =>
    stage.dossier({ ...at(name), ...flemish, worker: who[name], course, ...more });
  const permit = (name: NamedDossier & Person, from: number, to: number, more: object = {}): Chapter =>
    stage.grant({
      ...at(name),
      ...flemish,
      worker: who[name],
      from: onWorkingDay(today + from),
      to: today + to,
      ...more,
    });

  const ayse = file('ayse', running(stage, 30, { admissible: stage.back(24) }));
  const rahul = permit('rahul', -400, 600);
  const fatima = stage.grant({
    ...at('fatima'),
    worker: who.fatima,
    employer: null,
    region: 'VLA-DEM',
    applicationType: 'UNLIMITED',
    from: onWorkingDay(today - 500),
    to: today + 1325,
  });
  const dragan = permit('dragan', -740, -12);
  const draganRenewal = stage.dossier({
    ...at('draganRenewal'),
    ...flemish,
    worker: who.dragan,
    applicationType: 'RENEWAL',
    previous: dragan.permit,
    course: running(stage, 62, { admissible: stage.back(55), work: granted(20) }),
  });
  const mehmet = permit('mehmet', -380, -10, {
    fate: { day: onWorkingDay(today - 45), how: 'ENDED_EMPLOYMENT', ground: 'W8' },
  });
  const samuelRefused = stage.dossier({
    ...at('samuelRefused'),
    ...flemish,
    worker: who.samuel,
    course: running(stage, 140, {
      admissible: stage.back(134),
      work: { day: stage.back(105), ground: 'SALARY_BELOW_THRESHOLD' },
    }),
  });
  const samuelRefiled = stage.dossier({
    ...at('samuelRefiled'),
    ...flemish,
    worker: who.samuel,
    employer: ukkel,
    region: 'BRU-BEW',
    course: running(stage, 40, { admissible: stage.back(33) }),
  });
  const yuki = file(
    'yuki',
    running(stage, 34, { transfer: { day: stage.back(30), from: 'WAL-SPW' }, admissible: stage.back(25) }),
  );
  const grace = stage.dossier({
    ...at('grace'),
    worker: who.grace,
    employer: null,
    region: 'WAL-SPW',
    category: 'PC_INNOV',
    counter: namedCounter.kbo,
    course: running(stage, 50, { admissible: stage.back(45) }),
  });
  const olena = file('olena', { created: stage.back(3), submitted: null });
  const john = file('john', running(stage, 2), { mandatary: namedMandataries.active.kbo });
  const priya = file('priya', running(stage, 8, { request: { day: stage.back(4), answered: null } }));
  const karim = file(
    'karim',
    running(stage, 60, {
      request: { day: stage.back(55), answered: null },
      inadmissible: { day: stage.back(40), ground: 'MISSING_DOCS' },
    }),
  );
  const ana = file('ana', running(stage, 6, { admissible: stage.back(0), untreated: true }));
  const wei = file(
    'wei',
    running(stage, 45, { admissible: stage.back(40), stop: { day: stage.back(28), status: 'APPLICANT_WITHDRAWN' } }),
  );
  const divine = file(
    'divine',
    running(stage, 50, { admissible: stage.back(44), stop: { day: stage.back(20), status: 'WITHOUT_OBJECT' } }),
  );
  const omar = file(
    'omar',
    running(stage, 70, {
      admissible: stage.back(64),
      work: { day: stage.back(30), ground: 'LMT_FAILED' },
      appeal: { lodged: stage.back(16), decided: null, upheld: false },
    }),
  );
  const walloon = { employer: waterloo, region: 'WAL-SPW', category: 'HIGHSKILL', gross: 4900 } as const;
  const nadia = permit('nadia', -740, -5, walloon);
  const nadiaRenewal = stage.dossier({
    ...at('nadiaRenewal'),
    ...walloon,
    worker: who.nadia,
    applicationType: 'RENEWAL',
    previous: nadia.permit,
    course: running(stage, 48, { admissible: stage.back(42) }),
  });
  const milan = permit('milan', -200, 500, { employer: eupen, region: 'DG-MIN', category: 'SHORTAGE', gross: 3100 });
  const emma = permit('emma', -600, 400, {
    employer: ukkel,
    region: 'BRU-BEW',
    category: 'BLUECARD',
    gross: 6500,
    fate: { day: onWorkingDay(today - 90), how: 'WITHDRAWN', ground: 'W1' },
  });
  const joy = stage.grant({
    ...at('joy'),
    worker: who.joy,
    employer: null,
    host: who.katrien,
    region: 'VLA-DEM',
    from: onWorkingDay(today - 90),
    to: today + 274,
  });
  everyKind(stage, { brewery, waterloo });
  traveller(stage, who.nabil, { brewery, ukkel, waterloo });
  standstill(stage);
  for (const worker of [who.rahul, who.fatima, who.dragan, who.mehmet, who.nadia, who.milan, who.emma])
    stage.employedAsPermitted(worker);
  stage.finish();
  return {
    ayse,
    rahul,
    fatima,
    dragan,
    draganRenewal,
    mehmet,
    samuelRefused,
    samuelRefiled,
    yuki,
    grace,
    olena,
    john,
    priya,
    karim,
    ana,
    wei,
    divine,
    omar,
    nadia,
    nadiaRenewal,
    milan,
    emma,
    joy,
  };
}

// However small a world is, each kind of permit is in it, and each state that the cast has not.
function everyKind(stage: Stage, { brewery, waterloo }: Pick<Employers, 'brewery' | 'waterloo'>): void {
  const { today } = stage;
  const flemish = { employer: brewery, region: 'VLA-DEM' } as const;
  const acts: readonly Partial<Grant>[] = [
    { kind: 'SP_ICT', category: 'ICT_MGR', gross: 9000 },
    { kind: 'SP_ICT_MOB', category: 'ICT_EXP', gross: 5200 },
    { kind: 'SP_SEAS', category: 'SEASONAL', gross: 2300, from: today - 60, to: today + 80 },
    { kind: 'SP_RES', category: 'RESEARCHER', gross: 3600 },
    { kind: 'SP_TRAINEE', category: 'TRAINEE', gross: 2300, from: today - 50, to: today + 120 },
    { kind: 'WA_SHORT', category: 'SPECTECH', gross: 5000, from: today - 30, to: today + 40 },
    { kind: 'WA_UNL', category: 'UNL_4Y', applicationType: 'UNLIMITED', employer: null },
    { kind: 'SP_LIM', category: 'SHORTAGE', gross: 3000, applicationType: 'CHANGE_OF_FUNCTION' },
    { kind: 'SP_LIM', category: 'HIGHSKILL', gross: 5000, from: today + 30, to: today + 700 },
    {
      kind: 'SP_LIM',
      category: 'HIGHSKILL',
      gross: 5000,
      employer: waterloo,
      region: 'WAL-SPW',
      fate: { day: onWorkingDay(today - 70), how: 'LAPSED_RESIDENCE', part: 'RESIDENCE', ground: 'RES_FRAUD' },
    },
  ];
  for (const [at, { from = today - 300, to = today + 500, ...act }] of acts.entries()) {
    const worker = stage.worker({ postalCode: '1600', nationality: 'IN' });
    stage.grant({ ...flemish, ...act, sequence: 41 + at, worker, from: onWorkingDay(from), to });
    stage.employedAsPermitted(worker);
  }
}

// In treatment in Flanders when the workplace proves to be in Wallonia, which asks for more: the term of the decision stands still.
function standstill(stage: Stage): void {
  stage.dossier({
    sequence: 51,
    worker: stage.worker({ nationality: 'BR' }),
    employer: stage.employer({ postalCode: '1410', name: 'Atelier du Lion' }),
    region: 'WAL-SPW',
    course: running(stage, 38, {
      admissible: stage.back(30),
      transfer: { day: stage.back(12), from: 'VLA-DEM' },
      request: { day: stage.back(6), answered: null },
    }),
  });
}

// One worker with seven dossiers in three regions (DOMAIN 6.4): the skew that a worker's page has to bear.
function traveller(
  stage: Stage,
  worker: Worker,
  { brewery, ukkel, waterloo }: Pick<Employers, 'brewery' | 'ukkel' | 'waterloo'>,
): void {
  const tries = [
    [brewery, 'VLA-DEM', 'LMT_FAILED'],
    [ukkel, 'BRU-BEW', 'DIPLOMA'],
    [waterloo, 'WAL-SPW', 'LMT_FAILED'],
    [brewery, 'VLA-DEM', 'SALARY_BELOW_THRESHOLD'],
    [ukkel, 'BRU-BEW', 'WORKING_CONDITIONS'],
    [waterloo, 'WAL-SPW', 'OTHER'],
    [ukkel, 'BRU-BEW', null],
  ] as const;
  for (const [at, [employer, region, ground]] of tries.entries()) {
    const submitted = onWorkingDay(stage.today - 1380 + at * 180);
    const course: Course =
      ground === null
        ? smooth(workingDaysAfter(submitted, 70))
        : {
            created: submitted - 2,
            submitted,
            admissible: workingDaysAfter(submitted, 6),
            work: { day: workingDaysAfter(submitted, 28), ground },
          };
    stage.dossier({ sequence: 31 + at, worker, employer, region, category: 'OTHER', gross: 3000, course });
  }
  stage.employedAsPermitted(worker);
}
