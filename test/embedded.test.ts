import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { accountFor } from '../db/account.ts';
import { binariesFor, installed } from '../db/binaries.ts';
import { type Cluster, startEmbedded } from '../db/embedded.ts';
import { startOf } from '../db/process.ts';

type Starter = ChildProcessByStdio<Writable, Readable, null>;

const root = fileURLToPath(new URL('..', import.meta.url));
const isRoot = process.getuid?.() === 0;
const starters: Starter[] = [];
const clusters: Cluster[] = [];
let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'embedded-'));
  await chmod(work, 0o755);
});

// Stopped already, unless a test failed before it came to that. Most tests use one folder, as making one takes the most time.
afterEach(async () => {
  for (const starter of starters.splice(0)) starter.kill('SIGKILL');
  for (const { stop } of clusters.splice(0)) await stop();
});

afterAll(async () => {
  await rm(work, { recursive: true, force: true });
});

// Another process that starts a server, says what it got, and waits for a word: `stop`, or `exit` without stopping.
const starter = (dataDir: string, account: { uid?: number; gid?: number } = {}, throwaway = true): Starter => {
  const code = `
    import { startEmbedded } from './db/embedded.ts';
    process.on('SIGINT', () => undefined);
    const { url, owned, stop } = await startEmbedded({ dataDir: ${JSON.stringify(dataDir)}, throwaway: ${throwaway} });
    console.log(JSON.stringify({ url, owned }));
    process.stdin.once('data', async (word) => {
      if (String(word) === 'stop') await stop();
      process.exit();
    });`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
    ...account,
    cwd: root,
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  starters.push(child);
  return child;
};

const started = async (child: Starter): Promise<{ url: string; owned: boolean }> => {
  for await (const line of child.stdout) return JSON.parse(String(line));
  throw new Error('the starter ended without a server');
};

const ended = (child: Starter): Promise<void> =>
  new Promise((settle) => {
    if (child.exitCode !== null || child.signalCode !== null) settle();
    else child.once('exit', () => settle());
  });

const say = async (child: Starter, word: 'stop' | 'exit'): Promise<void> => {
  child.stdin.write(word);
  await ended(child);
};

const kill = async (child: Starter): Promise<void> => {
  child.kill('SIGKILL');
  await ended(child);
};

const query = async (url: string, text: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
};

