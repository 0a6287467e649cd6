import { jest } from '@jest/globals';
import type pg from 'pg';
import { signer } from '../db/chain.ts';
import { isDown, pool } from '../db/database.ts';
import { roleOf } from '../db/roles.ts';
import { subgraphNames } from '../schema/subgraphs.ts';
import { log as processLog } from '../subgraphs/log.ts';
import { type ReadLog, readLog } from '../subgraphs/read-log.ts';
import { today } from './cluster.ts';
import { freshDatabase } from './database.ts';
import {
  chained,
  connect,
  consultation,
  contentOf,
  every,
  openLog,
  proof,
  put,
  putSigned,
  reading,
  secret,
  sound,
} from './read-logs.ts';

type Opened = ReturnType<typeof openLog>;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let owner: pg.Client;
let opened: Opened[];
let log: ReadLog;

const open = (): ReadLog => {
  const one = openLog(database.urlOf('cadastre'));
  opened.push(one);
  return one.log;
};

const rows = async (text: string, values: unknown[] = []): Promise<unknown[]> => (await owner.query(text, values)).rows;

/** Empties the log between two tests, as only the owner can: by switching off what forbids it. */
const empty = (): Promise<unknown> =>
  owner.query(`
    alter table read_log.entry disable trigger all; alter table read_log.checkpoint disable trigger all;
    truncate read_log.entry, read_log.checkpoint, read_log.met;
    alter table read_log.entry enable always trigger entry_is_append_only;
    alter table read_log.checkpoint enable always trigger checkpoint_is_append_only;`);

beforeAll(async () => {
  processLog.level = 'silent';
  database = await freshDatabase();
  owner = await connect(database.ownerUrl);
  opened = [];
});

beforeEach(() => {
  log = open();
});

afterEach(async () => {
  for (const { stop } of opened.splice(0)) await stop();
  await empty();
});

afterAll(async () => {
  await owner.end();
  await database.drop();
});

test('an operation leaves one entry for each person: who, of whom, what, what for, and what came of it', async () => {
  const readings = [
    reading('W-0000001', { read: ['WORKER_IDENTITY', 'PERMITS'], refused: ['INSZ'] }),
    reading('W-0000002', { read: [], refused: ['PERMITS'], outcome: 'REFUSED' }),
    reading(null, { read: [], refused: [], outcome: 'NOTHING' }),
  ];
  expect(await log.append(consultation({ readings }))).toEqual({ tooMany: false });
  expect(await log.append(consultation({ readings: [] }))).toEqual({ tooMany: false });
  const common = {
    user_id: 'demo:INS-RSZ',
    party: 'INS-RSZ',
    kind: 'INSPECTION_FED',
    purpose: 'INSPECTION_COMPLAINT',
    reference: 'demo',
    operation: 'cadastre 5f2b',
    recent: true,
  };
  expect(
    await rows(`select seq::int, user_id, party, kind, subject, read, refused, purpose, reference, operation, outcome,
      at between now() - interval '1 minute' and now() as recent from read_log.entry order by seq`),
  ).toEqual([
    {
      ...common,
      seq: 1,
      subject: 'W-0000001',
      read: ['WORKER_IDENTITY', 'PERMITS'],
      refused: ['INSZ'],
      outcome: 'READ',
    },
    { ...common, seq: 2, subject: 'W-0000002', read: [], refused: ['PERMITS'], outcome: 'REFUSED' },
    { ...common, seq: 3, subject: null, read: [], refused: [], outcome: 'NOTHING' },
  ]);
  expect(await proof(owner)).toEqual(sound({ entries: 3, checkpoints: 1, signedTo: 1 }));
});

test('no number of a person stands in the log, also where a caller wrote one into the reference', async () => {
  const references = [
    'PV 88.02.03-997.96',
    '88020399796',
    'file 88020399796/2',
    'SP-2026-0000023-37',
    '12345678901',
    null,
  ];
  for (const reference of references) await log.append(consultation({ reference }));
  expect(await rows('select reference from read_log.entry order by seq')).toEqual(
    ['PV (INSZ)', '(INSZ)', 'file (INSZ)/2', 'SP-2026-0000023-37', '12345678901', null].map((reference) => ({
      reference,
    })),
  );
});

test('any text can be written, and is what is hashed', async () => {
  const written = (nul: string, half: string) => `é "\\ {} ${nul} ${half} \u2028 \u007f \n 😀`;
  const odd = written('\u0000', '\ud800');
  await log.append(consultation({ user: odd, party: odd, reference: odd, operation: odd }));
  const text = written('\ufffd', '\ufffd');
  expect(await rows('select user_id, reference from read_log.entry')).toEqual([{ user_id: text, reference: text }]);
  expect(await proof(owner)).toEqual(sound({ entries: 1 }));
});

