/** Contracts with a way in to each of their types and rows of every relation behind it, and the documents that ask for all of it. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/resolverMap.js';
import { type DocumentNode, type GraphQLResolveInfo, type GraphQLSchema, parse } from 'graphql';
import type { Relation } from '../schema/policy.ts';
import { type SubgraphName, sdl } from '../schema/subgraphs.ts';
import { type Coordinate, objects, sample } from './composed.ts';
import { choices, relations } from './referee.ts';

/**
 * The ways to a field that a subgraph's own schema has: at a row by itself; in a list, under `@include` or `@skip` of a variable;
 * by the key of an entity; under another name, within an inline fragment; and within a named one. `__typename` stands beside all.
 */
export const stubPaths = ['root', 'list', 'entity', 'alias', 'fragment'] as const;
export type StubPath = (typeof stubPaths)[number];

/** A row without a relation is one that a store forgot to say it of. */
const rowRelations: readonly (Relation | null)[] = [...relations, null];

/** What a masked field holds in these rows, and what of it may be seen. */
export const masks: Readonly<Record<string, { raw: string; masked: string }>> = {
  INSZ: { raw: '91451799839', masked: '91.45.17-***.**' },
  INITIALS: { raw: 'Ayşe Nur-Demir', masked: 'A. N. D.' },
  YEAR: { raw: '1991-05-17', masked: '1991' },
};

const composite = (type: string): boolean => objects.has(type);

const valueFor = ({ mask, returns, list }: Coordinate): unknown => {
  const one = composite(returns) ? { relation: 'OWN' } : mask ? masks[mask]?.raw : sample(parseType(returns));
  return list ? [one] : one;
};

const parseType = (name: string) =>
  ({ kind: 'NamedType', name: { kind: 'Name', value: name } }) as Parameters<typeof sample>[0];

const rowOf = (type: string, relation: unknown, choice: unknown): Record<string, unknown> => {
  const by = choices[type]?.by;
  return {
    __typename: type,
    ...Object.fromEntries((objects.get(type) ?? []).map((field) => [field.name, valueFor(field)])),
    ...(by && choice ? { [by]: choice === noChoice ? null : choice } : {}),
    ...(relation ? { relation } : {}),
  };
};

type Stub = { relation?: string; choice?: string };

/** What ran, by the name under which it was asked: a change that is refused never does. */
export type Ran = { ran: Set<string> };

/** The types whose fields are operations, and no fields of a row. */
export const isRoot = (type: string): boolean => type === 'Query' || type === 'Mutation';

/** A contract with a way in to each of its types, and rows behind it. */
const planted = (name: SubgraphName): { schema: GraphQLSchema; contract: DocumentNode; types: string[] } => {
  const types = [...objects].filter(
    ([type, fields]) => !isRoot(type) && fields.some(({ graphs }) => graphs.includes(name)),
  );
  const names = types.map(([type]) => type);
  const args = '(relation: String, choice: String)';
  const text = names.map(
    (type) =>
      `stub_${type}${args}: ${type} @category(is: REFERENCE) stubs_${type}${args}: [${type}] @category(is: REFERENCE)`,
  );
  const contract = parse(`${sdl(name)} extend type Query { ${text.join(' ')} }`);
  const roots = names.flatMap((type) => [
    [`stub_${type}`, (_: unknown, { relation, choice }: Stub) => rowOf(type, relation, choice)],
    [`stubs_${type}`, (_: unknown, { relation, choice }: Stub) => [rowOf(type, relation, choice)]],
  ]);
  const entities = names.map((type) => [
    type,
    { __resolveReference: ({ relation, choice }: Stub) => rowOf(type, relation, choice) },
  ]);
  const changes = (objects.get('Mutation') ?? [])
    .filter(({ graphs }) => graphs.includes(name))
    .map((field) => [
      field.name,
      (_: unknown, __: unknown, { ran }: Ran, { path }: GraphQLResolveInfo) => {
        ran.add(String(path.key));
        return field.list ? [rowOf(field.returns, null, null)] : rowOf(field.returns, null, null);
      },
    ]);
  const resolvers = {
    ...Object.fromEntries(entities),
    Query: Object.fromEntries(roots),
    ...(changes.length > 0 ? { Mutation: Object.fromEntries(changes) } : {}),
  };
  // As subgraph.ts gives them; Apollo's type of a map of resolvers is narrower than what it takes.
  const schema = buildSubgraphSchema({
    typeDefs: contract,
    resolvers: resolvers as unknown as GraphQLResolverMap<unknown>,
  });
  return { schema, contract, types: names };
};

const made = new Map<SubgraphName, ReturnType<typeof planted>>();
/** The contract of a subgraph, so planted; made once. */
export const plantedOf = (name: SubgraphName) => {
  const known = made.get(name) ?? planted(name);
  made.set(name, known);
  return known;
};

const isEntity = (name: SubgraphName, type: string): boolean => {
  const union = plantedOf(name).schema.getType('_Entity');
  return union !== undefined && 'getTypes' in union && union.getTypes().some((one) => one.name === type);
};

/** A row of a type of several categories that a store forgot to say the category of. */
export const noChoice = 'NONE_OF_THEM';

const optionsOf = (type: string): (string | null)[] => {
  const choice = choices[type];
  return choice ? [...Object.keys(choice.of), noChoice] : [null];
};

/** The cells of a subgraph: what can be asked of which row. */
type Cell = { field: Coordinate; relation: Relation | null; choice: string | null };

