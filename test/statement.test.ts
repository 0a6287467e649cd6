import type pg from 'pg';
import { pool } from '../db/database.ts';
import { namedLimit, onStatement, param, run, shape, statement } from '../db/statement.ts';
import { freshDatabase } from './database.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let connections: pg.Pool;

const prepared = async (): Promise<string[]> => {
  const { rows } = await connections.query<{ statement: string }>(
    'select statement from pg_prepared_statements order by prepare_time',
  );
  return rows.map((row) => row.statement);
};

beforeAll(async () => {
  database = await freshDatabase();
  // One connection, so that what it has prepared can be seen.
  connections = pool(database.ownerUrl, { max: 1, name: 'statement.test' });
  await connections.query(`
    create table commune (nis text primary key, name text not null, inhabitants bigint not null);
    insert into commune values ('11002', 'Antwerpen', 565039), ('23064', 'Bever', 2260), ('62063', 'Liège', 195576);
  `);
});

afterAll(async () => {
  await connections.end();
  await database.drop();
});

test('a statement of fixed text is parsed once per connection', async () => {
  const nameOf = statement<{ name: string }>('select name from commune where nis = $1');
  expect(await nameOf(connections, ['23064'])).toEqual([{ name: 'Bever' }]);
  expect(await nameOf(connections, ['62063'])).toEqual([{ name: 'Liège' }]);
  expect((await prepared()).filter((text) => text === 'select name from commune where nis = $1')).toHaveLength(1);
});

test('a shape is built once for its key, and runs with the values of its params', async () => {
  let built = 0;
  const larger = () =>
    shape<{ name: string }>('communes larger than', (knex) => {
      built++;
      return knex('commune').select('name').where('inhabitants', '>', param('least')).orderBy('name');
    });
  expect(await larger()(connections, { least: 100_000 })).toEqual([{ name: 'Antwerpen' }, { name: 'Liège' }]);
  expect(await larger()(connections, { least: 500_000 })).toEqual([{ name: 'Antwerpen' }]);
  expect(built).toBe(1);
  expect((await prepared()).filter((text) => text.includes('"inhabitants" > $1'))).toHaveLength(1);
});

test('params stand in the order of the text, beside values that are fixed', async () => {
  const page = shape<{ nis: string }>('page of communes', (knex) => {
    const rows = knex('commune').select('nis').where('inhabitants', '<', param('most')).where('name', '<>', 'Bever');
    return knex.raw('? limit ?', [rows.whereRaw('nis = any(?)', [param('keys')]).orderBy('nis'), param('first')]);
  });
  const values = { first: 1, keys: ['11002', '23064', '62063'], most: 1_000_000 };
  expect(await page(connections, values)).toEqual([{ nis: '11002' }]);
  expect(await page(connections, { ...values, first: 5 })).toEqual([{ nis: '11002' }, { nis: '62063' }]);
});

test('a value is bound and never becomes part of the text', async () => {
  const byName = shape<{ nis: string }>('commune by name', (knex) =>
    knex('commune').select('nis').where('name', param('name')),
  );
  expect(await byName(connections, { name: `' or true; drop table commune; --` })).toEqual([]);
  expect(await byName(connections, { name: 'Bever' })).toEqual([{ nis: '23064' }]);
  expect((await prepared()).filter((text) => text.includes('drop table'))).toEqual([]);
});

test('a param without a value, or where knex would lose it, is an error', async () => {
  const byName = shape('commune by name', (knex) => knex('commune').where('name', param('name')));
  await expect(byName(connections, {})).rejects.toThrow('the statement needs a value for name');
  const limited = shape('limited', (knex) => knex('commune').limit(Number(param('first'))));
  await expect(limited(connections, { first: 1 })).rejects.toThrow('a param is bound');
});

test('dates and exact numbers keep their form', async () => {
  const text = `select date '2019-01-01' as day, array[date '2019-01-01', null] as days, 1.10::numeric as amount,
    array[1.10]::numeric[] as amounts, 3::bigint as count, array[3, null]::bigint[] as counts,
    9007199254740993::bigint as huge, timestamptz '2019-01-01 00:00+01' as moment`;
  expect(await run(connections, text)).toEqual([
    {
      day: '2019-01-01',
      days: ['2019-01-01', null],
      amount: '1.10',
      amounts: ['1.10'],
      count: 3,
      counts: [3, null],
      huge: '9007199254740993',
      moment: new Date('2018-12-31T23:00:00Z'),
    },
  ]);
});

test('a listener hears each statement until it leaves', async () => {
  const heard: string[] = [];
  const leave = onStatement(({ text }) => heard.push(text));
  await run(connections, 'select 1');
  await run(connections, 'select 1');
  leave();
  await run(connections, 'select 1');
  expect(heard).toEqual(['select 1', 'select 1']);
});

test('beyond the limit a text runs unnamed', async () => {
  const client = await connections.connect();
  try {
    for (let index = 0; index < namedLimit + 20; index++) await run(client, `select ${index} as one_of_many`);
  } finally {
    client.release();
  }
  const named = await prepared();
  expect(named.length).toBeLessThanOrEqual(namedLimit);
  expect(named).not.toContain(`select ${namedLimit + 19} as one_of_many`);
  expect(await run(connections, 'select name from commune where nis = $1', ['23064'])).toEqual([{ name: 'Bever' }]);
});
