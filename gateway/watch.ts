/** Looks where the outbox ends while somebody follows it: one look for all who do. */
import { traceOf } from '../subgraphs/errors.ts';
import { log } from '../subgraphs/log.ts';

/** Calls who follows whenever something may have happened, until the function that it answers is called. */
export type Watch = (wake: () => void) => () => void;

/** Makes the watcher; `pause` is in milliseconds. */
export const watcher = (head: () => Promise<number>, pause = 500): Watch => {
  const followers = new Set<() => void>();
  let last: number | undefined;
  let isLooking = false;

  const look = async (): Promise<void> => {
    try {
      const now = await head();
      if (now === last) return;
      last = now;
      for (const wake of followers) wake();
    } catch (error) {
      log.debug({ register: 'dossiers', ...traceOf(error) }, 'cannot see where the outbox ends');
    }
  };
  const lookOn = (): void => {
    isLooking = followers.size > 0;
    if (isLooking) setTimeout(() => void look().finally(lookOn), pause).unref();
  };

  return (wake) => {
    followers.add(wake);
    if (!isLooking) lookOn();
    return () => void followers.delete(wake);
  };
};
