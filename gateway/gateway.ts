/** The federated graph: Apollo's planner and executor over the committed supergraph, and what a caller may see of a fault. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import {
  type DocumentNode,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  isScalarType,
  Kind,
  print,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { type SubgraphName, subgraphNames, supergraph } from '../schema/subgraphs.ts';
import { scalars } from '../subgraphs/common.ts';
import type { Parts } from '../subgraphs/content.ts';
import type { Upload } from '../subgraphs/dossiers/uploads.ts';
import { inOrder, mask, refuse, traceOf, unavailable } from '../subgraphs/errors.ts';
import { log } from '../subgraphs/log.ts';
import { type Asked, readingsOf } from '../subgraphs/reading.ts';
import type { Viewer } from '../subgraphs/viewer.ts';
import { costOf, isNestedTooDeep, limits, overLimit, withinLimits } from './limits.ts';

/** What a request carries: who asks, and the headers that a subgraph needs to find that out for itself. */
export type Context = {
  viewer: Viewer;
  headers: { authorization?: string | undefined; purpose?: string | undefined; reference?: string | undefined };
  /** What the read log calls it, where the caller asked something else than the graph. */
  operation?: string;
};

/** How the query plan reaches a subgraph. */
export type DataSource = GraphQLDataSource<Context>;

/** The subgraphs as the gateway reaches them: whether all answer, and how to let go of them. */
export type Reach = {
  reach(name: SubgraphName): DataSource;
  /** Puts on record what was read, before the answer leaves; fails when it cannot. */
  record(context: Context, asked: Asked): Promise<{ tooMany: boolean }>;
  /** Where the outbox ends: whoever follows it learns from this that something happened. */
  head(): Promise<number>;
  /** Keeps content for the caller, who has no dossier for it yet. */
  upload(context: Context, content: Parts, mime: string): Promise<Upload>;
  /** The content of a document that the caller may read; null where there is none. */
  content(context: Context, id: string): Promise<Readable | null>;
  ready(): Promise<boolean>;
  stop(): Promise<void>;
};

/** The server that runs the graph, and the schema that callers see. */
export type Gateway = ApolloServer<Context> & { readonly schema: GraphQLSchema };

const http = (status: number) => ({ http: { status, headers: new Map() } });

/** Gives a refusal the HTTP status that goes with it; it does not reach the caller's JSON. */
const withStatus = (error: GraphQLError, status: number): GraphQLError =>
  new GraphQLError(error.message, { extensions: { ...error.extensions, ...http(status) } });

const shown = (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
  const { message, path, extensions } = mask(error, 'gateway');
  const { serviceName: _, http: __, ...kept } = extensions;
  return {
    message,
    ...(formatted.locations ? { locations: formatted.locations } : {}),
    ...(path ? { path } : {}),
    extensions: kept,
  };
};

// Many wrong places of one document are one fault to the caller, and an echo of them all is a gift to an attacker.
const faultsShown = 5;

const keyOf = ({ message, path, extensions }: GraphQLFormattedError): string =>
  JSON.stringify([extensions?.code, message, path]);

/** Errors beside data stay, each once: they say which null is a refusal. Without data there is nothing to say it of. */
const trimmed = (errors: readonly GraphQLFormattedError[], hasData: boolean): GraphQLFormattedError[] => {
  const told = hasData ? errors : errors.filter(({ message }) => !message.startsWith('Too many validation errors'));
  const distinct = [...new Map(told.map((error) => [keyOf(error), error])).values()];
  return hasData ? distinct : distinct.slice(0, faultsShown);
};

/** What the executor says beside an answer is for whoever runs it: a value that broke the contract is an incident. */
const presented = ({ data, errors = [], extensions }: FormattedExecutionResult): FormattedExecutionResult => {
  const broken =
    extensions?.valueCompletion === undefined ? [] : [shown({ message: '' }, new Error('broken contract'))];
  const told = trimmed(data == null ? [...errors, ...broken] : inOrder([...errors, ...broken], data), data != null);
  return { ...(told.length > 0 ? { errors: told } : {}), ...(data === undefined ? {} : { data }) };
};

/** What an operation asks at the top and in which shape, without the values in it, which may name a person. */
const described = new WeakMap<DocumentNode, string>();
const describe = (document: DocumentNode): string => {
  const met = described.get(document);
  if (met !== undefined) return met;
  const roots = document.definitions.flatMap((one) =>
    one.kind === Kind.OPERATION_DEFINITION
      ? one.selectionSet.selections.flatMap((field) => (field.kind === Kind.FIELD ? [field.name.value] : []))
      : [],
  );
  const bare = visit(document, {
    StringValue: (node) => ({ ...node, value: '', block: false }),
    IntValue: (node) => ({ ...node, value: '0' }),
    FloatValue: (node) => ({ ...node, value: '0' }),
  });
  const digest = createHash('sha256').update(print(bare)).digest('hex').slice(0, 16);
  const made = `${[...new Set(roots)].sort().join(' ')} ${digest}`;
  described.set(document, made);
  return made;
};

