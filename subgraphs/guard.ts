/** Turns the policy into what enforces it on fields: graphql-shield rules and masks, for one kind of principal at a time. */
import { type DocumentNode, type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import { applyMiddleware, type IMiddlewareTypeMap } from 'graphql-middleware';
import { allow, deny, type IRules, rule, shield } from 'graphql-shield';
import { maskInsz } from '../schema/identifiers.ts';
import { offeredTo, type Relation, rowCategories } from '../schema/policy.ts';
import {
  alwaysClear,
  type Caller,
  type Classification,
  classify,
  type Mask,
  type Verdict,
  verdict,
} from '../schema/verdict.ts';
import { refuse } from './errors.ts';
import type { Viewer } from './viewer.ts';

/** What a rule reads of a row; stores put `relation` on each. */
export type Row = { relation?: Relation } & Record<string, unknown>;
type Context = { viewer: Viewer };
/** A field that asks the policy. `leads` when what it returns asks the policy again: rows, which have relations of their own. */
type Closed = Classification & { leads: boolean };

const masking: Record<Mask, (value: string) => string> = {
  INSZ: maskInsz,
  INITIALS: (names) =>
    names
      .split(/[\s-]+/)
      .map((name) => `${[...name][0] ?? ''}.`)
      .join(' '),
  YEAR: (date) => date.slice(0, 4),
};

/** Where a row belongs to one of several categories, the field's classification for that row. */
const forRow = (field: Closed, row: Row): Closed => {
  const choice = rowCategories[field.type];
  if (!choice || field.categories.length === 1) return field;
  const chosen = choice.of[String(row[choice.property])] ?? [];
  return { ...field, categories: field.categories.filter((category) => chosen.includes(category)) };
};

/** Who a schema is made for: every caller of a kind with the same roles. */
export type Standing = Omit<Caller, 'purpose'>;

/** The verdict on a field of a row. */
export type Judge = (row: Row | undefined, caller: Pick<Viewer, 'purpose'>) => Verdict;

/** What a field of a row is to a kind of principal. The cases are few and the rows many: each case is decided once. */
const judgeOf = (standing: Standing, field: Closed): Judge => {
  const offered = offeredTo(field.coordinate, standing.kind);
  const decide = (row: Row | undefined, purpose: string | null): Verdict => {
    const relation = row?.relation;
    if (!offered) return 'FORBIDDEN';
    // A value belongs to a row, and a row without a relation is nobody's. What leads to rows may be asked without one.
    if (!row || !relation) return field.leads ? verdict({ ...standing, purpose }, field) : 'FORBIDDEN';
    return verdict({ ...standing, purpose }, forRow(field, row), relation);
  };
  const choice = field.categories.length > 1 ? rowCategories[field.type] : undefined;
  const byPurpose = new Map<string | null, Map<unknown, Verdict>>();
  return (row, { purpose }) => {
    const decided = byPurpose.get(purpose) ?? new Map<unknown, Verdict>();
    const key = choice ? `${row?.relation} ${row?.[choice.property]}` : row?.relation;
    const known = decided.get(key);
    if (known !== undefined) return known;
    const made = decide(row, purpose);
    byPurpose.set(purpose, decided.set(key, made));
    return made;
  };
};

/** A field that asks, with its judge. */
type Judged = Closed & { judge: Judge };

const refusal = (coordinate: string, outcome: Verdict) =>
  outcome === 'PURPOSE_REQUIRED'
    ? refuse('PURPOSE_REQUIRED', `${coordinate} needs a purpose and a reference`)
    : refuse('FORBIDDEN', `${coordinate} is not open to you`);

const ruleFor = ({ coordinate, judge }: Judged) =>
  rule(coordinate)((row: Row | undefined, _args: unknown, { viewer }: Context) => {
    const outcome = judge(row, viewer);
    return outcome === 'CLEAR' || outcome === 'MASKED' || refusal(coordinate, outcome);
  });

type Resolve = GraphQLFieldResolver<Row, Context>;
type Middleware = (resolve: Resolve, ...asked: Parameters<Resolve>) => unknown;

/** Where the verdict on a row is clear there is nothing to refuse: shield's promises, several a field, are spared. */
const unlessClear =
  (judge: Judge, refusing: Middleware): Middleware =>
  (resolve, row, args, context, info) =>
    judge(row, context.viewer) === 'CLEAR'
      ? resolve(row, args, context, info)
      : refusing(resolve, row, args, context, info);

const maskFor =
  ({ judge }: Judged, mask: Mask): Middleware =>
  async (resolve, row, args, context, info) => {
    const value: unknown = await resolve(row, args, context, info);
    if (judge(row, context.viewer) !== 'MASKED') return value;
    // What cannot be masked is not shown.
    return typeof value === 'string' ? masking[mask](value) : null;
  };

/** Values that are computed from rows which the store found visible, and belong to no row of their own. */
const computed: ReadonlySet<string> = new Set(['Worker.availableProcedures']);

/** The fields of a schema for which a kind of principal has to ask the policy; a field without a category is an error. */
const closedTo = (standing: Standing, schema: GraphQLSchema, contract: DocumentNode): Judged[] => {
  const { known } = classify(contract);
  // A code or an address is a value of its row; a page, or a row itself, is judged by what stands in it.
  const holdsRows = (name: string, met: readonly string[] = []): boolean => {
    if (met.includes(name)) return false;
    const inside = [...known.values()].filter(({ type }) => type === name);
    return inside.some(
      ({ categories, returns }) => !categories.includes('STRUCTURE') || holdsRows(returns, [...met, name]),
    );
  };
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  return types
    .filter(({ name }) => !name.startsWith('_'))
    .flatMap((type) => Object.keys(type.getFields()).map((field) => ({ type: type.name, field })))
    .filter(({ field }) => !field.startsWith('_'))
    .map(({ type, field }) => {
      const classification = known.get(`${type}.${field}`);
      if (!classification) throw new Error(`without a category: ${type}.${field}`);
      const leads = type === 'Query' || computed.has(classification.coordinate) || holdsRows(classification.returns);
      return { ...classification, leads };
    })
    .filter((field) => !offeredTo(field.coordinate, standing.kind) || !alwaysClear(standing, field))
    .map((field) => ({ ...field, judge: judgeOf(standing, field) }));
};

/** The judges of all fields that ask the policy, by coordinate; any other field is clear. */
export const judgesOf = (
  schema: GraphQLSchema,
  contract: DocumentNode,
  standing: Standing,
): ReadonlyMap<string, Judge> =>
  new Map(closedTo(standing, schema, contract).map(({ coordinate, judge }) => [coordinate, judge]));

/** A table of types and their fields, from the fields that have an entry. */
const byField = <Entry>(fields: readonly Judged[], entry: (field: Judged) => Entry | undefined) => {
  const types: Record<string, Record<string, Entry>> = {};
  for (const field of fields) {
    const made = entry(field);
    if (made !== undefined) types[field.type] = { ...types[field.type], [field.field]: made };
  }
  return types;
};

/**
 * The schema as callers of one standing may use it. Fields that are open to them whatever the row stay as they are; every other
 * field asks the policy, row by row.
 */
export const guard = (schema: GraphQLSchema, contract: DocumentNode, standing: Standing): GraphQLSchema => {
  const closed = closedTo(standing, schema, contract);
  const rules = byField(closed, ruleFor);
  const tree: IRules = { ...rules, Query: { ...rules.Query, _service: allow, _entities: allow } };
  const generator = shield(tree, { fallbackRule: deny, allowExternalErrors: true });
  const generated = generator.generate(schema) as IMiddlewareTypeMap;
  // applyMiddleware wraps every field it is given, and the fallback covers the open ones: it is given the closed ones only.
  const guarded = byField(closed, ({ type, field, judge }) => {
    const fields = generated[type];
    const refusing = typeof fields === 'object' && field in fields ? fields[field as keyof typeof fields] : undefined;
    if (typeof refusing !== 'function') throw new Error(`graphql-shield made no rule for ${type}.${field}`);
    return unlessClear(judge, refusing as Middleware);
  });
  const masked = byField(closed, (field) => field.mask && maskFor(field, field.mask));
  return applyMiddleware(schema, guarded as IMiddlewareTypeMap, masked as IMiddlewareTypeMap);
};
