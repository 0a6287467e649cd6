/** The read log as text, one line of JSON for each entry and checkpoint, and the proof that nobody has rewritten it. */
import type pg from 'pg';
import {
  type Checkpoint,
  chainOf,
  chainStart,
  checkpointEvery,
  columns,
  type Link,
  leafOf,
  signatures,
} from './chain.ts';

const moment = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const entries = `
  select seq, json_build_object('seq', seq, 'at', ${moment('at')}, 'user', user_id, 'party', party, 'kind', kind,
    'subject', subject, 'read', read, 'refused', refused, 'purpose', purpose, 'reference', reference,
    'operation', operation, 'outcome', outcome, 'salt', encode(salt, 'hex'), 'leaf', encode(leaf, 'hex'),
    'chain', encode(chain, 'hex'))::text as line
  from read_log.entry order by seq`;

const checkpoints = `
  select seq, json_build_object('checkpoint', json_build_object('seq', seq, 'chain', encode(chain, 'hex'),
    'at', ${moment('at')}, 'key', encode(key, 'hex'), 'signature', encode(signature, 'hex')))::text as line
  from read_log.checkpoint order by seq`;

type Row = { seq: string | number | null; line: string };

async function* batchesOf(client: pg.ClientBase, name: string, query: string): AsyncGenerator<Row[]> {
  await client.query(`declare ${name} no scroll cursor for ${query}`);
  for (;;) {
    const { rows } = await client.query<Row>(`fetch 2000 from ${name}`);
    if (rows.length === 0) break;
    yield rows;
  }
  await client.query(`close ${name}`);
}

async function* rowsOf(batches: AsyncIterable<Row[]>): AsyncGenerator<Row> {
  for await (const rows of batches) yield* rows;
}

/** The lines of a log, each checkpoint behind its entry; to be read inside a transaction, whose view of the log it is. */
export async function* linesOf(client: pg.ClientBase): AsyncGenerator<string> {
  const signed = rowsOf(batchesOf(client, 'checkpoints', checkpoints));
  let next = await signed.next();
  for await (const rows of batchesOf(client, 'entries', entries)) {
    for (const { seq, line } of rows) {
      for (; !next.done && Number(next.value.seq) < Number(seq); next = await signed.next()) yield next.value.line;
      yield line;
    }
  }
  for (; !next.done; next = await signed.next()) yield next.value.line;
}

/** The lines as the text of a file, in pieces of a size that a disk likes. */
export async function* textOf(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = '';
  for await (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < 1 << 16) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

const parsed = (line: string): { checkpoint?: Checkpoint } & Partial<Link> => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
};

/** The checkpoints that stand in a log of the process, or in an export: every other line is passed over. */
export const checkpointsIn = async (lines: AsyncIterable<string>): Promise<Checkpoint[]> => {
  const found: Checkpoint[] = [];
  for await (const line of lines) {
    const { checkpoint } = line.includes('"checkpoint"') ? parsed(line) : {};
    if (checkpoint) found.push(checkpoint);
  }
  return found;
};

/** An entry that is not right, and why. */
type Fault = { seq: number; reason: string };

/** What a verification found: how far the log is right and signed, and the first entry that is not. */
export type Finding = {
  entries: number;
  erased: number;
  checkpoints: number;
  signedTo: number;
  bad: Fault | null;
};

const content = columns.filter((column) => column !== 'seq');

const bad = (seq: number, reason: string): Fault => ({ seq, reason });

const tenYearsBefore = (at: string): string => `${Number(at.slice(0, 4)) - 10}${at.slice(4)}`;

/**
 * Proves a log, line by line, and names the first entry that is not right.
 *
 * Found is every entry that was changed, put in, left out or moved, also where all hashes behind it were made anew: the
 * next checkpoint gives that away, and then the entry named is the one that was signed. Found is a checkpoint that was
 * changed, left out, or signed with another key than `keys`; content that is gone and that no later entry accounts for as
 * erased after ten years; and an end that is missing, where a checkpoint of what is missing still stands, here or in `kept`.
 *
 * Not found is what the owner of the database does behind the last checkpoint that is left: who cuts off the end together
 * with its checkpoints, or writes other entries there, is found only by `kept`, copies of the checkpoints from elsewhere,
 * such as the log of the process. Nor is found what whoever has the secret signs anew, except by the same copies; nor what
 * never reached the log.
 */
