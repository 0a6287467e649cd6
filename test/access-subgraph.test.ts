import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/resolverMap.js';
import { execute, isObjectType, parse } from 'graphql';
import pg from 'pg';
import { pool } from '../db/database.ts';
import { accessTo, capOf, type Kind, kinds, type Level, offeredTo, reaches, relations } from '../schema/policy.ts';
import { type SubgraphName, sdl, subgraphNames } from '../schema/subgraphs.ts';
import { classify } from '../schema/verdict.ts';
import { guard } from '../subgraphs/guard.ts';
import { principalOf } from '../subgraphs/principal.ts';
import { type Subgraph, subgraph } from '../subgraphs/subgraph.ts';
import type { Viewer } from '../subgraphs/viewer.ts';
import { insz, kbo, number } from './cast.ts';
import { today } from './cluster.ts';
import { freshDatabase } from './database.ts';
import { seen } from './world.ts';

// A subgraph protects itself: here it is asked directly, past the gateway, with whatever somebody may think of.

let database: Awaited<ReturnType<typeof freshDatabase>>;
const pools: pg.Pool[] = [];
const parts = new Map<SubgraphName, Subgraph>();

beforeAll(async () => {
  database = await freshDatabase();
  for (const name of subgraphNames) {
    const connected = pool(database.urlOf(name), { max: 2, name });
    pools.push(connected);
    parts.set(name, subgraph(name, connected, { secret: 'a secret of tests, and of tests alone' }));
  }
});

afterAll(async () => {
  await Promise.all(pools.map((one) => one.end()));
  await database.drop();
});

const viewer = (text: string, purpose: string | null = null): Viewer => {
  const named = principalOf(text, today);
  if ('reason' in named) throw new Error(named.reason);
  return {
    ...named.principal,
    id: text,
    roles: ['HANDLER'],
    purpose,
    reference: purpose && 'r',
    wrongPurpose: null,
    today,
  };
};

const entities = async (
  name: SubgraphName,
  who: Viewer,
  representation: Record<string, unknown>,
  fields: string,
  occasion: object = {},
) => {
  const { __typename } = representation;
  const query = `query($r: [_Any!]!) { _entities(representations: $r) { ... on ${__typename} { ${fields} } } }`;
  const answer = await parts.get(name)?.execute({ query, variables: { r: [representation] } }, who, occasion);
  return seen<{ _entities: (Record<string, unknown> | null)[] }>(answer);
};

const brewery = `EMPLOYER:${kbo.brewery}`;
const codes = (errors: { code: string }[] | undefined) => errors?.map(({ code }) => code);

test.each<[SubgraphName, string, Record<string, unknown>, string]>([
  ['dossiers', 'HELPDESK', { __typename: 'Dossier', number: number.ayse }, 'grossMonthly'],
  ['dossiers', 'HELPDESK', { __typename: 'Employer', kbo: kbo.brewery }, 'dossiers { totalCount }'],
  ['dossiers', 'HELPDESK', { __typename: 'Worker', id: 'W-0000001' }, 'dossiers { number }'],
  ['dossiers', 'HELPDESK', { __typename: 'Worker', id: 'W-0000001' }, 'availableProcedures { code }'],
  ['dossiers', 'INS-TSW', { __typename: 'Dossier', number: number.ayse }, 'notes { text }'],
  ['dossiers', 'FED-KSZ', { __typename: 'Worker', id: 'W-0000001' }, 'dossiers { number }'],
  ['dossiers', 'EU-COM', { __typename: 'Employer', kbo: kbo.brewery }, 'dossiers { totalCount }'],
  ['workers', brewery, { __typename: 'Worker', id: 'W-0000002' }, 'residence { status }'],
  ['workers', brewery, { __typename: 'Worker', id: 'W-0000002' }, 'aliases { insz }'],
  ['cadastre', brewery, { __typename: 'Dossier', number: number.rahul }, 'permit { id }'],
  ['cadastre', brewery, { __typename: 'Worker', id: 'W-0000002' }, 'permits { id }'],
  ['cadastre', 'HELPDESK', { __typename: 'Employer', kbo: kbo.brewery }, 'permits { id }'],
  ['decisions', 'HELPDESK', { __typename: 'Dossier', number: number.rahul }, 'decisions { outcome }'],
])('A2: %s refuses %s through _entities too: %j %s', async (name, who, representation, fields) => {
  const { data, errors } = await entities(name, viewer(who), representation, fields);
  expect(Object.values(data?._entities[0] ?? {})).toEqual([null]);
  expect(codes(errors)).toEqual(['FORBIDDEN']);
});

