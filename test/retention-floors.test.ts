import pg from 'pg';
import { codeList } from '../schema/reference.ts';
import { isDue, reminderName, reminders } from '../schema/reminders.ts';
import { overBefore, overSince, retentionRules } from '../schema/retention.ts';
import { aged, days, now, standing, years } from './aged.ts';
import { number as cast } from './cast.ts';
import { freshDatabase } from './database.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let owner: pg.Client;
let steps: pg.Client;

const rows = async <Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
  (await owner.query(text, [...values])).rows;

beforeAll(async () => {
  database = await freshDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  steps = new pg.Client({ connectionString: database.urlOf('steps') });
  await Promise.all([owner.connect(), steps.connect()]);
});
afterAll(async () => {
  await Promise.all([owner.end(), steps.end()]);
  await database.drop();
});

const dayAfter = (day: string): string => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);

test('every rule has a period and says where it comes from, and the job knows each', () => {
  expect(retentionRules.map(({ name, source }) => [name, source !== ''])).toEqual(
    [
      'DRAFT',
      'CRIMINAL_MEDICAL',
      'DOSSIER',
      'HIT_WITHOUT_FOLLOW_UP',
      'HIT_FOLLOWED_UP',
      'READ_LOG',
      'IDEMPOTENCY_KEY',
      'WAITING_UPLOAD',
    ].map((name) => [name, true]),
  );
});

test('a reminder is forgotten no sooner than it could be told again', () => {
  for (const reminder of reminders) {
    const told = Array.from({ length: 250 }, (_, before) => days(before)).filter((day) => isDue(reminder, now, day));
    expect([reminderName(reminder), told.length > 0]).toEqual([reminderName(reminder), true]);
    // The key that says it was told outlives the last day on which it is due.
    const forgotten = overSince('IDEMPOTENCY_KEY', new Date(`${told[0]}T23:59:59Z`))
      .toISOString()
      .slice(0, 10);
    expect(forgotten < `${told.at(-1)}`).toBe(true);
  }
});

test.each([
  ['DRAFT', 'select * from dossiers.erase(true, $1)', 'a draft is kept for ninety days'],
  ['DOSSIER', 'select * from dossiers.erase(false, $1)', 'and a dossier for ten years'],
  ['HIT_WITHOUT_FOLLOW_UP', `select cadastre.erase_hits('{}', $1, '2000-01-01')`, 'a hit is kept for two years'],
  ['HIT_FOLLOWED_UP', `select cadastre.erase_hits('{}', '2000-01-01', $1)`, 'and for ten where something followed'],
] as const)('the database takes the period of the data for %s, and erases nothing a day sooner', async (rule, text, refusal) => {
  const before = overBefore(rule, now);
  await steps.query(text, [before]);
  await expect(steps.query(text, [dayAfter(before)])).rejects.toThrow(refusal);
});

test('a dossier is done in exactly the statuses that are final', async () => {
  const statuses = codeList('dossierStatuses').filter(({ code }) => code !== 'DRAFT');
  for (const { code, final } of statuses) {
    const { number } = await aged(rows, { decided: years(1), dossier: { status: code }, permit: null });
    const [row] = await rows<{ done: boolean }>(`select dossiers.done_on($1) < 'infinity' as done`, [number]);
    expect([code, row?.done]).toEqual([code, final]);
  }
});

const past = `insert into dossiers.dossier_past values ($1, 1, '2011-01-01', '{}')`;

test('the timeline and the past of a dossier stay, whoever would take them away, until its time is over', async () => {
  const draft = { status: 'DRAFT', submitted_at: null, decided_at: null };
  const kept = [
    cast.rahul,
    (await aged(rows, { decided: years(10) })).number,
    (await aged(rows, { decided: years(20), dossier: { legal_hold: true } })).number,
    (await aged(rows, { decided: years(20), dossier: { status: 'UNDER_APPEAL' } })).number,
    (await aged(rows, { decided: days(400), dossier: draft, permit: null, events: [days(90)] })).number,
  ];
  const over = [
    (await aged(rows, { decided: years(10, 1) })).number,
    (await aged(rows, { decided: days(91), dossier: draft, permit: null })).number,
  ];
  for (const number of [...kept.slice(0, 4), over[0]]) await rows(past, [number]);
  const tables = ['dossiers.event', 'dossiers.dossier_past'];
  for (const replays of [false, true]) {
    await owner.query(`set session_replication_role = ${replays ? 'replica' : 'origin'}`);
    for (const table of tables) {
      for (const number of kept) {
        if (table.endsWith('past') && number === kept[4]) continue;
        const text = `delete from ${table} where dossier_number = $1`;
        await expect(owner.query(text, [number])).rejects.toThrow('the timeline is append-only');
      }
      for (const text of [`update ${table} set dossier_number = 'x'`, `truncate ${table}`, `delete from ${table}`]) {
        await expect(owner.query(text)).rejects.toThrow('the timeline is append-only');
      }
      for (const number of over) await owner.query(`delete from ${table} where dossier_number = $1`, [number]);
    }
    await owner.query('set session_replication_role = origin');
  }
});

test('what is erased is what the job may erase: nobody takes away a row but through its functions', async () => {
  const { number } = await aged(rows, { decided: years(11) });
  const code = async (client: pg.Client, text: string): Promise<unknown> =>
    client.query(text).then(
      () => 'done',
      (error: { code: string }) => error.code,
    );
  for (const table of ['dossier', 'event', 'dossier_past', 'document', 'note', 'message', 'remainder']) {
    expect([table, await code(steps, `delete from dossiers.${table}`)]).toEqual([table, '42501']);
  }
  for (const table of ['cadastre.permit', 'cadastre.inspection_hit', 'decisions.decision', 'access.involvement']) {
    expect([table, await code(steps, `delete from ${table}`)]).toEqual([table, '42501']);
  }
  for (const part of ['dossiers', 'cadastre', 'decisions', 'workers', 'employers']) {
    const client = new pg.Client({ connectionString: database.urlOf(part) });
    await client.connect();
    expect([
      part,
      await code(client, `select * from dossiers.erase(false, '2000-01-01')`),
      await code(client, `select cadastre.erase_hits('{}', '2000-01-01', '2000-01-01')`),
    ]).toEqual([part, '42501', '42501']);
    await client.end();
  }
  expect(await standing(rows, [number])).toEqual([number]);
});

test('a dossier that a step is changing at this moment is left for the next time', async () => {
  const before = overBefore('DOSSIER', now);
  await steps.query('select * from dossiers.erase(false, $1)', [before]);
  const { number } = await aged(rows, { decided: years(11) });
  await owner.query('begin');
  await owner.query('select from dossiers.dossier where number = $1 for update', [number]);
  const erase = async () =>
    (await steps.query('select erased, contents from dossiers.erase(false, $1)', [before])).rows;
  expect(await erase()).toEqual([{ erased: 0, contents: [] }]);
  await owner.query('rollback');
  expect(await erase()).toEqual([{ erased: 1, contents: [] }]);
});

test('one call takes a slice', async () => {
  for (let n = 0; n < 5; n += 1) await aged(rows, { decided: years(11) });
  const before = overBefore('DOSSIER', now);
  const counts: number[] = [];
  for (let n = 0; n < 4; n += 1) {
    const { rows: found } = await steps.query('select erased from dossiers.erase(false, $1, 2)', [before]);
    counts.push(found[0].erased);
  }
  expect(counts).toEqual([2, 2, 1, 0]);
});
