import { utimes } from 'node:fs/promises';
import pg from 'pg';
import { chainStart } from '../db/chain.ts';
import { pool } from '../db/database.ts';
import { eraseReadLog } from '../db/erase-read-log.ts';
import type { Contents } from '../subgraphs/dossiers/contents.ts';
import { retain } from '../subgraphs/dossiers/retention.ts';
import { log } from '../subgraphs/log.ts';
import { aged, noon, now, standing, years } from './aged.ts';
import { number as cast } from './cast.ts';
import { type Counter, content, openCounter } from './counter.ts';
import { chained, consultation, put as putLog } from './read-logs.ts';

let counter: Counter;
let steps: pg.Pool;
let rows: Counter['rows'];

beforeAll(async () => {
  counter = await openCounter('together');
  rows = counter.rows;
  steps = pool(counter.database.urlOf('steps'), { name: 'steps', max: 2 });
});
afterAll(async () => {
  await steps.end();
  await counter.stop();
});

const run = (contents: Contents = counter.contents, today = now) => retain({ pool: steps, contents }, today);
const nothing = { drafts: 0, dossiers: 0, contents: 0, hits: 0, keys: 0, uploads: 0, orphans: 0 };

// What the demo world holds that is over on the day on which the tests happen to run is not theirs to count.
beforeEach(() => run());

const hasFile = async (id: string): Promise<boolean> => (await counter.files()).some((path) => path.endsWith(id));

const upload = async (hours: number): Promise<string> => {
  const { id } = JSON.parse((await counter.send('EMPLOYER:0123456749', content('pdf'))).bytes.toString());
  await rows(`update steps.upload set at = now() - $2 * interval '1 hour' where id = $1`, [id, hours]);
  return id;
};

test('an upload that no dossier took is forgotten after a day, in as many slices as it takes', async () => {
  const young = await upload(23);
  const old = await upload(25);
  await rows(
    `insert into steps.upload select 'old-' || n, owner, mime, size_bytes, sha256, at from steps.upload, generate_series(1, 249) n where id = $1`,
    [old],
  );
  expect(await run()).toEqual({ ...nothing, uploads: 250 });
  expect([await hasFile(young), await hasFile(old)]).toEqual([true, false]);
  expect(await rows('select id from steps.upload')).toEqual([{ id: young }]);
});

test('content that nothing names is swept up after a day: what a killed process left behind', async () => {
  const one = async function* () {
    yield content('pdf');
  };
  const orphan = await counter.contents.put(one());
  const fresh = await counter.contents.put(one());
  const named = await counter.put({ dossier: cast.rahul, code: 'WRK_CONTRACT', by: 'EMPLOYER' });
  const yesterday = new Date(Date.now() - 25 * 3600_000);
  for (const path of await counter.files()) if (!path.endsWith(fresh.id)) await utimes(path, yesterday, yesterday);
  expect(await run()).toEqual({ ...nothing, orphans: 1 });
  expect([await hasFile(orphan.id), await hasFile(fresh.id), await hasFile(named.id)]).toEqual([false, true, true]);
  await counter.contents.drop(fresh.id);
});

test('content of another database is not swept up, whatever the rows of this one say', async () => {
  const { id } = await counter.contents.put(
    (async function* () {
      yield content('pdf');
    })(),
  );
  const yesterday = new Date(Date.now() - 25 * 3600_000);
  for (const path of await counter.files()) await utimes(path, yesterday, yesterday);
  const [own] = await rows<{ id: string }>('select id from steps.folder');
  await rows('update steps.folder set id = gen_random_uuid()');
  await expect(run()).rejects.toThrow('not all that is over could be erased');
  expect(await hasFile(id)).toBe(true);
  await rows('update steps.folder set id = $1', [own?.id]);
  expect(await run()).toEqual({ ...nothing, orphans: 1 });
});

test('a key of a request is forgotten after thirty days', async () => {
  await rows(
    `insert into steps.idempotency (caller, key, operation, digest, at) select 'c', 'key-' || n, 'x', '', now() - interval '30 days' - (n - 3.5) * interval '1 minute' from generate_series(1, 5) n`,
  );
  expect(await run()).toEqual({ ...nothing, keys: 2 });
  expect(await rows(`select key from steps.idempotency where caller = 'c' order by key`)).toEqual(
    ['key-1', 'key-2', 'key-3'].map((key) => ({ key })),
  );
});

