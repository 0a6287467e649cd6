import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type pg from 'pg';
import { type Checkpoint, chainStart, type Entry, type Link, signer } from '../db/chain.ts';
import { log as processLog } from '../subgraphs/log.ts';
import { freshDatabase } from './database.ts';
import {
  blank,
  chained,
  connect,
  consultation,
  contentOf,
  every,
  key,
  openLog,
  proof,
  proofIn,
  put,
  putSigned,
  reading,
  secret,
  sound,
} from './read-logs.ts';

type Database = Awaited<ReturnType<typeof freshDatabase>>;
let database: Database;
let owner: pg.Client;
let links: Link[];
let checkpoints: Checkpoint[];

const length = 1 + 6 * every; // the last entry is signed too, so that nothing stands behind the last checkpoint
const forger = signer('another secret, which is not that of the log');

beforeAll(async () => {
  processLog.level = 'silent';
  database = await freshDatabase();
  owner = await connect(database.ownerUrl);
  const { log, stop } = openLog(database.urlOf('cadastre'));
  for (let nth = 0; nth < length; nth += 3) {
    const readings = [
      reading(`W-${nth}`, { refused: nth % 2 ? ['INSZ', 'CONTACT'] : [] }),
      reading(null, { read: [], outcome: 'NOTHING' }),
      reading(`W-${nth + 1}`, { read: [], refused: ['PERMITS'], outcome: 'REFUSED' }),
    ].slice(0, length - nth);
    await log.append(
      consultation({ readings, purpose: nth % 4 ? null : 'TREAT_DOSSIER', reference: nth % 4 ? null : 'x' }),
    );
  }
  await stop();
  ({ links, checkpoints } = await contentOf(owner));
});

afterAll(async () => {
  await owner.end();
  await database.drop();
});

const disarmed = `
  begin;
  alter table read_log.entry disable trigger all, drop constraint entry_pkey;
  alter table read_log.checkpoint disable trigger all, drop constraint checkpoint_pkey`;

/** What is found after someone who may do anything in the database has done it; then all is as it was. */
const after = async (tamper: () => Promise<unknown>, kept: readonly Checkpoint[] = [], keys = [key]) => {
  await owner.query(disarmed);
  try {
    await tamper();
    return await proofIn(owner, kept, keys);
  } finally {
    await owner.query('rollback');
  }
};

const badAfter = async (tamper: () => Promise<unknown>, kept: readonly Checkpoint[] = []): Promise<number | null> =>
  (await after(tamper, kept)).bad?.seq ?? null;

const set = (seq: number, column: string, value: unknown, table = 'entry') =>
  owner.query(`update read_log.${table} set ${column} = $2 where seq = $1`, [seq, value]);

const at = (seq: number): Link => {
  const link = links[seq - 1];
  if (!link) throw new Error(`there is no entry ${seq}`);
  return link;
};

/** Writes the entries from one on anew, with hashes that hold. */
const rewrite = async (from: number, change: (entry: Entry) => Entry): Promise<Link[]> => {
  const tail = chained(
    before(from),
    links.slice(from - 1).map((link) => change({ ...link })),
  );
  await owner.query('delete from read_log.entry where seq >= $1', [from]);
  await put(owner, tail);
  return tail;
};

const before = (seq: number): string => (seq === 1 ? chainStart : at(seq - 1).chain);

const isSigned = (seq: number): boolean => seq % every === 1;
/** Where a checkpoint is missed. The first is earlier than it must be. */
const due = (signed: number): number => (signed === 1 ? every : signed);
const nextSigned = (seq: number): number => 1 + Math.ceil((seq - 1) / every) * every;
const flipped = (hex: string, bit: number): Buffer => {
  const bytes = Buffer.from(hex, 'hex');
  const nth = bit % (8 * bytes.length);
  bytes[nth >> 3] = (bytes[nth >> 3] ?? 0) ^ (1 << (nth & 7));
  return bytes;
};
/** The text with one bit of one letter turned, so that it stays text. */
const bent = (text: string, bit: number): string => {
  const nth = bit % text.length;
  return `${text.slice(0, nth)}${String.fromCharCode(text.charCodeAt(nth) ^ 1)}${text.slice(nth + 1)}`;
};
const bentList = (list: readonly string[], bit: number): string[] =>
  list.length === 0 ? ['INSZ'] : bit % 3 ? list.map((one) => bent(one, bit)) : list.slice(1);