test('what comes while a batch is being written goes together in the next', async () => {
  await owner.query('begin; select read_log.tail()'); // another writer, who takes its time
  const first = log.append(consultation());
  const others = Array.from({ length: 300 }, (_, nth) =>
    log.append(consultation({ readings: [reading(`W-${nth}`), reading(`W-${nth}`)] })),
  );
  await owner.query('rollback');
  await Promise.all([first, ...others]);
  expect(await rows('select count(*)::int, count(distinct xmin::text)::int as batches from read_log.entry')).toEqual([
    { count: 601, batches: 1 },
  ]);
});

test('eight processes write one chain, without gaps and forks', async () => {
  const logs = Array.from({ length: 8 }, open);
  const said = jest.spyOn(processLog, 'info').mockImplementation(() => undefined);
  await Promise.all(
    logs.map(async (one, writer) => {
      for (let nth = 0; nth < 12; nth++) {
        const readings = [reading(`W-${writer}`), reading(`W-${nth}`)];
        await Promise.all([
          one.append(consultation({ readings })),
          one.append(consultation({ user: `user ${writer}` })),
        ]);
      }
    }),
  );
  const { checkpoints } = await contentOf(owner);
  expect(checkpoints.map(({ seq }) => seq)).toEqual(Array.from({ length: 12 }, (_, nth) => 1 + nth * every));
  expect(await proof(owner)).toEqual(sound({ entries: 8 * 12 * 3, checkpoints: 12, signedTo: 276 }));
  // The log of the process holds what the database does, so that a copy is kept elsewhere.
  expect(said.mock.calls.map(([entry]) => entry)).toEqual(
    expect.arrayContaining(checkpoints.map((checkpoint) => ({ checkpoint }))),
  );
  expect(said).toHaveBeenCalledTimes(12);
  said.mockRestore();
});

test('a log in which little happens is signed every hour', async () => {
  const [first] = chained('00'.repeat(32), [
    {
      ...consultation(),
      salt: 'ab'.repeat(16),
      seq: 1,
      at: '2026-01-01T10:00:00.000Z',
      subject: 'W-0000001',
      read: [],
      refused: [],
      outcome: 'READ',
    },
  ]);
  if (!first) throw new Error('no entry');
  await put(owner, [first]);
  await putSigned(owner, [signer(secret).sign(first)]);
  await log.append(consultation());
  await log.append(consultation());
  expect((await contentOf(owner)).checkpoints.map(({ seq }) => seq)).toEqual([1, 2]);
});

test('the database refuses to change, remove or empty what stands, to the role that writes and to the owner', async () => {
  await log.append(consultation());
  const writer = await connect(database.urlOf('cadastre'));
  for (const table of ['entry', 'checkpoint']) {
    for (const text of [
      `update read_log.${table} set at = now()`,
      `update read_log.${table} set at = now() where false`,
      `delete from read_log.${table}`,
      `truncate read_log.${table}`,
    ]) {
      await expect(writer.query(text)).rejects.toMatchObject({ code: '42501' });
      await expect(owner.query(text)).rejects.toThrow('the read log is append-only');
      await expect(owner.query(`set session_replication_role = replica; ${text}`)).rejects.toThrow('append-only');
    }
  }
  for (const text of [
    `select read_log.erase('2000-01-01')`,
    'alter table read_log.entry disable trigger all',
    'truncate read_log.met',
  ]) {
    await expect(writer.query(text)).rejects.toMatchObject({ code: '42501' });
  }
  await writer.end();
  await owner.query('reset session_replication_role');
  expect(await proof(owner)).toEqual(sound({ entries: 1 }));
});

test('no other role reads the log or writes to it', async () => {
  const tables = ['read_log.entry', 'read_log.checkpoint', 'read_log.met'];
  const others = subgraphNames.filter((name) => name !== 'cadastre').map(roleOf);
  expect(
    await rows(
      `select r, t from unnest($1::text[]) r, unnest($2::text[]) t
       where has_schema_privilege(r, 'read_log', 'usage') or has_table_privilege(r, t, 'select, insert, update, delete, truncate')
         or has_function_privilege(r, 'read_log.tail()', 'execute')`,
      [others, tables],
    ),
  ).toEqual([]);
});

