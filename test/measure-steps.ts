// Measures steps: how many a second, and how much slower than their bare SQL: node --import tsx test/measure-steps.ts [seconds]
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { migrate, pool } from '../db/database.ts';
import { startEmbedded } from '../db/embedded.ts';
import { loginsOf } from '../db/roles.ts';
import { seed } from '../db/world/seed.ts';
import { admit } from '../gateway/door.ts';
import { gateway } from '../gateway/gateway.ts';
import { local } from '../gateway/local.ts';
import { documentCodes } from '../schema/forms.ts';
import { subgraphNames } from '../schema/subgraphs.ts';
import { log as processLog } from '../subgraphs/log.ts';
import { keptLog } from '../subgraphs/read-log.ts';
import { consultation } from '../subgraphs/reading.ts';
import { subgraph } from '../subgraphs/subgraph.ts';
import { taker } from '../subgraphs/take.ts';
import { viewers } from '../subgraphs/viewer.ts';
import { facts } from './acting.ts';
import { kbo } from './cast.ts';
import { today } from './cluster.ts';
import { asker, testEnv } from './world.ts';

// A region asks for what is missing, and the employer says that all is there: two steps that can follow each other for ever,
// each with an event, a deadline, a request and an announcement, and the first with messages to who is told.
const turns = [
  ['VLA-DEM', 'requestInformation', { items: ['WRK_DIPLOMA'] }],
  [`EMPLOYER:${kbo.brewery}`, 'completeDossier', {}],
] as const;
const [seconds = 5] = process.argv.slice(2).map(Number);
const many = 64;
const connections = 10; // as it runs
const secret = 'a secret that is only measured with';
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const whole = (value: number): string => Math.round(value).toLocaleString('en-GB');

/** A statement as pg is asked it. */
type Asked = { name?: string; text: string; values?: unknown[] };

let heard: Asked[] | undefined;
let held: number[] = [];

/** Hears what is asked over a connection, and how long the end of the read log is held: meanwhile nobody else can write. */
const listen = (client: pg.PoolClient): void => {
  const query = client.query.bind(client) as (asked: unknown) => Promise<pg.QueryResult>; // the one form that is used here
  let since = 0;
  client.query = (async (asked: unknown) => {
    const statement: Asked = typeof asked === 'string' ? { text: asked } : (asked as Asked);
    heard?.push(statement);
    const answer = await query(asked);
    if (statement.text.includes('read_log.tail()')) since = performance.now();
    if (statement.text === 'commit') held.push(performance.now() - since);
    return answer;
  }) as unknown as typeof client.query;
};

