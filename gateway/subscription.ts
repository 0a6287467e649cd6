/** A subscription as it is asked: what of the outbox it follows, and the query that each event stands for. */
import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  print,
  separateOperations,
  specifiedRules,
  type VariableDefinitionNode,
  validate,
  visit,
} from 'graphql';
import { refuse } from '../subgraphs/errors.ts';
import { costOf, isNestedTooDeep, limits, overLimit, withinLimits } from './limits.ts';

/** What a client sends. */
export type Asking = { query: string; variables: Readonly<Record<string, unknown>>; operationName: string | null };

/** A root field of Subscription: the query that stands for it, by which key, and what of an event leads to that key. */
const sources = {
  dossierChanged: {
    field: 'dossier',
    argument: 'number',
    type: 'DossierNumber',
    leads: 'record: dossier { key: number }',
    events: null,
  },
  messageAdded: {
    field: 'message',
    argument: 'id',
    type: 'ID',
    leads: 'record: message { key: id }',
    events: ['MESSAGE_ADDED'],
  },
} as const;

const isSource = (name: string): name is keyof typeof sources => Object.hasOwn(sources, name);

/** A subscription that may be asked. */
export type Followed = {
  /** What it follows: an argument of `outbox` for each. */
  feed: { dossier: string | null; own: boolean; events: readonly string[] | null };
  /** The selection on an event that leads to its record, and to that one's key. */
  leads: string;
  /** Whether the latest event of a record stands for those before it. */
  latestCounts: boolean;
  /** What is asked of the graph for a record. */
  queryFor(key: string): { query: string; variables: Record<string, unknown> };
};

const operationIn = (document: DocumentNode, name: string | null): OperationDefinitionNode => {
  const operation = getOperationAST(document, name);
  if (operation?.operation === OperationTypeNode.SUBSCRIPTION) return operation;
  throw refuse('BAD_USER_INPUT', 'A stream takes one subscription: the graph is asked with POST /graphql');
};

const check = (schema: GraphQLSchema, document: DocumentNode): void => {
  const [fault] = validate(schema, document, [withinLimits, ...specifiedRules], {
    maxErrors: 1,
    hideSuggestions: true,
  });
  if (fault) throw fault;
};

const variablesIn = (nodes: readonly (FieldNode | DocumentNode['definitions'][number])[]): Set<string> => {
  const used = new Set<string>();
  for (const node of nodes) visit(node, { Variable: ({ name }) => void used.add(name.value) });
  return used;
};

const named = (value: string) => ({ kind: Kind.NAME, value }) as const;

/** The operation as a query for one record, whose key is a variable of ours. */
const queryOf = (document: DocumentNode, operation: OperationDefinitionNode, field: FieldNode) => {
  const name = field.name.value;
  if (!isSource(name)) throw new Error(`nothing is followed for ${name}`);
  const source = sources[name];
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const bare = { ...field, arguments: [] };
  const used = variablesIn([bare, ...fragments]);
  let key = 'key';
  while (used.has(key)) key = `${key}_`;
  const variable = { kind: Kind.VARIABLE, name: named(key) } as const;
  const definition: VariableDefinitionNode = {
    kind: Kind.VARIABLE_DEFINITION,
    variable,
    type: { kind: Kind.NON_NULL_TYPE, type: { kind: Kind.NAMED_TYPE, name: named(source.type) } },
  };
  const root: FieldNode = {
    ...field,
    alias: field.alias ?? field.name,
    name: named(source.field),
    arguments: [{ kind: Kind.ARGUMENT, name: named(source.argument), value: variable }],
  };
  const kept = (operation.variableDefinitions ?? []).filter((one) => used.has(one.variable.name.value));
  const query: OperationDefinitionNode = {
    ...operation,
    operation: OperationTypeNode.QUERY,
    variableDefinitions: [...kept, definition],
    selectionSet: { kind: Kind.SELECTION_SET, selections: [root] },
  };
  return { source, key, used, text: print({ kind: Kind.DOCUMENT, definitions: [query, ...fragments] }) };
};

/** Reads what a client asks. Throws what is wrong with it, in the words in which the graph itself would refuse it. */
export const followed = (schema: GraphQLSchema, { query, variables, operationName }: Asking): Followed => {
  const whole = parse(query, { maxTokens: limits.tokens });
  check(schema, whole);
  const operation = operationIn(whole, operationName);
  if (isNestedTooDeep(variables)) throw overLimit('nesting');
  if (costOf(schema, whole, operation, variables) > limits.cost) throw overLimit('cost');
  const [field, another] = operation.selectionSet.selections;
  const type = schema.getSubscriptionType();
  if (field?.kind !== Kind.FIELD || another || !type) {
    throw refuse('BAD_USER_INPUT', 'A subscription names its one field itself, and once');
  }
  const definition = type.getFields()[field.name.value];
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, {
    maxErrors: 1,
  });
  if (errors?.[0] || !definition) throw errors?.[0] ?? new GraphQLError('no such field');
  const { number } = getArgumentValues(definition, field, coerced);
  const dossier = typeof number === 'string' ? number : null;

  const own = separateOperations(whole)[operation.name?.value ?? ''] ?? whole;
  const { source, key, used, text } = queryOf(own, operation, field);
  const given = Object.fromEntries(Object.entries(variables).filter(([name]) => used.has(name)));
  return {
    feed: { dossier, own: dossier === null, events: source.events },
    leads: source.leads,
    latestCounts: source.events === null,
    queryFor: (value) => ({ query: text, variables: { ...given, [key]: value } }),
  };
};
