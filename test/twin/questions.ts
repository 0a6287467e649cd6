/** Questions, drawn at random from the contracts: every root field, every type, with keys that are seen, hidden and nobody's. */
import fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { type SubgraphName, subgraphNames } from '../../schema/subgraphs.ts';
import type { Question } from './graph.ts';

/** A source of chance: the same for the same seed. */
export type Draw = {
  pick<T>(list: readonly T[]): T;
  below(limit: number): number;
  often(chance: number): boolean;
};

/** Makes the source of chance that belongs to a seed. */
export const drawFrom = (seed: number): Draw => {
  const [values] = fc.sample(fc.infiniteStream(fc.nat(0xffffff)), { seed, numRuns: 1 });
  if (!values) throw new Error('fast-check draws nothing');
  const below = (limit: number) => Number(values.next().value) % limit;
  return {
    below,
    pick: <T>(list: readonly T[]): T => {
      if (list.length === 0) throw new RangeError('nothing to pick from');
      return list[below(list.length)] as T; // just checked
    },
    often: (chance) => below(1000) < chance * 1000,
  };
};

/** A variable of a document: the argument it is for, and where that stands. */
export type Hole = { name: string; type: GraphQLInputType; argument: string; field: string };
/** A document with holes where values go; made once, asked by everybody. */
export type Form = {
  of: Question['of'];
  query: string;
  holes: readonly Hole[];
  fields: number;
  lookUp: boolean;
  entity?: string;
};

const paging = ['first', 'after', 'last', 'before'];

/** Writes documents over one schema. */
const writer = (draw: Draw, whole = false) => {
  const holes: Hole[] = [];
  const hole = (type: GraphQLInputType, argument: string, field: string): string => {
    const name = `v${holes.length}`;
    holes.push({ name, type, argument, field });
    return `$${name}`;
  };
  const argumentsOf = (field: GraphQLField<unknown, unknown>): string => {
    const isPage = field.args.some(({ name }) => name === 'first');
    const given = field.args.filter(
      (argument: GraphQLArgument) =>
        isNonNullType(argument.type) ||
        (isPage && paging.includes(argument.name)) ||
        draw.often(argument.name === 'filter' ? 0.8 : 0.45),
    );
    // What a look-up goes by is optional where there is a choice.
    const wanted = given.length === 0 && field.args.length > 0 && !isPage ? [draw.pick(field.args)] : given;
    const texts = wanted.map(({ name, type }) => `${name}: ${hole(type, name, field.name)}`);
    return texts.length > 0 ? `(${texts.join(', ')})` : '';
  };
  let aliases = 0;
  const selectionOf = (type: GraphQLObjectType, depth: number, width: number): string => {
    const fields = Object.values(type.getFields()).filter(({ name }) => !name.startsWith('_'));
    const leaves = fields.filter(({ type }) => !isObjectType(getNamedType(type)));
    const branches = fields.filter(({ type }) => isObjectType(getNamedType(type)));
    const chosen = new Set<(typeof fields)[number]>();
    // Of a page nothing is left out: its places are what the next page is asked by.
    const isPage = ['edges', 'cursor', 'endCursor'].some((name) => name in type.getFields());
    if (isPage || (whole && depth > 0)) for (const field of fields) chosen.add(field);
    for (let at = 0; at < width && leaves.length > 0; at += 1) chosen.add(draw.pick(leaves));
    if (depth > 0) for (let at = 0; at < 2 && branches.length > 0; at += 1) chosen.add(draw.pick(branches));
    if (chosen.size === 0 && branches.length > 0) chosen.add(draw.pick(branches));
    const texts = [...chosen].map((field) => {
      const alias = draw.often(0.05) && aliases < 20 ? `n${aliases++}: ` : '';
      const inner = getNamedType(field.type);
      const isPage = isObjectType(inner) && 'edges' in inner.getFields();
      const below = isObjectType(inner)
        ? ` { ${selectionOf(inner, depth - (isPage || ['edges', 'node', 'pageInfo'].includes(field.name) ? 0 : 1), isPage ? 1 : width)} }`
        : '';
      return `${alias}${field.name}${argumentsOf(field)}${below}`;
    });
    return texts.join(' ') || '__typename';
  };
  const rootOf = (field: GraphQLField<unknown, unknown>, alias: string, depth: number, width: number): string => {
    const inner = getNamedType(field.type);
    const below = isObjectType(inner) ? ` { ${selectionOf(inner, depth, width)} }` : '';
    return `${alias}: ${field.name}${argumentsOf(field)}${below}`;
  };
  /** One way down, and at its end all that the last type has of its own. */
  const wayOf = ([field, ...below]: readonly GraphQLField<unknown, unknown>[]): string => {
    if (!field) return '';
    const inner = getNamedType(field.type);
    const end = isObjectType(inner) ? selectionOf(inner, 0, 8) : '';
    return `${field.name}${argumentsOf(field)} { ${below.length > 0 ? wayOf(below) : end} }`;
  };
  return { holes, selectionOf, rootOf, wayOf };
};

