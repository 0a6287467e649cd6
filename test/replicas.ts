/** Gateways as processes of their own over one database, which a test kills as it likes and which come up again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

type Replica = { child: ChildProcess; url: string | null };

/** Some gateways that run, or are about to. */
export type Replicas = {
  /** The address of one that answers, each in its turn; waits until there is one. */
  url(): Promise<string>;
  /** Kills the one of an address and starts another in its place; answers whether it still ran. */
  kill(url: string): Promise<boolean>;
  /** The lines of the processes' logs so far. */
  lines(): string[];
  stop(): Promise<void>;
};

/** Starts `many` gateways of the program in a folder; ones that end by themselves are started anew too. */
export const replicas = (program: string, many: number, variables: Record<string, string>): Replicas => {
  const running = new Set<Replica>();
  const output: string[] = [];
  let isStopped = false;
  let turn = 0;

  const start = (): void => {
    if (isStopped) return;
    const env = { PATH: process.env.PATH, PORT: '0', ...variables };
    // They live too short for code that is compiled a second time to pay.
    const child = spawn(process.execPath, ['--no-opt', 'gateway/main.js'], { cwd: program, env });
    const replica: Replica = { child, url: null };
    running.add(replica);
    let text = '';
    const hear = (part: Buffer) => {
      text += part;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      output.push(...lines);
      const [found] = lines.map((line) => /^The single permit gateway is ready: (\S+)/.exec(line)?.[1]).filter(Boolean);
      if (found) replica.url = found;
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', () => {
      running.delete(replica);
      start();
    });
  };
  for (let nth = 0; nth < many; nth++) start();

  const up = async (): Promise<string> => {
    for (let waited = 0; waited < 120_000; waited += 10) {
      const ready = [...running].flatMap(({ url }) => url ?? []);
      turn += 1;
      const next = ready[turn % ready.length];
      if (next !== undefined) return next;
      await sleep(10);
    }
    throw new Error(`no gateway came up:\n${output.slice(-20).join('\n')}`);
  };

  const end = async ({ child }: Replica): Promise<void> => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };

  return {
    url: up,
    kill: async (url) => {
      const met = [...running].find((one) => one.url === url && !one.child.killed);
      if (met) await end(met);
      return met !== undefined;
    },
    lines: () => output,
    stop: async () => {
      isStopped = true;
      await Promise.all([...running].map(end));
    },
  };
};
