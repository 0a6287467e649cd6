import pg from 'pg';
import { type Counts, store } from './load.ts';
import type { PlantedCase } from './planted.ts';
import type { Profile } from './shape.ts';
import { tableNames } from './tables.ts';
import { cohorts, worldOf } from './world.ts';

/** What to make. `today` is a Brussels date 'YYYY-MM-DD'. */
export type SeedOptions = {
  readonly profile: Profile;
  readonly today: string;
  readonly progress?: (line: string) => void;
};

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'seed' });
  client.on('error', () => undefined); // reported by the statement that is running
  await client.connect();
  // Moments are written in Brussels time, and a crash is noticed by the row that is missing at the end.
  await client.query(
    `set timezone = 'Europe/Brussels'; set synchronous_commit = off; set client_min_messages = warning`,
  );
  return client;
}

const bookkeeping = `
  create table if not exists meta.seeded (
    profile text not null,
    today date not null,
    started_at timestamptz not null default now(),
    finished_at timestamptz
  );
  create table if not exists meta.planted_case (
    position integer primary key,
    rule text not null,
    kind text not null check (kind in ('positive', 'near-miss')),
    worker_id text,
    employer_kbo text,
    dossier_number text,
    permit_id text,
    why text not null
  );
`;

async function hasRows(owner: pg.Client): Promise<boolean> {
  const { rows } = await owner.query<{ filled: boolean }>(
    `select ${tableNames.map((table) => `exists (select from ${table})`).join(' or ')} as filled`,
  );
  return rows[0]?.filled ?? false;
}

/** Empties what an unfinished seeding left; refuses when the rows may be somebody's own. */
async function begin(owner: pg.Client, { profile, today }: SeedOptions): Promise<void> {
  await owner.query(bookkeeping);
  const { rows } = await owner.query<{ finished: boolean }>(
    'select finished_at is not null as finished from meta.seeded',
  );
  if (rows.some(({ finished }) => finished)) throw new Error('the database has been seeded already');
  if (rows.length === 0 && (await hasRows(owner))) {
    throw new Error('the database holds rows that no seeding wrote: it is left as it is');
  }
  await owner.query('begin');
  await owner.query('alter table dossiers.event disable trigger event_is_append_only');
  await owner.query(`truncate ${tableNames.join(', ')}, meta.seeded`);
  await owner.query('alter table dossiers.event enable always trigger event_is_append_only');
  await owner.query('insert into meta.seeded (profile, today) values ($1, $2)', [profile, today]);
  await owner.query('commit');
}

/**
 * Fills an empty, migrated database with a world that follows from the profile and the day alone, and answers how many
 * rows each table got. A seeding that was broken off is begun anew; rows that no seeding wrote are left alone, and refused.
 */
export async function seed(ownerUrl: string, options: SeedOptions): Promise<Counts> {
  const clients = [await connect(ownerUrl), await connect(ownerUrl)];
  try {
    const [owner] = clients;
    if (owner === undefined) return {};
    await begin(owner, options);
    const counts: Counts = {};
    const world = worldOf(options.profile, options.today);
    let storing: Promise<void> = Promise.resolve();
    let made = 0;
    for (const cohort of cohorts(world, options.profile)) {
      await storing;
      storing = store(clients, cohort.batch, counts);
      storing.catch(() => undefined); // awaited in the next round, or after the last
      made += 1;
      options.progress?.(`${made} cohorts made, ${counts['dossiers.dossier'] ?? 0} dossiers stored`);
      // Sockets are served between two cohorts only: without this pause nothing would be stored meanwhile.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await storing;
    await Promise.all(
      clients.map((client, at) =>
        client.query(`analyze ${tableNames.filter((_, index) => index % 2 === at).join(', ')}`),
      ),
    );
    await owner.query('update meta.seeded set finished_at = now()');
    return counts;
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

/** The planted cases that a seeding has put on record in the database. */
export async function plantedCases(ownerUrl: string): Promise<PlantedCase[]> {
  const client = await connect(ownerUrl);
  try {
    const { rows } = await client.query<PlantedCase>(
      `select rule, kind, worker_id as "workerId", employer_kbo as "employerKbo", dossier_number as "dossierNumber",
         permit_id as "permitId", why from meta.planted_case order by position`,
    );
    return rows;
  } finally {
    await client.end();
  }
}
