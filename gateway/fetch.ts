/** What a fetch from a subgraph leaves behind, for the query plan to go on with. */
import { type ExecutionResult, type GraphQLError, Kind, parse } from 'graphql';
import { mask } from '../subgraphs/errors.ts';

/** What the query plan asks of a subgraph. */
export type FetchRequest = { query?: string | undefined; variables?: Readonly<Record<string, unknown>> | undefined };

/** An error of a subgraph as it goes into the answer: what may be told, and where. */
export type FetchError = {
  message: string;
  path?: readonly (string | number)[];
  extensions: Record<string, unknown>;
};

/** What a subgraph answered. */
export type FetchAnswer = { data?: Record<string, unknown>; errors?: FetchError[] };

const told = ({ message, extensions }: GraphQLError, path?: readonly (string | number)[]): FetchError => ({
  message,
  ...(path ? { path } : {}),
  extensions: { ...extensions },
});

/** The answer as the query plan takes it. */
export const answerOf = ({ data, errors }: ExecutionResult): FetchAnswer => ({
  ...(data ? { data } : {}),
  ...(errors?.length ? { errors: errors.map((error) => told(error, error.path)) } : {}),
});

/** The places of the answer that a fetch was for: each entity, or each field at the top. */
const places = ({ query = '', variables }: FetchRequest): (string | number)[][] => {
  const entities = variables?.representations;
  if (Array.isArray(entities)) return entities.map((_, index) => ['_entities', index]);
  return parse(query, { noLocation: true }).definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? definition.selectionSet.selections.flatMap((one) =>
          one.kind === Kind.FIELD ? [[one.alias?.value ?? one.name.value]] : [],
        )
      : [],
  );
};

/** A fetch that came to nothing: the rest of the answer stands, and each place that it leaves empty says why. */
export const failedFetch = (error: unknown, register: string, request: FetchRequest): FetchAnswer => {
  const masked = mask(error, register);
  return { errors: places(request).map((path) => told(masked, path)) };
};
