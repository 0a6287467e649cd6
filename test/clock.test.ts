import type pg from 'pg';
import { pool as connect } from '../db/database.ts';
import { clockwork } from '../subgraphs/dossiers/clock.ts';
import { taker } from '../subgraphs/take.ts';
import { acting, complete } from './acting.ts';
import { kbo } from './cast.ts';
import { type OpenedWorld, openWorld } from './opened-world.ts';

const secret = 'a secret of tests, and of tests alone';
const employer = `EMPLOYER:${kbo.brewery}`;
let world: OpenedWorld;
let writing: pg.Pool;
let day = '2026-11-02';
let clock: ReturnType<typeof clockwork>;

beforeAll(async () => {
  world = await openWorld();
  writing = connect(world.database.urlOf('steps'), { name: 'steps', max: 2 });
  clock = clockwork(writing, taker(writing, { secret }), () => day);
  await clock.round();
});
afterAll(async () => {
  await writing?.end();
  await world?.stop();
});

const events = async (number: string) =>
  (
    await world.rows<{ type: string }>(
      'select type from dossiers.event where dossier_number = $1 order by sequence offset 11',
      [number],
    )
  ).map(({ type }) => type);

const announced = async (number: string, event: string) =>
  world.rows('select event, data from steps.outbox where dossier_number = $1 and event = $2 order by position', [
    number,
    event,
  ]);

const filed = async (): Promise<{ number: string; version: number }> => {
  const draft = await complete(world, employer, { facts: fresh() });
  const { dossier } = await acting(world)(employer)('submitDossier', {
    number: draft.number,
    expectedVersion: draft.version,
  });
  if (!dossier) throw new Error('not filed');
  return dossier;
};

let born = 0;
const fresh = () => ({
  worker: {
    lastName: 'Okafor',
    firstNames: 'Chidi',
    birthDate: `19${80 + (born++ % 20)}-04-05`,
    nationalities: ['NG'],
    abroad: true,
  },
});

test('what the demo world left to the clock is done in one round, and the next round finds nothing', async () => {
  const again = await clock.round();
  expect(Object.values(again).filter((count) => count > 0)).toEqual([]);
});

test('a request that nobody answers is proposed for inadmissibility on the day after its last one, once', async () => {
  const { number, version } = await filed();
  await acting(world)('VLA-DEM')('requestInformation', { number, expectedVersion: version, items: ['WRK_DIPLOMA'] });
  day = '2026-11-17'; // the last day
  await clock.round();
  expect(await events(number)).toEqual(['DOSSIER_SUBMITTED', 'DOSSIER_ROUTED', 'INFO_REQUESTED']);
  day = '2026-11-18';
  await clock.round();
  await clock.round();
  expect((await events(number)).slice(3)).toEqual(['INADMISSIBILITY_PROPOSED']);
  expect((await announced(number, 'DEADLINE_MISSED')).length).toBe(1);
  expect(await announced(number, 'DEADLINE_APPROACHING')).toEqual([
    { event: 'DEADLINE_APPROACHING', data: { rule: 'D02', dueOn: '2026-11-17' } },
  ]);
});

test('a decision term that passes is reported once, also when the process ends in between', async () => {
  day = '2026-11-02';
  const { number, version } = await filed();
  await acting(world)('VLA-DEM')('declareAdmissible', { number, expectedVersion: version });
  day = '2027-02-02'; // 90 days from 2 November end on a Sunday; the Monday after is the last day
  const other = clockwork(writing, taker(writing, { secret }), () => day);
  await Promise.all([clock.round(), other.round()]);
  await other.round();
  expect(await announced(number, 'DEADLINE_MISSED')).toEqual([
    { event: 'DEADLINE_MISSED', data: { rule: 'D04', startsOn: '2026-11-02' } },
  ]);
});

test('a permit that runs out expires; before that its end is told at six, two and one months', async () => {
  day = '2026-11-02';
  const { number, version } = await filed();
  const act = acting(world);
  await act('VLA-DEM')('declareAdmissible', { number, expectedVersion: version });
  await act('VLA-DEM')('takeWorkDecision', { number, expectedVersion: version + 2, outcome: 'GRANT' });
  await act('FED-DVZ')('takeResidenceDecision', { number, expectedVersion: version + 3, outcome: 'GRANT' });
  for (const on of ['2028-06-30', '2028-07-01', '2028-10-31', '2028-12-01', '2029-01-01']) {
    day = on;
    await clock.round();
  }
  expect((await announced(number, 'PERMIT_EXPIRING')).length).toBe(3); // on the last day but six months, two and one
  expect((await events(number)).at(-1)).toBe('PERMIT_EXPIRED');
  expect(await world.rows('select state from cadastre.permit where dossier_number = $1', [number])).toEqual([
    { state: 'EXPIRED' },
  ]);
});
