// Measures the four operations of PERFORMANCE.md on the demo world: npm run bench [-- folder]. Without a folder a database is
// made and thrown away; a folder is a DATA_DIR, seeded before or now, and kept.
import { deepStrictEqual } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Pool } from 'undici';
import { migrate } from '../../db/database.ts';
import { startEmbedded } from '../../db/embedded.ts';
import { loginsOf } from '../../db/roles.ts';
import { seed } from '../../db/world/seed.ts';
import { subgraphNames } from '../../schema/subgraphs.ts';
import { demoToken } from '../../subgraphs/demo-issuer.ts';
import { principalOf } from '../../subgraphs/principal.ts';
import { ask, connect, connections, drive, type Target } from './load.ts';
import { handler, keysFor, type OperationName, operationNames, operations, type Variables } from './operations.ts';
import { cpuOf, familyCpuOf, launch, machineCpu, type Server } from './processes.ts';
import { type Measured, protectionOf, type Results, strangersIn, tableOf, type VariantName } from './table.ts';

const windows = 3;
const windowTime = 4000;
const warmUpTime = 3000;
const longest = 10 * 60_000; // for all of it: something is wrong with a run that takes longer
const compared = 25; // answers of each operation that are compared before anything is measured
const worldDay = '2026-11-02';

type Variant = { front: Server; others: readonly Server[]; pool: Pool };
type World = { folder: string; ownerUrl: string; postgres: number; today: string; secret: string };

const note = (line: string): void => void process.stderr.write(`${line}\n`);

/** What is open, and closed in the end, the last first. */
const open: (() => Promise<unknown>)[] = [];

const closeDownTo = async (depth: number): Promise<void> => {
  while (open.length > depth) {
    await open
      .pop()?.()
      .catch((error: unknown) => note(`could not close: ${String(error)}`));
  }
};

const asOwner = async <Answer>(url: string, work: (owner: pg.Client) => Promise<Answer>): Promise<Answer> => {
  const owner = new pg.Client({ connectionString: url });
  owner.on('error', () => undefined); // reported by the statement that is running
  await owner.connect();
  try {
    return await work(owner);
  } finally {
    await owner.end();
  }
};

const seededOn = async (owner: pg.Client): Promise<string | undefined> => {
  const { rows } = await owner.query<{ there: boolean }>(`select to_regclass('meta.seeded') is not null as there`);
  if (!rows[0]?.there) return undefined;
  const text = 'select today::text as today from meta.seeded where finished_at is not null';
  return (await owner.query<{ today: string }>(text)).rows[0]?.today;
};

const openWorld = async (): Promise<World> => {
  const given = process.argv[2] ?? process.env.DATA_DIR;
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'permits-bench-')));
  if (given === undefined) open.push(() => rm(folder, { recursive: true, force: true }));
  const dataDir = join(folder, 'postgres');
  const cluster = await startEmbedded({ dataDir, throwaway: given === undefined });
  open.push(cluster.stop);
  await migrate(cluster.url);
  return asOwner(cluster.url, async (owner) => {
    const seeded = await seededOn(owner);
    if (seeded === undefined) {
      note('seeding the demo world');
      await seed(cluster.url, { profile: 'demo', today: worldDay });
    }
    await owner.query('vacuum analyze');
    const postgres = Number((await readFile(join(dataDir, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
    const secret = randomBytes(32).toString('base64url');
    return { folder, ownerUrl: cluster.url, postgres, today: seeded ?? worldDay, secret };
  });
};

const started = async (program: readonly string[], variables: Record<string, string>): Promise<Server> => {
  const server = await launch(program, variables);
  open.push(server.stop);
  return server;
};

const variant = (front: Server, others: readonly Server[] = []): Variant => {
  const pool = connect(front.origin);
  open.push(() => pool.close());
  return { front, others, pool };
};

type LineUp = Partial<Record<VariantName, Variant>>;

const inOneProcess = ({ folder, ownerUrl, today, secret }: World): Record<string, string> => ({
  DATA_DIR: folder,
  DATABASE_URL: ownerUrl,
  TODAY: today,
  SEED_PROFILE: 'none',
  GATEWAY_SECRET: secret,
});

// Not all are up at once: PostgreSQL has not the connections for all.

const together = async (world: World): Promise<LineUp> => ({
  embedded: variant(await started(['gateway/main.ts'], inOneProcess(world))),
  floor: variant(await started(['test/bench/floor.ts'], inOneProcess(world))),
});

const unprotected = async (world: World): Promise<LineUp> => ({
  open: variant(await started(['test/bench/open.ts'], inOneProcess(world))),
});

const apart = async ({ folder, ownerUrl, today, secret }: World): Promise<LineUp> => {
  const variables = { DATA_DIR: folder, TODAY: today, GATEWAY_SECRET: secret };
  const loginOf = loginsOf(ownerUrl);
  const parts = await Promise.all(
    subgraphNames.map((name) => started(['subgraphs/main.ts', name], { ...variables, DATABASE_URL: loginOf(name) })),
  );
  const urls = Object.fromEntries(
    subgraphNames.map((name, at) => [`${name.toUpperCase()}_URL`, `${parts[at]?.origin}/graphql`]),
  );
  return {
    apart: variant(await started(['gateway/main.ts'], { ...variables, ...urls }), parts),
    stock: variant(await started(['test/bench/stock.ts'], { ...variables, ...urls }), parts),
  };
};

const namesOf = (lineUp: LineUp): VariantName[] => Object.keys(lineUp) as VariantName[]; // its keys are the names

type Keys = Record<OperationName, Variables[]>;

const targetFor = (operation: OperationName, name: VariantName, keys: Keys, token: string): Target => {
  const { query, purpose } = operations[operation];
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
    ...(purpose ? { 'x-purpose': 'TREAT_DOSSIER', 'x-reference': 'bench' } : {}),
  };
  return name === 'floor'
    ? { path: `/${operation}`, headers, bodies: keys[operation].map((key) => JSON.stringify(key)) }
    : { path: '/graphql', headers, bodies: keys[operation].map((variables) => JSON.stringify({ query, variables })) };
};

const dossiersIn = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + dossiersIn(one), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, one) => sum + dossiersIn(one), 'number' in value ? 1 : 0);
};

