import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { loginsOf } from '../db/roles.ts';
import { template } from './cluster.ts';

const clusterUrl = (): string => {
  const url = process.env.TEST_CLUSTER_URL;
  if (!url) throw new Error('no test cluster is running: run the tests with the jest.config.json of this project');
  return url;
};

const asOwner = async (text: string): Promise<void> => {
  const owner = new pg.Client({ connectionString: clusterUrl() });
  await owner.connect();
  try {
    await owner.query(text);
  } finally {
    await owner.end();
  }
};

const copy = async (from: string, name: string): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await asOwner(`create database ${name} template ${from}`);
    } catch (error) {
      // In use: another file is copying it, or autovacuum looks after it.
      const inUse = (error as { code?: string }).code === '55006'; // pg's types do not say that its errors carry a code
      if (!inUse || attempt === 50) throw error;
      await sleep(100);
    }
  }
};

/** A database of the test's own: migrated, filled like the template or like `from`, which nobody may be connected to, and gone with `drop`. */
export const freshDatabase = async (
  from = template,
): Promise<{
  name: string;
  ownerUrl: string;
  urlOf: (part: string) => string;
  drop: () => Promise<void>;
}> => {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await copy(from, name);
  const ownerUrl = clusterUrl().replace(/[^/]+$/, name);
  return {
    name,
    ownerUrl,
    urlOf: loginsOf(ownerUrl),
    drop: () => asOwner(`drop database if exists ${name} with (force)`),
  };
};
