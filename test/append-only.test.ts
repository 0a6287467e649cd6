import pg from 'pg';
import { acting, complete, type Stepped } from './acting.ts';
import { kbo } from './cast.ts';
import { type OpenedWorld, openWorld } from './opened-world.ts';

let world: OpenedWorld;
let dossier: NonNullable<Stepped['dossier']>;
const connections: Record<string, pg.Client> = {};
beforeAll(async () => {
  world = await openWorld();
  const as = acting(world);
  const employer = `EMPLOYER:${kbo.brewery}`;
  const { number, version } = await complete(world, employer);
  const done = await as(employer)('submitDossier', { number, expectedVersion: version });
  if (!done.dossier) throw new Error('no dossier');
  dossier = done.dossier;
  const { ownerUrl, urlOf } = world.database;
  for (const [who, connectionString] of [
    ['the owner', ownerUrl],
    ['the role of the steps', urlOf('steps')],
    ['the role of the dossiers', urlOf('dossiers')],
  ] as const) {
    connections[who] = new pg.Client({ connectionString });
    await connections[who].connect();
  }
});
afterAll(async () => {
  for (const connection of Object.values(connections)) await connection.end();
  await world?.stop();
});

const tables = ['dossiers.event', 'dossiers.dossier_past'] as const;
const rewrites: Record<string, (table: string) => string> = {
  update: (table) => `update ${table} set dossier_number = dossier_number where dossier_number = $1`,
  delete: (table) => `delete from ${table} where dossier_number = $1`,
  truncate: (table) => `truncate ${table}`,
};
const ways = tables.flatMap((table) => Object.keys(rewrites).map((rewrite) => [table, rewrite] as const));

/** What PostgreSQL says of a statement, which is undone whatever it says. */
const saidOf = async (who: string, text: string, setting = ''): Promise<string> => {
  const client = connections[who];
  try {
    await client?.query(`begin; ${setting}`);
    await client?.query(text, text.includes('$1') ? [dossier.number] : []);
    return 'it was done';
  } catch (error) {
    return error instanceof Error || 'message' in Object(error) ? String(Object(error).message) : 'something else';
  } finally {
    await client?.query('rollback');
  }
};

test.each(ways)('%s: no %s, not by the steps, nor by who reads, nor by the owner', async (table, rewrite) => {
  const text = rewrites[rewrite]?.(table) ?? '';
  const name = table.replace('dossiers.', '');
  expect(await saidOf('the role of the steps', text)).toBe(`permission denied for table ${name}`);
  expect(await saidOf('the role of the dossiers', text)).toBe(`permission denied for table ${name}`);
  expect(await saidOf('the owner', text)).toBe('the timeline is append-only');
  // As a server that replays what another did would be.
  const replaying = `set local session_replication_role = 'replica'`;
  expect(await saidOf('the owner', text, replaying)).toBe('the timeline is append-only');
});

test('a dossier with a timeline cannot be taken away, nor its number be changed', async () => {
  expect(await saidOf('the owner', 'delete from dossiers.dossier where number = $1')).toMatch(/violates foreign key/);
  expect(await saidOf('the owner', `update dossiers.dossier set number = 'X' where number = $1`)).toMatch(
    /violates foreign key/,
  );
  expect(await saidOf('the role of the steps', 'delete from dossiers.dossier where number = $1')).toBe(
    'permission denied for table dossier',
  );
});

test('an event keeps its place: no other can be put there', async () => {
  const text = `insert into dossiers.event (dossier_number, sequence, at, type, actor_kind) values ($1, 1, now(), 'COMPLETED', 'EMPLOYER')`;
  expect(await saidOf('the role of the steps', text)).toMatch(/duplicate key/);
  expect(await saidOf('the role of the dossiers', text)).toBe('permission denied for table event');
});

test('the database keeps by itself what a dossier was before each change, whoever makes it', async () => {
  const owner = connections['the owner'];
  const past = `select content ->> 'status' as status, (content ->> 'version')::int as version from dossiers.dossier_past
    where dossier_number = $1 order by version desc limit 1`;
  await owner?.query('begin');
  await owner?.query('update dossiers.dossier set version = version + 1 where number = $1', [dossier.number]);
  const { rows = [] } = (await owner?.query(past, [dossier.number])) ?? {};
  await owner?.query('rollback');
  expect(rows).toEqual([{ status: 'SUBMITTED', version: dossier.version }]);
});
