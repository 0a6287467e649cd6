/**
 * Takes a step: one transaction under the role that may write, in which everything stands or falls together. What is asked
 * again under the same key is answered as it was, and not done again.
 */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { signer } from '../db/chain.ts';
import { statement } from '../db/statement.ts';
import { brusselsDate } from '../schema/calendar.ts';
import type { DossierStatus } from '../schema/step-facts.ts';
import { callerKey } from './caller-key.ts';
import { type ErrorCode, isError } from './errors.ts';
import { type Announcement, announcing } from './outbox.ts';
import { heldLog } from './read-log.ts';
import { consultation, type Reading, type Readings } from './reading.ts';
import type { Viewer } from './viewer.ts';

/** Why nothing was done: an expected refusal, as the payload of a mutation tells it. */
export type Problem = {
  readonly code: Extract<
    ErrorCode,
    'FORBIDDEN' | 'NOT_FOUND' | 'BAD_STATE' | 'BAD_USER_INPUT' | 'STALE_VERSION' | 'IDEMPOTENCY_CONFLICT'
  >;
  readonly message: string;
  readonly guard?: string | null;
  readonly status?: DossierStatus | null;
  readonly version?: number | null;
};

/** What a step did: the answer that is kept under its key, what is announced, and whose record it changed. */
export type Done<Answer> = {
  readonly answer: Answer;
  readonly announcements: readonly Announcement[];
  /** The worker's internal id, where one is known, and the data categories that were changed. */
  readonly subject: string | null;
  readonly written: readonly string[];
};

/** What is asked: a mutation's name and its input, under a key of the caller's own. */
export type Asked = { readonly operation: string; readonly key: string; readonly input: unknown };

/** Runs the steps of one process. `work` runs inside the transaction; a problem that it answers undoes all that it did. */
export type Take = <Answer>(
  viewer: Viewer,
  asked: Asked,
  work: (client: pg.PoolClient, now: Date) => Promise<{ done: Done<Answer> } | { problem: Problem }>,
) => Promise<{ answer: Answer } | { problem: Problem }>;

/** Who takes steps, and with what. */
export type StepGround = {
  viewer: Viewer;
  take: Take | undefined;
  readings: Readings;
  /** Called when something changed, so that what was loaded before is not answered again. */
  renew: () => void;
};

/** The moment of a step: now, or where the clock is fixed the present time of the fixed day. */
export const momentOf = (today: string): Date => {
  const now = new Date();
  return brusselsDate(now) === today ? now : new Date(`${today}T${now.toISOString().slice(11)}`);
};

/** The same text for the same input, in whatever order its fields came. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(fields.sort(([one], [other]) => (one < other ? -1 : 1)).map(([k, v]) => [k, canonical(v)]));
};

const digestOf = ({ operation, input }: Asked): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([operation, canonical(input)]))
    .digest();

// Whoever comes second with the same key waits here until the first is done.
const claim = statement(`
  insert into steps.idempotency (caller, key, operation, digest) values ($1, $2, $3, $4)
  on conflict (caller, key) do nothing returning key`);
const claimed = statement<{ digest: Buffer; answer: unknown }>(
  'select digest, answer from steps.idempotency where caller = $1 and key = $2',
);
const keep = statement('update steps.idempotency set answer = $3 where caller = $1 and key = $2');
// The clock of the database: one for all processes.
const setMoment = statement<{ at: Date }>(`
  select at, set_config('permits.now', at::text, true) from (
    select case when (c at time zone 'Europe/Brussels')::date = $1::date then c
      else ($1::date + (c at time zone 'UTC')::time) at time zone 'UTC' end as at
    from date_trunc('milliseconds', clock_timestamp()) c) m`);

/**
 * The moment of a step, which the database keeps for what it writes by itself. Whoever has to wait for a dossier asks again once
 * it is theirs: so that nothing stands in a timeline before what came earlier.
 */
export const stepMoment = async (client: pg.PoolClient, today: string): Promise<Date> => {
  const [row] = await setMoment(client, [today]);
  if (!row) throw new Error('the database has no clock');
  return row.at;
};

const conflict: Problem = {
  code: 'IDEMPOTENCY_CONFLICT',
  message: 'This key was used for another request: a new request needs a key of its own',
};

const badKey: Problem = {
  code: 'BAD_USER_INPUT',
  message: 'An idempotency key is 8 to 100 letters, digits, dots, dashes, colons or underscores',
};

const badText: Problem = {
  code: 'BAD_USER_INPUT',
  message: 'A text holds a sign that is none, and cannot be kept',
};

/** Whether all texts can be kept: PostgreSQL takes no NUL, and JSON no half of a pair. */
const isStorable = (value: unknown): boolean => {
  if (typeof value === 'string') return !/\0|\p{Surrogate}/u.test(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isStorable);
};

// Two transactions that stood in each other's way: one of them is asked to begin anew.
const isClash = (error: unknown): boolean =>
  isError(error) && 'code' in error && (error.code === '40P01' || error.code === '40001');

const attempts = 3;

/** Makes the runner of steps over connections of the role permit_steps; `secret` signs the read log. */
export const taker = (pool: pg.Pool, { secret }: { secret: string }): Take => {
  const { sign } = signer(secret);

  const once: Take = async (viewer, asked, work) => {
    const caller = callerKey(viewer);
    const digest = digestOf(asked);
    const client = await pool.connect();
    try {
      await client.query('begin isolation level read committed');
      const [isFirst] = await claim(client, [caller, asked.key, asked.operation, digest]);
      if (!isFirst) {
        const [before] = await claimed(client, [caller, asked.key]);
        await client.query('rollback');
        client.release();
        if (!before?.digest.equals(digest)) return { problem: conflict };
        // What a key kept is what this operation answered.
        return { answer: before.answer as never };
      }
      const outcome = await work(client, await stepMoment(client, viewer.today));
      if ('problem' in outcome) {
        await client.query('rollback');
        client.release();
        return outcome;
      }
      const { answer, announcements, subject, written } = outcome.done;
      await keep(client, [caller, asked.key, JSON.stringify(answer)]);
      const writings: (() => Promise<void>)[] = [];
      for (const one of announcements) writings.push(await announcing(client, one));
      // From here on others wait: positions of the outbox and places in the log are in the order of the commits.
      const log = await heldLog(client, sign);
      for (const write of writings) await write();
      const reading: Reading = { subject, read: written, refused: [], outcome: 'WRITTEN', counts: false };
      await log.record(consultation(viewer, { operation: asked.operation, readings: [reading] }));
      await client.query('commit');
      client.release();
      log.tell();
      return { answer };
    } catch (error) {
      client.release(true); // closing the connection undoes what it had begun
      throw error;
    }
  };

  const insistently: Take = async (viewer, asked, work) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(viewer, asked, work);
      } catch (error) {
        if (!isClash(error) || attempt === attempts) throw error;
      }
    }
  };

  // Whoever asks the same again while it runs waits here, and not on a connection that others need; what was asked of another
  // process waits in the database.
  const running = new Map<string, Promise<unknown>>();

  return async (viewer, asked, work) => {
    if (!/^[\w.:-]{8,100}$/.test(asked.key)) return { problem: badKey };
    if (!isStorable(asked.input)) return { problem: badText };
    const name = `${callerKey(viewer)} ${asked.key}`;
    const mine = (running.get(name) ?? Promise.resolve()).then(
      () => insistently(viewer, asked, work),
      () => insistently(viewer, asked, work),
    );
    running.set(name, mine);
    try {
      return await mine;
    } finally {
      if (running.get(name) === mine) running.delete(name);
    }
  };
};
