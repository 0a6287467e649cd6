/** What the HTTP servers have in common: JSON whatever happens, one line in the log per request, nothing kept by a cache. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { type ErrorCode, isError, isErrorCode, mask, refuse } from './errors.ts';
import { log } from './log.ts';
import type { CallerHeaders, Viewer } from './viewer.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once that is known. */
    viewer: Viewer | null;
  }
  interface FastifyContextConfig {
    /** The body of the route is no JSON: its handler takes it as it comes, with `arriving`. */
    streams?: boolean;
  }
}

const statuses: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  PURPOSE_REQUIRED: 403,
  NOT_FOUND: 404,
  LIMIT_EXCEEDED: 429,
  RATE_LIMITED: 429,
  DEPENDENCY_UNAVAILABLE: 503,
  INTERNAL: 500,
};

/** The answer to a request that was refused as a whole. */
export const refusalBody = ({ message, extensions }: GraphQLError): string =>
  `${JSON.stringify({ errors: [{ message, extensions }] })}\n`;

/** The headers that say who asks; all their values, because Node keeps the first of several and says nothing. */
export const callerHeaders = ({ headersDistinct }: IncomingMessage): CallerHeaders => {
  const values = (name: string) => {
    const all = headersDistinct[name];
    return all?.length === 1 ? all[0] : all;
  };
  return {
    authorization: values('authorization'),
    'x-purpose': values('x-purpose'),
    'x-reference': values('x-reference'),
  };
};

/** A refusal, and the status that goes with it. */
const answerTo = (error: unknown, register: string): { status: number; refusal: GraphQLError } => {
  const status = isError(error) && 'statusCode' in error ? Number(error.statusCode) : 0;
  if (status > 0 && error instanceof GraphQLError) return { status, refusal: error };
  if (status === 413)
    return { status, refusal: refuse('LIMIT_EXCEEDED', 'The request is too large', { limit: 'body' }) };
  if (status === 415) return { status, refusal: refuse('BAD_USER_INPUT', 'Only application/json in UTF-8 is taken') };
  if (status >= 400 && status < 500) return { status, refusal: refuse('BAD_USER_INPUT', 'The request cannot be read') };
  const refusal = mask(error, register);
  const { code } = refusal.extensions;
  return { status: (isErrorCode(code) && statuses[code]) || 400, refusal };
};

const isJsonInUtf8 = (type: string): boolean => /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(type);

const unsupported = (): Error => Object.assign(new Error('unsupported media type'), { statusCode: 415 });
const unreadable = (): Error => Object.assign(new Error('unreadable'), { statusCode: 400 });

/** Text in UTF-8, and in nothing that only looks like it. */
const decoded = (body: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw unreadable();
  }
};

const json = async (body: Buffer): Promise<unknown> => {
  const text = decoded(body);
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable();
  }
};

const spoiled: Record<string, [status: string, message: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request took too long to arrive'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are too large'],
};

