import { getNamedType, isObjectType, parse, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import { run } from '../db/statement.ts';
import { kinds } from '../schema/policy.ts';
import { refuse } from '../subgraphs/errors.ts';
import { mutations } from './matrix-steps.ts';
import type { Plant } from './twin/graph.ts';
import { type Difference, openTwins, type Session, sessions, type Twin } from './twin/sessions.ts';

// Two worlds that differ only in what somebody may not see answer byte for byte the same. NON_INTERFERENCE_RUNS is the number of
// questions for each kind of principal, NON_INTERFERENCE_SEED what they are drawn from.

const least = Number(process.env.NON_INTERFERENCE_RUNS ?? 500);
const seed = Number(process.env.NON_INTERFERENCE_SEED ?? 2018);

let twins: Awaited<ReturnType<typeof openTwins>>;

// Who sees nothing at all has one twin with the others who do; and what a plant is tried on was asked before it.
const kept = new Map<string, Twin>();
const keptFor = ({ kind, who }: Session): string | undefined =>
  ['AUDITOR', 'COORDINATION', 'RECIPIENT'].includes(kind)
    ? 'nothing'
    : ['BRU-BEW', 'FED-RSZ'].find((planted) => planted === who);

const twinOf = async (session: Session): Promise<Twin> => {
  const key = keptFor(session);
  const twin = (key && kept.get(key)) || (await twins.twinFor(session));
  if (key) kept.set(key, twin);
  return { ...twin, session };
};

beforeAll(async () => {
  twins = await openTwins({ seed, documents: Math.max(14, Math.ceil(least / 40)) });
});

afterAll(async () => {
  await Promise.all([...kept.values()].map((twin) => twin.drop()));
  await twins.stop();
});

test('every root field and every type of the graph is asked', () => {
  const info = new TypeInfo(twins.schema);
  const met = new Set<string>();
  for (const { of, query } of twins.forms) {
    if (of !== 'graph') continue;
    const note = visitWithTypeInfo(info, {
      Field: (node) => {
        const parent = info.getParentType();
        if (parent === twins.schema.getQueryType()) met.add(`Query.${node.name.value}`);
        if (parent) met.add(parent.name);
      },
    });
    visit(parse(query), note);
  }
  // What is asked of every mutation, its payload whole, by everybody.
  for (const name of ['Mutation', 'StepPayload', 'MandatePayload', 'Problem']) met.add(name);
  const fields = Object.keys(twins.schema.getQueryType()?.getFields() ?? {}).map((name) => `Query.${name}`);
  const types = Object.values(twins.schema.getTypeMap()).filter(
    // A subscription is a query for each event: it is asked as one.
    (type) => isObjectType(type) && !type.name.startsWith('__') && type !== twins.schema.getSubscriptionType(),
  );
  const all = [...fields, ...types.map((type) => getNamedType(type).name)];
  expect(all.filter((name) => !met.has(name))).toEqual([]);
});

test.each(kinds)(
  'what %s may not see makes no difference to an answer, nor to the statements behind it',
  async (kind) => {
    const own = sessions.filter((session) => session.kind === kind);
    let asked = 0;
    for (const session of own) {
      const twin = await twinOf(session);
      const outcome = await twins.compare(twin, Math.ceil(least / own.length));
      const refused = await twins.refuse(twin);
      if (!keptFor(session)) await twin.drop();
      expect([...outcome.differences, ...refused.differences].slice(0, 2)).toEqual([]);
      expect(refused.asked).toBeGreaterThanOrEqual(mutations.length);
      asked += outcome.asked;
    }
    expect(asked).toBeGreaterThanOrEqual(least);
  },
  30_000 + least * 100,
);

describe('the comparison finds a leak', () => {
  afterEach(() => twins.plant());

  const submitted = `coalesce(t.submitted_at, '-infinity'::timestamptz)`;
  /** The numbers of dossiers that a question names. */
  const numbersIn = (variables: unknown): string[] =>
    JSON.stringify(variables ?? {}).match(/[A-Z]{2}-\d{4}-\d{7}-\d\d(?=")/g) ?? [];
  const holders = `select competent_authority as authority from dossiers.dossier where number = $1`;

  test('in a step that finds its dossier before it asks whose it is', async () => {
    const session = sessions.find(({ who }) => who === 'BRU-BEW');
    if (!session) throw new Error('nobody asks');
    const twin = await twinOf(session);
    const isOfSteps = /for update of t|"welcome_consent_on"/;
    twins.plant({
      statement: (text) => (isOfSteps.test(text) ? text.replace('join access', 'left join access') : text),
    });
    const { differences } = await twins.refuse(twin);
    expect([...new Set(differences.map(({ by }) => by))]).toContain('answer');
  });

  test.each<[string, string, Plant, Difference['by']]>([
    [
      'that counts before it filters',
      'BRU-BEW',
      {
        statement: (text) =>
          text.includes('count(*) as "count" from dossiers.dossier as t')
            ? text.replace('join access', 'left join access')
            : text,
      },
      'answer',
    ],
    [
      'that sorts by a column that is hidden',
      'FED-RSZ',
      {
        statement: (text) =>
          text.replaceAll(submitted, `(${submitted} + coalesce(t.gross_monthly, 0) * interval '1 day')`),
      },
      'answer',
    ],
    [
      'that filters by a column that is hidden',
      'FED-RSZ',
      // Whoever adds a condition of the filter adds this one with it.
      { statement: (text) => text.replace('t.submitted_at is not null and', `$& t.gross_monthly > 3500 and`) },
      'answer',
    ],
    [
      'through an error that quotes a row',
      'BRU-BEW',
      {
        answer: async (asked, answer, pool) => {
          const result = await answer();
          const [number] = numbersIn(asked.variables);
          if (number === undefined || !result.errors || !/dossier\(/.test(asked.query)) return result;
          const rows = await pool.query(holders, [number]);
          const said = result.errors.map((error) =>
            Object.assign(error, { message: `${error.message} ${rows.rows[0]?.authority ?? ''}` }),
          );
          return { ...result, errors: said };
        },
      },
      'answer',
    ],
    [
      'through a cursor in which hidden rows are counted',
      'BRU-BEW',
      {
        statement: (text) =>
          text.includes('from dossiers.dossier as t')
            ? text.replace('as "sortKey"', `|| (select count(*) from dossiers.dossier) as "sortKey"`)
            : text,
      },
      'answer',
    ],
    [
      'that refuses what is hidden, where it should not be there',
      'BRU-BEW',
      {
        answer: async (asked, answer, pool) => {
          const result = await answer();
          const [number] = numbersIn(asked.variables);
          if (number === undefined || !/\bdossier\(/.test(asked.query)) return result;
          const { rows } = await pool.query(holders, [number]);
          const hidden = rows.length > 0 && Object.values(result.data ?? {}).includes(null);
          return hidden
            ? { ...result, errors: [...(result.errors ?? []), refuse('FORBIDDEN', 'not open to you')] }
            : result;
        },
      },
      'answer',
    ],
    [
      'in the statements alone: one more for a dossier that is there and hidden',
      'BRU-BEW',
      {
        answer: async (asked, answer, pool) => {
          const [number] = /\bdossier\(/.test(asked.query) ? numbersIn(asked.variables) : [];
          const found = number === undefined ? [] : await run(pool, holders, [number]);
          if (found.length > 0) await run(pool, 'select 1 as looked_closer');
          return answer();
        },
      },
      'statements',
    ],
  ])('%s', async (_, who, plant, where) => {
    const session = sessions.find((one) => one.who === who);
    if (!session) throw new Error(`nobody asks as ${who}`);
    const twin = await twinOf(session);
    twins.plant(plant);
    // A plant that hangs on one look-up is met by those alone who happen to ask it: more are asked until somebody does.
    const met = new Set<Difference['by']>();
    for (const questions of [150, 300, 600]) {
      const { differences } = met.has(where) ? { differences: [] } : await twins.compare(twin, questions);
      for (const { by } of differences) met.add(by);
    }
    expect([...met]).toContain(where);
    // Taken out again, nothing is left of it: what was found was the plant.
    twins.plant();
    expect((await twins.compare(twin, 20)).differences).toEqual([]);
  });
});
