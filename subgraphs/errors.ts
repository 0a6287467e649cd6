/** What a caller may hear of a fault: one of a few codes, the same on every path. */
import { randomUUID } from 'node:crypto';
import { types } from 'node:util';
import { type ASTNode, GraphQLError, Kind, print } from 'graphql';
import { isDown } from '../db/database.ts';
import { log } from './log.ts';

export const errorCodes = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'PURPOSE_REQUIRED',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'BAD_STATE',
  'STALE_VERSION',
  'IDEMPOTENCY_CONFLICT',
  'LIMIT_EXCEEDED',
  'RATE_LIMITED',
  'DEPENDENCY_UNAVAILABLE',
  'INTERNAL',
] as const;
/** The codes of errors, all there are. */
export type ErrorCode = (typeof errorCodes)[number];

const known: ReadonlySet<unknown> = new Set(errorCodes);

/** Whether a value is one of the codes. */
export const isErrorCode = (code: unknown): code is ErrorCode => known.has(code);

/** The only way to refuse. Anything else that is thrown is a bug or an outage, and is masked. */
export const refuse = (code: ErrorCode, message: string, details: Record<string, unknown> = {}): GraphQLError =>
  new GraphQLError(message, { extensions: { ...details, code } });

/** The same for a request over HTTP, with a status that says more than the code does. */
export const refuseWith = (
  statusCode: number,
  code: ErrorCode,
  message: string,
  details: Record<string, unknown> = {},
): GraphQLError => Object.assign(refuse(code, message, details), { statusCode });

/** Says that a register does not answer now; what other registers hold still stands. */
export const unavailable = (register: string): GraphQLError =>
  refuse('DEPENDENCY_UNAVAILABLE', `The register of ${register} does not answer now`, { register });

/** Whether it is an error. Jest gives each test file an Error of its own, and what Node throws is of another. */
export const isError = (error: unknown): error is Error => error instanceof Error || types.isNativeError(error);

const causeOf = (error: unknown): unknown =>
  error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error;

const frames = (error: Error): string[] =>
  (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim());

/** What the log may hold of an error: its name, its code and where it happened. A message can quote what a row holds. */
export const traceOf = (error: unknown): { error: string; code?: string; at: string[] } => {
  if (!isError(error)) return { error: typeof error, at: [] };
  const code =
    'code' in error && typeof error.code === 'string' && /^\w{1,40}$/.test(error.code) ? error.code : undefined;
  return { error: error.name, ...(code === undefined ? {} : { code }), at: frames(error) };
};

// One cause can fail a hundred rows: it is one incident, and one line in the log.
const incidents = new WeakMap<object, string>();

const incidentOf = (cause: unknown, register: string): string => {
  const met = typeof cause === 'object' && cause !== null ? incidents.get(cause) : undefined;
  if (met !== undefined) return met;
  const incident = randomUUID();
  if (typeof cause === 'object' && cause !== null) incidents.set(cause, incident);
  log.error({ incident, register, ...traceOf(cause) }, 'incident');
  return incident;
};

const reported = new WeakSet<Error>();

const outage = (cause: Error, register: string): GraphQLError => {
  if (!reported.has(cause)) log.warn({ register, ...traceOf(cause) }, 'register unavailable');
  reported.add(cause);
  return unavailable(register);
};

// 57014: the statement took longer than it may. To the caller that is a register that does not answer.
const isTooSlow = (error: unknown): boolean => isError(error) && 'code' in error && error.code === '57014';

// 22021: PostgreSQL takes no NUL in a text. A scalar of ours refuses it where it enters; an id can be any text.
const isUnstorable = (error: unknown): boolean => isError(error) && 'code' in error && error.code === '22021';

const valueKinds: ReadonlySet<string> = new Set([
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
  Kind.OBJECT_FIELD,
  Kind.VARIABLE,
]);

const own = (cause: unknown): GraphQLError | undefined =>
  cause instanceof GraphQLError && isErrorCode(cause.extensions.code) ? cause : undefined;

