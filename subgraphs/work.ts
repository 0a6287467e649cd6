/** What the process that may write does by itself: it keeps the clock. */
import type pg from 'pg';
import { clockwork } from './dossiers/clock.ts';
import { log } from './log.ts';
import { repeat } from './repeat.ts';
import type { Take } from './take.ts';

const minute = 60_000;

/** Begins the work; `stop` ends it once what is under way is done. */
export const work = (pool: pg.Pool, take: Take, { today }: { today: () => string }): { stop(): Promise<void> } => {
  const clock = clockwork(pool, take, today);
  const parts = [
    repeat('clock', {
      pause: minute,
      work: async () => {
        const done = Object.entries(await clock.round()).filter(([, count]) => count > 0);
        if (done.length > 0) log.info(Object.fromEntries(done), 'clock');
      },
    }),
  ];
  return { stop: async () => void (await Promise.all(parts.map((part) => part.stop()))) };
};