const headOf = (holes: readonly Hole[], more: readonly string[] = []): string => {
  const declared = [...more, ...holes.map(({ name, type }) => `$${name}: ${String(type)}`)];
  return declared.length > 0 ? `query(${declared.join(', ')})` : 'query';
};

/** What records are asked by; what is public is asked now and then. */
const isRecord = (name: string): boolean =>
  !/^(codeList|codeLists|competen|categoryAdvice|formDefinition|contactPoint|guide|info)/.test(name);

/** A document of several root fields, side by side. */
const graphForm = (draw: Draw, roots: readonly GraphQLField<unknown, unknown>[]): Form => {
  const { holes, rootOf } = writer(draw);
  const texts = roots.map((field, at) => rootOf(field, `q${at}`, draw.pick([0, 1, 1, 2]), 1 + draw.below(3)));
  return {
    of: 'graph',
    query: `${headOf(holes)} {\n${texts.join('\n')}\n}`,
    holes,
    fields: roots.length,
    lookUp: roots.length === 1,
  };
};

/** Each type that a root field answers, once in whole: a field that chance leaves out is no field that nobody asks. */
const wholeForms = (draw: Draw, fields: readonly GraphQLField<unknown, unknown>[]): Form[] => {
  const byType = new Map(fields.map((field) => [getNamedType(field.type), field]));
  return [...byType].flatMap(([type, field]) => {
    if (!isObjectType(type) || 'edges' in type.getFields()) return [];
    const { holes, rootOf } = writer(draw, true);
    const text = rootOf(field, 'q0', 1, 2);
    return [{ of: 'graph', query: `${headOf(holes)} {\n${text}\n}`, holes, fields: 1, lookUp: false }];
  });
};

type Way = readonly GraphQLField<unknown, unknown>[];

/** The shortest way to each type that an answer can hold. */
const waysTo = (fields: Way): Map<string, Way> => {
  const ways = new Map<string, Way>();
  const next: Way[] = fields.map((field) => [field]);
  for (const way of next) {
    const type = getNamedType(way.at(-1)?.type);
    if (!isObjectType(type) || ways.has(type.name)) continue;
    ways.set(type.name, way);
    next.push(...Object.values(type.getFields()).map((field) => [...way, field]));
  }
  return ways;
};

/** A document for each type that none of those before asks: what chance leaves out would be what nobody compares. */
const missedForms = (schema: GraphQLSchema, draw: Draw, fields: Way, forms: readonly Form[]): Form[] => {
  const info = new TypeInfo(schema);
  const met = new Set<string | undefined>();
  for (const { query } of forms) {
    visit(parse(query), visitWithTypeInfo(info, { Field: () => void met.add(info.getParentType()?.name) }));
  }
  return [...waysTo(fields)].flatMap(([name, [root, ...below]]) => {
    if (met.has(name) || !root) return [];
    const { holes, wayOf } = writer(draw);
    const text = `q0: ${wayOf([root, ...below])}`;
    return [{ of: 'graph', query: `${headOf(holes)} {\n${text}\n}`, holes, fields: 1, lookUp: false }];
  });
};

/** The documents that everybody asks: each root field in turn, several to a document; and look-ups that stand alone. */
export const graphForms = (schema: GraphQLSchema, draw: Draw, count: number, together = 16): Form[] => {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
  const records = fields.filter(({ name }) => isRecord(name));
  const shuffled = <T>(list: readonly T[]): T[] =>
    list
      .map((one) => [draw.below(0xffffff), one] as const)
      .sort(([one], [other]) => one - other)
      .map(([, one]) => one);
  const forms: Form[] = [];
  let waiting: typeof fields = shuffled(fields);
  while (forms.length < count) {
    if (waiting.length < together) waiting = [...waiting, ...shuffled(records)];
    forms.push(graphForm(draw, waiting.splice(0, together)));
  }
  const alone = records.map((field) => graphForm(draw, [field]));
  const drawn = [...forms, ...alone, ...wholeForms(draw, fields)];
  return shuffled([...drawn, ...missedForms(schema, draw, fields, drawn)]);
};

/** Documents for the entities of each subgraph, which anybody on its port could ask for by a guessed key. */
export const entityForms = (schemas: Readonly<Record<SubgraphName, GraphQLSchema>>, draw: Draw): Form[] =>
  subgraphNames.flatMap((of) => {
    const union = schemas[of].getType('_Entity');
    const types = union && 'getTypes' in union ? union.getTypes() : [];
    return types.map((type) => {
      const { holes, selectionOf } = writer(draw);
      const text = selectionOf(type, 2, 6);
      return {
        of,
        query: `${headOf(holes, ['$entities: [_Any!]!'])} { _entities(representations: $entities) { __typename ... on ${type.name} { ${text} } } }`,
        holes: [{ name: 'entities', type: null as never, argument: 'entities', field: type.name }, ...holes],
        fields: 1,
        lookUp: false,
        entity: type.name,
      };
    });
  });

