import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Presets, SingleBar } from 'cli-progress';
import { migrate, openDatabase } from './database.ts';
import { importKbo, type KboFault, type KboListeners, type KboReport } from './kbo.ts';

const help = `Usage: npm run import:kbo -- [--report faults.csv] <folder or zip>

Imports an extract of the KBO Open Data, full or update, into the database of the gateway: that of DATABASE_URL, or else
the embedded one under DATA_DIR (.data). The gateway may be running. Importing the same extract again changes nothing.

  --report <file>  write every bad row there as CSV: file, line, reason
  --help           show this

Exit code: 0 when the extract was imported, also when rows were bad and left out; 1 when it was not; 2 for wrong arguments.
`;

const shownFaults = 100;
const interval = 10_000;

const size = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;
const grouped = (value: number): string => Math.round(value).toLocaleString('en-GB');
const described = ({ file, line, reason }: KboFault): string => `${file}:${line}: ${reason}`;
const quoted = (value: string | number): string => `"${String(value).replaceAll('"', '""')}"`;

type Progress = Pick<Required<KboListeners>, 'progress' | 'file'> & { say(text: string): void; stop(): void };

const bar = (): Progress => {
  const one = new SingleBar(
    {
      format: '{bar} {percentage}% | {read} of {all} | {what}',
      stream: process.stderr,
      hideCursor: true,
      gracefulExit: false, // it would catch the first signal and go on
    },
    Presets.shades_classic,
  );
  let started = false;
  return {
    progress: ({ file, phase, bytes, totalBytes }) => {
      const payload = { what: `${phase} ${file}`, read: size(bytes), all: size(totalBytes) };
      if (started) one.update(bytes, payload);
      else one.start(totalBytes, bytes, payload);
      started = true;
    },
    file: () => undefined,
    say: (text) => process.stderr.write(`\r\u001b[K${text}\n`),
    stop: () => one.stop(),
  };
};

const lines = (): Progress => {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  let last = performance.now();
  return {
    progress: ({ file, phase, bytes, totalBytes }) => {
      if (performance.now() - last < interval) return;
      last = performance.now();
      say(`${phase} ${file}, ${size(bytes)} of ${size(totalBytes)}`);
    },
    file: ({ file, read, seconds }) => say(`${file}: ${grouped(read)} rows in ${seconds.toFixed(1)} s`),
    say,
    stop: () => undefined,
  };
};

const headings = ['file', 'read', 'written', 'removed', 'bad', 'orphans', 'rows/s'];

const summary = ({ extractNumber, extractType, snapshotDate, files }: KboReport): string => {
  const rows = files.map(({ file, read, written, removed, bad, orphans, seconds }) => [
    file,
    ...[read, written, removed, bad, orphans, read / Math.max(seconds, 0.001)].map(grouped),
  ]);
  const widths = headings.map((heading, at) => Math.max(heading.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return [`Extract ${extractNumber} (${extractType}) of ${snapshotDate}`, ...[headings, ...rows].map(line), ''].join(
    '\n',
  );
};

const openReport = async (path: string): Promise<WriteStream> => {
  const stream = createWriteStream(path);
  await once(stream, 'open');
  stream.write('"file","line","reason"\n');
  return stream;
};

const run = async (path: string, report: WriteStream | undefined): Promise<void> => {
  await access(path); // before a database is made for nothing
  const database = await openDatabase({ ...process.env, DATA_DIR: process.env.DATA_DIR ?? '.data' });
  const { progress, file, say, stop } = process.stderr.isTTY ? bar() : lines();
  const interrupted = (): void => {
    stop();
    say('interrupted: import the same extract again to complete it');
    void database.stop().finally(() => process.exit(130));
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, interrupted);
  let bad = 0;
  const fault = (one: KboFault): void => {
    bad++;
    if (bad <= shownFaults) say(described(one));
    report?.write(`${[one.file, one.line, one.reason].map(quoted).join(',')}\n`);
  };
  try {
    if (database.ownerUrl === undefined) throw new Error('an import needs the login of the owner of the database');
    await migrate(database.ownerUrl);
    const result = await importKbo(database.ownerUrl, path, { progress, file, fault });
    stop();
    for (const notice of result.notices) say(notice);
    if (bad > shownFaults) say(`and ${grouped(bad - shownFaults)} more bad rows`);
    process.stdout.write(summary(result));
  } finally {
    stop();
    await database.stop();
  }
};

const main = async (): Promise<number> => {
  const options = { help: { type: 'boolean' }, report: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [path, ...more] = positionals;
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (path === undefined || more.length > 0) {
    process.stderr.write(help);
    return 2;
  }
  const report = values.report === undefined ? undefined : await openReport(values.report);
  try {
    await run(path, report);
    return 0;
  } finally {
    report?.end();
  }
};

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  const wrongUse = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  process.exitCode = wrongUse ? 2 : 1;
}
