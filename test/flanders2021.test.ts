import pg from 'pg';
import { migrate } from '../db/database.ts';
import { flanders2021 } from '../db/world/flanders2021.ts';
import { copy } from '../db/world/load.ts';
import { tableNames } from '../db/world/tables.ts';
import { cohorts, worldOf } from '../db/world/world.ts';
import { holidays } from '../schema/calendar.ts';
import { today } from './cluster.ts';

const open = async (url: string) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  // Dates as text, as everywhere else in the project.
  client.setTypeParser(1082, (value) => value);
  await client.query(`set timezone = 'Europe/Brussels'`);
  return client;
};

const emptyDatabase = async (name: string): Promise<string> => {
  const cluster = process.env.TEST_CLUSTER_URL ?? '';
  const owner = await open(cluster);
  await owner.query(`drop database if exists ${name} with (force)`);
  await owner.query(`create database ${name}`);
  await owner.end();
  const url = cluster.replace(/[^/]+$/, name);
  await migrate(url);
  return url;
};

const dropDatabase = async (name: string): Promise<void> => {
  const owner = await open(process.env.TEST_CLUSTER_URL ?? '');
  await owner.query(`drop database ${name} with (force)`);
  await owner.end();
};

const rowsOf = async <Row extends object>(text: string, values: unknown[], client: pg.Client): Promise<Row[]> =>
  (await client.query<Row>(text, values)).rows;

test('the demo world reproduces the Flemish figures of 2021', async () => {
  const url = await emptyDatabase('world_demo');
  const loader = await open(url);
  // The whole world is made, and stored as far as the figures need it.
  for (const { batch } of cohorts(worldOf('demo', today), 'demo')) {
    for (const table of tableNames) {
      if (table === 'dossiers.dossier' || table === 'decisions.decision')
        await copy(loader, table, batch.take(table).text);
    }
  }
  await loader.end();
  const demo = await open(url);
  const days = [2020, 2021].flatMap((year) => [...holidays(year).keys()]);
  const [counts] = await rowsOf(
    `select count(*)::int as filed, count(admissible_at)::int as admissible,
       count(*) filter (where forwarded_to_dvz_at::date <= '2021-10-31')::int as forwarded
     from dossiers.dossier
     where competent_authority = 'VLA-DEM' and kind like 'SP\\_%' and submitted_at::date between '2021-01-01' and '2021-10-31'`,
    [],
    demo,
  );
  expect(counts).toEqual({
    filed: flanders2021.filed,
    admissible: flanders2021.admissible,
    forwarded: flanders2021.forwarded,
  });
  const months = await rowsOf<{ finished: number; mean: number }>(
    `with worked as (
       select day::date, count(*) filter (where extract(isodow from day) < 6 and day::date <> all ($1::date[])) over (order by day) as upto
       from generate_series('2020-01-01'::timestamp, '2021-12-31', '1 day') as day
     )
     select count(*)::int as finished, round(avg(later.upto - earlier.upto), 1)::float as mean
     from decisions.decision join dossiers.dossier d on d.number = dossier_number
     join worked earlier on earlier.day = submitted_at::date join worked later on later.day = decided_on
     where authority = 'VLA-DEM' and part = 'WORK' and decision.version = 1 and outcome in ('GRANT', 'REFUSE', 'INADMISSIBLE')
       and decided_on between '2021-01-01' and '2021-10-31'
     group by date_trunc('month', decided_on) order by date_trunc('month', decided_on)`,
    [days],
    demo,
  );
  expect(months.map(({ finished }) => finished)).toEqual(flanders2021.finished);
  expect(months.map(({ mean }) => mean)).toEqual(flanders2021.leadTimes);
  await demo.end();
  await dropDatabase('world_demo');
}, 120_000);
