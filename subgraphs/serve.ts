/** One subgraph behind HTTP: it answers the gateway, and nobody else. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refuse } from './errors.ts';
import { callerHeaders, healthRoutes, httpServer } from './http.ts';
import type { ReadLog } from './read-log.ts';
import { type Asked, consultation, readingsOf } from './reading.ts';
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
};

/**
 * The server of one subgraph, not yet listening. Who asks is read from the caller's own token, which the gateway passes on.
 * The subgraph that keeps the read log is given it, and so is where the outbox ends the one that reads that.
 */
export const serve = (subgraph: Subgraph, { identify, secret, readLog, head }: Served): FastifyInstance => {
  const { name } = subgraph;
  const app = httpServer({ name, bodyLimit: 4_000_000, body: 'text' });
  healthRoutes(app, subgraph.ready);

  /** What the gateway sends; nobody else is heard. */
  const signedBody = (request: FastifyRequest): string => {
    const headers = callerHeaders(request.raw);
    const body = typeof request.body === 'string' ? request.body : '';
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
    return body;
  };
  /** What it sends for somebody, and for whom. */
  const heard = async (request: FastifyRequest): Promise<{ body: string; viewer: Viewer }> => {
    const body = signedBody(request);
    const viewer = await identify(callerHeaders(request.raw));
    request.viewer = viewer;
    return { body, viewer };
  };

  app.post('/graphql', async (request, reply) => {
    const { body, viewer } = await heard(request);
    if (viewer.wrongPurpose) throw viewer.wrongPurpose.refusal;
    const { data, errors } = await subgraph.execute(read(body), viewer, request);
    const extensions = { readings: readingsOf(request).list() };
    return reply
      .type('application/json; charset=utf-8')
      .send(JSON.stringify({ ...(data === undefined ? {} : { data }), ...(errors ? { errors } : {}), extensions }));
  });
  if (head) {
    app.get('/outbox/head', async (request) => {
      signedBody(request);
      return { position: await head() };
    });
  }
  if (readLog) {
    app.post('/read-log', async (request) => {
      const { body, viewer } = await heard(request);
      return readLog.append(consultation(viewer, readAsked(body)));
    });
  }
  return app;
};
