/**
 * Puts dead letters back, to be delivered again from the beginning of their attempts: `npm run deliveries:retry`, all of them, or
 * those whose ids follow. With the login of the database's owner, or of the steps.
 */
import { openDatabase, pool } from '../db/database.ts';
import { revive } from './deliver.ts';
import { readEnv } from './env.ts';

try {
  const env = readEnv({ program: 'tool' });
  const ids = process.argv.slice(2);
  const database = await openDatabase(env);
  const connections = pool(database.urlOf('steps'), { max: 1, name: 'retry-deliveries' });
  try {
    const count = await revive(connections, ids.length > 0 ? ids : null);
    process.stdout.write(`Put back: ${count}\n`);
  } finally {
    await connections.end();
    await database.stop();
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