test.each<[SubgraphName, string, Record<string, unknown>, string]>([
  ['dossiers', 'DG-MIN', { __typename: 'Dossier', number: number.ayse }, 'number'],
  ['dossiers', 'FED-RSZ', { __typename: 'Dossier', number: number.olena }, 'number'],
  ['employers', `EMPLOYER:${kbo.ukkel}`, { __typename: 'Employer', kbo: kbo.brewery }, 'kbo'],
  ['employers', 'HELPDESK', { __typename: 'Employer', kbo: kbo.brewery }, 'kbo'],
  ['employers', 'DG-MIN', { __typename: 'Mandatary', kbo: kbo.brewery }, 'name'],
  ['workers', `EMPLOYER:${kbo.eupen}`, { __typename: 'Worker', id: 'W-0000001' }, 'id'],
  ['cadastre', `WORKER:${insz.ayse}`, { __typename: 'Permit', id: `${number.rahul}-P` }, 'id'],
])('A1: %s knows for %s no entity by a guessed key: %j', async (name, who, representation, fields) => {
  expect(await entities(name, viewer(who), representation, fields)).toEqual({ data: { _entities: [null] } });
});

test('J11: what a representation says of itself counts for nothing: not the relation, not the category, not the status', async () => {
  const said = {
    relation: 'OWN',
    part: 'WORK',
    category: 'WORK_DOCUMENTS',
    status: 'GRANTED',
    lastName: 'X',
    authority: 'DG-MIN',
  };
  const region = viewer('BRU-BEW', 'TREAT_DOSSIER');
  const dossier = { __typename: 'Dossier', number: number.samuelRefused, ...said };
  const answer = await entities('dossiers', region, dossier, 'status grossMonthly');
  expect(answer.data?._entities).toEqual([{ status: 'REFUSED', grossMonthly: null }]);
  expect(codes(answer.errors)).toEqual(['FORBIDDEN']);
  // A stub has no row here, and so nothing that it could be a viewer's own by: not even the key comes back.
  const elsewhere = viewer(`EMPLOYER:${kbo.ukkel}`);
  for (const [name, stub] of [
    ['decisions', { __typename: 'Dossier', number: number.samuelRefused }],
    ['cadastre', { __typename: 'Dossier', number: number.samuelRefused }],
    ['cadastre', { __typename: 'Employer', kbo: kbo.brewery }],
    ['dossiers', { __typename: 'Permit', id: `${number.rahul}-P` }],
  ] as const) {
    const { data, errors } = await entities(name, elsewhere, { ...stub, ...said }, Object.keys(stub)[1] ?? '');
    expect({ data, codes: codes(errors) }).toEqual({ data: { _entities: [null] }, codes: ['FORBIDDEN'] });
  }
});

test("A14: of a hundred keys one that is another's is as one that is nobody's, and moves no other", async () => {
  const own = [number.rahul, number.ayse, number.olena, number.dragan];
  const answer = async (odd: string) => {
    const representations = Array.from({ length: 100 }, (_, i) => ({
      __typename: 'Dossier',
      number: i === 50 ? odd : own[i % own.length],
    }));
    const query = 'query($r: [_Any!]!) { _entities(representations: $r) { ... on Dossier { number } } }';
    return seen(
      await parts.get('dossiers')?.execute({ query, variables: { r: representations } }, viewer(brewery), {}),
    );
  };
  const theirs = await answer(number.grace);
  expect(theirs).toEqual({
    data: { _entities: Array.from({ length: 100 }, (_, i) => (i === 50 ? null : { number: own[i % own.length] })) },
  });
  expect(await answer('SP-2026-9999999-00')).toEqual(theirs);
});

test('A17: what was loaded for one viewer is not there for another, even on the same occasion', async () => {
  const occasion = {};
  const dossier = { __typename: 'Dossier', number: number.ayse };
  const own = await entities('dossiers', viewer('VLA-DEM'), dossier, 'status', occasion);
  expect(own.data?._entities).toEqual([{ status: 'IN_TREATMENT' }]);
  const other = await entities('dossiers', viewer('DG-MIN'), dossier, 'status', occasion);
  expect(other.data?._entities).toEqual([null]);
});

