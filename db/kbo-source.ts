import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { parse } from 'csv-parse/sync';
import yauzl from 'yauzl';

/** One file of an extract; it may be opened more than once. */
export type SourceFile = { readonly size: number; open(): Promise<Readable> };

/** The files of an extract that were looked for and found, by name, and the names of what else lies there. */
export type Source = {
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly ignored: readonly string[];
  close(): void;
};

/** One line of a CSV file: its fields, or why it has none. */
export type Line = { line: number; fields: readonly string[] } | { line: number; fault: string };

const fromFolder = async (path: string, known: ReadonlySet<string>): Promise<Source> => {
  const files = new Map<string, SourceFile>();
  const ignored: string[] = [];
  for (const name of (await readdir(path)).sort()) {
    const whole = join(path, name);
    const found = await stat(whole);
    if (!known.has(name) || !found.isFile()) ignored.push(name);
    else files.set(name, { size: found.size, open: async () => createReadStream(whole, { highWaterMark: 1 << 17 }) });
  }
  return { files, ignored, close: () => undefined };
};

const fromZip = async (path: string, known: ReadonlySet<string>): Promise<Source> => {
  // With decoded names yauzl gives the whole archive up at the first name that climbs out of its folder. Here a name is only
  // compared with the known ones, and nothing is ever written to disk under it.
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false };
  const zip = await yauzl.openPromise(path, options).catch((error: Error) => {
    throw new Error(`${path} is neither a folder nor a zip file that can be read: ${error.message}`, { cause: error });
  });
  const files = new Map<string, SourceFile>();
  const ignored: string[] = [];
  try {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileNameRaw.toString('utf8');
      if (!known.has(name) || files.has(name)) ignored.push(name);
      else files.set(name, { size: entry.uncompressedSize, open: () => zip.openReadStreamPromise(entry) });
    }
  } catch (error) {
    zip.close();
    throw error;
  }
  return { files, ignored, close: () => zip.close() };
};

/** Opens a folder, or a zip file with the files at its top level; only the known names are ever read. */
export const openSource = async (path: string, known: ReadonlySet<string>): Promise<Source> =>
  (await stat(path)).isDirectory() ? fromFolder(path, known) : fromZip(path, known);

const csv = { relax_column_count: true, record_delimiter: '\n' };
const badQuoting = 'its quotes do not match';

const fieldsOf = (text: string): readonly string[] | undefined => {
  try {
    const rows: string[][] = parse(text, csv);
    return rows.length === 1 ? rows[0] : undefined;
  } catch {
    return undefined; // the caller reports it with its line
  }
};

// The register promises one record a line, so a quote left open ends with its line and costs no other row.
const split = (texts: readonly string[]): readonly (readonly string[] | undefined)[] => {
  try {
    const rows: string[][] = parse(texts.join('\n'), csv);
    if (rows.length === texts.length) return rows;
  } catch {
    // one line of them is badly quoted: each is read alone
  }
  return texts.map(fieldsOf);
};

const parseLines = (texts: readonly string[], first: number): Line[] => {
  const numbered = texts.flatMap((text, at) => {
    const bare = text.endsWith('\r') ? text.slice(0, -1) : text;
    return bare === '' ? [] : [{ line: first + at, text: bare }];
  });
  const rows = split(numbered.map(({ text }) => text));
  return numbered.map(({ line }, at) => {
    const fields = rows[at];
    return fields === undefined ? { line, fault: badQuoting } : { line, fields };
  });
};

const longest = 100_000;

/** Reads a CSV file in small batches of lines, numbered from 1; blank lines are left out. `onBytes` hears how much was read. */
export async function* linesOf(stream: Readable, onBytes: (bytes: number) => void = () => undefined) {
  const decoder = new TextDecoder(); // drops a byte order mark
  let rest = '';
  let next = 1;
  for await (const chunk of stream) {
    onBytes(chunk.length);
    const texts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    // A file without line ends must not fill the memory; what is cut off was no row of the register anyway.
    rest = (texts.pop() ?? '').slice(0, longest);
    if (texts.length === 0) continue;
    yield parseLines(texts, next);
    next += texts.length;
  }
  if (rest !== '') yield parseLines([rest], next);
}

/** The column names of a CSV file; empty when it has none that can be read. */
export const headerOf = async (file: SourceFile): Promise<readonly string[]> => {
  const stream = await file.open();
  try {
    for await (const [first] of linesOf(stream)) if (first) return 'fields' in first ? first.fields : [];
    return [];
  } finally {
    stream.destroy();
  }
};
