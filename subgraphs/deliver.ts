/**
 * Delivers what the steps have announced: at least once, in order per dossier, recipient and channel. All that it knows stands in
 * the rows, so that it may stop at any moment, and run in any number of processes.
 */
import type pg from 'pg';
import { type Queryable, statement } from '../db/statement.ts';
import { retry, waitAfter } from '../schema/notifications.ts';
import { type Carrier, failureOf, type Notice } from './channels/carrier.ts';
import { traceOf } from './errors.ts';
import { log } from './log.ts';
import { repeat } from './repeat.ts';

/** How many deliveries one turn of a carrier takes. */
const batch = 10;

// Who waits: not what another process has in hand, and nothing of a dossier before what the same recipient is to have first.
// The addresses are those of now, and leave memory with the attempt.
const take = statement<Notice & { attempts: number }>(`
  select v.id, v.position, v.event, v.recipient, v.channel, v.dossier_number as dossier, v.attempts, o.worker_id as worker, o.at,
    o.data as details, d.competent_authority as region, d.language,
    exists (select from access.involvement i where i.party = v.recipient and i.subject_kind = 'DOSSIER' and i.subject = o.dossier_number) as tied,
    case when v.channel = 'EBOX' then (select a.insz from workers.insz_alias a
      where 'WORKER:' || a.worker_id = v.recipient and a.valid_to is null order by a.valid_from desc limit 1) end as insz,
    case when v.channel = 'MAIL' then (select w.email from workers.worker w where 'WORKER:' || w.id = v.recipient) end as email
  from steps.delivery v join steps.outbox o on o.position = v.position left join dossiers.dossier d on d.number = o.dossier_number
  where v.status = 'PENDING' and v.due_at <= now() and v.channel = $1
    and ($2::text[] is null or v.recipient = any($2)) and v.recipient <> all($3::text[])
    and not exists (select from steps.delivery e where e.dossier_number = v.dossier_number and e.position < v.position
      and e.recipient = v.recipient and e.channel = v.channel and e.status = 'PENDING')
  order by v.due_at, v.position limit ${batch}
  for update of v skip locked`);

const settle = statement(`
  update steps.delivery v set status = n.status, attempts = n.attempts, due_at = clock_timestamp() + make_interval(secs => n.wait),
    sent_at = case when n.status in ('SENT', 'READ') then $1::timestamptz end, read_at = n.read_at, receipt = n.receipt, fault = n.fault
  from unnest($2::text[], $3::text[], $4::integer[], $5::float8[], $6::timestamptz[], $7::text[], $8::text[])
    as n(id, status, attempts, wait, read_at, receipt, fault)
  where v.id = n.id`);

const markRead = statement<{ id: string }>(`
  update steps.delivery v set status = 'READ', read_at = n.read_at
  from unnest($1::text[], $2::timestamptz[]) as n(id, read_at)
  where v.id = n.id and v.channel = 'EBOX' and v.status = 'SENT' returning v.id`);

const lastRead = statement<{ at: Date | null }>(
  `select max(read_at) as at from steps.delivery where channel = 'EBOX' and status = 'READ'`,
);

/** What became of one attempt. */
type Outcome = {
  status: 'PENDING' | 'SENT' | 'READ' | 'DEAD';
  wait: number;
  readAt: Date | null;
  receipt: string | null;
  fault: string | null;
};

/** What the loop is given: its connections, the moment that it is, and chance. */
export type Ground = { pool: pg.Pool; now: () => Date; chance?: () => number };

const attempt = async (carrier: Carrier, notice: Notice & { attempts: number }, chance: number): Promise<Outcome> => {
  try {
    const { receipt, readAt } = await carrier.send(notice);
    return { status: readAt ? 'READ' : 'SENT', wait: 0, readAt, receipt, fault: null };
  } catch (error) {
    const { fault, final } = failureOf(error);
    const attempts = notice.attempts + 1;
    const dead = final || attempts >= retry.attempts;
    // The code and nothing else: what a server answers can quote an address.
    if (dead) log.warn({ delivery: notice.id, channel: notice.channel, fault }, 'dead letter');
    else if (fault === 'FAULT') log.warn({ channel: notice.channel, ...traceOf(error) }, 'could not deliver');
    return {
      status: dead ? 'DEAD' : 'PENDING',
      wait: dead ? 0 : waitAfter(attempts, chance),
      readAt: null,
      receipt: null,
      fault,
    };
  }
};

