/** The door: who may come in, with what in hand; and the console that stands beside it. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import helmet from '@fastify/helmet';
import files from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refuse } from '../subgraphs/errors.ts';
import { callerHeaders, healthRoutes, httpServer, refusalBody } from '../subgraphs/http.ts';
import type { Reading } from '../subgraphs/reading.ts';
import type { CallerHeaders, Identified, Identify } from '../subgraphs/viewer.ts';
import { documentRoutes } from './documents.ts';
import type { Context, Gateway, Reach } from './gateway.ts';
import { limits } from './limits.ts';
import { type Pace, streams } from './streams.ts';

const own = dirname(fileURLToPath(import.meta.url));
const { resolve } = createRequire(import.meta.url);
const installed = (name: string): string => dirname(resolve(`${name}/package.json`));

/** The console's address -> its file: these, and no others, are served. */
const consoleFiles: Record<string, [file: string, folder: string]> = {
  '/': ['console.html', own],
  '/console.js': ['console.js', own],
  '/console.css': ['console.css', own],
  '/examples.json': ['examples.json', own],
  '/vendor/react.js': ['react.production.min.js', join(installed('react'), 'umd')],
  '/vendor/react-dom.js': ['react-dom.production.min.js', join(installed('react-dom'), 'umd')],
  '/vendor/graphiql.js': ['graphiql.min.js', installed('graphiql')],
  '/vendor/graphiql.css': ['graphiql.min.css', installed('graphiql')],
};

// Everything comes from here. GraphiQL's fonts stand in its style sheet as data, and its dialogs write a style element that
// keeps the page behind them from scrolling.
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    'default-src': ["'self'"],
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:'],
    'font-src': ["'self'", 'data:'],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
  },
};

const text = (value: CallerHeaders['authorization']): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** What a request brings along, for the subgraphs that must see for themselves who asks. */
const carried = (headers: CallerHeaders): Context['headers'] => ({
  authorization: text(headers.authorization),
  purpose: text(headers['x-purpose']),
  reference: text(headers['x-reference']),
});

/** Lets a caller in, or refuses it; a purpose that it may not claim goes on record first. */
export const admit =
  (identify: Identify, record: Reach['record']) =>
  async (headers: CallerHeaders): Promise<Context & { viewer: Identified }> => {
    const context = { viewer: await identify(headers), headers: carried(headers) };
    const { wrongPurpose } = context.viewer;
    if (!wrongPurpose) return context;
    const refused: Reading = { subject: null, read: [], refused: [], outcome: 'REFUSED', counts: false };
    await record(context, { operation: 'x-purpose', readings: [refused] });
    throw wrongPurpose.refusal;
  };

/** The gateway's HTTP server, not yet listening. */
export const door = async (
  server: Gateway,
  {
    identify,
    record,
    ready,
    head,
    upload,
    content,
    pace,
  }: { identify: Identify; pace?: Pace | undefined } & Omit<Reach, 'reach' | 'stop'>,
): Promise<FastifyInstance> => {
  const admitted = admit(identify, record);
  const app = httpServer({ name: 'gateway', bodyLimit: limits.body, body: 'json' });
  await app.register(helmet, { contentSecurityPolicy, crossOriginEmbedderPolicy: false });
  await app.register(files, { root: own, serve: false, cacheControl: false });
  healthRoutes(app, ready);

  const contexts = new WeakMap<FastifyRequest, Context>();
  const enter = async (request: FastifyRequest): Promise<void> => {
    const context = await admitted(callerHeaders(request.raw));
    request.viewer = context.viewer;
    contexts.set(request, context);
  };
  const contextOf = (request: FastifyRequest): Context => {
    const context = contexts.get(request);
    if (!context) throw refuse('UNAUTHENTICATED', 'A valid token is needed');
    return context;
  };
  const answer = fastifyApolloHandler(server, { context: async (request): Promise<Context> => contextOf(request) });
  app.route({
    method: 'POST',
    url: '/graphql',
    // Before the body is read: who does not say who it is has nothing to send.
    onRequest: enter,
    handler: answer,
  });
  streams(app, { server, admit: (request) => admitted(callerHeaders(request.raw)), head, pace });
  for (const url of ['/graphql', '/graphql/stream']) {
    app.route({
      method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      url,
      handler: async (_request, reply) =>
        reply
          .code(405)
          .header('allow', 'POST')
          .type('application/json; charset=utf-8')
          .send(refusalBody(refuse('BAD_USER_INPUT', 'The graph is asked with POST'))),
    });
  }

  await documentRoutes(app, { server, enter, contextOf, upload, content });

  for (const [url, [file, folder]] of Object.entries(consoleFiles)) {
    app.get(url, async (_request, reply) => reply.sendFile(file, folder));
  }
  return app;
};
