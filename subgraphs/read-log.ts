/** The read log: what each operation read of whom, written before its answer leaves, in a chain that nobody can rewrite. */
import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { type Checkpoint, checkpointEvery, type Link, linked, signer } from '../db/chain.ts';
import { pool as connect } from '../db/database.ts';
import { statement } from '../db/statement.ts';
import { insz } from '../schema/identifiers.ts';
import { log } from './log.ts';
import type { Consultation, Reading } from './reading.ts';

/** A log that is open. */
export type ReadLog = {
  /**
   * Resolves when the entries are committed, and throws when they cannot be: then nothing may be answered. `tooMany` when the
   * consultation passes the day's ceiling: its entries then say REFUSED, and nothing may be answered either.
   */
  append(consultation: Consultation): Promise<{ tooMany: boolean }>;
  /** Writes what waits, and takes no more. */
  stop(): Promise<void>;
};

type Waiting = {
  consultation: Consultation;
  resolve(answer: { tooMany: boolean }): void;
  reject(error: unknown): void;
};

const batchSize = 2000; // entries in a transaction: the time of a statement is limited
const quiet = 3600_000; // milliseconds after which a log in which little happens is signed as well

type Tail = { seq: number; chain: string; at: string; signed: { seq: number; at: number } };
type TailRow = { seq: number; chain: Buffer; at: Date; signed_seq: number; signed_at: Date | null };

const tailOf = ({ seq, chain, at, signed_seq, signed_at }: TailRow): Tail => ({
  seq: Number(seq),
  chain: chain.toString('hex'),
  at: at.toISOString(),
  signed: { seq: Number(signed_seq), at: signed_at?.getTime() ?? 0 },
});

const begin = async (client: pg.PoolClient): Promise<Tail> => {
  const answers = await client.query('begin isolation level read committed; select * from read_log.tail()');
  // pg answers a list where a text holds several statements, and its types do not say so.
  const [, { rows }] = answers as unknown as [unknown, { rows: [TailRow] }];
  return tailOf(rows[0]);
};

const addEntries = statement(`
  insert into read_log.entry (seq, at, user_id, party, kind, subject, read, refused, purpose, reference, operation, outcome,
    salt, leaf, chain)
  select seq, at, "user", party, kind, subject, read, refused, purpose, reference, operation, outcome,
    decode(salt, 'hex'), decode(leaf, 'hex'), decode(chain, 'hex')
  from json_to_recordset($1::json) as e(seq bigint, at timestamptz, "user" text, party text, kind text, subject text,
    read text[], refused text[], purpose text, reference text, operation text, outcome text, salt text, leaf text, chain text)`);

const addCheckpoints = statement(`
  insert into read_log.checkpoint (seq, chain, at, key, signature)
  select seq, decode(chain, 'hex'), at, decode(key, 'hex'), decode(signature, 'hex')
  from json_to_recordset($1::json) as c(seq bigint, chain text, at timestamptz, key text, signature text)`);

const metBefore = statement<{ nth: number; count: number; known: string[] }>(`
  select a.nth, (select count(*) from read_log.met m where m.day = a.day and m.user_id = a."user")::integer as count,
    array(select m.subject from read_log.met m
      where m.day = a.day and m.user_id = a."user" and m.subject = any(a.subjects)) as known
  from json_to_recordset($1::json) as a(nth integer, day date, "user" text, subjects text[])`);

// What was met on days long past goes at the same time. A clock that is fixed may be ahead of the database's, or behind it.
const addMet = statement(`
  with new as (select * from json_to_recordset($1::json) as n(day date, "user" text, subject text)),
    old as (delete from read_log.met where day < (select least(min(day), current_date) - 2 from new))
  insert into read_log.met (day, user_id, subject) select day, "user", subject from new`);

// No text may keep an entry from being written: PostgreSQL takes no NUL, and JSON no half of a pair.
const storable = (text: string): string => text.replace(/\0|\p{Surrogate}/gu, '\ufffd');

const numberLike = /(?<!\d|\d[-. ])\d{2}[. ]?\d{2}[. ]?\d{2}[- ]?\d{3}[. ]?\d{2}(?!\d|[-. ]\d)/g;

/** A reference is the caller's own words: where it holds the number of a person, it says so and not which. */
const withoutInsz = (text: string, today: string): string =>
  text.replace(numberLike, (found) => ('value' in insz(found, today) ? '(INSZ)' : found));

