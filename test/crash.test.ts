import { createHash, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type Checkpoint, signer } from '../db/chain.ts';
import { isDown, migrate, pool } from '../db/database.ts';
import { startEmbedded } from '../db/embedded.ts';
import { linesOf, verify } from '../db/read-log-proof.ts';
import { seed } from '../db/world/seed.ts';
import { documentCodes } from '../schema/forms.ts';
import { replay } from '../schema/timeline.ts';
import { callerKey } from '../subgraphs/caller-key.ts';
import { principalOf, pseudonym } from '../subgraphs/principal.ts';
import { today } from './cluster.ts';
import { compileInto } from './compiled.ts';
import { counter, type Ledger } from './counter-load.ts';
import { freshDatabase } from './database.ts';
import { type Kept, kept, type Rows, stateOf } from './kept.ts';
import { type Replicas, replicas } from './replicas.ts';
import { testEnv } from './world.ts';

// How often something is killed: `CRASHES=100 npm test -- test/crash.test.ts` for more than a build has time for. Then it is
// done on a database server of the test's own, which keeps what it said on disk, and which is killed as well.
const crashes = Number(process.env.CRASHES ?? 20);
const isLong = crashes > 20;
const people = 10;

let folder: string;
let database: { ownerUrl: string; drop(): Promise<void> };
/** Kills the database server, with all of its connections, and starts it anew: it has to find in its log what it had said. */
let crashServer = async (): Promise<void> => undefined;
let gateways: Replicas;
let load: ReturnType<typeof counter>;
let ledger: Ledger;
let owner: pg.Pool;
const seen: number[] = [];

/** Asks as the owner, again where the server was away: what it writes says itself whether it is there already. */
const rows: Rows = async (text, values = []) => {
  for (;;) {
    try {
      return (await owner.query(text, [...values])).rows;
    } catch (error) {
      if (!isDown(error)) throw error;
      await sleep(50);
    }
  }
};

const ownerOf = (principal: string): string => {
  const named = principalOf(principal, today);
  if ('reason' in named) throw new Error(named.reason);
  return callerKey({ ...named.principal, id: pseudonym('', named.principal) });
};

/** All papers but one, as if they had been sent before. */
const arrange = async (number: string): Promise<string[]> => {
  const codes = documentCodes.map(({ code }) => code).filter((code) => code !== 'WRK_DIPLOMA');
  await rows(
    `insert into dossiers.document (id, dossier_number, code, file_name, mime, size_bytes, sha256, uploaded_by_kind, uploaded_by, uploaded_at)
     select $1 || code, $1, code, 'a.pdf', 'application/pdf', 3, 'abc', 'EMPLOYER', '0123456749', $3 from unnest($2::text[]) code
     on conflict do nothing`,
    [number, codes, `${today}T06:00:00Z`],
  );
  return codes.map((code) => `${number}${code}`);
};

