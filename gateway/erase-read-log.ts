/** Empties what of the read log is over: `npm run audit:erase`, for deployments whose programs do not hold the owner's login. */
import { openDatabase, pool } from '../db/database.ts';
import { eraseReadLog } from '../db/erase-read-log.ts';
import { clock, readEnv } from '../subgraphs/env.ts';

try {
  const env = readEnv({ program: 'tool' });
  const database = await openDatabase(env);
  try {
    if (database.ownerUrl === undefined) throw new Error('Erasing needs the login of the owner of the database');
    const owner = pool(database.ownerUrl, { name: 'erase read log', max: 1, timeout: 60_000 });
    const count = await eraseReadLog(owner, clock(env)()).finally(() => owner.end());
    process.stdout.write(`${count} entries of the read log are erased\n`);
  } finally {
    await database.stop();
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
