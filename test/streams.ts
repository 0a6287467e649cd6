/** A house whose streams a test follows, and the hand that makes things happen. */
import pg from 'pg';
import { embedded } from '../gateway/embedded.ts';
import type { Reach } from '../gateway/gateway.ts';
import { demoToken } from '../subgraphs/demo-issuer.ts';
import { principalOf } from '../subgraphs/principal.ts';
import { today } from './cluster.ts';
import { freshDatabase } from './database.ts';
import { type Reader, readStream } from './stream-reader.ts';
import { house, noDocuments, tokenFor } from './world.ts';

/** What a subscriber states besides who it is. */
export type Stating = {
  purpose?: string;
  reference?: string;
  lastEventId?: string;
  operationName?: string;
  variables?: Record<string, unknown>;
  headers?: Record<string, string>;
};

const secret = 'a secret of tests, and of tests alone';
const pace = { look: 20, keepAlive: 50, patience: 5000 };

/** Opens the house; `around` may stand between the gateway and its subgraphs. */
export const openStreams = async (around: (parts: Reach) => Reach = (parts) => parts) => {
  const database = await freshDatabase();
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  const parts = around(embedded(database.urlOf, { secret, connections: 4, folder: noDocuments }));
  const gateway = await house(database, { parts, pace });
  const readers = new Set<Reader>();
  let messages = 0;

  // The shape of a row is what the test's own text asks for.
  const rows = async <Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await owner.query(text, [...values])).rows;
  /** What a step leaves behind in the outbox. */
  const happens = async (dossier: string, event = 'COMPLETED', message: string | null = null): Promise<void> => {
    await rows(
      `insert into steps.outbox (position, at, event, dossier_number, message_id) values (nextval('steps.position'), now(), $2, $1, $3)`,
      [dossier, event, message],
    );
  };
  /** Sends a message, and answers its id. */
  const writes = async (dossier: string): Promise<string> => {
    messages += 1;
    const id = `MSG-${messages}`;
    await rows('begin');
    await rows(
      `insert into dossiers.message (id, dossier_number, at, sender_kind, sender, text) values ($1, $2, now(), 'REGION', 'VLA-DEM', 'x')`,
      [id, dossier],
    );
    await happens(dossier, 'MESSAGE_ADDED', id);
    await rows('commit');
    return id;
  };
  /** A token that ends in so many seconds, by the clock of who verifies it. */
  const tokenUntil = async (who: string, seconds: number): Promise<string> => {
    const named = principalOf(who, today);
    if ('reason' in named) throw new Error(named.reason);
    return demoToken(gateway.env.DATA_DIR, named.principal, { validFor: seconds - 5 }); // clocks may differ by five
  };
  const open = async (who: string | null, query: unknown, stating: Stating = {}): Promise<Reader> => {
    const { purpose, reference, lastEventId, headers, ...asked } = stating;
    const reader = await readStream(gateway.url, {
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...(who === null ? {} : { authorization: `Bearer ${await tokenFor(gateway.env, who)}` }),
        ...(purpose && reference ? { 'x-purpose': purpose, 'x-reference': reference } : {}),
        ...(lastEventId ? { 'last-event-id': lastEventId } : {}),
        ...headers,
      },
      body: { query, ...asked },
    });
    readers.add(reader);
    return reader;
  };

  return {
    gateway,
    urlOf: database.urlOf,
    rows,
    happens,
    writes,
    tokenUntil,
    open,
    closeAll: () => {
      for (const reader of readers) reader.close();
      readers.clear();
    },
    stop: async () => {
      await gateway.stop();
      await owner.end();
      await database.drop();
    },
  };
};

/** A subscription to changes, and to messages. */
export const changed = (selection = 'number', args = ''): string =>
  `subscription { dossierChanged${args} { ${selection} } }`;
export const added = (args = ''): string => `subscription { messageAdded${args} { id dossier { number } } }`;

/** The last words of a stream that ends with a refusal, and after them. */
export const ending = (code: string, message: string, details: object = {}) => [
  { event: 'next', id: null, data: { errors: [{ message, extensions: { ...details, code } }] } },
  { event: 'complete', id: null, data: null },
  null,
];

/** The next events of a stream. */
export const several = async (reader: Reader, count: number) => {
  const events: unknown[] = [];
  for (let at = 0; at < count; at += 1) events.push(await reader.next());
  return events;
};

/** What the next event of a stream says. */
export const told = async (reader: Reader): Promise<unknown> => (await reader.next())?.data;
