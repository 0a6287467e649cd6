import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { isDate } from '../schema/calendar.ts';
import { type KboColumn, type KboTable, kboTables, rowReader } from './kbo-layout.ts';
import { headerOf, linesOf, openSource, type Source, type SourceFile } from './kbo-source.ts';
import { end, orphans, replace, type Staging, type Statement, staging, tableOf, upsert } from './kbo-sql.ts';

/** A row, or a part of the header, that could not be used: where it stands and why. */
export type KboFault = { readonly file: string; readonly line: number; readonly reason: string };

/**
 * What became of a file: rows read, written because they were new or different, bad, and orphans, which were kept although
 * no entity of their number is known; `removed` counts entities that ended and details that were taken away.
 */
export type KboFileReport = {
  readonly file: string;
  readonly read: number;
  readonly written: number;
  readonly removed: number;
  readonly bad: number;
  readonly orphans: number;
  readonly seconds: number;
};

/** How far the import is; `storing` is the time after the last byte of a file in which the database works on. */
export type KboProgress = {
  readonly file: string;
  readonly phase: 'reading' | 'storing';
  readonly bytes: number;
  readonly totalBytes: number;
};

/** What an import did. `faults` holds the first hundred; `notices` are what an operator should know besides. */
export type KboReport = {
  readonly extractNumber: number;
  readonly extractType: 'full' | 'update';
  readonly snapshotDate: string;
  readonly files: readonly KboFileReport[];
  readonly faults: readonly KboFault[];
  readonly notices: readonly string[];
};

/** Who is told what happens while it happens; every fault, not only the first hundred. */
export type KboListeners = {
  progress?(progress: KboProgress): void;
  fault?(fault: KboFault): void;
  file?(report: KboFileReport): void;
};

type Extract = { number: number; type: 'full' | 'update'; snapshot: string; timestamp: string; version: string | null };
type Part = { file: string; source: SourceFile; header: readonly string[] };
type Run = {
  client: pg.Client;
  extract: Extract;
  fault(fault: KboFault): void;
  progress(file: string, phase: KboProgress['phase'], bytes: number): void;
};

const lock = 5_071_843_926_002; // any number but that of the migrations
const faultsKept = 100;

const unusable = (reason: string): Error => new Error(`this extract cannot be imported: ${reason}`);

const fileNames = ({ name, kind }: KboTable, type: Extract['type']) =>
  type === 'full' || kind === 'code'
    ? { insert: `${name}.csv`, remove: undefined }
    : { insert: `${name}_insert.csv`, remove: `${name}_delete.csv` };

const knownNames: ReadonlySet<string> = new Set([
  'meta.csv',
  ...kboTables.flatMap((table) =>
    (['full', 'update'] as const).flatMap((type) =>
      Object.values(fileNames(table, type)).filter((name) => name !== undefined),
    ),
  ),
]);

type Last = { number: number; snapshot: string } | undefined;

const lastImported = async (client: pg.Client): Promise<Last> => {
  const { rows } = await client.query<{ number: number; snapshot: string }>(
    `select extract_number as number, snapshot_date::text as snapshot
     from employers.kbo_extract order by extract_number desc, snapshot_date desc limit 1`,
  );
  return rows[0];
};

const isoDate = (text: string): string => text.split('-').reverse().join('-');

const readMeta = async (file: SourceFile): Promise<Extract> => {
  const meta = new Map<string, string>();
  for await (const lines of linesOf(await file.open())) {
    for (const one of lines) if ('fields' in one) meta.set(one.fields[0] ?? '', one.fields[1] ?? '');
  }
  const number = Number(meta.get('ExtractNumber') || Number.NaN);
  const type = meta.get('ExtractType')?.toLowerCase();
  const snapshot = isoDate(meta.get('SnapshotDate') ?? '');
  const wrong = [
    ...(Number.isInteger(number) && number > 0 && number < 2 ** 31 ? [] : ['ExtractNumber']),
    ...(isDate(snapshot) ? [] : ['SnapshotDate']),
  ];
  if (type !== 'full' && type !== 'update') throw unusable('meta.csv names no ExtractType full or update');
  if (wrong.length > 0) throw unusable(`meta.csv has no usable ${wrong.join(' and ')}`);
  const timestamp = meta.get('ExtractTimestamp') ?? '';
  return { number, type, snapshot, timestamp, version: meta.get('Version') ?? null };
};