/** A comparison of speed means something only between servers that give the same answers: those of the first are kept. */
const compare = async (lineUp: LineUp, keys: Keys, token: string, known: Map<string, unknown>): Promise<void> => {
  for (const operation of operationNames) {
    for (const name of namesOf(lineUp)) {
      const { pool } = lineUp[name] ?? {};
      const target = targetFor(operation, name, keys, token);
      for (const [at, body] of target.bodies.slice(0, compared).entries()) {
        if (!pool) continue;
        const answer: unknown = JSON.parse((await ask(pool, target, body)).toString());
        const expected = known.get(`${operation} ${at}`) ?? answer;
        known.set(`${operation} ${at}`, expected);
        deepStrictEqual(answer, expected, `${operation}: ${name} answers otherwise than the first`);
        const held = dossiersIn(answer);
        if (held !== operations[operation].dossiers) throw new Error(`${operation}: an answer holds ${held} dossiers`);
      }
    }
  }
};

const cores = availableParallelism();

const measure = async ({ front, others, pool }: Variant, target: Target, postgres: number): Promise<Measured> => {
  const used = () => ({
    gateway: cpuOf([front.pid]),
    parts: cpuOf(others.map(({ pid }) => pid)),
    database: familyCpuOf(postgres),
    load: cpuOf([process.pid]),
    machine: machineCpu(),
  });
  const before = used();
  const seen = await drive(pool, target, windowTime);
  const after = used();
  const gateway = after.gateway - before.gateway;
  const parts = after.parts - before.parts;
  const database = after.database - before.database;
  const strangers = after.machine - before.machine - gateway - parts - database - (after.load - before.load);
  return {
    ...seen,
    gateway: gateway / seen.requests,
    node: (gateway + parts) / seen.requests,
    database: database / seen.requests,
    strangers: strangers / (seen.seconds * 1000 * cores),
  };
};

const measureAll = async (
  lineUp: LineUp,
  keys: Keys,
  token: string,
  postgres: number,
  results: Results,
): Promise<void> => {
  for (const operation of operationNames) {
    note(`measuring ${operation}: ${namesOf(lineUp).join(', ')}`);
    const best = results[operation];
    // Warmed up first; then in turn, so that a noisy moment spoils a window of each and not all windows of one.
    for (let nth = -1; nth < windows; nth++) {
      for (const name of namesOf(lineUp)) {
        const one = lineUp[name];
        const target = targetFor(operation, name, keys, token);
        if (!one) continue;
        if (nth < 0) {
          await drive(one.pool, target, warmUpTime);
          continue;
        }
        const measured = await measure(one, target, postgres);
        if (measured.node < (best[name]?.node ?? Number.POSITIVE_INFINITY)) best[name] = measured;
      }
    }
  }
};

const keysOf = async ({ ownerUrl, today }: World, { embedded }: LineUp, token: string): Promise<Keys> => {
  if (!embedded) throw new Error('the keys are asked of the embedded graph');
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  return asOwner(ownerUrl, (owner) =>
    keysFor(owner, today, async (query, variables) => {
      const target = { path: '/graphql', headers, bodies: [] };
      return JSON.parse((await ask(embedded.pool, target, JSON.stringify({ query, variables }))).toString()).data;
    }),
  );
};

const bench = async (): Promise<void> => {
  const begun = performance.now();
  const world = await openWorld();
  const named = principalOf(handler, world.today);
  if ('reason' in named) throw new Error(named.reason);
  const token = await demoToken(world.folder, named.principal, { roles: ['SYSTEM'] }); // a person would reach the day's ceiling
  const results: Results = { Q1: {}, Q2: {}, Q3: {}, Q4: {} };
  const known = new Map<string, unknown>();
  let keys: Keys | undefined;
  for (const start of [together, unprotected, apart]) {
    const depth = open.length;
    const lineUp = await start(world);
    keys ??= await keysOf(world, lineUp, token);
    await compare(lineUp, keys, token, known);
    await measureAll(lineUp, keys, token, world.postgres, results);
    await closeDownTo(depth);
  }
  const seconds = (performance.now() - begun) / 1000;
  const lines = [
    ...tableOf(results),
    '',
    `CPU is milliseconds of user and system time per request. ${connections} connections, random keys, ${windows} windows of ${windowTime / 1000} s after ${warmUpTime / 1000} s of warming up: the window with the least CPU counts. ${compared} answers of each operation were the same in all.`,
    '',
    `With rules on fields and the read log, processor time is that without them times: ${protectionOf(results)}.`,
    '',
    `${cores} cores (${cpus()[0]?.model.trim()}), Node ${process.version}. Other programs took up to ${strangersIn(results)} of the machine; ${seconds.toFixed(0)} s in all.`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
};

const interrupted = new Promise<never>((_, fail) => {
  setTimeout(() => fail(new Error('the bench took too long')), longest).unref();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => fail(new Error(signal)));
});

try {
  await Promise.race([bench(), interrupted]);
} catch (error) {
  note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
} finally {
  await closeDownTo(0);
  process.exit();
}
