/** Starts the gateway: with its subgraphs and their database in this process, or in front of subgraphs that run apart. */
import { openDatabase } from '../db/database.ts';
import { clock, documentFolder, type Env, readEnv, secretOf } from '../subgraphs/env.ts';
import { drained } from '../subgraphs/http.ts';
import { live, type OnStop } from '../subgraphs/lifetime.ts';
import { log } from '../subgraphs/log.ts';
import { notices } from '../subgraphs/notices.ts';
import { viewers } from '../subgraphs/viewer.ts';
import { door } from './door.ts';
import { embedded } from './embedded.ts';
import { gateway, type Reach } from './gateway.ts';
import { prepare } from './prepare.ts';
import { remote } from './remote.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The subgraphs, what has to be done before they can answer, and the steps' login, where steps are taken here. */
type Parts = Reach & { prepared: Promise<void>; stepsUrl: string | null };

const parts = async (env: Env, secret: string, onStop: OnStop): Promise<Parts> => {
  if (env.apart) return { ...remote(env.apart, { secret }), prepared: Promise.resolve(), stepsUrl: null };
  const today = clock(env);
  const database = await openDatabase(env);
  onStop(database.stop);
  const { work, ...reach } = embedded(database.urlOf, { secret, folder: documentFolder(env) });
  const prepared = prepare(database, { SEED_PROFILE: env.SEED_PROFILE, today: today() }, say);
  // What is done beside requests begins once there is something to do it with, and ends before the connections do.
  let working: { stop(): Promise<void> } | undefined;
  let isStopped = false;
  const begun = prepared.then(() => {
    if (!isStopped) working = work({ today, ownerUrl: database.ownerUrl });
  });
  const stop = async () => {
    isStopped = true;
    await working?.stop();
    await reach.stop();
  };
  return { ...reach, stop, prepared: begun, stepsUrl: database.urlOf('steps') };
};

await live(async (onStop) => {
  const env = readEnv({ program: 'gateway' });
  log.level = env.LOG_LEVEL;
  const secret = await secretOf(env);
  const { prepared, stepsUrl, ...reach } = await parts(env, secret, onStop);
  onStop(reach.stop);
  // The graph loads while the database fills: neither needs the other.
  const [server] = await Promise.all([gateway(reach, { supergraphFile: env.SUPERGRAPH }), prepared]);
  onStop(() => server.stop());
  const app = await door(server, { identify: await viewers(env), ...reach });
  onStop(() => drained(app));
  const address = await app.listen({ port: env.PORT, host: env.HOST });
  const delivery = stepsUrl === null ? null : await notices(env, stepsUrl);
  if (delivery) onStop(delivery.stop);
  say(`The single permit gateway is ready: ${address}`);
  if (delivery?.standIn) say(`The e-Box stands in at ${delivery.standIn}`);
});