export const verify = async (
  lines: AsyncIterable<string> | Iterable<string>,
  options: { keys: readonly string[]; kept?: readonly Checkpoint[]; every?: number },
): Promise<Finding> => {
  const { kept = [], every = checkpointEvery } = options;
  const faultOf = signatures(options.keys);
  const keptAt = new Map<number, Checkpoint[]>();
  for (const one of kept) {
    const fault = faultOf(one);
    if (fault) throw new Error(`the kept checkpoint of entry ${one.seq} ${fault}`);
    keptAt.set(one.seq, [...(keptAt.get(one.seq) ?? []), one]);
  }
  const keptTo = kept.reduce((furthest, { seq }) => Math.max(furthest, seq), 0);

  const found: Finding = { entries: 0, erased: 0, checkpoints: 0, signedTo: 0, bad: null };
  let chain = chainStart;
  let isDue = false;
  // Entries are erased from the first on. The last checkpoint among them says when they were written, at the latest.
  let erasedAt = '';
  let accounted = 0;

  const account = (entry: Partial<Link>): void => {
    const [, last] = /^erase 1-(\d+)$/.exec(String(entry.operation)) ?? [];
    if (entry.outcome !== 'ERASED' || last === undefined || leafOf(entry as Link) !== entry.leaf) return;
    if (Number(last) < Number(entry.seq) && erasedAt <= tenYearsBefore(String(entry.at))) {
      accounted = Math.max(accounted, Number(last));
    }
  };

  const compare = (checkpoint: Checkpoint, which: string): Fault | null =>
    checkpoint.chain === chain
      ? null
      : bad(found.entries, `is not what ${which} says: the log was rewritten after entry ${found.signedTo}`);

  const takeEntry = (entry: Partial<Link>): Fault | null => {
    const previous = found.entries;
    const seq = previous + 1;
    if (isDue) return bad(previous, 'has no checkpoint, and one was due');
    if (typeof entry.seq === 'number' && entry.seq < seq)
      return bad(entry.seq, 'stands there twice, or out of its order');
    if (entry.seq !== seq) return bad(seq, 'is missing');
    const isEmpty = content.every((column) => (entry[column] ?? null) === null);
    const leaf = isEmpty ? String(entry.leaf) : leafOf(entry as Link); // of another form than Link, it has another leaf
    if (isEmpty && found.erased !== previous) return bad(seq, 'has no content, and an entry before it has');
    if (leaf !== entry.leaf || !/^[0-9a-f]{64}$/.test(leaf)) return bad(seq, 'was changed');
    const next = chainOf(chain, leaf);
    if (next !== entry.chain) return bad(seq, 'does not hold to the entry before it');
    chain = next;
    found.entries = seq;
    if (isEmpty) found.erased = seq;
    // The database leaves an entry of erasure by itself, and cannot sign: then a later one is signed. What is empty may have
    // been one, but not all of it: or the checkpoints that tell its age could be left out.
    const mayWait = isEmpty || entry.outcome === 'ERASED';
    isDue = seq - found.signedTo >= (mayWait ? 2 * every : every);
    account(entry);
    return (keptAt.get(seq) ?? []).map((one) => compare(one, 'a kept checkpoint')).find((fault) => fault) ?? null;
  };

  const takeCheckpoint = (checkpoint: Checkpoint): Fault | null => {
    const seq = found.entries;
    if (checkpoint.seq > seq) return bad(seq + 1, `is missing: there is a checkpoint of entry ${checkpoint.seq}`);
    if (checkpoint.seq !== seq || seq === found.signedTo) {
      return bad(Number(checkpoint.seq), 'has a checkpoint twice, or out of its order');
    }
    const unsigned = faultOf(checkpoint);
    if (unsigned) return bad(seq, `has a checkpoint that ${unsigned}`);
    const fault = compare(checkpoint, 'its checkpoint');
    if (fault) return fault;
    found.checkpoints++;
    found.signedTo = seq;
    isDue = false;
    if (found.erased === seq) erasedAt = checkpoint.at;
    return null;
  };

  const missingEnd = (): Fault | null => {
    if (isDue) return bad(found.entries, 'has no checkpoint, and one was due');
    if (keptTo <= found.entries) return null;
    return bad(found.entries + 1, `is missing: there is a kept checkpoint of entry ${keptTo}`);
  };

  for await (const line of lines) {
    const record = parsed(line);
    if (found.bad) {
      // What is empty before it may yet be accounted for; if not, that is the first entry that is not right.
      if (found.erased <= accounted) break;
      account(record);
    } else found.bad = record.checkpoint ? takeCheckpoint(record.checkpoint) : takeEntry(record);
  }
  found.bad ??= missingEnd();
  if (found.erased > accounted && !(found.bad && found.bad.seq <= accounted)) {
    found.bad = bad(accounted + 1, 'has no content, and no later entry accounts for it');
  }
  return found;
};
