/** One subgraph behind HTTP: it answers the gateway, and nobody else. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Documents } from './dossiers/documents.ts';
import { refuse } from './errors.ts';
import { callerHeaders, healthRoutes, httpServer } from './http.ts';
import type { ReadLog } from './read-log.ts';
import { type Asked, consultation, readingsOf } from './reading.ts';
import { contentRoutes } from './serve-contents.ts';
import { isSigned, signatureHeader } from './signature.ts';
import type { GraphRequest, Subgraph } from './subgraph.ts';
import type { Identify, Viewer } from './viewer.ts';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the gateway asks. It signed the text, so anything else than this is a fault of ours. */
const read = (text: string): GraphRequest => {
  const asked: unknown = JSON.parse(text);
  if (!isRecord(asked) || typeof asked.query !== 'string') throw refuse('BAD_USER_INPUT', 'The request has no query');
  const { query, variables, operationName } = asked;
  return {
    query,
    variables: isRecord(variables) ? variables : null,
    operationName: typeof operationName === 'string' ? operationName : null,
  };
};

const single = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** What the gateway puts on record; it signed the text, as it signs a question. */
const readAsked = (text: string): Asked => {
  const asked: unknown = JSON.parse(text);
  if (!isRecord(asked) || typeof asked.operation !== 'string' || !Array.isArray(asked.readings)) {
    throw refuse('BAD_USER_INPUT', 'There is nothing to put on record');
  }
  return { operation: asked.operation, readings: asked.readings };
};

type Served = {
  identify: Identify;
  secret: string;
  readLog?: Pick<ReadLog, 'append'> | undefined;
  head?: (() => Promise<number>) | undefined;
  documents?: Documents | undefined;
};

/**
 * The server of one subgraph, not yet listening. Who asks is read from the caller's own token, which the gateway passes on.
 * A subgraph is given what it keeps for the gateway: the read log, the end of the outbox, the contents of documents.
 */
export const serve = (subgraph: Subgraph, { identify, secret, readLog, head, documents }: Served): FastifyInstance => {
  const { name } = subgraph;
  const app = httpServer({ name, bodyLimit: 4_000_000, body: 'text' });
  healthRoutes(app, subgraph.ready);

  /** That the gateway sends this, or what stands in its place; nobody else is heard. */
  const mustBeSigned = (request: FastifyRequest, body: string): void => {
    const headers = callerHeaders(request.raw);
    const signed = {
      subgraph: name,
      body,
      authorization: single(headers.authorization),
      purpose: single(headers['x-purpose']),
      reference: single(headers['x-reference']),
    };
    if (!isSigned(secret, signed, request.headers[signatureHeader])) {
      throw refuse('UNAUTHENTICATED', 'Only the gateway may ask here');
    }
  };
  /** For whom it sends it. */
  const heard = async (request: FastifyRequest, body: string): Promise<Viewer> => {
    mustBeSigned(request, body);
    const viewer = await identify(callerHeaders(request.raw));
    request.viewer = viewer;
    return viewer;
  };
  /** The same, where a purpose that may not be claimed ends it. */
  const admitted = async (request: FastifyRequest, body: string): Promise<Viewer> => {
    const viewer = await heard(request, body);
    if (viewer.wrongPurpose) throw viewer.wrongPurpose.refusal;
    return viewer;
  };
  const textOf = ({ body }: FastifyRequest): string => (typeof body === 'string' ? body : '');

  app.post('/graphql', async (request, reply) => {
    const viewer = await admitted(request, textOf(request));
    const { data, errors } = await subgraph.execute(read(textOf(request)), viewer, request);
    const extensions = { readings: readingsOf(request).list() };
    return reply
      .type('application/json; charset=utf-8')
      .send(JSON.stringify({ ...(data === undefined ? {} : { data }), ...(errors ? { errors } : {}), extensions }));
  });
  if (head) {
    app.get('/outbox/head', async (request) => {
      mustBeSigned(request, textOf(request));
      return { position: await head() };
    });
  }
  if (readLog) {
    app.post('/read-log', async (request) => {
      const viewer = await heard(request, textOf(request));
      return readLog.append(consultation(viewer, readAsked(textOf(request))));
    });
  }
  if (documents) contentRoutes(app, { heard: admitted, documents });
  return app;
};
