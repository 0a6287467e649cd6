import type pg from 'pg';
import { chainStart, type Entry, type Link, signer } from '../db/chain.ts';
import { log as processLog } from '../subgraphs/log.ts';
import { freshDatabase } from './database.ts';
import {
  blank,
  chained,
  connect,
  consultation,
  contentOf,
  every,
  openLog,
  proof,
  proofIn,
  put,
  putSigned,
  secret,
  sound,
} from './read-logs.ts';

type Database = Awaited<ReturnType<typeof freshDatabase>>;

beforeAll(() => {
  processLog.level = 'silent';
});

const years = (back: number): string => new Date(Date.now() - back * 365.25 * 24 * 3600_000).toISOString();

const entry = (seq: number, at: string): Entry => ({
  ...consultation(),
  salt: 'ab'.repeat(16),
  seq,
  at,
  subject: 'W-0000001',
  read: [],
  refused: [],
  outcome: 'READ',
});

/** A log of its own of which 60 entries are eleven years old, and 20 nine; signed as they were written. */
const old = async (work: (client: pg.Client, own: Database) => Promise<void>): Promise<void> => {
  const own = await freshDatabase();
  const client = await connect(own.ownerUrl);
  try {
    const content = Array.from({ length: 80 }, (_, nth): Entry => entry(nth + 1, years(nth < 60 ? 11 : 9)));
    const log = chained(chainStart, content);
    await put(client, log);
    await putSigned(client, log.filter(({ seq }) => seq % every === 1).map(signer(secret).sign));
    await work(client, own);
  } finally {
    await client.end();
    await own.drop();
  }
};

const erase = async (client: pg.Client, before: string, atMost: number): Promise<number> => {
  const { rows } = await client.query('select read_log.erase($1, $2)::int as erased', [before, atMost]);
  return rows[0].erased;
};

test('what is older than ten years is erased in slices, the log says so itself, and the chain still holds', async () => {
  await old(async (client, own) => {
    await expect(erase(client, years(9.9), 50)).rejects.toThrow('the read log is kept for ten years');
    expect(await erase(client, years(10.1).slice(0, 10), 50)).toBe(50);
    expect(await erase(client, years(10.1).slice(0, 10), 50)).toBe(10);
    expect(await erase(client, years(10.1).slice(0, 10), 50)).toBe(0);
    const { log, stop } = openLog(own.urlOf('cadastre'));
    await log.append(consultation());
    await stop();
    const { rows } = await client.query(
      `select seq::int, party, purpose, operation, outcome from read_log.entry where seq > 80 order by seq`,
    );
    const said = { party: 'READ_LOG', purpose: 'RETENTION', outcome: 'ERASED' };
    expect(rows).toEqual([
      { ...said, seq: 81, operation: 'erase 1-50' },
      { ...said, seq: 82, operation: 'erase 1-60' },
      { seq: 83, party: 'INS-RSZ', purpose: 'INSPECTION_COMPLAINT', operation: 'cadastre 5f2b', outcome: 'READ' },
    ]);
    expect(await proof(client)).toEqual(sound({ entries: 83, erased: 60, checkpoints: 5, signedTo: 83 }));
    const { rows: left } = await client.query(
      `select to_jsonb(e) - '{seq,leaf,chain}'::text[] as content from read_log.entry e where seq <= 60`,
    );
    expect(new Set(left.flatMap(({ content }) => Object.values(content)))).toEqual(new Set([null]));
    await expect(client.query('delete from read_log.entry')).rejects.toThrow('append-only');
  });
});

test('content that is gone is accounted for only by a later entry, made when its time was over', async () => {
  await old(async (client) => {
    const { links } = await contentOf(client);
    const last = links.at(-1)?.chain ?? '';
    const erasure = (of: Partial<Entry>): Link[] =>
      chained(last, [{ ...entry(81, years(0)), outcome: 'ERASED', operation: 'erase 1-60', ...of }]);
    const badWith = async (from: number, to: number, entries: readonly Link[], further = ''): Promise<unknown> => {
      await client.query('begin; alter table read_log.entry disable trigger all');
      await blank(client, from, to);
      await put(client, entries);
      if (further) await client.query(further);
      const { bad } = await proofIn(client);
      await client.query('rollback');
      return bad;
    };
    const gone = 'has no content, and no later entry accounts for it';
    expect(await badWith(1, 60, erasure({}))).toBe(null);
    expect(await badWith(1, 30, erasure({}))).toBe(null); // broken off, and to be done again
    expect(await badWith(1, 60, [])).toEqual({ seq: 1, reason: gone });
    expect(await badWith(1, 61, erasure({}))).toEqual({ seq: 61, reason: gone });
    expect(await badWith(1, 60, erasure({ operation: 'erase 1-40' }))).toEqual({ seq: 41, reason: gone });
    expect(await badWith(1, 60, erasure({ outcome: 'READ' }))).toEqual({ seq: 1, reason: gone });
    expect(await badWith(1, 60, erasure({ at: years(1.5) }))).toEqual({ seq: 1, reason: gone }); // too early
    expect(await badWith(1, 80, erasure({ operation: 'erase 1-80' }))).toEqual({ seq: 1, reason: gone }); // too young
    expect(await badWith(2, 60, erasure({}))).toEqual({ seq: 2, reason: 'has no content, and an entry before it has' });
    const changed = `update read_log.entry set kind = 'x' where seq = 70`;
    expect(await badWith(1, 60, erasure({}), changed)).toEqual({ seq: 70, reason: 'was changed' });
    expect(await badWith(1, 60, [], changed)).toEqual({ seq: 1, reason: gone });
    const unsigned =
      'alter table read_log.checkpoint disable trigger all; delete from read_log.checkpoint where seq < 76';
    expect(await badWith(1, 75, erasure({ operation: 'erase 1-75' }), unsigned)).toEqual({
      seq: 2 * every,
      reason: 'has no checkpoint, and one was due',
    });
    const leaf = `update read_log.entry set leaf = sha256('') where seq = 40`;
    expect(await badWith(1, 60, erasure({}), leaf)).toMatchObject({ seq: 40 });
  });
});
