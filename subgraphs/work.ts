/** What the process that may write does beside the requests: it keeps the clock, and erases what was kept for long enough. */
import type pg from 'pg';
import { pool as connect } from '../db/database.ts';
import { eraseReadLog } from '../db/erase-read-log.ts';
import { clockwork } from './dossiers/clock.ts';
import type { Contents } from './dossiers/contents.ts';
import { retain } from './dossiers/retention.ts';
import { log } from './log.ts';
import { repeat } from './repeat.ts';
import type { Take } from './take.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** Connections of the role permit_steps, the contents of documents, and the owner's login where this process holds it. */
type Ground = {
  pool: pg.Pool;
  take: Take;
  contents: Contents;
  ownerUrl: string | undefined;
  today: () => string;
};

const eraseLog = async (ownerUrl: string, today: string): Promise<void> => {
  const owner = connect(ownerUrl, { name: 'erase read log', max: 1, timeout: minute });
  await eraseReadLog(owner, today).finally(() => owner.end());
};

/** Begins the work; `stop` ends it once what is under way is done. */
export const work = ({ pool, take, contents, ownerUrl, today }: Ground): { stop(): Promise<void> } => {
  const clock = clockwork(pool, take, today);
  const parts = [
    repeat('clock', {
      pause: minute,
      work: async () => {
        const done = Object.entries(await clock.round()).filter(([, count]) => count > 0);
        if (done.length > 0) log.info(Object.fromEntries(done), 'clock');
      },
    }),
    repeat('retention', {
      pause: day,
      work: async () => {
        await retain({ pool, contents }, today());
        if (ownerUrl !== undefined) await eraseLog(ownerUrl, today());
      },
    }),
  ];
  return { stop: async () => void (await Promise.all(parts.map((part) => part.stop()))) };
};
