import { readFileSync } from 'node:fs';
import { buildASTSchema, type DocumentNode, isScalarType, parse, print, visit } from 'graphql';
import { generated } from '../schema/generate.ts';
import { accessTo, categories, kinds, relationOf, relations, rowsFor, scopes, tables } from '../schema/policy.ts';
import { codeList } from '../schema/reference.ts';
import { sdl, subgraphNames } from '../schema/subgraphs.ts';
import { classify, verdict } from '../schema/verdict.ts';

const contracts = subgraphNames.map((name) => ({ name, document: parse(sdl(name)) }));

test('the generated files are fresh: supergraph, resolver types, ACCESS.md', async () => {
  const fresh = await generated();
  const stale = Object.entries(fresh)
    .filter(([path, text]) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8') !== text)
    .map(([path]) => path);
  expect(stale).toEqual([]);
});

test.each(contracts)('every field and filter of $name has a data category', ({ document }) => {
  expect(classify(document).missing).toEqual([]);
});

test('a field without a category is found', () => {
  const { missing } = classify(parse('type Query { a: Int, b: Int @category(is: REFERENCE) } input Filter { c: Int }'));
  expect(missing).toEqual(['Query.a', 'Filter.c']);
});

test('every category of the contracts stands in the matrix, and the other way round', () => {
  const declared = contracts[0]?.document.definitions.flatMap((definition) =>
    definition.kind === 'EnumTypeDefinition' && definition.name.value === 'DataCategory'
      ? (definition.values?.map(({ name }) => name.value) ?? [])
      : [],
  );
  expect([...(declared ?? [])].sort()).toEqual([...categories].sort());
});

test('a field that some kind of principal may not read is nullable, keys of entities aside', () => {
  const keys = new Set(['kbo', 'number', 'id']);
  const wrong = contracts.flatMap(({ document }) =>
    [...classify(document).known.values()]
      .filter(({ place, nullable, field }) => place === 'field' && !nullable && !keys.has(field))
      .filter((field) =>
        kinds.some((kind) =>
          relations.some(
            (relation) => verdict({ kind, roles: ['READER'], purpose: null }, field, relation) !== 'CLEAR',
          ),
        ),
      )
      .map(({ coordinate }) => coordinate),
  );
  expect(wrong).toEqual([]);
});

const described = (document: DocumentNode): string[] => {
  const bare: string[] = [];
  const extended = new Set(['Dossier', 'Employer', 'Establishment', 'Worker', 'Permit', 'Mandatary', 'Query']);
  visit(document, {
    enter: (node) => {
      if (node.kind === 'DirectiveDefinition') return false;
      const describable = 'description' in node || /Definition$/.test(node.kind);
      if (!describable || !('name' in node) || !node.name || !('kind' in node.name)) return undefined;
      const entity = node.kind === 'ObjectTypeDefinition' && extended.has(node.name.value);
      if (!entity && 'description' in node && !node.description) bare.push(`${node.kind} ${node.name.value}`);
      return undefined;
    },
  });
  return bare;
};

test.each(contracts)('every type, field, argument and enum value of $name has a description', ({ document }) => {
  expect(described(document)).toEqual([]);
});

test.each(contracts)('a reference from $name to an entity of another subgraph is nullable', ({ document }) => {
  const entities = new Set(['Employer', 'Establishment', 'Worker', 'Dossier', 'Decision', 'Permit', 'Mandatary']);
  const wrong = [...classify(document).known.values()]
    .filter(({ returns, nullable, field }) => entities.has(returns) && !nullable && field !== 'node')
    .map(({ coordinate }) => coordinate);
  expect(wrong).toEqual([]);
});

test.each([
  ['DossierStatus', 'dossierStatuses'],
  ['PermitKind', 'permitKinds'],
  ['PermitState', 'permitStates'],
  ['TrackStatus', 'trackStatuses'],
  ['Handling', 'handlings'],
  ['Channel', 'channels'],
  ['Outcome', 'outcomes'],
  ['KboStatus', 'kboStatuses'],
  ['MandateStatus', 'mandateStatuses'],
  ['Bridging', 'bridgings'],
  ['Lang', 'languages'],
  ['Part', 'parts'],
] as const)('the enum %s names the codes of the list %s, in its order', (name, list) => {
  const values = contracts.flatMap(({ document }) =>
    document.definitions.flatMap((definition) =>
      definition.kind === 'EnumTypeDefinition' && definition.name.value === name
        ? [definition.values?.map((value) => value.name.value)]
        : [],
    ),
  );
  expect(values[0]).toEqual(codeList(list).map(({ code }) => code));
});

test('every kind of principal has a known row scope for every table, and what is not named does not exist', () => {
  const named = kinds.flatMap((kind) => tables.map((table) => rowsFor(kind, table)));
  expect(named.filter((scope) => !scopes.includes(scope))).toEqual([]);
  expect(rowsFor('REGION', 'no such table')).toBe('nothing');
  expect(accessTo('REGION', 'OWN', 'NO_SUCH_CATEGORY')).toEqual({
    plain: 'NONE',
    logged: 'NONE',
    source: 'assumption',
  });
});

test('every capacity of the reference register gives a relation', () => {
  const migration = readFileSync(new URL('../db/migrations/001_access.sql', import.meta.url), 'utf8');
  const [, values = ''] = /create type access\.capacity as enum \(([^;]*)\);/.exec(migration) ?? [];
  expect([...values.matchAll(/'([A-Z_]+)'/g)].map(([, value]) => value)).toEqual(Object.keys(relationOf));
});

test('the scalars of the contracts are the ones that are checked', () => {
  const [first] = contracts;
  const schema = buildASTSchema(parse(print(first?.document ?? parse('{a}'))), { assumeValidSDL: true });
  const names = Object.values(schema.getTypeMap())
    .filter(isScalarType)
    .map(({ name }) => name)
    .filter((name) => !['String', 'Int', 'Float', 'Boolean', 'ID'].includes(name));
  expect(names.sort()).toEqual([
    'CountryCode',
    'Date',
    'DateTime',
    'DossierNumber',
    'EstablishmentNumber',
    'Insz',
    'KboNumber',
    'LimosaNumber',
    'Money',
    'NisCode',
    'PartialDate',
    'PostalCode',
    'Quarter',
  ]);
});
