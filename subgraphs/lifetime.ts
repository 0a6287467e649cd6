/** The life of a process: it starts, it is told to stop, and what it opened it closes, the last first. */
import { traceOf } from './errors.ts';
import { log } from './log.ts';

/** Remembers what has to be closed, as soon as it is open. */
export type OnStop = (close: () => Promise<unknown>) => void;

const patience = 20_000;

/** Runs a program until a signal ends it: code 0 when told to stop, 1 when it could not start or broke. */
export const live = async (start: (onStop: OnStop) => Promise<void>): Promise<void> => {
  const open: (() => Promise<unknown>)[] = [];
  let isStopping = false;

  const stop = async (code: number): Promise<void> => {
    if (isStopping) return process.exit(code || 1); // told twice: at once, then
    isStopping = true;
    setTimeout(() => process.exit(1), patience).unref();
    for (let close = open.pop(); close; close = open.pop()) {
      await close().catch((error: unknown) => log.error(traceOf(error), 'could not close'));
    }
    process.exit(code);
  };

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(0));
  process.on('unhandledRejection', (reason) => {
    log.fatal(traceOf(reason), 'unhandled rejection');
    void stop(1);
  });
  process.on('uncaughtException', (error) => {
    log.fatal(traceOf(error), 'uncaught exception');
    void stop(1);
  });

  try {
    await start((close) => open.push(close));
  } catch (error) {
    if (isStopping) return; // what was being started fails when what it stands on is closed
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    log.debug(traceOf(error), 'could not start');
    await stop(1);
  }
};