const serverOf = async (dataDir: string): Promise<number> =>
  Number((await readFile(join(dataDir, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);

const gone = async (pid: number): Promise<boolean> => {
  for (let waited = 0; waited < 5000 && startOf(pid) !== undefined; waited += 20) await sleep(20);
  return startOf(pid) === undefined;
};

const start = async (name: string, throwaway = true): Promise<Cluster> => {
  const cluster = await startEmbedded({ dataDir: join(work, name), throwaway });
  clusters.push(cluster);
  return cluster;
};

test('a server starts, keeps its data and its port over a restart, and leaves no process behind', async () => {
  const dataDir = join(work, 'settled');
  const first = await start('settled', false);
  const settings = `select current_setting('fsync') as fsync, current_setting('TimeZone') as zone, current_setting('jit') as jit,
    current_setting('listen_addresses') as host, current_setting('server_encoding') as encoding, upper('é') as upper,
    current_setting('password_encryption') as password, current_database() as database`;
  expect(await query(first.url, settings)).toEqual([
    {
      fsync: 'on',
      zone: 'UTC',
      jit: 'off',
      host: '127.0.0.1',
      encoding: 'UTF8',
      upper: 'É',
      password: 'scram-sha-256',
      database: 'permits',
    },
  ]);
  expect((await stat(join(dataDir, 'password'))).mode & 0o777).toBe(0o600);
  await query(first.url, 'create table kept as select 1 as one');
  const server = await serverOf(dataDir);
  await first.stop();
  expect(await gone(server)).toBe(true);

  const second = await start('settled', false);
  expect(second).toMatchObject({ url: first.url, owned: true });
  expect(await query(second.url, 'select * from kept')).toEqual([{ one: 1 }]);
  await second.stop();
});

test('a wrong password is refused, and the log holds neither statements nor their values', async () => {
  const { url, stop } = await start('settled');
  await expect(query(url.replace(/:[^:@/]+@/, ':wrong@'), 'select 1')).rejects.toMatchObject({ code: '28P01' });
  await expect(query(url, `select '85010112345'::date`)).rejects.toMatchObject({ code: '22008' });
  await stop();
  expect(await readFile(join(work, 'settled', 'postgres.log'), 'utf8')).not.toContain('85010112345');
});

test('two instances run side by side', async () => {
  const [one, other] = await Promise.all([start('one'), start('other')]);
  expect(one.url).not.toBe(other.url);
  expect(await query(one.url, 'select 1 as one')).toEqual(await query(other.url, 'select 1 as one'));
  await Promise.all([one.stop(), other.stop()]);
});

test('a server whose starter was killed is adopted, and stopped by who adopted it', async () => {
  const dataDir = join(work, 'settled');
  const child = starter(dataDir);
  const { url } = await started(child);
  const server = await serverOf(dataDir);
  await kill(child);
  const adopted = await start('settled');
  expect(adopted).toMatchObject({ url, owned: true });
  expect(await serverOf(dataDir)).toBe(server);
  await adopted.stop();
  expect(await gone(server)).toBe(true);
});

test('beside a living owner a second process uses the server and leaves it running', async () => {
  const dataDir = join(work, 'settled');
  const child = starter(dataDir);
  const { url, owned } = await started(child);
  expect(owned).toBe(true);
  const guest = await start('settled');
  expect(guest).toMatchObject({ url, owned: false });
  await guest.stop();
  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  const server = await serverOf(dataDir);
  await say(child, 'stop');
  expect(await gone(server)).toBe(true);
});

test('a server that was killed with its starter is replaced, and what was committed is there', async () => {
  const dataDir = join(work, 'settled');
  const child = starter(dataDir, {}, false);
  const { url } = await started(child);
  await query(url, 'create table survived as select 1 as one');
  const server = await serverOf(dataDir);
  await kill(child);
  process.kill(server, 'SIGKILL');
  const replaced = await start('settled', false);
  expect(replaced.owned).toBe(true);
  expect(await serverOf(dataDir)).not.toBe(server);
  expect(await query(replaced.url, 'select * from survived')).toEqual([{ one: 1 }]);
  await replaced.stop();
});

test('a server that refuses us is stopped, and the start says so', async () => {
  const dataDir = join(work, 'refusing');
  const child = starter(dataDir);
  await started(child);
  const server = await serverOf(dataDir);
  await kill(child);
  // Its password is not ours, so that it is of no use, though it lives.
  await writeFile(join(dataDir, 'password'), 'another', { mode: 0o600 });
  await expect(start('refusing')).rejects.toThrow('refuses us');
  expect(await gone(server)).toBe(true);
});

test('a number that another process was given since is not taken for the server', async () => {
  const dataDir = join(work, 'settled');
  const { url, stop } = await start('settled');
  const pidFile = join(dataDir, 'data', 'postmaster.pid');
  const lines = (await readFile(pidFile, 'utf8')).split('\n');
  const { uid, gid } = await stat(pidFile);
  await stop();
  await writeFile(pidFile, [process.pid, ...lines.slice(1)].join('\n'));
  await chown(pidFile, uid, gid);
  const dead = { pid: process.pid, started: 'before the last boot' };
  await writeFile(
    join(dataDir, 'state.json'),
    JSON.stringify({ port: Number(new URL(url).port), owner: dead, server: dead }),
  );
  const again = await start('settled');
  expect(again).toMatchObject({ url, owned: true });
  await again.stop();
});

test('two processes that start at the same instant make one server', async () => {
  const dataDir = join(work, 'together');
  const children = [starter(dataDir), starter(dataDir)];
  const [one, other] = await Promise.all(children.map(started));
  expect(one?.url).toBe(other?.url);
  expect([one?.owned, other?.owned].sort()).toEqual([false, true]);
  const server = await serverOf(dataDir);
  await Promise.all(children.map((child) => say(child, 'stop')));
  expect(await gone(server)).toBe(true);
});

test('a first start that was killed half-way is done again', async () => {
  const dataDir = join(work, 'half');
  const child = starter(dataDir);
  for (;;) {
    const names: string[] = await readdir(dataDir).catch(() => []);
    const draft = names.find((name) => name.startsWith('draft-'));
    const inside: string[] = await readdir(join(dataDir, draft ?? '', 'data')).catch(() => []);
    if (draft && inside.includes('base')) break;
    await sleep(5);
  }
  await kill(child);
  expect(await readdir(dataDir)).not.toContain('data');
  const whole = await start('half');
  expect(await query(whole.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await whole.stop();
});

test('Ctrl-C in the terminal reaches the starter and not the server, and an exit without stop takes the server along', async () => {
  const dataDir = join(work, 'settled');
  const child = starter(dataDir);
  const { url } = await started(child);
  process.kill(-(child.pid ?? 0), 'SIGINT'); // the whole process group, as a terminal does
  await sleep(200);
  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  const server = await serverOf(dataDir);
  await say(child, 'exit');
  expect(await gone(server)).toBe(true);
});

test('a data folder that its account cannot reach by path serves all the same', async () => {
  await mkdir(join(work, 'home', 'checkout'), { recursive: true });
  await chmod(join(work, 'home'), 0o700);
  const { url, stop } = await start('home/checkout');
  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await stop();
});

test('programs that cannot be reached or lack their links are completed, and copied once', async () => {
  const { native, version } = await installed();
  const hidden = join(work, 'hidden', 'native');
  await cp(native, hidden, {
    recursive: true,
    verbatimSymlinks: true,
    filter: async (path) => !(await lstat(path)).isFile() || !path.endsWith('.a'),
  });
  await rm(join(hidden, 'lib', 'libpq.so.5'), { force: true });
  await rm(join(hidden, 'lib', 'libicuuc.so.60'), { force: true });
  await chmod(join(work, 'hidden'), 0o700);
  const account = await accountFor(join(work, 'nowhere'));
  const cache = join(work, 'cache');
  const find = () => binariesFor(account, { native: hidden, version }, [cache]);
  const [{ postgres }] = await Promise.all([find(), find()]);
  expect(postgres.startsWith(isRoot ? cache : hidden)).toBe(true);
  const { stdout } = await promisify(execFile)(postgres, ['--version'], { ...account, env: {}, cwd: '/' });
  expect(stdout).toContain(`(PostgreSQL) ${version.split('.')[0]}.`);
  expect(await readdir(isRoot ? cache : hidden)).toHaveLength(isRoot ? 1 : (await readdir(native)).length);
});

test('a cache that someone else could have filled is not used', async () => {
  if (!isRoot) return;
  const { native, version } = await installed();
  const hidden = join(work, 'hidden again');
  await mkdir(hidden, { mode: 0o700 });
  await symlink(native, join(hidden, 'native'));
  const open = join(work, 'open to all');
  await mkdir(open);
  await chmod(open, 0o777);
  const account = await accountFor(join(work, 'nowhere'));
  const find = binariesFor(account, { native: join(hidden, 'native'), version }, [open]);
  await expect(find).rejects.toThrow('PostgreSQL cannot be copied');
});

test('an ordinary user starts a server as itself, also where root has started it in between', async () => {
  if (!isRoot) return; // then all the tests above show it
  const account = await accountFor(join(work, 'nowhere'));
  if (!account) throw new Error('root has no account to give the server to');
  // Where that account cannot read the checkout, as in a folder of mktemp's, it can run nothing of it, and nothing is promised.
  const isReadable = await promisify(execFile)('test', ['-r', fileURLToPath(import.meta.url)], account).then(
    () => true,
    () => false,
  );
  if (!isReadable) return;
  const dataDir = join(work, 'ordinary');
  await mkdir(dataDir);
  await chown(dataDir, account.uid, account.gid);
  const child = starter(dataDir, account);
  expect(await started(child)).toMatchObject({ owned: true });
  const server = await serverOf(dataDir);
  expect((await stat(`/proc/${server}`)).uid).toBe(account.uid);
  await say(child, 'stop');
  expect(await gone(server)).toBe(true);
  await (await start('ordinary')).stop();
  const again = starter(dataDir, account);
  expect(await started(again)).toMatchObject({ owned: true });
  await say(again, 'stop');
});