const refusal = ({ read, refused, ...rest }: Reading): Reading => ({
  ...rest,
  read: [],
  refused: [...new Set([...refused, ...read])],
  outcome: 'REFUSED',
});

/** Signs the chain up to an entry, with the key of the log. */
export type Sign = ReturnType<typeof signer>['sign'];

/** Entries on their way into the chain: each is given its place behind the ones before, and a checkpoint where one is due. */
const placing = (tail: Tail, { sign, every }: { sign: Sign; every: number }) => {
  const links: Link[] = [];
  const checkpoints: Checkpoint[] = [];
  let { chain, signed } = tail;
  const place = (of: Consultation, reading: Reading, salt: string): void => {
    const link = linked(chain, {
      salt,
      seq: tail.seq + links.length + 1,
      at: tail.at,
      user: storable(of.user),
      party: storable(of.party),
      kind: of.kind,
      subject: reading.subject,
      read: reading.read,
      refused: reading.refused,
      purpose: of.purpose,
      reference: of.reference === null ? null : withoutInsz(storable(of.reference), of.today),
      operation: storable(of.operation),
      outcome: reading.outcome,
    });
    links.push(link);
    chain = link.chain;
    const at = Date.parse(link.at);
    if (link.seq - signed.seq < every && at - signed.at < quiet) return;
    checkpoints.push(sign(link));
    signed = { seq: link.seq, at };
  };
  const store = async (client: pg.PoolClient): Promise<void> => {
    await addEntries(client, [JSON.stringify(links)]);
    if (checkpoints.length > 0) await addCheckpoints(client, [JSON.stringify(checkpoints)]);
  };
  // A copy outside the database: who could rewrite the log there cannot reach it.
  const tell = () => {
    for (const checkpoint of checkpoints) log.info({ checkpoint }, 'read log signed');
  };
  return { place, store, tell, next: () => tail.seq + links.length + 1 };
};

const tail = statement<TailRow>('select * from read_log.tail()');

/**
 * Takes the end of the log inside a transaction of the caller's, who holds it until that is over: others wait. What is then
 * put on record stands or falls with the transaction; `tell` is for when it stands.
 */
export const heldLog = async (client: pg.PoolClient, sign: Sign) => {
  const [row] = await tail(client);
  if (!row) throw new Error('the log has no end');
  const entries = placing(tailOf(row), { sign, every: checkpointEvery });
  return {
    record: async (consultation: Consultation): Promise<void> => {
      for (const reading of consultation.readings) {
        entries.place(consultation, reading, randomBytes(16).toString('hex'));
      }
      await entries.store(client);
    },
    tell: entries.tell,
  };
};

/** Whom a user has met on a day: how many persons in all, and which of those asked about now. */
type Day = { day: string; user: string; count: number; known: Set<string>; asked: Set<string> };

const dayOf = ({ today, user }: Consultation): string => JSON.stringify([today, user]);

const personsOf = ({ readings }: Consultation): (string | null)[] =>
  readings.filter(({ counts }) => counts).map(({ subject }) => subject);

const daysOf = async (
  client: pg.PoolClient,
  batch: readonly Consultation[],
  metBy: (key: string) => ReadonlySet<string>,
): Promise<Map<string, Day>> => {
  const days = new Map<string, Day>();
  for (const one of batch) {
    // Whom a user has met counts no more: of such persons nothing has to be asked.
    const met = metBy(dayOf(one));
    if (one.ceiling === null || personsOf(one).every((person) => person !== null && met.has(person))) continue;
    const day = days.get(dayOf(one)) ?? {
      day: one.today,
      user: storable(one.user),
      count: 0,
      known: new Set(),
      asked: new Set(),
    };
    for (const { subject, counts } of one.readings) if (counts && subject !== null) day.asked.add(subject);
    days.set(dayOf(one), day);
  }
  if (days.size === 0) return days;
  const all = [...days.values()];
  const asked = all.map(({ day, user, asked }, nth) => ({ nth, day, user, subjects: [...asked] }));
  for (const { nth, count, known } of await metBefore(client, [JSON.stringify(asked)])) {
    Object.assign(all[nth] ?? {}, { count, known: new Set(known) });
  }
  return days;
};

