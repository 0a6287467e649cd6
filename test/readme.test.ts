import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { today } from './cluster.ts';

const root = new URL('..', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');

/** The commands of the README, each with the answer that is printed below it, where there is one. */
const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```(?:\n\n```json\n([\s\S]*?)```)?/g)].map(
  ([, command = '', answer]) => ({ command: command.trim(), answer }),
);
const [start, define, ...commands] = blocks;
const queries = commands.filter(({ answer }) => answer !== undefined);
const others = commands.filter(({ answer }) => answer === undefined);

// The profile is small unless the whole demo world is asked for; the cast that the README asks about is the same in each.
const profile = process.env.README_PROFILE ?? 'small';
const folder = mkdtempSync(join(tmpdir(), 'permits-readme-'));
let port: number;
let server: ChildProcess;
let said = '';

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  return typeof address === 'object' && address ? address.port : 0;
};

const here = (command: string): string => command.replaceAll('127.0.0.1:4000', `127.0.0.1:${port}`);

const ready = async (): Promise<void> => {
  const limit = AbortSignal.timeout(60_000);
  for (;;) {
    if (limit.aborted || server.exitCode !== null) throw new Error(`it did not start: ${said}`);
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    if (answer?.ok) return;
    await pause(100);
  }
};

beforeAll(async () => {
  port = await freePort();
  const env = {
    ...process.env,
    PORT: String(port),
    DATA_DIR: folder,
    SEED_PROFILE: profile,
    TODAY: today,
    LOG_LEVEL: 'warn',
  };
  server = spawn('npm', ['start'], { cwd: root, env, stdio: 'pipe' });
  for (const stream of [server.stdout, server.stderr]) {
    stream?.on('data', (text) => {
      said += text;
    });
  }
  await ready();
}, 70_000);

afterAll(async () => {
  if (server.kill('SIGTERM')) await once(server, 'exit');
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

test('two commands start it', () => {
  expect(start?.command).toBe('npm ci\nnpm start');
});

test('there is a first query for each of five kinds of user', () => {
  expect(queries.slice(0, 5).map(({ command }) => command.split(' ').slice(0, 2).join(' '))).toEqual([
    'ask VLA-DEM',
    'ask FED-DVZ',
    'ask INS-RSZ',
    'ask EMPLOYER:0123456749',
    'ask WORKER:88020399796',
  ]);
});

test.each(queries)('the README is right about: $command', async ({ command, answer = '' }) => {
  const script = here(`${define?.command}\n${command}`);
  const { stdout } = await promisify(execFile)('bash', ['-c', script], {
    cwd: root,
    env: { ...process.env, DATA_DIR: folder, TODAY: today },
  });
  expect(JSON.parse(stdout)).toEqual(JSON.parse(answer));
});

test.each(others)('the README names a command that works: $command', async ({ command }) => {
  // It fails with any other exit code than 0.
  await promisify(execFile)('bash', ['-c', here(command)], {
    cwd: root,
    env: { ...process.env, DATA_DIR: folder, TODAY: today },
  });
});

test('the page that the README names is there', async () => {
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
});
