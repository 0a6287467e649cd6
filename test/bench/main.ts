// Measures the four operations of PERFORMANCE.md on the demo world: npm run bench [-- folder]. Without a folder a database is
// made and thrown away; a folder is a DATA_DIR, seeded before or now, and kept.
import { deepStrictEqual } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
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
import { ask, connect, connections, drive, type Target, type Window } from './load.ts';
import { handler, keysFor, type OperationName, operationNames, operations, type Variables } from './operations.ts';
import { cpuOf, familyCpuOf, launch, type Server } from './processes.ts';

const windows = 3;
const windowTime = 4000;
const warmUpTime = 3000;
const longest = 10 * 60_000; // for all of it: something is wrong with a run that takes longer
const compared = 25; // answers of each operation that are compared before anything is measured
const worldDay = '2026-11-02';

const variantNames = ['embedded', 'apart', 'stock', 'floor'] as const;
type VariantName = (typeof variantNames)[number];
type Variant = { title: string; front: Server; others: readonly Server[]; pool: Pool };
type Measured = Window & { node: number; gateway: number; database: number };

const note = (line: string): void => void process.stderr.write(`${line}\n`);

/** What is open, and closed in the end, the last first. */
const open: (() => Promise<unknown>)[] = [];

const database = async (): Promise<{ folder: string; ownerUrl: string; postgres: number; today: string }> => {
  const given = process.argv[2] ?? process.env.DATA_DIR;
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'permits-bench-')));
  if (given === undefined) open.push(() => rm(folder, { recursive: true, force: true }));
  const dataDir = join(folder, 'postgres');
  const cluster = await startEmbedded({ dataDir, throwaway: given === undefined });
  open.push(cluster.stop);
  await migrate(cluster.url);
  const owner = new pg.Client({ connectionString: cluster.url });
  await owner.connect();
  try {
    const { rows: found } = await owner.query<{ there: boolean }>(
      `select to_regclass('meta.seeded') is not null as there`,
    );
    const seeded = found[0]?.there
      ? await owner.query<{ today: string }>(
          'select today::text as today from meta.seeded where finished_at is not null',
        )
      : { rows: [] };
    if (seeded.rows.length === 0) {
      note('seeding the demo world');
      await seed(cluster.url, { profile: 'demo', today: worldDay });
    }
    await owner.query('vacuum analyze');
    const pid = Number((await readFile(join(dataDir, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
    return { folder, ownerUrl: cluster.url, postgres: pid, today: seeded.rows[0]?.today ?? worldDay };
  } finally {
    await owner.end();
  }
};

const started = async (program: readonly string[], variables: Record<string, string>): Promise<Server> => {
  const server = await launch(program, variables);
  open.push(server.stop);
  return server;
};

const variantsOver = async ({
  folder,
  ownerUrl,
  today,
}: {
  folder: string;
  ownerUrl: string;
  today: string;
}): Promise<Record<VariantName, Variant>> => {
  const common = {
    DATA_DIR: folder,
    TODAY: today,
    SEED_PROFILE: 'none',
    GATEWAY_SECRET: randomBytes(32).toString('base64url'),
  };
  const loginOf = loginsOf(ownerUrl);
  const parts = await Promise.all(
    subgraphNames.map((name) => started(['subgraphs/main.ts', name], { ...common, DATABASE_URL: loginOf(name) })),
  );
  const urls = Object.fromEntries(
    subgraphNames.map((name, at) => [`${name.toUpperCase()}_URL`, `${parts[at]?.origin}/graphql`]),
  );
  const withDatabase = { ...common, DATABASE_URL: ownerUrl };
  const variant = (title: string, front: Server, others: readonly Server[] = []): Variant => {
    const pool = connect(front.origin);
    open.push(() => pool.close());
    return { title, front, others, pool };
  };
  return {
    embedded: variant('this project, embedded', await started(['gateway/main.ts'], withDatabase)),
    apart: variant('this project, apart', await started(['gateway/main.ts'], { ...common, ...urls }), parts),
    stock: variant('stock Apollo gateway', await started(['test/bench/stock.ts'], { ...common, ...urls }), parts),
    floor: variant('floor: SQL by hand', await started(['test/bench/floor.ts'], withDatabase)),
  };
};

type Targets = Record<OperationName, Record<VariantName, Target>>;

const targetsFor = (
  variants: Record<VariantName, Variant>,
  keys: Record<OperationName, Variables[]>,
  token: string,
): Targets => {
  const target = (operation: OperationName, name: VariantName): Target => {
    const { query, purpose } = operations[operation];
    const { origin } = variants[name].front;
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      ...(purpose ? { 'x-purpose': 'TREAT_DOSSIER', 'x-reference': 'bench' } : {}),
    };
    return name === 'floor'
      ? { origin, path: `/${operation}`, headers, bodies: keys[operation].map((key) => JSON.stringify(key)) }
      : {
          origin,
          path: '/graphql',
          headers,
          bodies: keys[operation].map((variables) => JSON.stringify({ query, variables })),
        };
  };
  // one entry for each name, by construction
  return Object.fromEntries(
    operationNames.map((operation) => [
      operation,
      Object.fromEntries(variantNames.map((name) => [name, target(operation, name)])),
    ]),
  ) as Targets;
};

const dossiersIn = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + dossiersIn(one), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, one) => sum + dossiersIn(one), 'number' in value ? 1 : 0);
};