/** Answers what is no HTTP, or came too slowly to be any, and hangs up. */
const hangUp = (error: Error & { code?: string }, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, message] = spoiled[error.code ?? ''] ?? ['400 Bad Request', 'The request cannot be read'];
  const body = refusalBody(refuse('BAD_USER_INPUT', message));
  const head = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8`;
  if (socket.writable) socket.write(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  socket.destroy();
};

// A large body takes longer to arrive than the server waits for a request: as long as it keeps coming, its handler waits.
const unhurried = new WeakSet<Socket>();
const silence = 10_000; // between two parts
const whole = 120_000;
const farewell = 2000; // for the rest of what is not wanted: a caller whose connection is cut does not hear the answer

const tooSlow = (): Error => Object.assign(new Error('too slow'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });

const onClientError = (error: Error & { code?: string }, socket: Socket): void => {
  if (error.code !== 'ERR_HTTP_REQUEST_TIMEOUT' || !unhurried.has(socket)) hangUp(error, socket);
};

/** The body of a request, part by part as it arrives. Whoever stops reading can still answer. */
export async function* arriving({ raw }: FastifyRequest): AsyncGenerator<Uint8Array> {
  const { socket } = raw;
  const late = (): void => hangUp(tooSlow(), socket);
  const timers = [setTimeout(late, whole), setTimeout(late, silence)];
  unhurried.add(socket);
  try {
    for await (const part of raw.iterator({ destroyOnReturn: false })) {
      timers[1]?.refresh();
      yield part;
    }
  } finally {
    for (const timer of timers) clearTimeout(timer);
    unhurried.delete(socket);
    // Not at once: what has just stopped reading still stands in the way of what would read on.
    if (!raw.readableEnded) setImmediate(() => raw.resume());
    if (!raw.complete) setTimeout(() => raw.complete || socket.destroy(), farewell).unref();
  }
}

/** Answers a request that failed, or was refused. */
const refused = (error: unknown, register: string, reply: FastifyReply): FastifyReply => {
  const { status, refusal } = answerTo(error, register);
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  if (status === 503) reply.header('retry-after', '1');
  return reply.code(status).type('application/json; charset=utf-8').send(refusalBody(refusal));
};

type Options = {
  /** Names the server in the log. */
  name: string;
  /** Bytes that a body may have. */
  bodyLimit: number;
  /** What a handler gets: the parsed body, or its text where that is signed. */
  body: 'json' | 'text';
  /** Its requests are of no interest to the log. */
  quiet?: boolean;
};

/** A server without routes. */
export const httpServer = ({ name, bodyLimit, body, quiet = false }: Options): FastifyInstance => {
  const app = Fastify({
    bodyLimit,
    requestTimeout: 10_000, // to send a whole request: who sends slower is holding a connection
    keepAliveTimeout: 65_000,
    http: { headersTimeout: 8000, connectionsCheckingInterval: 1000, maxHeaderSize: 16_384 },
    genReqId: () => randomUUID(), // a caller's own could be anything, and would stand in the log
    logger: false,
    clientErrorHandler: onClientError,
    return503OnClosing: false, // a request that is already on its way is answered while the server closes
    forceCloseConnections: 'idle',
    // An address that cannot be read is refused like a body that cannot.
    frameworkErrors: (error, _request, reply) => refused(error, name, reply),
  });

  app.decorateRequest('viewer', null);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.header('cache-control', 'no-store');
    const { host = '' } = request.headers;
    if (!URL.canParse(`http://${host}/`)) throw unreadable();
    const type = request.headers['content-type'];
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') throw unsupported();
    const { streams = false } = request.routeOptions.config;
    if (request.method === 'POST' && !streams && type !== undefined && !isJsonInUtf8(type)) throw unsupported();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_: unknown, content: Buffer) =>
    body === 'json' ? json(content) : decoded(content),
  );

  app.setErrorHandler((error, _request, reply) => refused(error, name, reply));
  app.setNotFoundHandler((_request, reply) =>
    reply
      .code(404)
      .type('application/json; charset=utf-8')
      .send(refusalBody(refuse('NOT_FOUND', 'There is nothing here'))),
  );
  app.addHook('onResponse', async (request, reply) => {
    // The route, not the address: what a caller puts in an address is none of the log's business.
    const route = request.routeOptions.url ?? null;
    const at = { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
    const level = quiet || route?.startsWith('/health') ? 'debug' : 'info';
    log[level]({ server: name, request: request.id, ...at, caller: request.viewer?.party ?? null }, 'request');
  });
  return app;
};

/** The two questions that whatever runs the process asks of it. */
export const healthRoutes = (app: FastifyInstance, ready: () => Promise<boolean>): void => {
  app.get('/health/live', async (_request, reply) => reply.send({ status: 'live' }));
  app.get('/health/ready', async (_request, reply) => {
    const isReady = await ready().catch(() => false);
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready' });
  });
};

/** Stops taking requests and waits for those that are under way, ten seconds at the most. */
export const drained = async (app: FastifyInstance): Promise<void> => {
  const impatience = setTimeout(() => app.server.closeAllConnections(), 10_000);
  await app.close();
  clearTimeout(impatience);
};
