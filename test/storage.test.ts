import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isDown, migrate, openDatabase, pool } from '../db/database.ts';
import { startEmbedded } from '../db/embedded.ts';
import { loginsOf } from '../db/roles.ts';
import { subgraphNames } from '../schema/subgraphs.ts';
import { freshDatabase } from './database.ts';

let folder: string;
let database: Awaited<ReturnType<typeof freshDatabase>>;

const query = async (url: string, text: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
};

// A database beside the tests' own, without the template's migrations.
const empty = async (): Promise<string> => {
  const name = `${new URL(database.ownerUrl).pathname.slice(1)}_${Math.random().toString(36).slice(2, 8)}`;
  await query(database.ownerUrl, `create database ${name} template template0`);
  return database.ownerUrl.replace(/[^/]+$/, name);
};

const migrations = async (files: Record<string, string>): Promise<string> => {
  const path = await mkdtemp(join(folder, 'migrations-'));
  for (const [name, sql] of Object.entries(files)) await writeFile(join(path, name), sql);
  return path;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'storage-'));
  database = await freshDatabase();
});

afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const one = { '001_one.sql': 'create schema one; create table one.thing (id int)' };
const two = { '002_two.sql': 'insert into one.thing values (1); insert into one.thing values (2)' };

test('migrations are applied once, in order, by whoever comes first', async () => {
  const url = await empty();
  const path = await migrations({ ...two, ...one });
  const applied = await Promise.all([1, 2, 3].map(() => migrate(url, loginsOf(url), path)));
  expect(applied.flat()).toEqual(['001_one.sql', '002_two.sql']);
  expect(await query(url, 'select id from one.thing order by id')).toEqual([{ id: 1 }, { id: 2 }]);
  expect(await query(url, 'select name from meta.migration order by name')).toEqual([
    { name: '001_one.sql' },
    { name: '002_two.sql' },
  ]);
});

test('a migration that fails leaves nothing of itself, and is named', async () => {
  const url = await empty();
  const path = await migrations({ ...one, '002_bad.sql': 'create table one.other (id int); select 1/0' });
  await expect(migrate(url, loginsOf(url), path)).rejects.toThrow('migration 002_bad.sql failed: division by zero');
  expect(
    await query(url, `select to_regclass('one.thing') is not null as thing, to_regclass('one.other') as other`),
  ).toEqual([{ thing: true, other: null }]);
});

test('the past is not rewritten: a changed, lost or late migration is an error', async () => {
  const url = await empty();
  const run = async (files: Record<string, string>) => migrate(url, loginsOf(url), await migrations(files));
  await run({ ...one, '003_three.sql': 'select 1' });
  await expect(run({ ...one, '003_three.sql': 'select 3' })).rejects.toThrow(
    '003_three.sql was changed after it was applied',
  );
  await expect(run({ '003_three.sql': 'select 1' })).rejects.toThrow('001_one.sql was applied, and its file is gone');
  await expect(run({ ...one, ...two, '003_three.sql': 'select 1' })).rejects.toThrow(
    '002_two.sql comes before 003_three.sql',
  );
  await expect(run({ ...one, '001_uno.sql': '' })).rejects.toThrow('each number once: 001_uno.sql');
  expect(await run(one)).toEqual([]); // an older program beside a newer one
});

test('each subgraph logs in as its own role, also when several databases make the roles at once', async () => {
  const urls = await Promise.all([empty(), empty(), empty()]);
  const path = await migrations(one);
  await query(database.ownerUrl, 'drop role if exists permit_storage_test');
  const { migrate: apply } = await import('../db/migrate.ts');
  const parts = [...subgraphNames, 'storage_test'];
  await Promise.all(urls.map((url) => apply(url, { urlOf: loginsOf(url), parts, folder: path })));
  for (const part of parts) {
    const rows = await query(loginsOf(urls[0] ?? '')(part), 'select current_user as role');
    expect(rows).toEqual([{ role: `permit_${part}` }]);
  }
  const asCadastre = loginsOf(urls[0] ?? '')('cadastre');
  await expect(query(asCadastre, 'select * from one.thing')).rejects.toMatchObject({ code: '42501' });
  await expect(query(asCadastre, 'create table public.mine (id int)')).rejects.toMatchObject({ code: '42501' });
  await expect(query(asCadastre, 'select * from meta.migration')).rejects.toMatchObject({ code: '42501' });
});

