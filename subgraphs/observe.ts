/** Watches which rows an answer is made of, so that the read log can say what was read of whom. */
import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
  Kind,
  type TypeNode,
} from 'graphql';
import { collectSubfields } from 'graphql/execution/collectFields.js';
import { applyMiddleware, type IMiddlewareTypeMap } from 'graphql-middleware';
import { open, rowCategories } from '../schema/policy.ts';
import { type Classification, classify } from '../schema/verdict.ts';
import type { Judge, Row } from './guard.ts';
import type { Content, Readings } from './reading.ts';
import type { Viewer } from './viewer.ts';

type Context = { viewer: Viewer; readings: Readings };
type Resolve = GraphQLFieldResolver<Row | undefined, Context>;
type Watch = (resolve: Resolve, ...asked: Parameters<Resolve>) => unknown;

/** Types that tell of enterprises: their rows name no person. */
const ofEnterprises: ReadonlySet<string> = new Set(['Employer', 'Establishment', 'Mandate', 'Mandatary']);

const isOpen = ({ categories }: Classification): boolean => categories.every((category) => open.includes(category));

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

const isBoolean = (type: TypeNode): boolean =>
  type.kind === Kind.NAMED_TYPE ? type.name.value === 'Boolean' : isBoolean(type.type);

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !(value instanceof Error);

/** Whether an outcome is a refusal of ours; shield returns its own. */
const isRefusal = (outcome: unknown): boolean =>
  outcome instanceof GraphQLError && ['FORBIDDEN', 'PURPOSE_REQUIRED'].includes(String(outcome.extensions.code));

// A person stands in a row under one of these names; what hangs from a row is about whom that row is about.
const subjects = new WeakMap<Row, string | null>();
const subjectOf = (type: string, row: Row, parent: Row | undefined, { read }: Content): string | null => {
  const named = type === 'Worker' ? row.id : [row.workerId, row.subject, row.worker].find((one) => one !== undefined);
  if (typeof named === 'string') return named;
  const inherited = parent && subjects.get(parent);
  if (inherited !== undefined) return inherited;
  // A row that a store read, of a person whom nobody could name in the log, is a bug: it is not answered.
  if (read.length > 0 && row.relation && named === undefined && !ofEnterprises.has(type))
    throw new Error(`whom is a ${type} about?`);
  return null;
};

/** The categories of a field; of a row that belongs to one of several, those that it belongs to. */
const categoriesOf = ({ categories, type }: Classification, row: Row | undefined): readonly string[] => {
  const choice = categories.length > 1 ? rowCategories[type] : undefined;
  const chosen = choice?.of[String(row?.[choice.property])];
  return chosen ? categories.filter((category) => chosen.includes(category)) : categories;
};

type Args = Readonly<Record<string, unknown>>;

/** The worker whom a question names by internal id, as an argument or in a filter. */
const workerIn = ({ worker, filter }: Args): unknown => worker ?? (isRow(filter) ? filter.worker : undefined);

/** Whether a question names a person. */
const byPerson = (args: Args): boolean => args.insz != null || workerIn(args) != null;

