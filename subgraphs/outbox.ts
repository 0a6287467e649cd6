/** What happened, for whoever must hear of it: written with the step, in the order of the commits. */
import type pg from 'pg';
import { statement } from '../db/statement.ts';

/** What is told of one step. The data hold nothing personal. */
export type Announcement = {
  readonly at: Date;
  /** The dossier's number; null for what concerns no dossier, a mandate. */
  readonly dossier: string | null;
  readonly worker: string | null;
  readonly employer: string | null;
  readonly message?: string | undefined;
  /** Names of timeline events and of notifications (DOMAIN 10); `notify` where somebody is sent a message of it. */
  readonly events: readonly { event: string; data: Readonly<Record<string, unknown>>; notify: boolean }[];
  /** Whether a registered letter goes as well. */
  readonly letter?: boolean | undefined;
};

const add = statement(`
  insert into steps.outbox (position, at, event, dossier_number, worker_id, employer_kbo, message_id, data)
  select nextval('steps.position'), $2, e.event, $3, $4, $5, $6, e.data
  from json_to_recordset($1::json) as e(nth integer, event text, data jsonb) order by e.nth`);

/** Writes an announcement in the transaction of its step, which holds the end of the read log. */
export const announce = async (
  client: pg.PoolClient,
  { at, dossier, worker, employer, message, events }: Announcement,
): Promise<void> => {
  if (events.length === 0) return;
  await add(client, [
    JSON.stringify(events.map((one, nth) => ({ nth, ...one }))),
    at,
    dossier,
    worker,
    employer,
    message ?? null,
  ]);
};
