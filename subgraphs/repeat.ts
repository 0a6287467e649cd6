import { setTimeout as sleep } from 'node:timers/promises';
import { traceOf } from './errors.ts';
import { log } from './log.ts';

/** Work that goes on beside the requests, again and again until it is stopped; a round that fails is tried again. */
export const repeat = (
  name: string,
  { pause, work }: { pause: number; work: () => Promise<unknown> },
): { stop(): Promise<void> } => {
  const stopping = new AbortController();
  const going = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await work();
      } catch (error) {
        log.warn({ work: name, ...traceOf(error) }, 'put off');
      }
      await sleep(pause, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await going;
    },
  };
};
