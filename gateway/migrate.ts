/** Makes the database ready and ends: `npm run migrate`. For deployments whose other programs do not hold the owner's login. */
import { openDatabase } from '../db/database.ts';
import { clock, readEnv } from '../subgraphs/env.ts';
import { prepare } from './prepare.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  const env = readEnv({ program: 'tool' });
  const database = await openDatabase(env);
  try {
    if (database.ownerUrl === undefined) throw new Error('Migrations need the login of the owner of the database');
    await prepare(database, { SEED_PROFILE: env.SEED_PROFILE, today: clock(env)() }, say);
    say('The database is ready');
  } finally {
    await database.stop();
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