/** Something done to the log; answers the first entry that is then not right. `other` is another entry than `seq`. */
type Tampering = (of: { seq: number; other: number; bit: number; signed: Checkpoint }) => Promise<number>;

const changed =
  (column: string, value: (link: Link, bit: number) => unknown): Tampering =>
  async ({ seq, bit }) => {
    await set(seq, column, value(at(seq), bit));
    return seq;
  };

const changedCheckpoint =
  (column: string, value: (checkpoint: Checkpoint, bit: number) => unknown): Tampering =>
  async ({ signed, bit }) => {
    await set(signed.seq, column, value(signed, bit), 'checkpoint');
    return signed.seq;
  };

const tamperings: Record<string, Tampering> = {
  'another moment': changed('at', ({ at }, bit) => new Date(Date.parse(at) + 2 ** (bit % 40))),
  'another user': changed('user_id', ({ user }, bit) => bent(user, bit)),
  'another party': changed('party', ({ party }, bit) => bent(party, bit)),
  'another kind': changed('kind', ({ kind }, bit) => bent(kind, bit)),
  'another subject': changed('subject', ({ subject }, bit) =>
    subject === null ? '' : bit % 3 ? bent(subject, bit) : null,
  ),
  'other categories read': changed('read', ({ read }, bit) => bentList(read, bit)),
  'other categories refused': changed('refused', ({ refused }, bit) => bentList(refused, bit)),
  'another purpose': changed('purpose', ({ purpose }, bit) =>
    purpose === null ? '' : bit % 3 ? bent(purpose, bit) : null,
  ),
  'another reference': changed('reference', ({ reference }) => (reference === null ? '' : null)),
  'another operation': changed('operation', ({ operation }, bit) => bent(operation, bit)),
  'another outcome': changed('outcome', ({ outcome }, bit) => {
    return ['READ', 'REFUSED', 'NOTHING', 'ERASED'].filter((one) => one !== outcome)[bit % 3];
  }),
  'another salt': changed('salt', ({ salt }, bit) => flipped(salt, bit)),
  'another leaf': changed('leaf', ({ leaf }, bit) => flipped(leaf, bit)),
  'another chain': changed('chain', ({ chain }, bit) => flipped(chain, bit)),
  'another number': changed('seq', ({ seq }, bit) => seq + 2 ** (8 + (bit % 40))),
  'another content with its own leaf': async ({ seq, bit }) => {
    const [link] = chained(chainStart, [{ ...at(seq), user: bent(at(seq).user, bit) }]);
    await owner.query(`update read_log.entry set user_id = $2, leaf = decode($3, 'hex') where seq = $1`, [
      seq,
      link?.user,
      link?.leaf,
    ]);
    return seq;
  },
  'no content': async ({ seq }) => {
    await blank(owner, seq, seq);
    return seq;
  },
  'an entry left out': async ({ seq }) => {
    await owner.query('delete from read_log.entry where seq = $1', [seq]);
    return seq;
  },
  'an entry left out, and the others moved up': async ({ seq }) => {
    await owner.query('delete from read_log.entry where seq = $1', [seq]);
    await owner.query('update read_log.entry set seq = seq - 1 where seq > $1', [seq]);
    return seq;
  },
  'an entry put in': async ({ seq, other }) => {
    await owner.query('update read_log.entry set seq = seq + 1 where seq >= $1', [seq]);
    await put(owner, [{ ...at(other), seq }]);
    return seq;
  },
  'an entry put in with hashes of its own': async ({ seq, other }) => {
    await owner.query('update read_log.entry set seq = seq + 1 where seq >= $1', [seq]);
    await put(owner, chained(before(seq), [{ ...at(other), seq }]));
    // By itself it holds: what gives it away is the checkpoint of its place, or else the entry behind it.
    return isSigned(seq) ? seq : seq + 1;
  },
  'an entry put in twice': async ({ seq }) => {
    await put(owner, [at(seq)]);
    return seq;
  },
  'two entries that changed places': async ({ seq, other }) => {
    await owner.query('update read_log.entry set seq = $1::bigint + $2 - seq where seq in ($1, $2)', [seq, other]);
    return Math.min(seq, other);
  },
  'the end cut off, and its checkpoints left': async ({ seq }) => {
    await owner.query('delete from read_log.entry where seq >= $1', [seq]);
    return seq;
  },
  'the end written anew, with hashes that hold': async ({ seq, bit }) => {
    await rewrite(seq, (entry) => (entry.seq === seq ? { ...entry, operation: bent(entry.operation, bit) } : entry));
    return nextSigned(seq);
  },
  'the end written anew without an entry': async ({ seq }) => {
    await rewrite(seq, (entry) => ({ ...at((entry.seq % length) + 1), seq: entry.seq }));
    return nextSigned(seq);
  },
  'the end written anew and signed with a forged key': async ({ seq }) => {
    const tail = await rewrite(seq, (entry) => ({ ...entry, user: 'somebody else' }));
    await owner.query('delete from read_log.checkpoint where seq >= $1', [seq]);
    await putSigned(owner, tail.filter((link) => isSigned(link.seq)).map(forger.sign));
    return nextSigned(seq);
  },
  'a forged key under the true name': async ({ signed }) => {
    const { signature } = forger.sign(signed);
    await set(signed.seq, 'signature', Buffer.from(signature, 'hex'), 'checkpoint');
    return signed.seq;
  },
  'another chain in a checkpoint': changedCheckpoint('chain', ({ chain }, bit) => flipped(chain, bit)),
  'another moment in a checkpoint': changedCheckpoint(
    'at',
    ({ at }, bit) => new Date(Date.parse(at) + 2 ** (bit % 40)),
  ),
  'another key in a checkpoint': changedCheckpoint('key', ({ key }, bit) => flipped(key, bit)),
  'another signature in a checkpoint': changedCheckpoint('signature', ({ signature }, bit) => flipped(signature, bit)),
  'a checkpoint of another entry': async ({ signed, other }) => {
    const to = isSigned(other) ? other + 1 : other;
    await set(signed.seq, 'seq', to, 'checkpoint');
    return Math.min(due(signed.seq), to); // where it now stands, or where one was due
  },
  'a checkpoint left out': async ({ signed }) => {
    await owner.query('delete from read_log.checkpoint where seq = $1', [signed.seq]);
    return due(signed.seq);
  },
  'a checkpoint put in twice': async ({ signed }) => {
    await putSigned(owner, [signed]);
    return signed.seq;
  },
};