// An update without meta.csv can only be one of what was imported last, and is not entered in the list of extracts.
const extractOf = async (source: Source, last: Last, notices: string[]): Promise<Extract> => {
  const meta = source.files.get('meta.csv');
  if (meta) return readMeta(meta);
  const isUpdate = [...source.files.keys()].some((name) => /_(insert|delete)\.csv$/.test(name));
  if (!isUpdate || !last)
    throw unusable('it has no meta.csv, which says its number and whether it is full or an update');
  notices.push(`there is no meta.csv: taken as an update of extract ${last.number}`);
  return { number: last.number, type: 'update', snapshot: last.snapshot, timestamp: '', version: null };
};

const checkBase = ({ number, type }: Extract, last: Last, notices: string[]): void => {
  if (!last && type === 'update') throw unusable('it is an update, and no full extract was imported before it');
  if (!last) return;
  if (number < last.number)
    throw unusable(`it is number ${number}, older than the last imported, number ${last.number}`);
  if (type === 'update' && number > last.number + 1) {
    notices.push(
      `update ${number} follows extract ${last.number}: what the extracts between them changed is only there if they were empty`,
    );
  }
};

const partOf = async (source: Source, file: string | undefined): Promise<Part | undefined> => {
  const found = file === undefined ? undefined : source.files.get(file);
  return found && file !== undefined ? { file, source: found, header: await headerOf(found) } : undefined;
};

const headerFaults = (part: Part | undefined, columns: readonly KboColumn[], notices: string[]): string[] => {
  if (!part) return [];
  const lacking = columns.map(({ header }) => header).filter((name) => !part.header.includes(name));
  const unknown = part.header.filter((name) => !columns.some(({ header }) => header === name));
  if (unknown.length > 0) notices.push(`${part.file}:1: unknown columns are left out: ${JSON.stringify(unknown)}`);
  return lacking.length > 0 ? [`${part.file} lacks the columns ${lacking.join(', ')}`] : [];
};

type Job = { table: KboTable; insert: Part | undefined; remove: Part | undefined };

const keyColumns = ({ columns }: KboTable): readonly KboColumn[] => [columns[0]];

const jobsOf = async (source: Source, extract: Extract, notices: string[]): Promise<Job[]> => {
  const jobs: Job[] = [];
  for (const table of kboTables) {
    const { insert, remove } = fileNames(table, extract.type);
    jobs.push({ table, insert: await partOf(source, insert), remove: await partOf(source, remove) });
  }
  const faults = jobs.flatMap(({ table, insert, remove }) => [
    ...headerFaults(insert, table.columns, notices),
    ...headerFaults(remove, keyColumns(table), notices),
  ]);
  if (faults.length > 0) throw unusable(faults.join('; '));
  const present = jobs.filter(({ insert, remove }) => insert ?? remove);
  if (extract.type === 'full' && !present.some(({ table }) => table.name === 'enterprise')) {
    throw unusable('it is a full extract without enterprise.csv');
  }
  if (present.length === 0) throw unusable('none of the files of an extract is there');
  return present;
};

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const copied = (value: string | null): string =>
  value === null ? '\\N' : value.replace(/[\\\t\n\r]/g, (character) => escapes[character] ?? character);

type Counts = { read: number; bad: number };

// A bad row that still names its entity goes along, marked: what stands about that entity is then left as it is.
async function* copyText(
  run: Run,
  part: Part,
  columns: readonly KboColumn[],
  derived: KboTable['derived'],
  counts: Counts,
) {
  const read = rowReader(columns, part.header, derived);
  const empty = '\t\\N'.repeat(columns.length - 1 + (derived ? 1 : 0));
  let first = true;
  const stream = await part.source.open();
  for await (const lines of linesOf(stream, (bytes) => run.progress(part.file, 'reading', bytes))) {
    let text = '';
    for (const one of lines) {
      if (first) {
        first = false;
        continue;
      }
      counts.read++;
      const row = 'fields' in one ? read(one.fields) : { fault: one.fault, named: null };
      if ('values' in row) {
        text += `${row.values.map(copied).join('\t')}\t${one.line}\tf\n`;
        continue;
      }
      counts.bad++;
      run.fault({ file: part.file, line: one.line, reason: row.fault });
      if (row.named !== null) text += `${row.named}${empty}\t${one.line}\tt\n`;
    }
    if (text !== '') yield text;
  }
}

const load = async (run: Run, job: Job, into: Staging): Promise<Counts> => {
  const part = into === 'incoming' ? job.insert : job.remove;
  const columns = into === 'incoming' ? job.table.columns : keyColumns(job.table);
  const derived = into === 'incoming' ? job.table.derived : undefined;
  const counts = { read: 0, bad: 0 };
  await run.client.query(staging(job.table, into));
  if (!part) return counts;
  const copy = run.client.query(copyFrom(`copy ${into} from stdin`));
  await pipeline(Readable.from(copyText(run, part, columns, derived, counts)), copy);
  run.progress(part.file, 'storing', 0);
  await run.client.query(`analyze ${into}`);
  return counts;
};