type Record = Reach['record'];

/** Why an answer may not leave, if it may not: nothing personal goes out that is not on record. */
const withheld = async (
  record: Record,
  context: Context,
  document: DocumentNode,
): Promise<GraphQLError | undefined> => {
  const readings = readingsOf(context).list();
  if (readings.length === 0) return undefined;
  try {
    const { tooMany } = await record(context, { operation: context.operation ?? describe(document), readings });
    return tooMany
      ? withStatus(
          refuse('LIMIT_EXCEEDED', 'You have come across more persons today than you may', { limit: 'persons' }),
          429,
        )
      : undefined;
  } catch (error) {
    log.error({ register: 'read log', ...traceOf(error) }, 'answer withheld');
    return withStatus(unavailable('read log'), 503);
  }
};

const manners = (record: Record): ApolloServerPlugin<Context> => ({
  requestDidStart: async () => ({
    didResolveOperation: async ({ request, schema, document, operation }) => {
      if (!operation) {
        throw withStatus(
          refuse('BAD_USER_INPUT', 'The document has no operation of that name, or several and no name'),
          400,
        );
      }
      const kind = operation.operation;
      if (kind === 'subscription' || !schema.getRootType(kind)) {
        throw withStatus(refuse('BAD_USER_INPUT', `This graph takes no ${kind} here`), 400);
      }
      if (isNestedTooDeep(request.variables)) throw withStatus(overLimit('nesting'), 400);
      const cost = costOf(schema, document, operation, request.variables ?? {});
      if (cost > limits.cost) throw withStatus(overLimit('cost'), 400);
    },
    willSendResponse: async ({ response, contextValue, document }) => {
      const refusal = document && (await withheld(record, contextValue, document));
      const { body, http } = response;
      if (body.kind !== 'single') throw new Error('an answer in parts');
      if (refusal) http.status = (refusal.extensions.http as { status: number }).status; // as withStatus made it
      body.singleResult = refusal ? { errors: [shown({ message: '' }, refusal)] } : presented(body.singleResult);
    },
  }),
});

/** Documents that were found valid; bounded by their length, as a parsed document weighs many times its text. */
const documentStore = () => {
  const store = new LRUCache<string, DocumentNode>({
    max: 2000,
    maxSize: 1_000_000,
    sizeCalculation: ({ loc }) => loc?.end ?? 1000,
  });
  return {
    get: async (key: string) => store.get(key),
    set: async (key: string, document: DocumentNode) => void store.set(key, document),
    delete: async (key: string) => store.delete(key),
  };
};

// Apollo's parts tell the log about themselves; of that only trouble is worth a line, and never its text, which may quote.
const quiet = () => undefined;
const apolloLog = {
  debug: quiet,
  info: quiet,
  warn: () => log.warn({ from: 'apollo' }, 'warning'),
  error: () => log.error({ from: 'apollo' }, 'error'),
};

/**
 * Lets the graph check numbers and dates as it checks words and integers: before anything is asked, and with the place in the
 * document. Composition keeps a scalar's name only; the subgraphs check again.
 */
const checkInput = (schema: GraphQLSchema): void => {
  for (const { name, parseValue, parseLiteral } of Object.values(scalars)) {
    const composed = schema.getType(name);
    if (isScalarType(composed)) Object.assign(composed, { parseValue, parseLiteral });
  }
};

const isName = (name: string): name is SubgraphName => subgraphNames.some((one) => one === name);

/** Loads the graph; how it reaches a subgraph and the read log is the caller's choice. `stop` ends it. */
export const gateway = async (
  { reach, record }: Pick<Reach, 'reach' | 'record'>,
  { supergraphFile }: { supergraphFile?: string | undefined } = {},
): Promise<Gateway> => {
  process.env.APOLLO_TELEMETRY_DISABLED = 'true'; // ApolloGateway reads it when it is made: nothing phones home
  const graph = new ApolloGateway({
    supergraphSdl: supergraph(supergraphFile),
    buildService: ({ name }) => {
      if (isName(name)) return reach(name);
      throw new Error(`the supergraph names a subgraph that is not there: ${name}`);
    },
    logger: apolloLog,
    __exposeQueryPlanExperimental: false,
  });
  let schema: GraphQLSchema | undefined;
  graph.onSchemaLoadOrUpdate(({ apiSchema }) => {
    checkInput(apiSchema);
    schema = apiSchema;
  });
  const server = new ApolloServer<Context>({
    gateway: graph,
    plugins: [
      manners(record),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
    ],
    formatError: shown,
    validationRules: [withinLimits],
    validationOptions: { maxErrors: 1 },
    parseOptions: { maxTokens: limits.tokens },
    documentStore: documentStore(),
    logger: apolloLog,
    nodeEnv: 'production',
    introspection: true, // only to callers with a token: nobody else gets this far
    csrfPrevention: true,
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
  });
  await server.start();
  if (!schema) throw new Error('the graph was loaded without a schema');
  return Object.assign(server, { schema });
};