/** Each time at another place: six of each kind make more than two hundred. */
const times = 6;

test.each(Object.keys(tamperings))('whoever owns the database cannot hide it: %s', async (what) => {
  const place = fc.integer({ min: 1, max: length });
  const cases = fc
    .record({ seq: place, other: place, bit: fc.nat({ max: 100_000 }), signed: fc.constantFrom(...checkpoints) })
    .filter(({ seq, other }) => seq !== other);
  await fc.assert(
    fc.asyncProperty(cases, async (of) => {
      let expected: number | undefined;
      const found = await badAfter(async () => {
        expected = await tamperings[what]?.(of);
      });
      expect(found).toBe(expected);
    }),
    { numRuns: times },
  );
});

test('a log that nobody touched is proved as it is', async () => {
  const whole = sound({ entries: length, checkpoints: 7, signedTo: length });
  expect(await proof(owner)).toEqual(whole);
  expect(await proof(owner, checkpoints)).toEqual(whole);
  expect(await after(async () => undefined)).toEqual(whole);
});

test('an end that is cut off with its checkpoints, or written anew by who has the secret, is found by kept copies only', async () => {
  const cut = (seq: number) => async () => {
    await owner.query(`delete from read_log.entry where seq >= ${seq}`);
    await owner.query(`delete from read_log.checkpoint where seq >= ${seq}`);
  };
  for (const seq of [1, 2, 26, 27, 100, length]) {
    expect(await after(cut(seq))).toMatchObject({ entries: seq - 1, bad: null });
    expect(await badAfter(cut(seq), checkpoints)).toBe(seq);
  }
  const anew = (seq: number) => async () => {
    const tail = await rewrite(seq, (entry) => ({ ...entry, user: 'somebody else' }));
    await owner.query(`delete from read_log.checkpoint where seq >= ${seq}`);
    await putSigned(owner, tail.filter((link) => isSigned(link.seq)).map(signer(secret).sign));
  };
  for (const seq of [1, 30, length]) {
    expect(await badAfter(anew(seq))).toBe(null);
    expect(await badAfter(anew(seq), checkpoints)).toBe(nextSigned(seq));
  }
});