test('A3: the contracts have no interface and no union, which graphql-shield would leave unguarded', () => {
  const definitions = subgraphNames.flatMap((name) => parse(sdl(name)).definitions);
  expect(definitions.filter(({ kind }) => /^(Interface|Union)/.test(kind))).toEqual([]);
});

/** Whether a field is open to a handler of a kind whatever the row is and whatever is stated, straight from the matrix. */
const isOpen = (
  kind: Kind,
  { coordinate, categories, from }: { coordinate: string; categories: readonly string[]; from: Level },
) =>
  offeredTo(coordinate, kind) &&
  categories.every((category) =>
    relations.every((relation) => reaches(accessTo(kind, relation, category).plain, from)),
  ) &&
  categories.every((category) => reaches(capOf(kind, ['HANDLER'], category), from));

const row = {
  number: number.ayse,
  kind: 'SP_LIM',
  status: 'DRAFT',
  language: 'NL',
  category: { list: 'admissionCategories', code: 'HIGHSKILL', label: 'x' },
  competentAuthority: { id: 'VLA-DEM', kind: 'REGION', name: 'x' },
  residenceTrack: 'REFUSED',
  grossMonthly: '1.00',
  posting: { sender: 'x' },
};
const asked =
  'kind status language category { code } competentAuthority { id } residenceTrack grossMonthly posting { sender }';

test.each([
  ['without a relation', row],
  ['with a relation that nobody knows', { ...row, relation: 'FRIEND' }],
])('a row that a bug has left %s gives nothing but what is open whatever the row is', async (_, careless) => {
  const contract = parse(sdl('dossiers'));
  const { known } = classify(contract);
  const schema = buildSubgraphSchema({
    typeDefs: contract,
    resolvers: { Query: { dossier: () => careless } } as unknown as GraphQLResolverMap<unknown>, // as subgraph.ts gives them
  });
  const document = parse(`{ dossier(number: "${number.ayse}") { ${asked} } }`);
  for (const kind of kinds) {
    const contextValue = { viewer: { ...viewer('VLA-DEM', 'TREAT_DOSSIER'), kind } };
    const { data } = await execute({
      schema: guard(schema, contract, { kind, roles: ['HANDLER'] }),
      document,
      contextValue,
    });
    const shown = Object.entries(Object(data?.dossier)).filter(([, value]) => value !== null);
    const open = Object.keys(row).filter((field) => {
      const classification = known.get(`Dossier.${field}`);
      return field !== 'number' && classification && isOpen(kind, classification);
    });
    expect([kind, shown.map(([field]) => field).sort()]).toEqual([kind, data?.dossier ? open.sort() : []]);
  }
});

test('a value that cannot be masked is not shown to who may see the mask alone', async () => {
  const schema = buildSubgraphSchema({
    typeDefs: parse(sdl('workers')),
    resolvers: {
      Query: { worker: () => ({ id: 'W', relation: 'OWN', insz: 91451799839, lastName: 'Demir' }) },
    } as unknown as GraphQLResolverMap<unknown>, // as subgraph.ts gives them
  });
  const contextValue = { viewer: viewer(brewery) };
  const document = parse('{ worker(id: "W") { insz lastName } }');
  const result = await execute({
    schema: guard(schema, parse(sdl('workers')), { kind: 'EMPLOYER', roles: [] }),
    document,
    contextValue,
  });
  expect(result.data).toEqual({ worker: { insz: null, lastName: 'Demir' } });
});

test.each(subgraphNames)('%s guards exactly the fields that are not open whatever the row is', (name) => {
  const contract = parse(sdl(name));
  const schema = buildSubgraphSchema({ typeDefs: contract });
  const { known } = classify(contract);
  for (const kind of kinds) {
    const guarded = guard(schema, contract, { kind, roles: ['HANDLER'] });
    const types = Object.values(guarded.getTypeMap())
      .filter(isObjectType)
      .filter((type) => !type.name.startsWith('_'));
    for (const type of types) {
      for (const field of Object.values(type.getFields()).filter((one) => !one.name.startsWith('_'))) {
        const classification = known.get(`${type.name}.${field.name}`);
        if (!classification) throw new Error(`without a category: ${type.name}.${field.name}`);
        const wrapped = field.resolve !== undefined;
        expect(`${kind} ${classification.coordinate} ${wrapped ? 'asks' : 'open'}`).toBe(
          `${kind} ${classification.coordinate} ${isOpen(kind, classification) ? 'open' : 'asks'}`,
        );
      }
    }
  }
});

