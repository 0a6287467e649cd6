import { onStatement } from '../db/statement.ts';
import { freshDatabase } from './database.ts';
import { graph } from './world.ts';

type Database = Awaited<ReturnType<typeof freshDatabase>>;
let database: Database;
let world: Awaited<ReturnType<typeof graph>>;

beforeAll(async () => {
  database = await freshDatabase();
  world = await graph(database);
});

afterAll(async () => {
  await world.stop();
  await database.drop();
});

/** The statements that a query runs to read, once everything that is prepared at the first call has been. */
const statementsOf = async (query: string): Promise<number> => {
  const ask = world.as('VLA-DEM', { purpose: 'TREAT_DOSSIER', reference: 'statement count' });
  let count = 0;
  const stop = onStatement(({ text }) => {
    if (!text.includes('read_log.')) count += 1;
  });
  const { errors } = await ask(query);
  stop();
  expect(errors).toBeUndefined();
  return count;
};

const wide = (first: number) => `{
  myDossiers(first: ${first}) {
    totalCount
    edges {
      node {
        number
        employer { name seat { street } establishments(first: 2) { totalCount edges { node { address { street } } } } }
        worker { lastName insz permits { state } dossiers { number } }
        decisions { outcome }
        documents { code { code } }
        deadlines { dueOn }
        timeline { sequence }
      }
    }
  }
}`;

test('what was read goes on record in one statement, however many persons it is about', async () => {
  const ask = world.as('VLA-DEM', { purpose: 'TREAT_DOSSIER', reference: 'statement count' });
  await ask(wide(1)); // the first entry is signed
  for (const first of [1, 60]) {
    const texts: string[] = [];
    const stop = onStatement(({ text }) => {
      if (text.includes('read_log.')) texts.push(text);
    });
    await ask(wide(first));
    stop();
    expect(texts).toEqual([expect.stringContaining('insert into read_log.entry')]);
  }
});

test('one statement per entity type and fetch, whatever the number of keys', async () => {
  // dossiers, count; enterprises, names, addresses, establishments, their count, their addresses; workers, numbers;
  // permits; dossiers of workers; decisions; documents; deadlines; timeline
  expect(await statementsOf(wide(1))).toBe(16);
  expect(await statementsOf(wide(2))).toBe(16);
  expect(await statementsOf(wide(60))).toBe(16);
});

test('an entity that is reached by several ways is read once in a request', async () => {
  const once = '{ a: dossiers(first: 5) { edges { node { worker { lastName } } } } }';
  const twice =
    '{ a: dossiers(first: 5) { edges { node { worker { lastName } } } } b: myDossiers(first: 5) { edges { node { worker { lastName } } } } }';
  expect(await statementsOf(twice)).toBe((await statementsOf(once)) + 1);
});