const changed = async (client: pg.Client, { text, values }: Statement): Promise<number> =>
  (await client.query(text, [...values])).rowCount ?? 0;

// One transaction a file: a crash leaves whole files, and as everything is written by difference a rerun completes them.
const importJob = async (run: Run, job: Job): Promise<KboFileReport[]> => {
  const { client, extract } = run;
  const start = performance.now();
  await client.query(`begin; set local work_mem = '64MB'`);
  const leaving = extract.type === 'update' ? await load(run, job, 'leaving') : { read: 0, bad: 0 };
  const between = performance.now();
  const incoming = await load(run, job, 'incoming');
  const { rows } = job.table.owner ? await client.query<{ orphans: number }>(orphans(job.table)) : { rows: [] };
  const { kind } = job.table;
  let removed = 0;
  if (kind === 'entity') removed = await changed(client, end(job.table, extract));
  if (kind === 'detail') for (const step of replace(job.table, extract)) removed = await changed(client, step);
  const written = await changed(client, upsert(job.table, extract));
  await client.query('commit');
  const finished = performance.now();
  const none = { written: 0, removed: 0, orphans: 0 };
  const seconds = (from: number, to: number): number => (to - from) / 1000;
  const { insert, remove } = job;
  return [
    ...(remove ? [{ file: remove.file, ...none, ...leaving, removed, seconds: seconds(start, between) }] : []),
    ...(insert
      ? [
          {
            file: insert.file,
            ...none,
            ...incoming,
            written,
            removed: remove ? 0 : removed,
            orphans: rows[0]?.orphans ?? 0,
            seconds: seconds(between, finished),
          },
        ]
      : []),
  ];
};

const record = (client: pg.Client, { number, type, snapshot, timestamp, version }: Extract) =>
  client.query(
    `insert into employers.kbo_extract (extract_number, extract_type, snapshot_date, extracted_at, version)
     values ($1, $2, $3, $4, $5)
     on conflict (extract_number, extract_type) do update
     set snapshot_date = excluded.snapshot_date, extracted_at = excluded.extracted_at, version = excluded.version, imported_at = now()`,
    [number, type, snapshot, timestamp, version],
  );

const importSource = async (client: pg.Client, source: Source, listeners: KboListeners): Promise<KboReport> => {
  const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [lock]);
  if (!rows[0]?.mine) throw new Error('another import of KBO data is running in this database');
  const notices = source.ignored.length > 0 ? [`not read: ${JSON.stringify(source.ignored)}`] : [];
  const last = await lastImported(client);
  const extract = await extractOf(source, last, notices);
  checkBase(extract, last, notices);
  const jobs = await jobsOf(source, extract, notices);

  const parts = jobs.flatMap(({ insert, remove }) => [insert, remove]);
  const totalBytes = parts.reduce((sum, part) => sum + (part?.source.size ?? 0), 0);
  const faults: KboFault[] = [];
  const files: KboFileReport[] = [];
  let bytes = 0;
  const run: Run = {
    client,
    extract,
    fault: (fault) => {
      if (faults.length < faultsKept) faults.push(fault);
      listeners.fault?.(fault);
    },
    progress: (file, phase, more) => {
      bytes += more;
      listeners.progress?.({ file, phase, bytes, totalBytes });
    },
  };
  for (const job of jobs) {
    for (const report of await importJob(run, job)) {
      files.push(report);
      listeners.file?.(report);
    }
  }
  if (source.files.has('meta.csv')) await record(client, extract);
  await client.query(`analyze ${kboTables.map(({ name }) => tableOf(name)).join(', ')}`);
  const { number: extractNumber, type: extractType, snapshot: snapshotDate } = extract;
  return { extractNumber, extractType, snapshotDate, files, faults, notices };
};

/**
 * Imports an extract of the KBO Open Data, full or update, from a folder or a zip file, as the owner of the database. An
 * extract that is unusable as a whole is refused before anything is written; after a crash, doing it again completes it.
 */
export const importKbo = async (ownerUrl: string, path: string, listeners: KboListeners = {}): Promise<KboReport> => {
  const source = await openSource(path, knownNames);
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'import:kbo' });
  client.on('error', () => undefined); // a lost connection is reported by the statement that is running
  try {
    await client.connect();
    return await importSource(client, source, listeners);
  } finally {
    await client.end();
    source.close();
  }
};