test('only the keys that are given are trusted, former ones too', async () => {
  const nothing = async () => undefined;
  expect((await after(nothing, [], [forger.key])).bad).toEqual({
    seq: 1,
    reason: 'has a checkpoint that is under another key',
  });
  expect((await after(nothing, [], [forger.key, key])).bad).toBe(null);
  await expect(after(nothing, [], ['geheim'])).rejects.toThrow('a public key is written as 64 hexadecimal digits');
  const wrong = { ...forger.sign(at(1)), key };
  await expect(after(nothing, [wrong])).rejects.toThrow('the kept checkpoint of entry 1 is not what was signed');
});

const command = (args: readonly string[], env: Record<string, string> = {}): Promise<{ code: unknown; said: string }> =>
  new Promise((resolve) => {
    const tool = ['--import', 'tsx', 'db/verify-read-log.ts', ...args];
    const options = { cwd: new URL('..', import.meta.url), env: { PATH: process.env.PATH, DATA_DIR: '/none', ...env } };
    execFile(process.execPath, tool, options, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, said: stdout + stderr });
    });
  });

test('the command proves a database or an export, with the key alone, and names the first bad entry', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'read-log-'));
  const [whole, changed, cut, said] = ['whole', 'changed', 'cut', 'said'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  try {
    const env = { DATABASE_URL: database.ownerUrl, GATEWAY_SECRET: secret };
    expect(await command(['--export', whole], env)).toEqual({
      code: 0,
      said: `The key, from the secret of the gateway: ${key}\n${length} entries as they were written, 0 of them erased; 7 checkpoints\n`,
    });
    const lines = (await readFile(whole, 'utf8')).trimEnd().split('\n');
    await writeFile(changed, lines.map((line) => line.replace('"subject" : "W-39"', '"subject" : "W-38"')).join('\n'));
    await writeFile(
      cut,
      lines
        .slice(
          0,
          lines.findIndex((line) => line.includes('"seq" : 100,')),
        )
        .join('\n'),
    );
    // A copy as the log of the gateway has it, between other lines.
    await writeFile(
      said,
      `{"level":30}\nnoise "checkpoint"\n${JSON.stringify({ level: 30, checkpoint: checkpoints.at(-1) })}\n`,
    );
    const [first, second, third, fourth] = await Promise.all([
      command(['--file', changed, '--key', key]),
      command(['--file', cut, '--key', key]),
      command(['--file', cut, '--key', key, '--checkpoints', said]),
      command(['--file', cut]),
    ]);
    const good = (entries: number, checkpoints: number) =>
      `${entries} entries as they were written, 0 of them erased; ${checkpoints} checkpoints\n`;
    const behind = '23 entries stand behind the last checkpoint: only a kept copy shows whether more did\n';
    expect(first).toEqual({ code: 1, said: `${good(39, 2)}Entry 40 was changed\n` });
    expect(second).toEqual({ code: 0, said: `${good(99, 4)}${behind}` });
    expect(third).toEqual({
      code: 1,
      said: `${good(99, 4)}Entry 100 is missing: there is a kept checkpoint of entry ${length}\n`,
    });
    expect(fourth.code).toBe(1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
