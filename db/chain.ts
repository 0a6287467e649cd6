/** The chain of the read log: what an entry weighs, how it holds to the one before, and how a checkpoint is signed. */
import { createPrivateKey, createPublicKey, hash, hkdfSync, sign, verify } from 'node:crypto';

/** An entry of the read log as it is hashed: `at` in UTC with milliseconds, the salt as 32 hexadecimal digits. */
export type Entry = {
  salt: string;
  seq: number;
  at: string;
  user: string;
  party: string;
  kind: string;
  subject: string | null;
  read: readonly string[];
  refused: readonly string[];
  purpose: string | null;
  reference: string | null;
  operation: string;
  outcome: string;
};

/** An entry in its place. */
export type Link = Entry & { leaf: string; chain: string };

/** The chain up to an entry, signed. Bytes are hexadecimal digits; the key is a public one of Ed25519. */
export type Checkpoint = { seq: number; chain: string; at: string; key: string; signature: string };

/** The columns of an entry in the order in which they are hashed. */
export const columns = [
  'salt',
  'seq',
  'at',
  'user',
  'party',
  'kind',
  'subject',
  'read',
  'refused',
  'purpose',
  'reference',
  'operation',
  'outcome',
] as const satisfies (keyof Entry)[];

/**
 * At most so many entries stand behind the last checkpoint. It may grow, never shrink: the verifier asks of the past what
 * it asks of today.
 */
export const checkpointEvery = 1000;

/** What the first entry holds to. */
export const chainStart = '00'.repeat(32);

/** SHA-256 over salt and content, written as a JSON array. Without the salt, content cannot be guessed from it. */
export const leafOf = (entry: Entry): string => hash('sha256', JSON.stringify(columns.map((column) => entry[column])));

/** SHA-256 over the chain up to the entry before and the leaf of this one. */
export const chainOf = (previous: string, leaf: string): string =>
  hash('sha256', Buffer.from(`${previous}${leaf}`, 'hex'));

/** Gives an entry its place behind the chain. */
export const linked = (previous: string, entry: Entry): Link => {
  const leaf = leafOf(entry);
  return { ...entry, leaf, chain: chainOf(previous, leaf) };
};

// What RFC 8410 puts before the 32 bytes of a key.
const privatePrefix = '302e020100300506032b657004220420';
const publicPrefix = '302a300506032b6570032100';

const signedText = ({ seq, chain, at }: Pick<Checkpoint, 'seq' | 'chain' | 'at'>): Buffer =>
  Buffer.from(JSON.stringify(['checkpoint of the read log', seq, chain, at]));

/** Signs checkpoints with a key that follows from the shared secret, so that all replicas have the same; `key` is its public half. */
export const signer = (secret: string): { key: string; sign(link: Pick<Link, 'seq' | 'chain' | 'at'>): Checkpoint } => {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'checkpoints of the read log', 32)).toString('hex');
  const own = createPrivateKey({ key: Buffer.from(privatePrefix + seed, 'hex'), format: 'der', type: 'pkcs8' });
  const key = createPublicKey(own).export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
  return {
    key,
    sign: ({ seq, chain, at }) => ({
      seq,
      chain,
      at,
      key,
      signature: sign(null, signedText({ seq, chain, at }), own).toString('hex'),
    }),
  };
};

/** Answers what is wrong with the signature of a checkpoint, if anything; only the given public keys are trusted. */
export const signatures = (keys: readonly string[]): ((checkpoint: Checkpoint) => string | null) => {
  const trusted = new Map(
    keys.map((key) => {
      if (!/^[0-9a-f]{64}$/.test(key)) throw new Error('a public key is written as 64 hexadecimal digits, 0-9 and a-f');
      return [
        key,
        createPublicKey({ key: Buffer.from(publicPrefix + key, 'hex'), format: 'der', type: 'spki' }),
      ] as const;
    }),
  );
  return (checkpoint) => {
    const key = trusted.get(checkpoint.key);
    if (!key) return 'is under another key';
    const isText = typeof checkpoint.signature === 'string' && /^[0-9a-f]{128}$/.test(checkpoint.signature);
    if (isText && verify(null, signedText(checkpoint), key, Buffer.from(checkpoint.signature, 'hex'))) return null;
    return 'is not what was signed';
  };
};
