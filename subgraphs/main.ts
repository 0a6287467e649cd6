/** Starts one subgraph as a process of its own: `npm run subgraph -- dossiers`. */
import { migrate, openDatabase, pool } from '../db/database.ts';
import { subgraphNames } from '../schema/subgraphs.ts';
import { folderContents } from './dossiers/contents.ts';
import { documents } from './dossiers/documents.ts';
import { clock, documentFolder, readEnv, secretOf } from './env.ts';
import { head } from './head.ts';
import { drained } from './http.ts';
import { live } from './lifetime.ts';
import { log } from './log.ts';
import { notices } from './notices.ts';
import { keptLog } from './read-log.ts';
import { serve } from './serve.ts';
import { subgraph } from './subgraph.ts';
import { taker } from './take.ts';
import { viewers } from './viewer.ts';
import { work } from './work.ts';

await live(async (onStop) => {
  const asked = process.argv[2];
  const name = subgraphNames.find((one) => one === asked);
  if (!name) throw new Error(`Name one subgraph: ${subgraphNames.join(', ')}`);
  const env = readEnv({ program: 'subgraph', subgraph: name });
  log.level = env.LOG_LEVEL;

  const database = await openDatabase(env);
  onStop(database.stop);
  // A process that holds its own role's login and nothing more leaves migrations to who holds the owner's.
  if (database.ownerUrl !== undefined) await migrate(database.ownerUrl, database.urlOf);
  const connected = pool(database.urlOf(name), { name });
  onStop(() => connected.end());

  const secret = await secretOf(env);
  // Whoever holds the steps' login takes steps.
  const writing = name === 'dossiers' || name === 'employers' ? pool(database.urlOf('steps'), { name: 'steps' }) : null;
  if (writing) onStop(() => writing.end());
  const take = writing ? taker(writing, { secret }) : undefined;
  const readLog = name === 'cadastre' ? keptLog(database.urlOf(name), { secret }) : undefined;
  if (readLog) onStop(readLog.stop);
  const part = subgraph(name, connected, { secret, take });
  const contents = folderContents(documentFolder(env));
  const kept =
    writing && name === 'dossiers' ? documents({ pool: writing, contents, execute: part.execute }) : undefined;
  if (writing && take && name === 'dossiers') {
    const { ownerUrl } = database;
    onStop(work({ pool: writing, take, contents, ownerUrl, today: clock(env) }).stop);
  }
  const app = serve(part, {
    identify: await viewers(env),
    secret,
    readLog,
    head: name === 'dossiers' ? () => head(connected) : undefined,
    documents: kept,
  });
  onStop(() => drained(app));
  const address = await app.listen({ port: env.PORT, host: env.HOST });
  const delivery = name === 'dossiers' ? await notices(env, database.urlOf('steps')) : null;
  if (delivery) onStop(delivery.stop);
  process.stdout.write(`The subgraph ${name} answers the gateway at ${address}/graphql\n`);
  if (delivery?.standIn) process.stdout.write(`The e-Box stands in at ${delivery.standIn}\n`);
});
