// Jest runs this file outside its module system, and turns it into CommonJS. What it calls is ESM, so that comes in through
// tsx, by an import that stays one (`ignoreDynamic` in the config): the CommonJS build of tsx's own API is incomplete.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const load = async (specifier: string) => (await import('tsx/esm/api')).tsImport(specifier, import.meta.url);

type Embedded = typeof import('../db/embedded.ts');
type Database = typeof import('../db/database.ts');
type World = typeof import('../db/world/seed.ts');

/** The day on which the demo world of the tests stands still; a Monday. */
export const today = '2026-11-02';

/** The database that each test file gets a copy of. */
export const template = 'template_permits';

/** Fills the template: whatever every test may take for granted is put here, once per run. */
export const prepareTemplate = async (url: string): Promise<void> => {
  const { migrate }: Database = await load('../db/database.ts');
  const { seed }: World = await load('../db/world/seed.ts');
  await migrate(url);
  await seed(url, { profile: 'small', today });
};

let stop: (() => Promise<void>) | undefined;

const start = async (): Promise<void> => {
  const { startEmbedded }: Embedded = await load('../db/embedded.ts');
  const { default: pg }: { default: typeof import('pg') } = await load('pg');
  const dataDir = await mkdtemp(join(tmpdir(), 'permits-test-'));
  const cluster = await startEmbedded({ dataDir, throwaway: true });
  stop = async () => {
    await cluster.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const owner = new pg.Client({ connectionString: cluster.url });
    await owner.connect();
    await owner.query(`create database ${template}`);
    await prepareTemplate(cluster.url.replace(/[^/]+$/, template));
    // A connection to the template, even an idle one, would keep it from being copied.
    await owner.query(`alter database ${template} with is_template true allow_connections false`);
    await owner.end();
  } catch (error) {
    await stop(); // jest calls no teardown after a setup that failed
    throw error;
  }
  process.env.TEST_CLUSTER_URL = cluster.url;
};

// biome-ignore lint/style/noDefaultExport: jest asks for one; it is both setup and teardown, which run in one process
export default async (): Promise<void> => {
  if (stop) await stop();
  else await start();
};