test('what cannot be written is told to everyone who waits, and nothing of it stands', async () => {
  const unreachable = pool('postgres://nobody@127.0.0.1:1/none', { name: 'read-log.test' });
  const nowhere = readLog(unreachable, { secret });
  const failures = await Promise.all(
    [1, 2, 3].map(() => nowhere.append(consultation()).catch((error: unknown) => error)),
  );
  expect(failures.map(isDown)).toEqual([true, true, true]);
  await unreachable.end();

  await log.append(consultation());
  await owner.query('begin; select read_log.tail()');
  const lost = [1, 2, 3].map(() => log.append(consultation()).catch((error: unknown) => error));
  const waits = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await rows(waits)).length === 0);
  await owner.query(`select pg_terminate_backend(pid) from (${waits}) w`);
  expect((await Promise.all(lost)).map(isDown)).toEqual([true, true, true]);
  await owner.query('rollback');
  expect(await log.append(consultation())).toEqual({ tooMany: false }); // and the next is written again
  expect(await proof(owner)).toEqual(sound({ entries: 2 }));
});

test('a log that was stopped has written what waited, and refuses more', async () => {
  const waiting = [1, 2, 3].map(() => log.append(consultation()));
  await log.stop();
  await expect(log.append(consultation())).rejects.toThrow('the read log is closed');
  expect(await Promise.all(waiting)).toEqual([{ tooMany: false }, { tooMany: false }, { tooMany: false }]);
});

const outcomes = `select outcome, count(*)::int from read_log.entry group by 1 order by 1`;

test('a user meets no more distinct persons in a day than the ceiling, however many ask at once', async () => {
  const logs = [log, open(), open(), open()];
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, nth) =>
      logs[nth % 4]?.append(consultation({ ceiling: 10, readings: [reading(`W-${nth}`)] })),
    ),
  );
  expect(answers.filter((answer) => answer?.tooMany).length).toBe(30);
  expect(await rows(outcomes)).toEqual([
    { outcome: 'READ', count: 10 },
    { outcome: 'REFUSED', count: 30 },
  ]);
  expect(await rows('select count(*)::int from read_log.met')).toEqual([{ count: 10 }]);
  expect(await proof(owner)).toEqual(sound({ entries: 40 }));
});

test('a person counts once a day, a search without a find each time, and only what counts does', async () => {
  const ask = async (...readings: ReturnType<typeof reading>[]) =>
    (await log.append(consultation({ ceiling: 3, readings }))).tooMany;
  const [ann, bob, cem, dua] = ['W-A', 'W-B', 'W-C', 'W-D'].map((subject) => reading(subject));
  if (!ann || !bob || !cem || !dua) throw new Error('no cast');
  const nobody = reading(null, { read: [], outcome: 'NOTHING' });
  expect(await ask(ann, ann, bob)).toBe(false);
  expect(await ask(ann)).toBe(false);
  expect(await ask({ ...dua, counts: false })).toBe(false);
  expect(await ask(cem, nobody)).toBe(true); // five, and then none of the two is answered
  expect(await ask(nobody)).toBe(false);
  expect(await ask(nobody)).toBe(true);
  expect(await ask(cem)).toBe(true);
  expect(await ask(ann, bob)).toBe(false); // who was met already may be read on
  expect((await log.append(consultation({ ceiling: null, readings: [cem, dua, nobody] }))).tooMany).toBe(false);
  expect((await log.append(consultation({ ceiling: 3, today: '2026-11-03', readings: [cem] }))).tooMany).toBe(false);
  expect((await log.append(consultation({ ceiling: 3, user: 'another', readings: [cem] }))).tooMany).toBe(false);
});

test('what passes the ceiling is refused as a whole, in the log as well', async () => {
  const readings = [
    reading('W-A', { read: ['PERMITS', 'INSZ'], refused: ['CONTACT'] }),
    reading(null, { read: [], outcome: 'NOTHING' }),
  ];
  expect(await log.append(consultation({ ceiling: 1, readings }))).toEqual({ tooMany: true });
  expect(await rows('select subject, read, refused, outcome from read_log.entry order by seq')).toEqual([
    { subject: 'W-A', read: [], refused: ['CONTACT', 'PERMITS', 'INSZ'], outcome: 'REFUSED' },
    { subject: null, read: [], refused: [], outcome: 'REFUSED' },
  ]);
});

test('whom a user met is forgotten when the day is over', async () => {
  const metOn = (day: string) => log.append(consultation({ ceiling: 9, today: day, readings: [reading('W-A')] }));
  await metOn('2001-01-01');
  await metOn('2001-01-02');
  await metOn(today);
  expect(await rows('select day::text from read_log.met order by day')).not.toContainEqual({ day: '2001-01-01' });
});
