import pg from 'pg';
import { type Checkpoint, type Entry, type Link, linked, signer } from '../db/chain.ts';
import { pool } from '../db/database.ts';
import { type Finding, linesOf, verify } from '../db/read-log-proof.ts';
import { type ReadLog, readLog } from '../subgraphs/read-log.ts';
import type { Consultation, Reading } from '../subgraphs/reading.ts';
import { today } from './cluster.ts';

/** What the tests' log is signed with, and how often: often enough for a short log to have several checkpoints. */
export const secret = 'a secret of the tests, long enough to be one';
export const every = 25;
export const { key } = signer(secret);

/** A reading of one person in full, unless told. */
export const reading = (subject: string | null, of: Partial<Reading> = {}): Reading => ({
  subject,
  read: ['PERMITS'],
  refused: [],
  outcome: 'READ',
  counts: true,
  ...of,
});

/** What an inspector asks, of one person unless told. */
export const consultation = (of: Partial<Consultation> = {}): Consultation => ({
  user: 'demo:INS-RSZ',
  party: 'INS-RSZ',
  kind: 'INSPECTION_FED',
  purpose: 'INSPECTION_COMPLAINT',
  reference: 'demo',
  operation: 'cadastre 5f2b',
  today,
  ceiling: null,
  readings: [reading('W-0000001')],
  ...of,
});

/** A log over connections of its own, as each process has one. */
export const openLog = (url: string): { log: ReadLog; stop: () => Promise<void> } => {
  const connections = pool(url, { max: 1, name: 'read-log.test' });
  const log = readLog(connections, { secret, every });
  return {
    log,
    stop: async () => {
      await log.stop();
      await connections.end();
    },
  };
};

/** Opens the database as its owner, who may do anything. */
export const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
};

/** What the verifier says of the log as this connection sees it, inside a transaction. */
export const proofIn = (client: pg.Client, kept: readonly Checkpoint[] = [], keys = [key]): Promise<Finding> =>
  verify(linesOf(client), { keys, kept, every });

/** What the verifier says of a log as it stands. */
export const proof = async (client: pg.Client, kept: readonly Checkpoint[] = []): Promise<Finding> => {
  await client.query('begin');
  try {
    return await proofIn(client, kept);
  } finally {
    await client.query('rollback');
  }
};

/** A log of which nothing has been changed. */
export const sound = (of: Partial<Finding>): unknown => ({
  entries: expect.any(Number),
  erased: 0,
  checkpoints: expect.any(Number),
  signedTo: expect.any(Number),
  bad: null,
  ...of,
});

/** Puts each entry behind the one before, as a writer would; `chain` is what the first holds to. */
export const chained = (chain: string, entries: readonly Entry[]): Link[] => {
  let last = chain;
  return entries.map((entry) => {
    const link = linked(last, entry);
    last = link.chain;
    return link;
  });
};

const recordset = `json_to_recordset($1::json) as e(seq bigint, at timestamptz, "user" text, party text, kind text, subject text,
  read text[], refused text[], purpose text, reference text, operation text, outcome text, salt text, leaf text, chain text)`;

/** Writes entries as they are given, true or not. */
export const put = async (client: pg.Client, links: readonly Link[]): Promise<void> => {
  await client.query(
    `insert into read_log.entry select seq, at, "user", party, kind, subject, read, refused, purpose, reference, operation,
       outcome, decode(salt, 'hex'), decode(leaf, 'hex'), decode(chain, 'hex') from ${recordset}`,
    [JSON.stringify(links)],
  );
};

/** Writes checkpoints as they are given. */
export const putSigned = async (client: pg.Client, checkpoints: readonly Checkpoint[]): Promise<void> => {
  for (const { seq, chain, at, key, signature } of checkpoints) {
    await client.query(
      `insert into read_log.checkpoint values ($1, decode($2, 'hex'), $3, decode($4, 'hex'), decode($5, 'hex'))`,
      [seq, chain, at, key, signature],
    );
  }
};

/** The log as it stands, read without the verifier. */
export const contentOf = async (client: pg.Client): Promise<{ links: Link[]; checkpoints: Checkpoint[] }> => {
  const links: Link[] = [];
  const checkpoints: Checkpoint[] = [];
  await client.query('begin');
  for await (const line of linesOf(client)) {
    const record: Link & { checkpoint?: Checkpoint } = JSON.parse(line);
    if (record.checkpoint) checkpoints.push(record.checkpoint);
    else links.push(record);
  }
  await client.query('rollback');
  return { links, checkpoints };
};

/** Takes the content of entries away, as an erasure does. */
export const blank = (client: pg.Client, from: number, to: number): Promise<unknown> =>
  client.query(
    `update read_log.entry set at = null, user_id = null, party = null, kind = null, subject = null, read = null,
       refused = null, purpose = null, reference = null, operation = null, outcome = null, salt = null
     where seq between $1 and $2`,
    [from, to],
  );
