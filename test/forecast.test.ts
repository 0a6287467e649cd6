import { makeDossierNumber } from '../schema/identifiers.ts';
import { insz, kbo, number } from './cast.ts';
import { type OpenedWorld, openWorld } from './opened-world.ts';

let world: OpenedWorld;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.stop());

let made = 0;

/** Puts a dossier in the world that was decided, like Ayşe's but for what is told of it. */
const decided = async (other: Record<string, unknown>, workDecidedAt?: string): Promise<string> => {
  made += 1;
  const own = makeDossierNumber('SP', 2025, 9000000 + made);
  const course = { number: own, status: 'GRANTED', work_track: 'GRANTED', residence_track: 'GRANTED' };
  await world.rows(
    `insert into dossiers.dossier select (jsonb_populate_record(d, $2)).* from dossiers.dossier d where number = $1`,
    [number.ayse, JSON.stringify({ ...course, ...other })],
  );
  if (workDecidedAt !== undefined) {
    await world.rows(
      `insert into dossiers.event (dossier_number, sequence, at, type, actor_kind) values ($1, 1, $2, 'WORK_DECIDED', 'REGION')`,
      [own, workDecidedAt],
    );
  }
  return own;
};

// Five single permits of the highly skilled, decided by Flanders: filed ten days before they were admissible.
//   filed to decided 30, 40, 50, 60, 110 days; admissible to decided 20, 30, 40, 50, 100; work to residence 5, 6, 7, 8, 20
const five = [
  ['2026-08-01', '2026-08-11', '2026-08-26', '2026-08-31'],
  ['2026-08-01', '2026-08-11', '2026-09-04', '2026-09-10'],
  ['2026-08-01', '2026-08-11', '2026-09-13', '2026-09-20'],
  ['2026-08-01', '2026-08-11', '2026-09-22', '2026-09-30'],
  ['2026-07-01', '2026-07-11', '2026-09-29', '2026-10-19'],
] as const;

/** A moment of a day in Belgium that by UTC is of the day before. */
const earlyOn = (day: string) => `${day} 00:30 Europe/Brussels`;

let sample: string[] = [];
beforeEach(async () => {
  await world.rows('truncate dossiers.appeal');
  await world.rows(`update dossiers.dossier set decided_at = '2020-01-01' where decided_at >= '2026-01-01'`);
  sample = [];
  for (const [submitted, admissible, work, final] of five) {
    const course = { submitted_at: earlyOn(submitted), admissible_at: earlyOn(admissible), decided_at: earlyOn(final) };
    sample.push(await decided(course, earlyOn(work)));
  }
});

const forecast = (who: string, dossier: string) =>
  world.as(who)(`{ forecast(dossier: "${dossier}") { stage p50 p90 basis sample } }`);
const told = (forecast: object | null) => ({ data: { forecast } });
const nothing = { p50: null, p90: null, basis: null, sample: null };
const alike = { basis: 'AUTHORITY_CATEGORY_KIND', sample: 5 };

test('of what remains, half of such dossiers and nine of ten are told, from the stage that the dossier is in', async () => {
  // Filed on 29 October, four days ago: 50 - 4, and 60 + 0.6 x (110 - 60) - 4.
  expect(await forecast('VLA-DEM', number.john)).toEqual(told({ stage: 'SUBMISSION', p50: 46, p90: 86, ...alike }));
  // Admissible on 29 September, 34 days ago: 40 - 34, and 50 + 0.6 x (100 - 50) - 34.
  expect(await forecast('VLA-DEM', number.ayse)).toEqual(told({ stage: 'ADMISSIBILITY', p50: 6, p90: 46, ...alike }));
  // The work part granted ten days ago: 7 is over, and 8 + 0.6 x (20 - 8) is 15.2, of which 6 whole days remain.
  const granted = await decided(
    { status: 'IN_TREATMENT', residence_track: 'IN_PROGRESS', decided_at: null },
    earlyOn('2026-10-23'),
  );
  await world.rows(
    `insert into access.involvement values ('VLA-DEM', 'DOSSIER', $1, 'COMPETENT', '2026-01-01', null)`,
    [granted],
  );
  expect(await forecast('VLA-DEM', granted)).toEqual(told({ stage: 'WORK_DECISION', p50: 0, p90: 6, ...alike }));
});

test.each([
  ['another admission category', { category: 'EXEC' }, 'AUTHORITY_KIND'],
  ['another authority', { competent_authority: 'BRU-BEW' }, 'KIND'],
])('where one of the five is of %s, the next wider comparison is told', async (_, change, basis) => {
  const [[column, value] = ['', '']] = Object.entries(change);
  await world.rows(`update dossiers.dossier set ${column} = $2 where number = $1`, [sample[0], value]);
  expect(await forecast('VLA-DEM', number.ayse)).toEqual(
    told({ stage: 'ADMISSIBILITY', p50: 6, p90: 46, basis, sample: 5 }),
  );
});