const schemas = ['dossiers', 'employers', 'workers', 'decisions', 'cadastre', 'meta'];
const refused = (connection: pg.Client, text: string): Promise<string> =>
  connection.query(text).then(
    () => 'done',
    (error: { code?: string }) => error.code ?? '', // pg's errors carry the code of PostgreSQL
  );

test.each(
  subgraphNames,
)('the role of %s reads its own tables and writes none, and calls what was granted to it alone', async (name) => {
  const connection = new pg.Client({ connectionString: database.urlOf(name) });
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await Promise.all([connection.connect(), owner.connect()]);
  try {
    const { rows: tables } = await owner.query<{ table: string; schema: string }>(
      `select format('%I.%I', schemaname, tablename) as table, schemaname as schema from pg_tables where schemaname = any($1)`,
      [[...schemas, 'access']],
    );
    for (const { table, schema } of tables) {
      const own = schema === name || schema === 'access';
      expect([table, await refused(connection, `select 1 from ${table} limit 1`)]).toEqual([
        table,
        own ? 'done' : '42501',
      ]);
      for (const write of [
        `delete from ${table}`,
        `truncate ${table}`,
        `insert into ${table} default values`,
        `drop table ${table}`,
      ]) {
        expect([write, await refused(connection, write)]).toEqual([write, '42501']);
      }
    }
    const narrow = {
      'select * from access.file limit 1': ['cadastre'],
      'select * from access.site limit 1': ['cadastre'],
      'select * from access.person limit 1': ['cadastre', 'dossiers'],
      [`select * from access.registers_with('W-0000001', '${kbo.brewery}')`]: ['dossiers'],
      "select * from access.facts_of('W-0000001')": ['cadastre'],
      [`select access.worker_of('${insz.ayse}')`]: [...subgraphNames],
    };
    for (const [text, granted] of Object.entries(narrow)) {
      expect([text, await refused(connection, text)]).toEqual([text, granted.includes(name) ? 'done' : '42501']);
    }
    for (const schema of [...schemas, 'access', 'public']) {
      expect([schema, await refused(connection, `create table ${schema}.mine (x int)`)]).toEqual([schema, '42501']);
    }
    for (const text of [
      `set role ${new URL(database.ownerUrl).username}`,
      'create role mine',
      `copy (select 1) to program 'true'`,
    ]) {
      expect([text, await refused(connection, text)]).toEqual([text, '42501']);
    }
  } finally {
    await Promise.all([connection.end(), owner.end()]);
  }
});

test("a function that runs with the owner's rights looks nowhere that a caller can write, and is not for everybody", async () => {
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  const cadastre = new pg.Client({ connectionString: database.urlOf('cadastre') });
  await Promise.all([owner.connect(), cadastre.connect()]);
  try {
    const { rows } = await owner.query<{ name: string; path: string[]; everybody: boolean; bound: boolean }>(
      `select p.proname as name, p.proconfig as path, p.prosqlbody is not null as bound,
         has_function_privilege('public', p.oid, 'execute') as everybody
       from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema') order by 1`,
    );
    // A text that runs is bound when it is made. One that decides first is not, and names the schema of all that it reads.
    const reading = { path: ['search_path=pg_catalog'], everybody: false, bound: true };
    const erasing = { path: ['search_path=pg_catalog, pg_temp'], everybody: false, bound: false };
    expect(rows).toEqual([
      { name: 'erase', ...erasing },
      { name: 'erase_hits', ...erasing },
      { name: 'facts_of', ...reading },
      { name: 'registers_with', ...reading },
      { name: 'worker_of', ...reading },
    ]);
    // What a caller puts in its own temporary schema is not what the function reads.
    await cadastre.query('create temp table insz_alias (insz text, worker_id text)');
    await cadastre.query(`insert into insz_alias values ('${insz.ayse}', 'W-FORGED')`);
    const { rows: found } = await cadastre.query(`select access.worker_of('${insz.ayse}') as id`);
    expect(found).toEqual([{ id: 'W-0000001' }]);
  } finally {
    await Promise.all([owner.end(), cadastre.end()]);
  }
});
