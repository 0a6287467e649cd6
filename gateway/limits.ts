/** How much one request may ask. Counted before anything is planned, in time that grows with the document's length only. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLError,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationRule,
  visit,
} from 'graphql';
import { refuse } from '../subgraphs/errors.ts';

/** The limits, all there are. */
export const limits = {
  /** Bytes of a request's body. */
  body: 100_000,
  /** Words and signs of a document. */
  tokens: 2000,
  /** Fields within fields. */
  depth: 16,
  /** Fields at the top of an operation. */
  rootFields: 20,
  /** Names given to fields in a document. */
  aliases: 50,
  /** Directives on one place of a document. */
  directives: 4,
  /** Lists and objects within each other, in an argument or a variable. */
  nesting: 8,
  /** Fields once all fragments are written out. */
  fields: 1000,
  /** Values that an answer may have to hold, if every list were full. */
  cost: 50_000,
  /** Streams that one caller may have open at a time. */
  streams: 10,
} as const;

type Limit = keyof typeof limits;

const sentences: Record<Limit, string> = {
  body: 'The request is too large',
  tokens: 'The document is too long',
  depth: 'Fields are nested too deep',
  rootFields: 'There are too many fields at the top',
  aliases: 'There are too many aliases',
  directives: 'There are too many directives in one place',
  nesting: 'Values are nested too deep',
  fields: 'There are too many fields once the fragments are written out',
  cost: 'The answer could be too large: ask for fewer at once, with first or last',
  streams: 'You have too many streams open',
};

/** Refuses what goes over a limit, and names the limit. */
export const overLimit = (limit: Limit): GraphQLError =>
  refuse('LIMIT_EXCEEDED', sentences[limit], { limit, allowed: limits[limit] });

type Extent = { fields: number; depth: number; rootFields: number };

const nothing: Extent = { fields: 0, depth: 0, rootFields: 0 };

const fragmentsOf = (document: DocumentNode): Map<string, FragmentDefinitionNode> =>
  new Map(
    document.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
    ),
  );

/** Counts a document written out, without writing it out: each fragment is counted once, however often it is spread. */
const extents = (document: DocumentNode): ((set: SelectionSetNode) => Extent) => {
  const fragments = fragmentsOf(document);
  const counted = new Map<string, Extent>();

  const spread = (name: string): Extent => {
    const met = counted.get(name);
    if (met) return met;
    counted.set(name, nothing); // a circle of fragments ends here; validation refuses it in its own words
    const fragment = fragments.get(name);
    const extent = fragment ? count(fragment.selectionSet) : nothing;
    counted.set(name, extent);
    return extent;
  };
  const field = ({ selectionSet }: FieldNode): Extent => {
    const below = selectionSet ? count(selectionSet) : nothing;
    return { fields: below.fields + 1, depth: below.depth + 1, rootFields: 1 };
  };
  const count = (set: SelectionSetNode): Extent => {
    const total = { ...nothing };
    for (const selection of set.selections) {
      const one =
        selection.kind === Kind.FIELD
          ? field(selection)
          : selection.kind === Kind.FRAGMENT_SPREAD
            ? spread(selection.name.value)
            : count(selection.selectionSet);
      total.fields += one.fields;
      total.rootFields += one.rootFields;
      total.depth = Math.max(total.depth, one.depth);
    }
    return total;
  };
  return count;
};

