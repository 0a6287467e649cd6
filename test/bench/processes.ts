/** The servers of the bench: each a process of its own, whose use of the processor Linux counts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A server that answers at `origin`. */
export type Server = { origin: string; pid: number; stop(): Promise<void> };

const freePort = (): Promise<number> =>
  new Promise((settle, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? settle(address.port) : fail(new Error('no port is free')),
      );
    });
  });

const answers = async (origin: string): Promise<boolean> => {
  try {
    // The servers that are not ours know no such address; that they say so is enough.
    return (await fetch(`${origin}/health/ready`, { signal: AbortSignal.timeout(2000) })).status !== 503;
  } catch {
    return false; // not listening yet
  }
};

const running = new Set<ChildProcess>();
const killAll = () => {
  for (const child of running) child.kill('SIGKILL');
};
process.once('exit', killAll);

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((settle) => void child.once('exit', () => settle()));
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(impatience);
};

/** Starts one of our programs on a free port of loopback, with these variables and no others, and waits until it answers. */
export const launch = async (program: readonly string[], variables: Record<string, string>): Promise<Server> => {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, ['--import', 'tsx', ...program], {
    cwd: root,
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: String(port), ...variables },
    // Its log is written as in every run, to where it costs the least.
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const { pid } = child;
  for (let attempt = 0; attempt < 600 && pid !== undefined && child.exitCode === null; attempt++) {
    if (await answers(origin)) return { origin, pid, stop: () => ended(child) };
    await sleep(100);
  }
  await ended(child);
  throw new Error(`${program.join(' ')} did not come to answer`);
};

const tick = 10; // milliseconds: what Linux tells programs is in hundredths of a second, whatever the kernel counts in

const timesOf = (pid: number | string): { parent: number; own: number; gone: number } | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second column is the command in brackets and may itself hold spaces and brackets.
    const columns = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent = 0, user = 0, system = 0, goneUser = 0, goneSystem = 0] = [1, 11, 12, 13, 14].map(
      (at) => columns[at],
    );
    return { parent, own: (user + system) * tick, gone: (goneUser + goneSystem) * tick };
  } catch {
    return undefined; // it ended while we looked
  }
};

/** Milliseconds of processor that processes have used so far, in user and in system mode. */
export const cpuOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const times = timesOf(pid);
    if (!times) throw new Error(`process ${pid} is gone, or this is not Linux: the bench reads /proc`);
    return sum + times.own;
  }, 0);

/** The same of a process with all its children, those that ended included: what PostgreSQL is. */
export const familyCpuOf = (pid: number): number => {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(timesOf)
    .filter((times) => times?.parent === pid);
  const parent = timesOf(pid);
  return (parent?.own ?? 0) + (parent?.gone ?? 0) + children.reduce((sum, times) => sum + (times?.own ?? 0), 0);
};

/** Milliseconds of processor that all programs of the machine have used so far, those of its neighbours included. */
export const machineCpu = (): number => {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [, user = 0, nice = 0, system = 0, , , interrupts = 0, soft = 0, stolen = 0] = line.split(/\s+/).map(Number);
  return (user + nice + system + interrupts + soft + stolen) * tick;
};