test.each([
  ['is of another kind', { kind: 'SP_BLUE' }],
  ['was decided 91 days ago', { decided_at: earlyOn('2026-08-03') }],
  ['was decided today', { decided_at: '2026-11-02 08:00 Europe/Brussels' }],
  ['was stopped by its applicant', { status: 'APPLICANT_WITHDRAWN' }],
])('nothing is told of fewer than five: one of them %s', async (_, change) => {
  const [[column, value] = ['', '']] = Object.entries(change);
  await world.rows(`update dossiers.dossier set ${column} = $2 where number = $1`, [sample[0], value]);
  expect(await forecast('VLA-DEM', number.ayse)).toEqual(told({ stage: 'ADMISSIBILITY', ...nothing }));
});

test('a decision of ninety days ago still counts', async () => {
  await world.rows(
    'update dossiers.dossier set submitted_at = $2, admissible_at = $2, decided_at = $3 where number = $1',
    [sample[0], earlyOn('2026-07-15'), earlyOn('2026-08-04')],
  );
  expect(await forecast('VLA-DEM', number.ayse)).toEqual(told({ stage: 'ADMISSIBILITY', p50: 6, p90: 46, ...alike }));
});

test('what an appeal reopened, and what ended with the work part, is no measure for what goes on', async () => {
  const refused = await decided(
    { submitted_at: earlyOn('2026-08-01'), admissible_at: earlyOn('2026-08-11'), decided_at: earlyOn('2026-08-31') },
    earlyOn('2026-08-31'),
  );
  const six = { stage: 'ADMISSIBILITY', p50: 1, p90: 41, basis: 'AUTHORITY_CATEGORY_KIND', sample: 6 };
  expect(await forecast('VLA-DEM', number.ayse)).toEqual(told(six)); // 20, 20, 30, 40, 50, 100
  const granted = await decided(
    { status: 'IN_TREATMENT', residence_track: 'IN_PROGRESS', decided_at: null },
    earlyOn('2026-11-01'),
  );
  await world.rows(
    `insert into access.involvement values ('FED-DVZ', 'DOSSIER', $1, 'FORWARDED', '2026-01-01', null)`,
    [granted],
  );
  expect(await forecast('FED-DVZ', granted)).toEqual(told({ stage: 'WORK_DECISION', p50: 6, p90: 15, ...alike }));

  await world.rows(
    `insert into dossiers.appeal (id, dossier_number, lodged_on, lodged_by_kind, against_part) values ($1, $1, '2026-09-10', 'EMPLOYER', 'WORK')`,
    [refused],
  );
  expect(await forecast('VLA-DEM', number.ayse)).toEqual(told({ stage: 'ADMISSIBILITY', p50: 6, p90: 46, ...alike }));
});

test('nothing remains of a dossier that is closed, nor of a draft', async () => {
  const course = await world.rows<{ number: string }>(
    `select number from dossiers.dossier where employer_kbo = $1 and status = 'DRAFT' order by number limit 1`,
    [kbo.brewery],
  );
  const closed = [number.rahul, number.samuelRefused, course[0]?.number ?? ''];
  for (const one of closed) {
    expect(await forecast(`EMPLOYER:${kbo.brewery}`, one)).toEqual(told({ stage: null, ...nothing }));
  }
});

test('whoever may know how a dossier stands is told how long it may take; to others it is not there', async () => {
  const parties = [
    `EMPLOYER:${kbo.brewery}`,
    `MANDATARY:${kbo.mandatary}`,
    `WORKER:${insz.ayse}`,
    'FED-DVZ',
    'HELPDESK',
  ];
  for (const who of parties) {
    expect([who, await forecast(who, number.ayse)]).toEqual([
      who,
      told({ stage: 'ADMISSIBILITY', p50: 6, p90: 46, ...alike }),
    ]);
  }
  for (const who of [`EMPLOYER:${kbo.ukkel}`, `WORKER:${insz.rahul}`, 'DG-MIN', 'POST-IN-1', 'EU-COM']) {
    expect((await forecast(who, number.ayse)).data).toEqual({ forecast: null });
  }
  const [last] = await world.rows(
    `select party, subject, read, outcome from read_log.entry where party = 'HELPDESK' order by seq desc limit 1`,
  );
  expect(last).toEqual({ party: 'HELPDESK', subject: 'W-0000001', read: ['ENVELOPE'], outcome: 'READ' });
});
