import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { ensureRoles } from './roles.ts';

type Migration = { name: string; sql: string; sha256: string };
type Applied = Omit<Migration, 'sql'>;

const ours = fileURLToPath(new URL('migrations/', import.meta.url));
const lock = 5_071_843_926_001; // any number, the same for every version of this program

const migrationsIn = async (folder: string): Promise<Migration[]> => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const wrong = names.filter(
    (name, index) => !/^\d{3}_\w+\.sql$/.test(name) || names[index - 1]?.slice(0, 3) === name.slice(0, 3),
  );
  if (wrong.length > 0) throw new Error(`a migration is named NNN_name.sql, each number once: ${wrong.join(', ')}`);
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name), 'utf8');
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
};

// An older program may meet a newer database while replicas are replaced, so that later migrations than it knows are no error.
const pending = (all: readonly Migration[], applied: readonly Applied[]): Migration[] => {
  const known = new Map(applied.map((one) => [one.name, one.sha256]));
  const newest = applied.at(-1)?.name ?? '';
  for (const { name, sha256 } of all) {
    const before = known.get(name);
    if (before === undefined && name < newest)
      throw new Error(`${name} comes before ${newest}, which is applied: number it anew`);
    if (before !== undefined && before !== sha256)
      throw new Error(`${name} was changed after it was applied: write a new one`);
  }
  const gone = applied.find(({ name }) => name < (all.at(-1)?.name ?? '') && !all.some((one) => one.name === name));
  if (gone) throw new Error(`${gone.name} was applied, and its file is gone`);
  return all.filter(({ name }) => !known.has(name));
};

const apply = async (owner: pg.Client, { name, sql, sha256 }: Migration): Promise<void> => {
  await owner.query('begin');
  try {
    await owner.query(sql);
    await owner.query('insert into meta.migration (name, sha256) values ($1, $2)', [name, sha256]);
    await owner.query('commit');
  } catch (error) {
    await owner.query('rollback').catch(() => undefined); // the reason is the first error, also when the connection is lost
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`migration ${name} failed: ${reason}`, { cause: error });
  }
};

/**
 * Brings the database up to date and answers the names of what it applied: first the roles of the parts, then each new
 * migration in order and in a transaction of its own. Processes that do this at the same time wait for each other.
 */
export const migrate = async (
  ownerUrl: string,
  { urlOf, parts, folder = ours }: { urlOf: (part: string) => string; parts: readonly string[]; folder?: string },
): Promise<string[]> => {
  const all = await migrationsIn(folder);
  const owner = new pg.Client({ connectionString: ownerUrl, application_name: 'migrate' });
  owner.on('error', () => undefined); // a lost connection is reported by the statement that is running
  await owner.connect();
  try {
    // knex keeps a ledger too, but without checksums, and its lock is a row that a killed process leaves behind.
    await owner.query('select pg_advisory_lock($1)', [lock]);
    await ensureRoles(owner, parts.map(urlOf));
    await owner.query(`
      set client_min_messages = warning;
      create schema if not exists meta;
      create table if not exists meta.migration (
        name text primary key,
        sha256 text not null,
        applied_at timestamptz not null default now()
      );
      revoke all on schema public from public;
    `);
    const applied = await owner.query<Applied>('select name, sha256 from meta.migration order by name collate "C"');
    const todo = pending(all, applied.rows);
    for (const migration of todo) await apply(owner, migration);
    return todo.map(({ name }) => name);
  } finally {
    await owner.end();
  }
};