test('a subgraph that was given only its own login has no other', async () => {
  const url = database.urlOf('workers');
  const apart = await openDatabase({ DATABASE_URL: url, DATA_DIR: folder });
  expect(apart.ownerUrl).toBeUndefined();
  expect(apart.urlOf('workers')).toBe(url);
  expect(() => apart.urlOf('dossiers')).toThrow('holds the login of permit_workers only');
  await apart.stop();
});

test('a password that is given to a role stands before the derived one', async () => {
  const opened = await openDatabase({
    DATABASE_URL: database.ownerUrl,
    DATA_DIR: folder,
    DOSSIERS_DATABASE_PASSWORD: 'een/geheim?',
  });
  expect(decodeURIComponent(new URL(opened.urlOf('dossiers')).password)).toBe('een/geheim?');
  expect(opened.urlOf('workers')).toBe(database.urlOf('workers'));
});

test('what cannot be opened is named without its password', async () => {
  const messageOf = (url: string) =>
    openDatabase({ DATABASE_URL: url, DATA_DIR: folder }).then(
      () => 'it opened',
      (error: Error) => JSON.stringify([error.message, error.stack, { ...error }, String(error.cause)]),
    );
  const wrong = [
    'postgres://permits:geheim@127.0.0.1:1/permits',
    'postgres://permits:geheim@no.such.host.invalid/permits',
    'postgres://permits:geheim@:bad/permits',
    'mysql://permits:geheim@127.0.0.1/permits',
    database.ownerUrl.replace(/:[^:@/]+@/, ':geheim@'),
    database.ownerUrl.replace(/[^/]+$/, 'no_such_database'),
  ];
  const secret = decodeURIComponent(new URL(database.ownerUrl).password);
  for (const url of wrong) {
    const message = await messageOf(url);
    expect(message).toContain('DATABASE_URL');
    expect(message).not.toContain('geheim');
    expect(message).not.toContain(secret);
  }
});

test('a pool survives the loss of its server, says that it is down, and connects again', async () => {
  const dataDir = join(folder, 'lost');
  const first = await startEmbedded({ dataDir, throwaway: true });
  const connections = pool(first.url, { max: 2, name: 'storage.test' });
  const held = await connections.connect();
  const answer = () => connections.query('select 1 as one').then(({ rows }) => rows);
  expect(await answer()).toEqual([{ one: 1 }]);
  const running = connections.query('select pg_sleep(3)').catch((error: unknown) => error);
  await sleep(100);
  await first.stop();
  expect(isDown(await running)).toBe(true);
  expect(isDown(await held.query('select 1').catch((error: unknown) => error))).toBe(true);
  held.release(true);
  expect(isDown(await answer().catch((error: unknown) => error))).toBe(true);

  const second = await startEmbedded({ dataDir, throwaway: true });
  expect(second.url).toBe(first.url);
  expect(await answer()).toEqual([{ one: 1 }]);
  await connections.end();
  await second.stop();
});

test('a statement that is wrong or too slow is not a database that is down', async () => {
  const connections = pool(database.ownerUrl, { max: 1, name: 'storage.test', timeout: 200 });
  const failure = (text: string) => connections.query(text).catch((error: unknown) => error);
  const slow = await failure('select pg_sleep(3)');
  expect(slow).toMatchObject({ code: '57014' });
  const wrong = await failure('select nonsense');
  expect(wrong).toMatchObject({ code: '42703' });
  expect([slow, wrong].map(isDown)).toEqual([false, false]);
  expect(isDown(await failure('select pg_terminate_backend(pg_backend_pid())'))).toBe(true);
  const unreachable = pool('postgres://nobody@localhost:1/none', { name: 'storage.test' });
  expect(isDown(await unreachable.query('select 1').catch((error: unknown) => error))).toBe(true);
  await connections.end();
});
