import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { signer } from './chain.ts';
import { openDatabase } from './database.ts';
import { checkpointsIn, type Finding, linesOf, textOf, verify } from './read-log-proof.ts';

const help = `Usage: npm run audit:verify -- [--key <key>]... [--checkpoints <file>] [--file <file> | --export <file>]

Proves that nobody has rewritten the log of who read what of whom: that of the database of DATABASE_URL, or else of the
embedded one under DATA_DIR (.data). The gateway may be running.

  --key <key>           the public key of the checkpoints, 64 hexadecimal digits; again for each former one. Without it the
                        key follows from the secret of the gateway: GATEWAY_SECRET, or DATA_DIR/gateway-secret
  --checkpoints <file>  copies of checkpoints that were kept elsewhere: a log of the gateway, or an earlier export
  --file <file>         verify an export instead of a database
  --export <file>       write the log to a new file first, a line of JSON for each entry, and verify that
  --help                show this

Exit code: 0 when all is as it was written; 1 when an entry is not, the first of which is named; 2 for wrong arguments.
`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const grouped = (value: number): string => value.toLocaleString('en-GB');

async function* linesIn(path: string): AsyncGenerator<string> {
  const stream = createReadStream(path);
  await once(stream, 'open'); // or it fails here, and not where nobody listens
  yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
}

const keysOf = async (given: readonly string[] | undefined): Promise<readonly string[]> => {
  if (given) return given;
  const { GATEWAY_SECRET, DATA_DIR = '.data' } = process.env;
  const path = join(DATA_DIR, 'gateway-secret');
  const secret = GATEWAY_SECRET?.trim() || (await readFile(path, 'utf8').catch(() => ''));
  if (secret === '') throw new Error(`no --key is given, and there is no secret to derive it from in ${path}`);
  const { key } = signer(secret);
  say(`The key, from the secret of the gateway: ${key}`);
  return [key];
};

/** Does the work on the lines of the database as it is now. */
const withDatabase = async <T>(work: (lines: AsyncIterable<string>) => Promise<T>): Promise<T> => {
  const database = await openDatabase({ ...process.env, DATA_DIR: process.env.DATA_DIR ?? '.data' });
  const client = new pg.Client({
    connectionString: database.ownerUrl ?? database.urlOf('cadastre'),
    application_name: 'verify-read-log',
  });
  client.on('error', () => undefined); // reported by the statement that is running
  try {
    await client.connect();
    await client.query('begin isolation level repeatable read, read only');
    return await work(linesOf(client));
  } finally {
    await client.end();
    await database.stop();
  }
};

const described = ({ entries, erased, checkpoints, signedTo, bad }: Finding): string => {
  const good = `${grouped(entries)} entries as they were written, ${grouped(erased)} of them erased; ${grouped(checkpoints)} checkpoints`;
  if (bad) return `${good}\nEntry ${bad.seq} ${bad.reason}`;
  const behind = entries - signedTo;
  return behind === 0
    ? good
    : `${good}\n${grouped(behind)} entries stand behind the last checkpoint: only a kept copy shows whether more did`;
};

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean' },
      key: { type: 'string', multiple: true },
      checkpoints: { type: 'string' },
      file: { type: 'string' },
      export: { type: 'string' },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (values.file !== undefined && values.export !== undefined) {
    process.stderr.write(help);
    return 2;
  }
  const keys = await keysOf(values.key);
  const kept = values.checkpoints === undefined ? [] : await checkpointsIn(linesIn(values.checkpoints));
  const prove = (lines: AsyncIterable<string>): Promise<Finding> => verify(lines, { keys, kept });
  const target = values.export;
  if (target !== undefined) {
    const write = (lines: AsyncIterable<string>) =>
      pipeline(Readable.from(textOf(lines)), createWriteStream(target, { flags: 'wx', mode: 0o600 }));
    await withDatabase(write);
  }
  const file = values.file ?? target;
  const finding = await (file === undefined ? withDatabase(prove) : prove(linesIn(file)));
  say(described(finding));
  return finding.bad ? 1 : 0;
};

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  const wrongUse = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  process.exitCode = wrongUse ? 2 : 1;
}
