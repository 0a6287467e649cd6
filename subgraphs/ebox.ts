/** Starts the stand-in of the e-Box by itself: `npm run ebox`. */
import { eboxStandIn } from './channels/ebox-stand-in.ts';
import { clock, readEnv } from './env.ts';
import { drained } from './http.ts';
import { live } from './lifetime.ts';
import { log } from './log.ts';
import { momentOf } from './take.ts';

await live(async (onStop) => {
  const env = readEnv({ program: 'tool', port: 4006 });
  if (env.production) throw new Error('The stand-in of the e-Box is refused when NODE_ENV is production.');
  log.level = env.LOG_LEVEL;
  const today = clock(env);
  const app = eboxStandIn(() => momentOf(today()));
  onStop(() => drained(app));
  const address = await app.listen({ port: env.PORT, host: env.HOST });
  process.stdout.write(`The e-Box stands in at ${address}\n`);
});
