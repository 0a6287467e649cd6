/** Deliveries as a test puts them into the outbox, and carriers that do what the test says. */
import type pg from 'pg';
import { pool } from '../db/database.ts';
import type { Channel } from '../schema/notifications.ts';
import { type Carrier, failed, type Notice } from '../subgraphs/channels/carrier.ts';
import { number } from './cast.ts';
import { freshDatabase } from './database.ts';

/** A delivery that waits; of Rahul's dossier to his employer, unless told. */
export type Waiting = {
  id: string;
  event?: string;
  dossier?: string | null;
  recipient?: string;
  channel?: Channel;
  data?: object;
  attempts?: number;
};

/** A row of a delivery, as far as it tells what became of it. */
export type Fate = { id: string; status: string; attempts: number; fault: string | null };

/** The moment that the loop of a test has, which stands still. */
export const still = new Date('2026-11-02T10:00:00.000Z');

/** A database of the test's own, with the connections that the loop has, and the outbox in the test's hands. */
export const openOutbox = async (): Promise<{
  connections: pg.Pool;
  ownerUrl: string;
  put(...waiting: Waiting[]): Promise<void>;
  fates(): Promise<Fate[]>;
  rows: <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;
  stop(): Promise<void>;
}> => {
  const database = await freshDatabase();
  const owner = pool(database.ownerUrl, { name: 'owner', max: 2 });
  const connections = pool(database.urlOf('steps'), { name: 'notices', max: 6 });
  // The shape of a row is what the test's own text asks for.
  const rows = async <Row>(text: string, values: readonly unknown[] = []) =>
    (await owner.query(text, [...values])).rows as Row[];
  return {
    connections,
    ownerUrl: database.ownerUrl,
    rows,
    put: async (...waiting) => {
      for (const { id, event = 'FINAL_DECISION', dossier = number.rahul, ...one } of waiting) {
        await rows(
          `with o as (insert into steps.outbox (position, at, event, dossier_number, worker_id, employer_kbo, data)
             values (nextval('steps.position'), $1, $2, $3, 'W-0000002', '0123456749', $4) returning position)
           insert into steps.delivery (id, position, dossier_number, event, recipient, channel, attempts, due_at, created_at)
             select $5, position, $6, $2, $7, $8, $9, now(), $1 from o`,
          [
            still,
            event,
            dossier ?? number.rahul,
            one.data ?? {},
            id,
            dossier,
            one.recipient ?? 'EMPLOYER:0123456749',
            one.channel ?? 'EBOX',
            one.attempts ?? 0,
          ],
        );
      }
    },
    fates: () => rows<Fate>('select id, status, attempts, fault from steps.delivery order by position'),
    stop: async () => {
      await connections.end();
      await owner.end();
      await database.drop();
    },
  };
};

/** The outbox as a test file has it. */
export type Outbox = Awaited<ReturnType<typeof openOutbox>>;

/** A carrier to the e-Box that notes what it is given, and fails where the test says so. */
export const noting = (fail: (notice: Notice) => string | false = () => false): Carrier & { seen: string[] } => {
  const seen: string[] = [];
  return {
    seen,
    name: 'noting',
    channel: 'EBOX',
    send: async (notice) => {
      seen.push(notice.id);
      const fault = fail(notice);
      if (fault) throw failed(fault, fault === 'NO_ADDRESS');
      return { receipt: null, readAt: null };
    },
    stop: async () => undefined,
  };
};
