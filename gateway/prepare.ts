/** Makes a database ready to be asked: its tables, and a demo world where one is wanted. */
import pg from 'pg';
import { type Database, migrate } from '../db/database.ts';
import type { Env } from '../subgraphs/env.ts';

const lockNumber = 1_812_018; // any number, the same in each process that seeds

const one = async <Row extends object>(owner: pg.Client, text: string): Promise<Row | undefined> =>
  (await owner.query<Row>(text)).rows[0];

/** Whether a seeding may begin, or begin anew: nothing was finished here, and no rows are somebody's own. */
const isOpen = async (owner: pg.Client): Promise<boolean> => {
  const found = await one<{ table: string | null }>(owner, `select to_regclass('meta.seeded')::text as table`);
  if (found?.table) {
    const seeding = await one<{ done: boolean }>(owner, 'select finished_at is not null as done from meta.seeded');
    if (seeding) return !seeding.done;
  }
  const rows = await one<{ filled: boolean }>(
    owner,
    'select exists (select from dossiers.dossier) or exists (select from employers.enterprise) as filled',
  );
  return rows?.filled === false;
};

/** Migrates, and seeds when a profile is wanted and nothing is there yet; `progress` hears what goes on. */
export const prepare = async (
  { ownerUrl, urlOf }: Database,
  { SEED_PROFILE: profile, today }: Pick<Env, 'SEED_PROFILE'> & { today: string },
  progress: (line: string) => void,
): Promise<void> => {
  if (ownerUrl === undefined) return; // a login of one part only: who holds the owner's prepares the database
  await migrate(ownerUrl, urlOf);
  if (profile === 'none') return;
  const owner = new pg.Client({ connectionString: ownerUrl, application_name: 'prepare' });
  owner.on('error', () => undefined); // reported by the statement that is running
  await owner.connect();
  try {
    // Replicas that start at once wait here for the one that seeds, and then find it done.
    await owner.query('select pg_advisory_lock($1)', [lockNumber]);
    if (!(await isOpen(owner))) return;
    progress(`Making the demo world (${profile}) ...`);
    const { seed } = await import('../db/world/seed.ts');
    await seed(ownerUrl, { profile, today, progress });
  } finally {
    await owner.end();
  }
};
