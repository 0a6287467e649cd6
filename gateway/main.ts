/** Starts the gateway: with its subgraphs and their database in this process, or in front of subgraphs that run apart. */
import { openDatabase } from '../db/database.ts';
import { clock, type Env, readEnv, secretOf } from '../subgraphs/env.ts';
import { drained } from '../subgraphs/http.ts';
import { live, type OnStop } from '../subgraphs/lifetime.ts';
import { log } from '../subgraphs/log.ts';
import { viewers } from '../subgraphs/viewer.ts';
import { door } from './door.ts';
import { embedded } from './embedded.ts';
import { gateway, type Reach } from './gateway.ts';
import { prepare } from './prepare.ts';
import { remote } from './remote.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The subgraphs, and what has to be done before they can answer. */
const parts = async (env: Env, secret: string, onStop: OnStop): Promise<Reach & { prepared: Promise<void> }> => {
  if (env.apart) return { ...remote(env.apart, { secret }), prepared: Promise.resolve() };
  const today = clock(env);
  const database = await openDatabase(env);
  onStop(database.stop);
  const { work, ...reach } = embedded(database.urlOf, { secret });
  const prepared = prepare(database, { SEED_PROFILE: env.SEED_PROFILE, today: today() }, say);
  // What is done beside requests begins once there is something to do it with, and ends before the connections do.
  let working: { stop(): Promise<void> } | undefined;
  let isStopped = false;
  const begun = prepared.then(() => {
    if (!isStopped) working = work(today);
  });
  const stop = async () => {
    isStopped = true;
    await working?.stop();
    await reach.stop();
  };
  return { ...reach, stop, prepared: begun };
};

await live(async (onStop) => {
  const env = readEnv({ program: 'gateway' });
  log.level = env.LOG_LEVEL;
  const secret = await secretOf(env);
  const { prepared, ...reach } = await parts(env, secret, onStop);
  onStop(reach.stop);
  // The graph loads while the database fills: neither needs the other.
  const [server] = await Promise.all([gateway(reach, { supergraphFile: env.SUPERGRAPH }), prepared]);
  onStop(() => server.stop());
  const app = await door(server, { identify: await viewers(env), ...reach });
  onStop(() => drained(app));
  const address = await app.listen({ port: env.PORT, host: env.HOST });
  say(`The single permit gateway is ready: ${address}`);
});