/** The fields of one subgraph that a selection leaves over, each with every row it can be asked of. */
const cellsOf = (name: SubgraphName, wanted: (field: Coordinate) => boolean): Cell[] =>
  [...objects.values()]
    .flat()
    .filter((field) => field.graphs.includes(name) && wanted(field))
    .flatMap((field) =>
      isRoot(field.type)
        ? [{ field, relation: null, choice: null }]
        : rowRelations.flatMap((relation) => optionsOf(field.type).map((choice) => ({ field, relation, choice }))),
    );

const selection = (field: Coordinate, path: StubPath): string => {
  const args = field.args
    .filter(({ required }) => required)
    .map(({ name, type }) => `${name}: ${literal(sample(type))}`);
  const text = `${field.name}${args.length > 0 ? `(${args})` : ''}`;
  const below = composite(field.returns) ? ' { __typename }' : '';
  const when = path !== 'list' ? '' : field.name.length % 2 ? ' @include(if: $yes)' : ' @skip(if: $no)';
  return `${path === 'alias' ? `other_${field.name}: ` : ''}${text}${when}${below}`;
};

const literal = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(literal)}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value).map(([key, one]) => `${key}: ${literal(one)}`)}}`;
  return typeof value === 'string' && !/^[A-Z][A-Z0-9_]+$/.test(value) ? JSON.stringify(value) : String(value);
};

/** A cell, and where in the answer it is. */
type Asked = { at: (string | number)[]; cell: Cell };
type Question = { document: DocumentNode; variables: Record<string, unknown>; asked: Asked[] };

/** Questions and changes stand in documents of their own. */
export const stubOperations = ['query', 'mutation'] as const;
type Operation = (typeof stubOperations)[number];

/** One document for all cells of a subgraph on a path; a field that takes its row down with it stands alone. */
const questionOf = (
  name: SubgraphName,
  cells: readonly Cell[],
  path: StubPath,
  operation: Operation,
): Question | null => {
  const rows = new Map<string, { cell: Cell; cells: Cell[] }>();
  const roots: string[] = [];
  const fragments: string[] = [];
  const asked: Asked[] = [];
  const response = (field: Coordinate) => `${path === 'alias' ? 'other_' : ''}${field.name}`;
  const representations: Record<string, unknown>[] = [];
  for (const cell of cells) {
    const { field, relation, choice } = cell;
    if (isRoot(field.type)) {
      if (path === 'list' || path === 'entity') continue;
      if (path === 'fragment' || path === 'alias') roots.push(`... on ${field.type} { ${selection(field, path)} }`);
      else roots.push(selection(field, path));
      asked.push({ at: [response(field)], cell });
      continue;
    }
    if (path === 'entity' && !isEntity(name, field.type)) continue;
    const key = `${field.type}_${relation}_${choice}${field.nullable ? '' : `_${field.name}`}`;
    rows.set(key, { cell, cells: [...(rows.get(key)?.cells ?? []), cell] });
  }
  for (const [key, { cell, cells: together }] of rows) {
    const { relation, choice, field } = cell;
    const fields = ['__typename', ...together.map((one) => selection(one.field, path))].join(' ');
    if (path === 'fragment') fragments.push(`fragment F_${key} on ${field.type} { ${fields} }`);
    const body = path === 'fragment' ? `...F_${key}` : path === 'alias' ? `... on ${field.type} { ${fields} }` : fields;
    const args = [relation && `relation: "${relation}"`, choice && `choice: "${choice}"`].filter(Boolean).join(' ');
    const call = (root: string) => `${key}: ${root}_${field.type}${args ? `(${args})` : ''} { ${body} }`;
    if (path === 'entity') {
      representations.push({
        __typename: field.type,
        ...(relation ? { relation } : {}),
        ...(choice ? { choice } : {}),
      });
      roots.push(
        `${key}: _entities(representations: [$r${representations.length}]) { ... on ${field.type} { ${fields} } }`,
      );
    } else roots.push(call(path === 'list' ? 'stubs' : 'stub'));
    const list = path === 'entity' || path === 'list';
    asked.push(...together.map((one) => ({ at: [key, ...(list ? [0] : []), response(one.field)], cell: one })));
  }
  if (roots.length === 0) return null;
  const variables = {
    yes: true,
    no: false,
    ...Object.fromEntries(representations.map((one, i) => [`r${i + 1}`, one])),
  };
  const declared = ['$yes: Boolean', '$no: Boolean', ...representations.map((_, i) => `$r${i + 1}: _Any!`)];
  return {
    document: parse(`${operation}(${declared}) { ${roots.join(' ')} } ${fragments.join(' ')}`, { noLocation: true }),
    variables,
    asked,
  };
};

/** Some of the fields, under a name. */
export type Fields = { named: string; wanted: (field: Coordinate) => boolean };

const everything: Fields = { named: 'everything', wanted: () => true };
const kept: Fields = {
  named: 'what is kept from somebody',
  wanted: ({ type, categories }) =>
    type === 'Mutation' || (!categories.includes('REFERENCE') && !categories.includes('STRUCTURE')),
};

const questions = new Map<string, Question | null>();

/** The document that asks a subgraph for fields on a path; of what is open to everybody the plainest path is enough. */
export const questionAbout = (
  name: SubgraphName,
  { path, operation }: { path: StubPath; operation: Operation },
  fields?: Fields,
): Question | null => {
  const { named, wanted } = fields ?? (path === 'root' ? everything : kept);
  const key = `${name} ${path} ${operation} ${named}`;
  const known = questions.get(key);
  if (known !== undefined) return known;
  const isChange = operation === 'mutation';
  const cells = cellsOf(name, (field) => (field.type === 'Mutation') === isChange && wanted(field));
  const question = cells.length === 0 ? null : questionOf(name, cells, path, operation);
  questions.set(key, question);
  return question;
};