test('a hit that nothing followed from is erased after two years, any other after ten', async () => {
  const held = await aged(rows, { decided: years(1), dossier: { legal_hold: true }, permit: null });
  let nth = 0;
  const hit = async (of: Record<string, unknown>): Promise<string> => {
    nth += 1;
    const id = `HIT-OLD-${nth}`;
    const { status, outcome = null, raised, worker = 'W-NOBODY', employer = 'kbo-nobody', evidence = [] } = of;
    await rows(
      `insert into cadastre.inspection_hit (id, rule, severity, worker_id, employer_kbo, authority, evidence, detected_at, status, outcome) values ($1, 'I01', 'HIGH', $2, $3, 'VLA-DEM', $4, $5, $6, $7)`,
      [id, worker, employer, JSON.stringify(evidence), noon(String(raised)), status, outcome],
    );
    return id;
  };
  const over = [
    await hit({ status: 'OPEN', raised: years(2, 1) }),
    await hit({ status: 'CLOSED', outcome: 'NO_INFRINGEMENT', raised: years(2, 1) }),
    await hit({ status: 'CLOSED', raised: years(2, 1) }),
    ...(await Promise.all(
      ['PV', 'WARNING', 'REGULARISED'].map((outcome) => hit({ status: 'CLOSED', outcome, raised: years(10, 1) })),
    )),
    await hit({ status: 'IN_INQUIRY', raised: years(10, 1) }),
  ];
  const kept = [
    await hit({ status: 'OPEN', raised: years(2) }),
    await hit({ status: 'CLOSED', outcome: 'NO_INFRINGEMENT', raised: years(2) }),
    ...(await Promise.all(
      ['PV', 'WARNING', 'REGULARISED'].map((outcome) => hit({ status: 'CLOSED', outcome, raised: years(10) })),
    )),
    await hit({ status: 'ASSIGNED', raised: years(10) }),
    await hit({ status: 'OPEN', raised: years(11), worker: held.worker }),
    await hit({ status: 'OPEN', raised: years(11), worker: null, employer: held.employer }),
    await hit({ status: 'OPEN', raised: years(11), evidence: [{ kind: 'DOSSIER', id: held.number }] }),
  ];
  expect(await run()).toEqual({ ...nothing, hits: over.length });
  const left = await rows<{ id: string }>(`select id from cadastre.inspection_hit where id like 'HIT-OLD-%'`);
  expect(left.map(({ id }) => id).sort()).toEqual([...kept].sort());
});

test('what breaks off is finished the next time, and one rule that fails leaves the others', async () => {
  const dossier = await aged(rows, { decided: years(11) });
  const { id } = await counter.put({ dossier: dossier.number, code: 'WRK_CONTRACT', by: 'EMPLOYER' });
  const waiting = await upload(25);
  const yesterday = new Date(Date.now() - 25 * 3600_000);
  for (const path of await counter.files()) await utimes(path, yesterday, yesterday);
  const full: Contents = {
    ...counter.contents,
    drop: (one) => (one === id ? Promise.reject(new Error('the disk is gone')) : counter.contents.drop(one)),
  };
  await expect(run(full)).rejects.toThrow('not all that is over could be erased');
  // The row went first: what is left of it is content that nobody can ask for.
  expect([await standing(rows, [dossier.number]), await hasFile(id), await hasFile(waiting)]).toEqual([
    [],
    true,
    false,
  ]);
  expect((await run()).orphans).toBeGreaterThan(0);
  expect(await hasFile(id)).toBe(false);
  expect(await run()).toEqual(nothing);
});

test('a clock that is fixed ahead erases nothing sooner, and one that is fixed behind waits', async () => {
  const { number } = await aged(rows, { decided: years(10, 1) });
  const young = await aged(rows, { decided: years(9) });
  expect(await run(counter.contents, years(1))).toEqual(nothing);
  expect(await run(counter.contents, '2099-01-01')).toEqual({ ...nothing, dossiers: 1 });
  expect(await standing(rows, [number, young.number])).toEqual([young.number]);
});

test('the job leaves a line in the log that says how many of what, and of whom nothing', async () => {
  const { number, worker } = await aged(rows, { decided: years(11) });
  const lines: unknown[][] = [];
  const { info } = log;
  log.info = (...line: unknown[]) => void lines.push(line);
  await run().finally(() => {
    log.info = info;
  });
  expect(lines).toEqual([[{ erased: { ...nothing, dossiers: 1 } }, 'what was over is erased']]);
  expect(JSON.stringify(lines)).not.toMatch(`${number}|${worker}`);
});

test('the read log is emptied after ten years by the owner of the database, and its chain stays', async () => {
  const owner = new pg.Client({ connectionString: counter.database.ownerUrl });
  await owner.connect();
  await owner.query('alter table read_log.entry disable trigger user; delete from read_log.entry');
  const at = (nth: number) => noon(nth < 10 ? years(10, 3) : nth < 30 ? years(10, 1) : years(10)).replace('Z', '.000Z');
  await putLog(
    owner,
    chained(
      chainStart,
      Array.from({ length: 40 }, (_, nth) => ({
        ...consultation(),
        salt: 'ab'.repeat(16),
        seq: nth + 1,
        at: at(nth),
        subject: nth < 10 ? 'W-0000001' : 'W-HELD',
        read: [],
        refused: [],
        outcome: 'READ',
      })),
    ),
  );
  // From the eleventh entry on it is about the worker of a dossier that is held.
  const held = await aged(rows, {
    decided: years(1),
    dossier: { legal_hold: true, worker_id: 'W-HELD' },
    permit: null,
  });
  expect(await eraseReadLog(owner, now)).toBe(10);
  await rows('update dossiers.dossier set legal_hold = false where number = $1', [held.number]);
  expect([await eraseReadLog(owner, '2099-01-01'), await eraseReadLog(owner, now)]).toEqual([20, 0]);
  const { rows: left } = await owner.query(
    `select count(*) filter (where outcome is null)::integer as empty, count(*) filter (where outcome = 'READ')::integer as kept, count(leaf)::integer as links from read_log.entry`,
  );
  expect(left).toEqual([{ empty: 30, kept: 10, links: 42 }]);
  await owner.end();
});
