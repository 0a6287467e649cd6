/** The door for streams: events of the graph as server-sent events, by the protocol of graphql-sse, each operation on a connection of its own. */
import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '../subgraphs/errors.ts';
import type { Identified } from '../subgraphs/viewer.ts';
import type { Context, Gateway, Reach } from './gateway.ts';
import { limits, overLimit } from './limits.ts';
import { type Out, stream } from './stream.ts';
import type { Asking } from './subscription.ts';
import { watcher } from './watch.ts';

/** How often, in milliseconds, is looked for news and a silent connection kept open; and how long a slow reader has. */
export type Pace = { look: number; keepAlive: number; patience: number };

const usual: Pace = { look: 500, keepAlive: 15_000, patience: 30_000 };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const read = (body: unknown): Asking => {
  if (!isRecord(body) || typeof body.query !== 'string') throw refuse('BAD_USER_INPUT', 'The request has no query');
  const { query, variables, operationName } = body;
  return {
    query,
    variables: isRecord(variables) ? variables : {},
    operationName: typeof operationName === 'string' ? operationName : null,
  };
};

/** Refuses another site's script: nothing it does with a reader's token is the reader's. */
const mustBeOwn = ({ headers: { origin, host } }: FastifyRequest): void => {
  if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)) return;
  throw refuse('FORBIDDEN', 'Another site may not open a stream');
};

const mustAccept = ({ headers: { accept = '' } }: FastifyRequest): void => {
  if (/\btext\/event-stream\b/.test(accept)) return;
  throw refuse('BAD_USER_INPUT', 'A stream is answered as text/event-stream, and that has to be accepted');
};

/** Begins with `head`, and writes no faster than the other side reads; one that does not read is let go, and can go on where it was. */
const outOf = (response: ServerResponse, head: OutgoingHttpHeaders, patience: number): Out => {
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  return {
    write: async (text) => {
      if (response.writableEnded || closed.signal.aborted) return false;
      if (!response.headersSent) response.writeHead(200, head);
      if (response.write(text)) return true;
      const signal = AbortSignal.any([closed.signal, AbortSignal.timeout(patience)]);
      try {
        await once(response, 'drain', { signal });
        return true;
      } catch {
        response.destroy();
        return false;
      }
    },
    end: () => void response.end(),
  };
};

type Needs = Pick<Reach, 'head'> & {
  server: Gateway;
  /** Tells, each time anew, who asks; or refuses it. */
  admit: (request: FastifyRequest) => Promise<Context & { viewer: Identified }>;
  pace?: Pace | undefined;
};

/** Adds the streams to the gateway's HTTP server. */
export const streams = (app: FastifyInstance, { server, admit, head, pace = usual }: Needs): void => {
  const watch = watcher(head, pace.look);
  const viewers = new WeakMap<FastifyRequest, Identified>();
  const open = new Map<string, Set<() => void>>();

  const serve = async (request: FastifyRequest, reply: FastifyReply, mine: Set<() => void>, asking: Asking) => {
    const response = reply.raw;
    const head = {
      ...(reply.getHeaders() as OutgoingHttpHeaders), // fastify's own type differs in a header that nobody sets here
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    };
    const after = request.headers['last-event-id'];
    const silence = setInterval(() => {
      if (response.headersSent && !response.writableNeedDrain) response.write(':\n\n');
    }, pace.keepAlive);
    let forget = (): void => undefined;
    await stream(
      { server, admitted: () => admit(request), watch },
      {
        asking,
        after: typeof after === 'string' && after !== '' ? after : null,
        until: viewers.get(request)?.until ?? 0,
      },
      outOf(response, head, pace.patience),
      (stop) => {
        mine.add(stop);
        response.once('close', stop);
        forget = () => void mine.delete(stop);
      },
    );
    clearInterval(silence);
    forget();
  };

  app.route({
    method: 'POST',
    url: '/graphql/stream',
    // Before the body is read, as with a question.
    onRequest: async (request) => {
      mustBeOwn(request);
      const { viewer } = await admit(request);
      request.viewer = viewer;
      viewers.set(request, viewer);
      mustAccept(request);
    },
    handler: async (request, reply) => {
      const asking = read(request.body);
      const caller = JSON.stringify([request.viewer?.kind, request.viewer?.party, request.viewer?.id]);
      const mine = open.get(caller) ?? new Set();
      if (mine.size >= limits.streams) throw overLimit('streams');
      open.set(caller, mine);
      reply.hijack();
      await serve(request, reply, mine, asking);
      if (mine.size === 0) open.delete(caller);
    },
  });
  // A stream that is cut off is resumed elsewhere: only what is complete is not.
  app.addHook('preClose', async () => {
    for (const mine of open.values()) for (const stop of mine) stop();
  });
};