/** A comparison of speed means something only between servers that give the same answer. */
const compare = async (variants: Record<VariantName, Variant>, targets: Targets): Promise<void> => {
  for (const operation of operationNames) {
    for (let at = 0; at < compared; at++) {
      const [first, ...others] = await Promise.all(
        variantNames.map(async (name) => {
          const target = targets[operation][name];
          return JSON.parse((await ask(variants[name].pool, target, target.bodies[at] ?? '')).toString());
        }),
      );
      for (const [index, other] of others.entries()) {
        deepStrictEqual(other, first, `${operation}: ${variantNames[index + 1]} answers otherwise than embedded`);
      }
      const held = dossiersIn(first);
      if (held !== operations[operation].dossiers) throw new Error(`${operation}: an answer holds ${held} dossiers`);
    }
  }
};

const measure = async ({ front, others, pool }: Variant, target: Target, postgres: number): Promise<Measured> => {
  const pids = others.map(({ pid }) => pid);
  const before = { front: cpuOf([front.pid]), others: cpuOf(pids), database: familyCpuOf(postgres) };
  const seen = await drive(pool, target, windowTime);
  const gateway = (cpuOf([front.pid]) - before.front) / seen.requests;
  return {
    ...seen,
    gateway,
    node: gateway + (cpuOf(pids) - before.others) / seen.requests,
    database: (familyCpuOf(postgres) - before.database) / seen.requests,
  };
};

type Results = Record<OperationName, Record<VariantName, Measured>>;

const measureAll = async (
  variants: Record<VariantName, Variant>,
  targets: Targets,
  postgres: number,
): Promise<Results> => {
  const results = {} as Results; // filled below, name by name
  for (const operation of operationNames) {
    note(`measuring ${operation}`);
    for (const name of variantNames) await drive(variants[name].pool, targets[operation][name], warmUpTime);
    const best = {} as Record<VariantName, Measured>;
    // In turn, so that a noisy moment of the machine spoils a window of each and not all windows of one.
    for (let nth = 0; nth < windows; nth++) {
      for (const name of variantNames) {
        const measured = await measure(variants[name], targets[operation][name], postgres);
        if (!best[name] || measured.node < best[name].node) best[name] = measured;
      }
    }
    results[operation] = best;
  }
  return results;
};

const digits = (value: number): string => value.toFixed(value < 10 ? 2 : 1);

const table = (results: Results, variants: Record<VariantName, Variant>): string[] => [
  '| | node CPU ms | of it the gateway | PostgreSQL CPU ms | requests/s | p50 ms | p99 ms | less CPU than stock | CPU of the floor |',
  '|---|--:|--:|--:|--:|--:|--:|--:|--:|',
  ...operationNames.flatMap((operation) => {
    const { stock, floor } = results[operation];
    return [
      `| **${operation}: ${operations[operation].title}** | | | | | | | | |`,
      ...variantNames.map((name) => {
        const { node, gateway, database, requests, seconds, p50, p99 } = results[operation][name];
        const parts = variants[name].others.length > 0 ? digits(gateway) : '';
        const cells = [
          digits(node),
          parts,
          digits(database),
          (requests / seconds).toFixed(0),
          digits(p50),
          digits(p99),
        ];
        return `| ${variants[name].title} | ${cells.join(' | ')} | ${digits(stock.node / node)}x | ${digits(node / floor.node)}x |`;
      }),
    ];
  }),
];

const bench = async (): Promise<void> => {
  const begun = performance.now();
  const { folder, ownerUrl, postgres, today } = await database();
  note('starting the servers');
  const variants = await variantsOver({ folder, ownerUrl, today });
  const named = principalOf(handler, today);
  if ('reason' in named) throw new Error(named.reason);
  const token = await demoToken(folder, named.principal);

  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  const { front, pool } = variants.embedded;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const keys = await keysFor(owner, today, async (query, variables) => {
    const target = { origin: front.origin, path: '/graphql', headers, bodies: [] };
    return JSON.parse((await ask(pool, target, JSON.stringify({ query, variables }))).toString()).data;
  }).finally(() => owner.end());

  const targets = targetsFor(variants, keys, token);
  await compare(variants, targets);
  const load = loadavg()[0] ?? 0;
  const results = await measureAll(variants, targets, postgres);
  const lines = [
    ...table(results, variants),
    '',
    `CPU is milliseconds of user and system time per request. ${connections} connections, random keys, ${windows} windows of ${windowTime / 1000} s after ${warmUpTime / 1000} s of warming up; the window with the least CPU counts. ${compared} answers of each operation were the same in all four.`,
    '',
    `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), Node ${process.version}, load ${load.toFixed(1)} before the first window; ${((performance.now() - begun) / 1000).toFixed(0)} s in all.`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
};

const closeAll = async (): Promise<void> => {
  for (let close = open.pop(); close; close = open.pop()) {
    await close().catch((error: unknown) => note(`could not close: ${String(error)}`));
  }
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
  await closeAll();
  process.exit();
}