/** Opens the log over connections of a role that may append to it; `every` so many entries a checkpoint is signed. */
export const readLog = (
  pool: pg.Pool,
  { secret, every = checkpointEvery }: { secret: string; every?: number },
): ReadLog => {
  const { sign } = signer(secret);
  // Whom users are known to have met on a day; what was committed stays true until the day is over.
  const met = new LRUCache<string, Set<string>>({ max: 1000 });
  const metBy = (key: string): Set<string> => met.get(key) ?? new Set();
  let waiting: Waiting[] = [];
  let writing: Promise<void> | null = null;
  let isStopped = false;

  const take = (): Waiting[] => {
    let entries = 0;
    const end = waiting.findIndex(({ consultation }, nth) => {
      entries += consultation.readings.length;
      return nth > 0 && entries > batchSize;
    });
    const batch = end < 0 ? waiting : waiting.slice(0, end);
    waiting = end < 0 ? [] : waiting.slice(end);
    return batch;
  };

  /** Writes one batch in the transaction that `begin` began, and answers for each consultation whether it was too much. */
  const write = async (client: pg.PoolClient, tail: Tail, batch: readonly Consultation[]): Promise<boolean[]> => {
    const days = await daysOf(client, batch, metBy);
    const added: { day: string; user: string; subject: string }[] = [];
    const entries = placing(tail, { sign, every });
    const salts = randomBytes(16 * batch.reduce((sum, { readings }) => sum + readings.length, 0)).toString('hex');
    const saltAt = (seq: number): string => salts.slice(32 * (seq - tail.seq - 1), 32 * (seq - tail.seq));

    const tooMany = batch.map((one) => {
      const day = one.ceiling === null ? undefined : days.get(dayOf(one));
      // Who was not found has no id: each such search counts, under the number of its entry.
      const persons = one.readings.flatMap(({ subject, counts }, nth) =>
        counts && day ? [subject ?? `#${entries.next() + nth}`] : [],
      );
      const known = metBy(dayOf(one));
      const fresh = [...new Set(persons)].filter((person) => !day?.known.has(person) && !known.has(person));
      const isTooMany = one.ceiling !== null && (day?.count ?? 0) + fresh.length > one.ceiling && fresh.length > 0;
      if (day && !isTooMany) {
        day.count += fresh.length;
        for (const subject of fresh) {
          day.known.add(subject);
          added.push({ day: day.day, user: day.user, subject });
        }
      }
      for (const reading of one.readings) {
        entries.place(one, isTooMany ? refusal(reading) : reading, saltAt(entries.next()));
      }
      return isTooMany;
    });

    await entries.store(client);
    if (added.length > 0) await addMet(client, [JSON.stringify(added)]);
    await client.query('commit');
    for (const [key, { known }] of days) met.set(key, new Set([...metBy(key), ...known]));
    entries.tell();
    return tooMany;
  };

  const writeNext = async (): Promise<void> => {
    let batch: Waiting[] | undefined;
    let client: pg.PoolClient | undefined;
    try {
      client = await pool.connect();
      const tail = await begin(client);
      batch = take(); // as late as can be: what came while others wrote goes along
      const answers = await write(
        client,
        tail,
        batch.map(({ consultation }) => consultation),
      );
      client.release();
      for (const [nth, { resolve }] of batch.entries()) resolve({ tooMany: answers[nth] === true });
    } catch (error) {
      client?.release(true); // closing the connection undoes what it had begun, also when it can no longer be told to
      for (const { reject } of batch ?? take()) reject(error);
    }
  };

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) await writeNext();
    writing = null;
  };

  return {
    append: (consultation) =>
      new Promise((resolve, reject) => {
        if (isStopped) return reject(new Error('the read log is closed'));
        if (consultation.readings.length === 0) return resolve({ tooMany: false });
        waiting.push({ consultation, resolve, reject });
        writing ??= writeAll();
      }),
    stop: async () => {
      isStopped = true;
      await writing;
    },
  };
};

/** The log over connections of its own: it waits for no query. */
export const keptLog = (url: string, options: { secret: string }): ReadLog => {
  const connections = connect(url, { max: 1, name: 'read log' });
  const kept = readLog(connections, options);
  return {
    append: kept.append,
    stop: async () => {
      await kept.stop();
      await connections.end();
    },
  };
};