/** A schema that notes what it answers. `judges` are those of its guard. */
export const observed = (
  schema: GraphQLSchema,
  contract: DocumentNode,
  judges: ReadonlyMap<string, Judge>,
): GraphQLSchema => {
  const { known } = classify(contract);
  const fields = [...known.values()].filter(({ place }) => place === 'field');
  const rowTypes = new Set(fields.flatMap((field) => (isOpen(field) ? [] : [field.type])));
  const holdsRows = (name: string, met: readonly string[] = []): boolean =>
    rowTypes.has(name) ||
    fields.some(({ type, returns }) => type === name && !met.includes(returns) && holdsRows(returns, [...met, name]));

  const contentOf = (selected: readonly string[], type: string, row: Row, { purpose }: Viewer): Content => {
    const read = new Set<string>();
    const refused = new Set<string>();
    for (const name of selected) {
      const field = known.get(`${type}.${name}`);
      if (!field || isOpen(field)) continue;
      const outcome = judges.get(field.coordinate)?.(row, { purpose }) ?? 'CLEAR';
      const told = outcome === 'CLEAR' || outcome === 'MASKED' ? read : refused;
      for (const category of categoriesOf(field, row)) told.add(category);
    }
    return { read: [...read], refused: [...refused], counts: row.relation !== 'OWN' || purpose !== null };
  };

  const selectedIn = (
    type: GraphQLObjectType,
    { fragments, variableValues, fieldNodes }: GraphQLResolveInfo,
  ): string[] =>
    [...collectSubfields(schema, fragments, variableValues, type, fieldNodes).values()].map(
      ([node]) => node?.name.value ?? '',
    );

  // Most operations are asked again and again, and most of their rows are alike: what a selection tells of such a row is worked
  // out once. Where the selection can hang on a variable, it is worked out each time.
  const contents = new WeakMap<FieldNode, Map<string, Content>>();
  const contentFor = (type: GraphQLObjectType, row: Row, viewer: Viewer, info: GraphQLResolveInfo): Content => {
    const work = () => contentOf(selectedIn(type, info), type.name, row, viewer);
    const [node, another] = info.fieldNodes;
    if (!node || another || info.operation.variableDefinitions?.some(({ type: of }) => isBoolean(of))) return work();
    const cases = contents.get(node) ?? new Map<string, Content>();
    contents.set(node, cases);
    const choice = rowCategories[type.name];
    const key = `${type.name} ${row.relation} ${viewer.purpose} ${choice ? row[choice.property] : ''}`;
    const content = cases.get(key) ?? work();
    cases.set(key, content);
    return content;
  };

  const noteRow = (
    type: GraphQLObjectType,
    row: Row,
    parent: Row | undefined,
    context: Context,
    info: GraphQLResolveInfo,
  ) => {
    const content = contentFor(type, row, context.viewer, info);
    const subject = subjectOf(type.name, row, parent, content);
    subjects.set(row, subject);
    // Somebody was looked for in vain, whatever of that hangs from it; an enterprise beside it is no person.
    if (subject === '') {
      if (!ofEnterprises.has(type.name)) context.readings.miss({ ...content, counts: true });
    } else if (subject !== null) context.readings.note(subject, content);
    // Without a person there is nothing that the log holds of an answer; a refusal it holds all the same.
    else if (content.refused.length > 0) context.readings.note(null, { ...content, read: [] });
  };

  const typeOf = (name: string): GraphQLObjectType | undefined => {
    const type = schema.getType(name);
    return isObjectType(type) ? type : undefined;
  };

  /** Watches one field: the rows that it answers, a person it answers about, and its refusal. */
  const watch =
    (field: Classification): Watch =>
    (resolve, parent, args, context, info) => {
      const { readings } = context;
      const { returns } = field;
      const atRoot = field.type === 'Query';
      const type = rowTypes.has(returns) ? typeOf(returns) : undefined;
      const own = (): Content => ({
        read: categoriesOf(field, parent),
        refused: [],
        counts: true,
      });
      /** Notes whom an answer is about that shows nothing of the person, and tells something all the same. */
      const noteAsked = (subject: unknown) => {
        if (typeof subject !== 'string' || subject === '') return;
        // A caller may write anything in the place of an id, the number of a person too.
        if (/^W-\d+$/.test(subject)) readings.note(subject, { ...own(), counts: false });
        else readings.miss(own());
      };
      const refuse = () => {
        const subject = (parent && subjects.get(parent)) || null;
        readings.note(subject, { read: [], refused: categoriesOf(field, parent), counts: false });
      };
      // An empty list is no search in vain, unless it was one person's; and an enterprise is no person.
      const isSought = (value: unknown, asked: Args) =>
        byPerson(asked) || (type !== undefined && !Array.isArray(value) && !ofEnterprises.has(returns));
      const noteOne = (value: unknown) => {
        if (type && isRow(value)) noteRow(type, value, parent, context, info);
      };
      const note = (value: unknown): unknown => {
        const found = Array.isArray(value) ? value : value == null ? [] : [value];
        if (isRefusal(value)) refuse();
        else if (found.length === 0 && atRoot && isSought(value, args)) readings.miss(own());
        else if (type) found.forEach(noteOne);
        else if (atRoot && isRow(value) && !holdsRows(returns)) {
          const { workerId } = value;
          if (typeof workerId === 'string') readings.note(workerId, own());
          else readings.miss(own());
        }
        // A row of which no field is asked was found all the same; a page of one person's can be counted.
        if (atRoot && isRow(value) && !(type && selectedIn(type, info).some((name) => name !== '__typename'))) {
          noteAsked(workerIn(args) ?? subjects.get(value));
        }
        return value;
      };
      const failed = (error: unknown): never => {
        if (isRefusal(error)) refuse();
        throw error;
      };
      try {
        const value = resolve(parent, args, context, info);
        return isPromise(value) ? value.then(note, failed) : note(value);
      } catch (error) {
        return failed(error);
      }
    };

  const watched: Record<string, Record<string, Watch>> = {};
  for (const field of fields) {
    const asksRoot = field.type === 'Query' && !isOpen(field);
    if (asksRoot || rowTypes.has(field.returns)) {
      watched[field.type] = { ...watched[field.type], [field.field]: watch(field) };
    }
  }
  const entities: Watch = async (resolve, parent, args, context, info) => {
    const rows: unknown = await resolve(parent, args, context, info);
    const { representations } = args as { representations: readonly { __typename: string }[] }; // as federation defines it
    const noteAt = (i: number) => (row: unknown) => {
      const type = typeOf(representations[i]?.__typename ?? '');
      if (type && isRow(row)) noteRow(type, row, undefined, context, info);
      return row;
    };
    // Each stays a promise of its own: one that fails leaves the others.
    return Array.isArray(rows) ? rows.map((row, i) => (isPromise(row) ? row.then(noteAt(i)) : noteAt(i)(row))) : rows;
  };
  return applyMiddleware(schema, {
    ...watched,
    Query: { ...watched.Query, _entities: entities },
  } as unknown as IMiddlewareTypeMap); // its types know nothing of ours
};
