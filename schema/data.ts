import { readFileSync } from 'node:fs';

/** The four languages in which every code has a label. */
export type Language = 'nl' | 'fr' | 'de' | 'en';

/** One text in each of the four languages. */
export type Labels = Readonly<Record<Language, string>>;

/** A code with its labels: the shape that every row of every code list shares. */
export type Code = { readonly code: string; readonly labels: Labels };

/** A type and all it holds, read-only. */
export type Frozen<T> = T extends (infer E)[]
  ? readonly Frozen<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;

/** Freezes a value and all it holds, and returns it. */
export function freeze<T>(value: T): Frozen<T> {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part);
  }
  return value as Frozen<T>; // Object.freeze has just made it so
}

function text(file: string): string {
  return readFileSync(new URL(`./data/${file}`, import.meta.url), 'utf8');
}

/** The frozen content of a JSON file of `schema/data/`; the caller names its type, which `reference.test.ts` checks. */
export function json<T>(file: string): Frozen<T> {
  const content: T = JSON.parse(text(file));
  return freeze(content);
}

/** The frozen rows of a CSV file of `schema/data/`: a header line, no quotes, lines with `#` are notes. */
export function csv<K extends string>(file: string): Frozen<Record<K, string>[]> {
  const lines = text(file)
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(','));
  const [header = [], ...rows] = lines;
  return freeze(
    rows.map((row) => Object.fromEntries(header.map((column, at) => [column, row[at] ?? ''])) as Record<K, string>),
  );
}

/** Whether a row with these validity dates holds on a date; null means without limit, and both ends are included. */
export function validOn(row: { validFrom: string | null; validTo: string | null }, date: string): boolean {
  return (row.validFrom === null || row.validFrom <= date) && (row.validTo === null || date <= row.validTo);
}