const inTransaction = async <T>(pool: pg.Pool, work: (db: Queryable) => Promise<T>): Promise<T> => {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query('begin');
    const value = await work(client);
    await client.query('commit');
    broken = false;
    return value;
  } finally {
    // A connection that may still hold the transaction is closed, which gives back what it had taken.
    client.release(broken);
  }
};

/**
 * One turn of a carrier: takes what is due, hands it on, and writes what came of it; answers how many there were. They stay
 * locked meanwhile. Whoever dies before the commit leaves them as they were, and they leave again under the same ids.
 */
export const deliverOnce = ({ pool, now, chance = Math.random }: Ground, carrier: Carrier): Promise<number> =>
  inTransaction(pool, async (db) => {
    const notices = await take(db, [carrier.channel, carrier.only ?? null, carrier.but ?? []]);
    if (notices.length === 0) return 0;
    const outcomes = await Promise.all(notices.map((notice) => attempt(carrier, notice, chance())));
    await settle(db, [
      now(),
      notices.map(({ id }) => id),
      outcomes.map(({ status }) => status),
      notices.map(({ attempts }) => attempts + 1),
      outcomes.map(({ wait }) => wait),
      outcomes.map(({ readAt }) => readAt),
      outcomes.map(({ receipt }) => receipt),
      outcomes.map(({ fault }) => fault),
    ]);
    return notices.length;
  });

// Something can be read before the attempt that brought it is written down: that far back the receipts are asked for again.
const overlap = 60_000;

/** Asks a carrier what was read, page by page, and writes it down. Answers from when on to ask the next time. */
export const collectOnce = async ({ pool }: Ground, carrier: Carrier, since: Date | null): Promise<Date | null> => {
  const known = since ?? (await lastRead(pool))[0]?.at ?? null;
  let from = known && new Date(known.getTime() - overlap);
  for (;;) {
    const receipts = (await carrier.receipts?.(from)) ?? [];
    const last = receipts.at(-1)?.readAt;
    if (last) await markRead(pool, [receipts.map(({ id }) => id), receipts.map(({ readAt }) => readAt)]);
    // The moment that is asked from is included: a page with nothing later is the last.
    if (!last || (from && last <= from)) break;
    from = last;
  }
  return known && from && from < known ? known : from;
};

const putBack = statement<{ id: string }>(`
  update steps.delivery set status = 'PENDING', attempts = 0, due_at = now(), fault = null
  where status = 'DEAD' and ($1::text[] is null or id = any($1)) returning id`);

/** Puts dead letters back, all or those of the ids, and answers how many; they come after what was delivered meanwhile. */
export const revive = async (db: Queryable, ids: readonly string[] | null): Promise<number> =>
  (await putBack(db, [ids])).length;

/** Milliseconds between two looks at what is due, and between two questions for receipts. */
const pauses = { due: 1000, receipts: 5000 };

/** Runs each carrier by itself, so that none waits for another, until it is stopped: then what is under way is finished. */
export const deliver = (ground: Ground, carriers: readonly Carrier[]): { stop(): Promise<void> } => {
  let isStopping = false;
  const sending = (carrier: Carrier) =>
    repeat(carrier.name, {
      pause: pauses.due,
      work: async () => {
        while (!isStopping && (await deliverOnce(ground, carrier)) === batch);
      },
    });
  const collecting = (carrier: Carrier) => {
    let since: Date | null = null;
    return repeat(`receipts of ${carrier.name}`, {
      pause: pauses.receipts,
      work: async () => {
        since = await collectOnce(ground, carrier, since);
      },
    });
  };
  const running = carriers.flatMap((carrier) => [sending(carrier), ...(carrier.receipts ? [collecting(carrier)] : [])]);
  return {
    stop: async () => {
      isStopping = true;
      await Promise.all(running.map(({ stop }) => stop()));
      await Promise.all(carriers.map(({ stop }) => stop()));
    },
  };
};
