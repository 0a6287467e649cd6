/** Stands in for the e-Box: mailboxes with receipts, in memory. For tests and for the demo, and never for real messages. */
import type { FastifyInstance } from 'fastify';
import { LRUCache } from 'lru-cache';
import { refuse } from '../errors.ts';
import { httpServer } from '../http.ts';
import type { EboxMessage } from './ebox.ts';

type Kept = EboxMessage & { receipt: string; receivedAt: string; readAt: string | null };

const mostKept = 10_000;
const page = 1000;

const fieldsOf = (body: unknown): Readonly<Record<string, unknown>> => Object(body);

const recipientIn = (body: unknown): string => {
  const { KBO, INSZ } = fieldsOf(fieldsOf(body).recipient);
  if (typeof KBO === 'string') return `KBO ${KBO}`;
  if (typeof INSZ === 'string') return `INSZ ${INSZ}`;
  throw refuse('BAD_USER_INPUT', 'A recipient has a KBO number or an INSZ');
};

const idIn = (body: unknown): string => {
  const { messageId } = fieldsOf(body);
  if (typeof messageId === 'string' && messageId !== '') return messageId;
  throw refuse('BAD_USER_INPUT', 'A message has a messageId');
};

/** The server, not yet listening. Numbers of persons stand in bodies only, so that no address and no log holds one. */
export const eboxStandIn = (now: () => Date = () => new Date()): FastifyInstance => {
  const messages = new LRUCache<string, Kept>({ max: mostKept });
  const app = httpServer({ name: 'ebox', bodyLimit: 100_000, body: 'json', quiet: true });
  let received = 0;
  let last = '';

  /** The moment that it is, and never one before the moment that it last was: receipts are asked for by it. */
  const moment = (): string => {
    const at = now().toISOString();
    last = at > last ? at : last;
    return last;
  };

  app.get('/health/live', async () => ({ status: 'live' }));
  // The same message again is the message that is there.
  app.post('/messages', async ({ body }) => {
    const id = idIn(body);
    recipientIn(body);
    const kept = messages.get(id);
    if (kept) return { receipt: kept.receipt, readAt: kept.readAt };
    received += 1;
    const receipt = `EB-${received}`;
    messages.set(id, { ...(body as EboxMessage), receipt, receivedAt: moment(), readAt: null }); // of which the two parts that matter were looked at
    return { receipt, readAt: null };
  });
  app.post('/mailbox', async ({ body }) => {
    const wanted = recipientIn(body);
    return { messages: [...messages.values()].filter((one) => recipientIn(one) === wanted).reverse() };
  });
  app.post('/read', async ({ body }) => {
    const kept = messages.get(idIn(body));
    if (!kept) throw refuse('NOT_FOUND', 'There is no such message');
    kept.readAt ??= moment();
    return { messageId: kept.messageId, readAt: kept.readAt };
  });
  app.post('/receipts', async ({ body }) => {
    const { since } = fieldsOf(body);
    const from = typeof since === 'string' ? since : '';
    const read = [...messages.values()].flatMap(({ messageId, readAt }) =>
      readAt === null ? [] : [{ messageId, readAt }],
    );
    const asked = read
      .filter(({ readAt }) => readAt >= from)
      .sort((one, other) => (one.readAt < other.readAt ? -1 : 1));
    return { receipts: asked.slice(0, page) };
  });
  return app;
};