processLog.level = 'silent';
const folder = await mkdtemp(join(tmpdir(), 'measure-steps-'));
const { url, stop } = await startEmbedded({ dataDir: join(folder, 'postgres') }); // with fsync, as it runs
const { env, drop } = await testEnv();
try {
  await migrate(url);
  await seed(url, { profile: 'small', today });
  const urlOf = loginsOf(url);
  const writing = pool(urlOf('steps'), { max: connections, name: 'steps' });
  writing.on('connect', listen);
  const take = taker(writing, { secret });
  const reading = subgraphNames.map((name) => ({ name, connected: pool(urlOf(name), { max: connections, name }) }));
  const parts = reading.map(({ name, connected }) => subgraph(name, connected, { secret, take }));
  const readLog = keptLog(urlOf('cadastre'), { secret });
  const server = await gateway({
    reach: (name) => {
      const part = parts.find((one) => one.name === name);
      if (!part) throw new Error(`no subgraph ${name}`);
      return local(part);
    },
    record: ({ viewer }, asked) => readLog.append(consultation({ ...viewer, roles: ['SYSTEM'] }, asked)),
  });
  const as = asker(
    server,
    admit(await viewers(env), async () => ({ tooMany: false })),
    env,
  );

  // ---- steps through the graph

  type Payload = { dossier?: { number: string; version: number }; problems: unknown[] };

  const step = async (who: string, name: string, input: object, fields: string): Promise<Payload> => {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const query = `mutation($input: ${type}!) { ${name}(input: $input) { ${fields} problems { code message } } }`;
    const answer = await as(who)<Record<string, Payload>>(query, { input: { idempotencyKey: randomUUID(), ...input } });
    const payload = answer.data?.[name];
    if (answer.errors || !payload || payload.problems.length > 0) throw new Error(JSON.stringify(answer));
    return payload;
  };

  const owner = pool(url, { max: 1, name: 'measure' });
  const dossiers: { number: string; version: number }[] = [];
  for (let nth = 0; nth < many; nth++) {
    const [applicant] = turns[1];
    const worker = { ...facts.worker, birthDate: `19${60 + (nth % 40)}-03-${10 + (nth % 20)}` };
    const draft = { kind: 'SP_LIM', language: 'NL', facts: { ...facts, worker } };
    const made = await step(applicant, 'createDraft', draft, 'dossier { number version }');
    if (!made.dossier) throw new Error('no draft');
    const { number, version } = made.dossier;
    await owner.query(
      `insert into dossiers.document (id, dossier_number, code, file_name, mime, size_bytes, sha256, uploaded_by_kind, uploaded_by, uploaded_at)
       select $1 || code, $1, code, 'a.pdf', 'application/pdf', 3, 'abc', 'EMPLOYER', '0123456749', now() from unnest($2::text[]) code`,
      [number, documentCodes.map(({ code }) => code)],
    );
    await step(applicant, 'submitDossier', { number, expectedVersion: version }, '');
    dossiers.push({ number, version: version + 1 });
  }

  const throughGraph =
    (fields: string) =>
    async (caller: number, nth: number): Promise<void> => {
      const dossier = dossiers[caller];
      const [who, name, input] = turns[nth % 2] ?? turns[0];
      if (!dossier) throw new Error('no dossier');
      await step(who, name, { number: dossier.number, expectedVersion: dossier.version, ...input }, fields);
      dossier.version += 1;
    };

  // ---- the same steps as their SQL alone: what was asked for one of them, asked again for other dossiers

  const [first] = dossiers;
  const scripts: Asked[][] = [];
  for (const nth of [0, 1]) {
    heard = [];
    await throughGraph('')(0, nth);
    scripts.push(heard);
    heard = undefined;
  }
  const uuid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;
  const bare = async (caller: number, nth: number): Promise<void> => {
    const ids = new Map<string, string>();
    const fresh = (id: string): string => ids.get(id) ?? ids.set(id, randomUUID()).get(id) ?? id;
    let seq = 0;
    const changed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(changed);
      if (typeof value !== 'string') return value;
      return value
        .replaceAll(first?.number ?? '', dossiers[caller]?.number ?? '')
        .replace(uuid, fresh)
        .replace(/"seq":\d+/g, () => `"seq":${seq + 1}`);
    };
    const client = await writing.connect();
    for (const { values, ...asked } of scripts[nth % 2] ?? []) {
      const { rows } = await client.query(values ? { ...asked, values: values.map(changed) } : asked);
      if (asked.text.includes('read_log.tail()')) seq = Number(rows[0].seq);
    }
    client.release();
    const dossier = dossiers[caller];
    if (dossier) dossier.version += 1;
  };

  // ---- both, by turns

  type Measured = { perSecond: number; line: string };

  const measure = async (callers: number, work: (caller: number, nth: number) => Promise<void>): Promise<Measured> => {
    const took: number[] = [];
    held = [];
    const begun = performance.now();
    const until = begun + 1000 * seconds;
    const call = async (caller: number): Promise<void> => {
      for (let nth = 0; performance.now() < until || nth % 2 === 1; nth++) {
        const since = performance.now();
        await work(caller, nth);
        took.push(performance.now() - since);
      }
    };
    await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
    const perSecond = took.length / ((performance.now() - begun) / 1000);
    const quantile = (list: number[], part: number): string =>
      (list.sort((a, b) => a - b)[Math.floor(part * list.length)] ?? 0).toFixed(1);
    const times = [quantile(took, 0.5), quantile(took, 0.99), quantile(held, 0.5), quantile(held, 0.99)];
    return { perSecond, line: `${whole(perSecond)} | ${times.join(' | ')}` };
  };

  await measure(8, throughGraph('dossier { number version }')); // so that nothing is met for the first time
  await measure(8, bare);
  say('| callers | steps | a second | p50 ms | p99 ms | log held p50 ms | p99 ms | cost of the bare SQL |');
  say('|--:|---|--:|--:|--:|--:|--:|--:|');
  for (const callers of [1, many]) {
    const sql = await measure(callers, bare);
    say(
      `| ${callers} | as bare SQL, ${scripts[0]?.length} and ${scripts[1]?.length} statements | ${sql.line} | 1.0x |`,
    );
    for (const [name, fields] of [
      ['through the graph, problems alone asked for', ''],
      ['through the graph, with the dossier', 'dossier { number version }'],
    ] as const) {
      const graph = await measure(callers, throughGraph(fields));
      say(`| ${callers} | ${name} | ${graph.line} | ${(sql.perSecond / graph.perSecond).toFixed(1)}x |`);
    }
  }
  await server.stop();
  await readLog.stop();
  for (const { connected } of [...reading, { connected: writing }, { connected: owner }]) await connected.end();
} finally {
  await stop();
  await drop();
  await rm(folder, { recursive: true, force: true });
}
say(`\n${cpus().length} cores, Node ${process.version}.`);