/** The first limit that the document goes over, whatever its variables are. */
const exceeded = (document: DocumentNode): Limit | undefined => {
  let aliases = 0;
  let directives = 0;
  let nesting = 0;
  let deepest = 0;
  visit(document, {
    enter: (node) => {
      if (node.kind === Kind.FIELD && node.alias) aliases += 1;
      if ('directives' in node && node.directives) directives = Math.max(directives, node.directives.length);
      if (node.kind === Kind.LIST || node.kind === Kind.OBJECT) deepest = Math.max(deepest, ++nesting);
    },
    leave: (node) => {
      if (node.kind === Kind.LIST || node.kind === Kind.OBJECT) nesting -= 1;
    },
  });
  if (deepest > limits.nesting) return 'nesting';
  if (aliases > limits.aliases) return 'aliases';
  if (directives > limits.directives) return 'directives';
  const extent = extents(document);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth, rootFields, fields } = extent(definition.selectionSet);
    if (depth > limits.depth) return 'depth';
    if (rootFields > limits.rootFields) return 'rootFields';
    if (fields > limits.fields) return 'fields';
  }
  return undefined;
};

/**
 * Refuses a document that goes over a limit, before the other rules look at it: some of them take long over a document
 * that was made for that. It reports twice, because validation that may hold one error stops at the second.
 */
export const withinLimits: ValidationRule = (context) => ({
  Document: (document) => {
    const limit = exceeded(document);
    if (limit === undefined) return;
    context.reportError(overLimit(limit));
    context.reportError(overLimit(limit));
  },
});

/** Whether variables nest deeper than they may; a scalar of ours takes none that nests at all. */
export const isNestedTooDeep = (variables: unknown): boolean => {
  let level: unknown[] = [variables];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limits.nesting) return true;
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null
        ? Object.values(value).filter((one) => typeof one === 'object' && one !== null)
        : [],
    );
  }
  return false;
};

const page = { usual: 25, most: 100 };
// A list without pages is short by nature (documents, deadlines) or capped; ten is what it holds where it is long.
const plainList = 10;

type Variables = Readonly<Record<string, unknown>>;

/** How many rows a field asks for: of a connection as many as its page, of a plain list some, else one. */
const rowsOf = (field: FieldNode, isConnection: boolean, variables: Variables): number => {
  if (!isConnection) return 1;
  const size = field.arguments?.find(({ name }) => name.value === 'first' || name.value === 'last')?.value;
  const asked =
    size?.kind === Kind.INT
      ? Number(size.value)
      : size?.kind === Kind.VARIABLE
        ? Number(variables[size.name.value] ?? page.usual)
        : page.usual;
  return Math.min(Math.max(asked, 1), page.most) || page.most;
};

/** The values that an operation's answer may hold, if every list in it were full. */
export const costOf = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): number => {
  const fragments = fragmentsOf(document);
  const counted = new Map<string, number>();

  const field = (node: FieldNode, parent: GraphQLCompositeType): number => {
    const definition = isObjectType(parent) ? parent.getFields()[node.name.value] : undefined;
    if (!definition || !node.selectionSet) return 1;
    const type = getNamedType(definition.type);
    if (!isCompositeType(type)) return 1;
    const isConnection = isObjectType(type) && 'edges' in type.getFields();
    // The edges are a list too, but it was counted at the connection, where the size of its page stands.
    const isPlainList = isListType(getNullableType(definition.type)) && node.name.value !== 'edges';
    return 1 + rowsOf(node, isConnection, variables) * (isPlainList ? plainList : 1) * sum(node.selectionSet, type);
  };
  const spread = (name: string): number => {
    const met = counted.get(name);
    if (met !== undefined) return met;
    const fragment = fragments.get(name);
    const type = schema.getType(fragment?.typeCondition.name.value ?? '');
    const total = fragment && isCompositeType(type) ? sum(fragment.selectionSet, type) : 0;
    counted.set(name, total);
    return total;
  };
  const sum = (set: SelectionSetNode, parent: GraphQLCompositeType): number => {
    let total = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) total += field(selection, parent);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) total += spread(selection.name.value);
      else {
        const type = schema.getType(selection.typeCondition?.name.value ?? parent.name);
        total += isCompositeType(type) ? sum(selection.selectionSet, type) : 0;
      }
    }
    return total;
  };
  const root = schema.getRootType(operation.operation);
  return root ? sum(operation.selectionSet, root) : 0;
};
