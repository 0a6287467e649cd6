/** Starts the delivery of notices, over the channels that the environment names. */
import { pool } from '../db/database.ts';
import { ebox } from './channels/ebox.ts';
import { eboxStandIn } from './channels/ebox-stand-in.ts';
import { events } from './channels/events.ts';
import { mail } from './channels/mail.ts';
import { deliver } from './deliver.ts';
import { clock, type Env } from './env.ts';
import { drained } from './http.ts';
import { momentOf } from './take.ts';

/** The e-Box of the environment; outside production, and where there is none, one that stands in for it on a free port. */
const eboxAt = async ({ EBOX_URL, production }: Env, now: () => Date) => {
  if (EBOX_URL !== undefined) return { url: EBOX_URL, standsIn: false, stop: async () => undefined };
  if (production) throw new Error('EBOX_URL is missing: nothing stands in for the e-Box when NODE_ENV is production');
  const app = eboxStandIn(now);
  return { url: await app.listen({ port: 0, host: '127.0.0.1' }), standsIn: true, stop: () => drained(app) };
};

/** Delivers over connections of the role permit_steps until it is stopped. `standIn` is where the stand-in answers, if one does. */
export const notices = async (
  env: Env,
  stepsUrl: string,
): Promise<{ standIn: string | null; stop(): Promise<void> }> => {
  const now = () => momentOf(clock(env)());
  const box = await eboxAt(env, now);
  const { SMTP_URL, MAIL_FROM = 'noreply@localhost', EVENT_SINKS, EVENT_SECRET = '' } = env;
  const carriers = [ebox(box.url), mail(SMTP_URL, MAIL_FROM), ...events(EVENT_SINKS, EVENT_SECRET)];
  // One connection for each carrier, which holds it while it sends, and one for the receipts.
  const connections = pool(stepsUrl, { max: carriers.length + 1, name: 'notices' });
  const running = deliver({ pool: connections, now }, carriers);
  return {
    standIn: box.standsIn ? box.url : null,
    stop: async () => {
      await running.stop();
      await connections.end();
      await box.stop();
    },
  };
};