/** graphql-js quotes the value that does not fit, which may be an INSZ: of its sentence only the place is kept. */
const inputFault = (node: ASTNode, cause: unknown): GraphQLError | undefined => {
  const reason = own(cause);
  const because = reason ? `: ${reason.message}` : '';
  const refused = (message: string) => refuse('BAD_USER_INPUT', message, reason?.extensions);
  if (node.kind === Kind.VARIABLE_DEFINITION) {
    return refused(`The variable $${node.variable.name.value} does not fit ${print(node.type)}${because}`);
  }
  if (node.kind === Kind.ARGUMENT) return refused(`The argument ${node.name.value} does not fit its type${because}`);
  return valueKinds.has(node.kind) ? refused(reason?.message ?? 'A value does not fit its type') : undefined;
};

/** What graphql-js and Apollo say of a document that they cannot take; quoted values are left out. */
const documentCodes: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);
const withoutValues = (message: string): string =>
  message.replace(/\b(String|BlockString|Int|Float|Comment) ".*"/s, '$1').slice(0, 300);

const explained = (error: GraphQLError): GraphQLError | undefined => {
  const cause = causeOf(error);
  const [node] = error.nodes ?? [];
  const { code } = error.extensions;
  // The parser calls itself for each level of nesting: what exhausts the stack is too long as well.
  const exhausted = code === 'GRAPHQL_PARSE_FAILED' && isError(cause) && cause.name === 'RangeError';
  if (exhausted || /^Syntax Error: Document contains more tha. \d+ tokens/.test(error.message)) {
    return refuse('LIMIT_EXCEEDED', 'The document is too long', { limit: 'tokens' });
  }
  // graphql-js wraps what a resolver or its own completion of a value throws: that is never the caller's fault.
  if (isError(cause) && !(cause instanceof GraphQLError)) return undefined;
  const fault = node && inputFault(node, cause);
  if (fault) return fault;
  if (own(cause)) return own(cause);
  if (isErrorCode(code)) return error;
  // A document that is refused before it runs has no path.
  const ofDocument = documentCodes.has(code) || (code === undefined && !error.path);
  return ofDocument ? refuse('BAD_USER_INPUT', withoutValues(error.message)) : undefined;
};

const answerTo = (error: unknown, register: string): GraphQLError => {
  const answer = error instanceof GraphQLError ? explained(error) : undefined;
  if (answer) return answer;
  const cause = causeOf(error);
  if (isError(cause) && (isDown(cause) || isTooSlow(cause))) return outage(cause, register);
  if (isUnstorable(cause)) return refuse('BAD_USER_INPUT', 'A text has a character in it that no text here can have');
  return refuse('INTERNAL', 'Something went wrong', { incident: incidentOf(cause, register) });
};

/**
 * An error as it may be told: a refusal as it is, an outage with the register's name, anything else with nothing but the
 * number of an incident, under which the log has the rest. The path is kept; the document's text is not.
 */
export const mask = (error: unknown, register: string): GraphQLError => {
  const { message, extensions } = answerTo(error, register);
  const path = error instanceof GraphQLError ? error.path : undefined;
  return new GraphQLError(message, { ...(path ? { path } : {}), extensions });
};

type Placed = { readonly message: string; readonly path?: readonly (string | number)[] | undefined };

/** Where a path leads in the data, as places that compare: of a list the index, of an object the place of the name in it. */
const placesOf = (path: readonly (string | number)[], data: unknown): number[] => {
  let here = data;
  return path.map((step) => {
    const level: Record<string | number, unknown> = Object(here);
    here = level[step];
    return typeof step === 'number' ? step : Object.keys(level).indexOf(step);
  });
};

const byPlace = (one: readonly number[], other: readonly number[]): number => {
  const at = one.findIndex((place, i) => place !== other[i]);
  return at < 0 ? one.length - other.length : (one[at] ?? -1) - (other[at] ?? -1);
};

/**
 * The errors in the order of the answer, whichever came first: registers are asked side by side, and which of them was the
 * quicker is nothing that an answer tells.
 */
export const inOrder = <One extends Placed>(errors: readonly One[], data: unknown): One[] =>
  errors
    .map((error) => ({
      error,
      places: placesOf(error.path ?? [], data),
      text: JSON.stringify([error.path, error.message]),
    }))
    .sort((one, other) => byPlace(one.places, other.places) || (one.text < other.text ? -1 : 1))
    .map(({ error }) => error);