/** Values by what they are: a name of a scalar, or of an argument. */
export type Pools = Readonly<Record<string, readonly unknown[]>>;

const keyOf: Record<string, readonly [key: string, pool: string]> = {
  Dossier: ['number', 'DossierNumber'],
  Employer: ['kbo', 'KboNumber'],
  Establishment: ['number', 'EstablishmentNumber'],
  Mandatary: ['kbo', 'KboNumber'],
  Worker: ['id', 'worker'],
  Decision: ['id', 'decision.id'],
  Permit: ['id', 'permit.id'],
  LimosaDeclaration: ['number', 'LimosaNumber'],
};

const drawnFor = (draw: Draw, pools: Pools, type: GraphQLInputType, argument: string, field: string): unknown => {
  const bare = getNullableType(type);
  if (isListType(bare)) {
    return Array.from({ length: 1 + draw.below(5) }, () => drawnFor(draw, pools, bare.ofType, argument, field));
  }
  if (isInputObjectType(bare)) {
    const fields = Object.values(bare.getFields());
    const chosen = fields.filter((one) => isNonNullType(one.type) || draw.often(1.4 / fields.length));
    return Object.fromEntries(chosen.map((one) => [one.name, drawnFor(draw, pools, one.type, one.name, bare.name)]));
  }
  if (isEnumType(bare)) return draw.pick(bare.getValues()).name;
  const pool = pools[`${field}.${argument}`] ?? pools[argument] ?? pools[getNamedType(bare).name];
  if (pool) return draw.pick(pool);
  throw new Error(`no values for ${field}(${argument}: ${String(type)})`);
};

/** Which of the four arguments of a page are given: mostly what makes sense, now and then what does not. */
const pageOf = (draw: Draw): Record<string, unknown> => {
  const size = draw.often(0.03) ? draw.pick([0, -1, 101]) : 1 + draw.below(3);
  if (draw.often(0.02)) return { first: size, last: size };
  return draw.often(0.7) ? { first: size, last: null } : { first: null, last: size };
};

/** Fills in a form. */
export const fill = (draw: Draw, pools: Pools, form: Form): Question => {
  const variables: Record<string, unknown> = {};
  let page: Record<string, unknown> = {};
  for (const [at, { name, type, argument, field }] of form.holes.entries()) {
    if (argument === 'entities') {
      const [key, pool] = keyOf[field] ?? ['id', 'worker'];
      variables[name] = Array.from({ length: 1 + draw.below(3) }, () => ({
        __typename: field,
        [key]: draw.pick(pools[pool] ?? []),
      }));
    } else if (paging.includes(argument)) {
      // Where a list can be read from its end too, that stands two places on.
      if (argument === 'first') page = form.holes[at + 2]?.argument === 'last' ? pageOf(draw) : { first: 2 };
      variables[name] = page[argument] ?? null;
    } else variables[name] = drawnFor(draw, pools, type, argument, field);
  }
  return { of: form.of, query: form.query, variables };
};

/** Goes on where an answer ended: every page of it for which a cursor is at hand. */
export const goOn = (form: Form, question: Question, answer: string): Question | undefined => {
  const { data } = JSON.parse(answer) as { data?: Record<string, { pageInfo?: Record<string, string | null> }> };
  const variables = { ...question.variables };
  let found = false;
  form.holes.forEach(({ name, argument }, at) => {
    if (argument !== 'after') return;
    // The holes of one field stand together, and the field is the first whose alias has this many before it.
    const root = Object.values(data ?? {})[rootOf(form, at)];
    const { endCursor, startCursor } = root?.pageInfo ?? {};
    const backwards = form.holes.slice(at + 1, at + 3).find((one) => one.argument === 'before');
    const last = form.holes.slice(at + 1, at + 3).find((one) => one.argument === 'last');
    if (last && backwards && variables[last.name] != null) {
      if (startCursor) variables[backwards.name] = startCursor;
      found ||= Boolean(startCursor);
    } else if (endCursor) {
      variables[name] = endCursor;
      found = true;
    }
  });
  return found ? { ...question, variables } : undefined;
};

/** Which root field a hole belongs to, by its place in the text. */
const rootOf = ({ query, holes }: Form, at: number): number => {
  const mark = `$${holes[at]?.name}`;
  const lines = query.split('\n').slice(1, -1);
  return lines.findIndex((line) => new RegExp(`\\${mark}\\b`).test(line));
};