/** Follows the outbox as a partner would: asks for what is behind the last position that it has seen, again and again. */
const follow = (): { stop(): Promise<void> } => {
  let isStopped = false;
  const going = (async () => {
    for (;;) {
      const found = await rows<{ position: string }>(
        'select position from steps.outbox where position > $1 order by position limit 50',
        [seen.at(-1) ?? 0],
      );
      seen.push(...found.map(({ position }) => Number(position)));
      if (isStopped && found.length === 0) return;
      await sleep(5);
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await going;
    },
  };
};

/** Ends a connection of the gateways', one that is at work if there is any. */
const cut = () =>
  rows(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and usename like 'permit\\_%' order by (state = 'idle'), random() limit 1`,
  );

/** Passes connections on to wherever the server is: one that was killed can come back elsewhere. */
const passOn = async (to: () => string): Promise<NetServer> => {
  const passing = createServer((from) => {
    const { port } = new URL(to());
    const on = connect(Number(port), '127.0.0.1');
    pipeline(from, on, from).catch(() => undefined); // broken off: that is what is tested
  });
  passing.listen(0, '127.0.0.1');
  await once(passing, 'listening');
  return passing;
};

/** A database of the cluster that all tests share; of a server of its own where that is killed too. */
const open = async (): Promise<typeof database> => {
  if (!isLong) return freshDatabase();
  const start = () => startEmbedded({ dataDir: join(folder, 'postgres') });
  let server = await start();
  await migrate(server.url);
  await seed(server.url, { profile: 'small', today });
  const passing = await passOn(() => server.url);
  const ownerUrl = new URL(server.url);
  ownerUrl.port = String((passing.address() as AddressInfo).port); // it listens on TCP
  crashServer = async () => {
    const [pid] = (await readFile(join(folder, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(pid), 'SIGKILL');
    server = await start();
  };
  const drop = async () => {
    passing.close();
    await server.stop();
  };
  return { ownerUrl: ownerUrl.href, drop };
};

/** Kills something once some more steps were acknowledged: at that very moment the one that said so, or a little later. */
const crash = async (nth: number): Promise<void> => {
  for (let isDone = false; !isDone; ) {
    const by = await load.acknowledges(1 + randomInt(20));
    if (nth % 2 === 0) await sleep(randomInt(20));
    if (isLong && nth % 5 === 0) return crashServer();
    const killing = gateways.kill(by);
    if (nth % 4 === 0) await cut();
    isDone = await killing;
  }
};

beforeAll(
  async () => {
    folder = await mkdtemp(join(tmpdir(), 'permits-crash-'));
    await chmod(folder, 0o755); // the server's account passes here
    database = await open();
    owner = pool(database.ownerUrl, { name: 'crash', max: 4, timeout: 0 });
    const { env, drop } = await testEnv({ DATA_DIR: folder });
    await drop();
    const program = join(folder, 'program');
    await compileInto(program);
    gateways = replicas(program, 2, { DATABASE_URL: database.ownerUrl, DATA_DIR: folder, TODAY: today });
    load = counter(gateways, { env, arrange });
    ledger = load.ledger;
    const outbox = follow();
    let isOver = false;
    let lives = 0;
    const person = async (): Promise<void> => {
      while (!isOver) await load.live(lives++);
    };
    const work = Promise.all(Array.from({ length: people }, person));
    const trouble = async (): Promise<void> => {
      for (let nth = 1; nth <= crashes; nth++) await crash(nth);
    };
    try {
      await Promise.race([work, trouble()]); // who lives stops last, unless something is wrong
    } finally {
      isOver = true;
    }
    await work;
    await gateways.stop();
    await outbox.stop();
  },
  120_000 + crashes * 15_000,
);

afterAll(async () => {
  await gateways?.stop();
  await owner?.end();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

test('there was work going on, and it was broken off', () => {
  expect(ledger.dossiers.length).toBeGreaterThanOrEqual(people);
  expect(ledger.again).toBeGreaterThan(crashes);
});

test('no answer was an incident: whoever asked again was told what had been done', () => {
  expect(ledger.incidents).toEqual([]);
  const worse = gateways.lines().filter((line) => /"level":60|"msg":"incident"/.test(line));
  expect(worse).toEqual([]);
});

test('every acknowledged step is there, with all that it left, once; and nothing else is', async () => {
  const found = await kept(
    rows,
    ledger.dossiers.map(({ number }) => number),
  );
  const compared = ({ number, state, version, events, outbox, decisions, messages, documents, past }: Kept) => ({
    number,
    status: state.status,
    version,
    events: events.map(({ type }) => type),
    sequences: events.map(({ sequence }) => sequence),
    outbox,
    decisions,
    messages: [...messages].sort(),
    documents: [...documents].sort(),
    past,
  });
  const expected = [...ledger.dossiers]
    .sort((one, other) => (one.number < other.number ? -1 : 1))
    .map((told) => ({
      ...told,
      sequences: told.events.map((_, nth) => nth + 1),
      messages: [...told.messages].sort(),
      documents: [...told.documents].sort(),
      past: Array.from({ length: told.version - 1 }, (_, nth) => nth + 1),
    }));
  expect(found.map(compared)).toEqual(expected);
});

test('the timeline rebuilds each dossier', async () => {
  for (const { number, state, events } of await kept(
    rows,
    ledger.dossiers.map((told) => told.number),
  )) {
    expect([number, stateOf(replay(events))]).toEqual([number, state]);
  }
});

test('each key that was acknowledged is kept with its answer, and no other', async () => {
  const mine = await rows<{ caller: string; key: string; operation: string; number: string }>(
    `select caller, key, operation, answer ->> 'number' as number from steps.idempotency where caller = any($1)`,
    [[...new Set(ledger.acknowledged.map(({ caller }) => ownerOf(caller)))]],
  );
  const line = (...parts: string[]) => parts.join(' ');
  const acknowledged = ledger.acknowledged.filter(({ isStale }) => !isStale);
  expect(mine.map(({ caller, key, operation, number }) => line(caller, key, operation, number)).sort()).toEqual(
    acknowledged.map(({ caller, key, step, number }) => line(ownerOf(caller), key, step, number)).sort(),
  );
  const numbers = ledger.dossiers.map(({ number }) => Number(number.slice(8, 15))).sort((a, b) => a - b);
  const [first = 0] = numbers;
  expect(numbers).toEqual(numbers.map((_, nth) => first + nth));
});

type Step = { operation: string; entries: string[]; seq: string; positions: string[] };

test('each step is one entry of the read log, and what it announced stands in the order in which they were committed', async () => {
  // What one transaction wrote has its number.
  const steps = await rows<Step>(`
    select i.operation, array_agg(distinct e.operation) as entries, min(e.seq) as seq,
      array(select o.position from steps.outbox o where o.xmin::text = i.tx order by o.position) as positions
    from (select operation, xmin::text as tx from steps.idempotency) i
      left join read_log.entry e on e.xmin::text = i.tx and e.outcome = 'WRITTEN'
    group by i.tx, i.operation order by min(e.seq)`);
  expect(steps.filter(({ operation, entries }) => entries.length !== 1 || entries[0] !== operation)).toEqual([]);
  const [written] = await rows<{ many: string }>(
    `select count(*) as many from read_log.entry where outcome = 'WRITTEN'`,
  );
  expect(Number(written?.many)).toBe(steps.length);
  const positions = steps.flatMap((step) => step.positions.map(Number));
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
  const [announced] = await rows<{ all: string[] }>(
    'select array_agg(position order by position) as all from steps.outbox',
  );
  expect(positions).toEqual(announced?.all.map(Number));
});

test('who followed the outbox while it was written has seen all of it, each once', async () => {
  const [announced] = await rows<{ all: string[] }>(
    'select array_agg(position order by position) as all from steps.outbox',
  );
  expect(seen).toEqual(announced?.all.map(Number));
});

test('nothing is sent twice, and nothing of what was not announced', async () => {
  expect(
    await rows(
      `select position, recipient, channel, count(*) from steps.delivery group by 1, 2, 3 having count(*) > 1`,
    ),
  ).toEqual([]);
});

test('each document has its content, and no content is half there', async () => {
  const documents = join(folder, 'documents');
  const found = await readdir(documents, { recursive: true, withFileTypes: true });
  const files = found.filter((one) => one.isFile() && one.name.length === 36 && !one.parentPath.endsWith('incoming'));
  const hashes = await Promise.all(
    files.map(async ({ parentPath, name }): Promise<[string, string]> => {
      const content = await readFile(join(parentPath, name));
      return [name, createHash('sha256').update(content).digest('hex')];
    }),
  );
  expect(hashes.filter(([, hash]) => !ledger.sent.has(hash))).toEqual([]);
  const kept = new Map(hashes);
  const named = await rows<{ id: string; sha256: string }>(
    `select id, sha256 from steps.upload union all select id, sha256 from dossiers.document where id = any($1)`,
    [ledger.dossiers.flatMap((told) => told.documents).filter((id) => id.length === 36)],
  );
  expect(named.length).toBeGreaterThanOrEqual(ledger.dossiers.length);
  expect(named.filter(({ id, sha256 }) => kept.get(id) !== sha256)).toEqual([]);
});

test('the read log is as it was written, by the checkpoints that the gateways told as well', async () => {
  const secret = await readFile(join(folder, 'gateway-secret'), 'utf8');
  const told = gateways.lines().flatMap((line): Checkpoint[] => {
    if (!line.includes('"checkpoint"')) return [];
    const { checkpoint }: { checkpoint: Checkpoint } = JSON.parse(line);
    return [checkpoint];
  });
  const client = await owner.connect();
  await client.query('begin isolation level repeatable read');
  const finding = await verify(linesOf(client), { keys: [signer(secret).key], kept: told });
  await client.query('rollback');
  client.release();
  expect(finding).toMatchObject({ erased: 0, bad: null });
  expect(finding.entries).toBeGreaterThan(ledger.acknowledged.length);
});
