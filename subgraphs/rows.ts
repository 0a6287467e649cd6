/** From rows to what GraphQL asks: by key, by parent, always one statement for all keys. */
import DataLoader from 'dataloader';
import type pg from 'pg';
import { param, shape } from '../db/statement.ts';
import type { Relation } from '../schema/policy.ts';
import { scopeKey, scopeValues, type Table, visible } from './access.ts';
import type { Viewer } from './viewer.ts';

/** What every row of a scope carries: what it is to the viewer. */
export type Scoped<Row> = Row & { relation: Relation };

/** A store's ground: the connections of its role, and who asks. */
export type Ground = { pool: pg.Pool; viewer: Viewer; secret: string };

/** A name in camel case as the column is written. */
export const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Column names in camel case as knex selects them from `t`. */
export const columns = (names: readonly string[]): string[] => names.map((name) => `t.${snake(name)} as ${name}`);

/** One row for each key, in the order of the keys; null where there is none. */
export const aligned = <Row>(
  keys: readonly string[],
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): (Row | null)[] => {
  const found = new Map(rows.map((row) => [keyOf(row), row]));
  return keys.map((key) => found.get(key) ?? null);
};

/** The rows of each key, in the order they came. */
export const grouped = <Row>(keys: readonly string[], rows: readonly Row[], keyOf: (row: Row) => string): Row[][] => {
  const groups = new Map<string, Row[]>(keys.map((key) => [key, []]));
  for (const row of rows) groups.get(keyOf(row))?.push(row);
  return keys.map((key) => groups.get(key) ?? []);
};

/** Loads visible rows by their key. */
export const byKey = <Row extends object>(
  { pool, viewer }: Ground,
  table: Table,
  key: keyof Row & string,
  names: readonly (keyof Row & string)[],
): DataLoader<string, Scoped<Row> | null> => {
  const select = shape<Scoped<Row>>(`${table} by ${key} for ${scopeKey(viewer)}`, (knex) =>
    visible(knex, table, viewer)
      .select(columns(names))
      .whereRaw(`t.${snake(key)} = any(?)`, [param('keys')]),
  );
  return new DataLoader(async (keys) =>
    aligned(keys, await select(pool, { ...scopeValues(viewer), keys }), (row) => String(row[key])),
  );
};

/** Loads, for each parent, its visible rows in order, at most `limit` of them; never more than one statement. */
export const byParent = <Row extends object>(
  { pool, viewer }: Ground,
  table: Table,
  {
    parent,
    names,
    order,
    limit = 100,
    where,
  }: { parent: string; names: readonly (keyof Row & string)[]; order: string; limit?: number; where?: string },
): DataLoader<string, Scoped<Row>[]> => {
  const select = shape<Scoped<Row> & { parentKey: string }>(
    `${table} of ${parent} for ${scopeKey(viewer)}, ${order}, ${limit}, ${where ?? ''}`,
    (knex) => {
      const rows = visible(knex, table, viewer).select(columns(names)).whereRaw(parent).orderByRaw(order).limit(limit);
      if (where) rows.whereRaw(where);
      return knex.raw('select x.*, k.key as "parentKey" from unnest(?::text[]) k(key) cross join lateral (?) x', [
        param('keys'),
        rows,
      ]);
    },
  );
  return new DataLoader(async (keys) =>
    grouped(keys, await select(pool, { ...scopeValues(viewer), keys }), (row) => row.parentKey),
  );
};

/**
 * Loads what belongs to parents that were found visible first: all rows of all keys in one statement. `where` narrows them
 * further, with the values of the viewer's scope.
 */
export const children = <Row extends object>(
  { pool, viewer }: Ground,
  table: string,
  {
    parent,
    names,
    order,
    where,
  }: { parent: keyof Row & string; names: readonly (keyof Row & string)[]; order: string; where?: string },
): DataLoader<string, Row[]> => {
  const select = shape<Row>(`${table} of ${parent}, ${where ?? ''}`, (knex) => {
    const rows = knex(`${table} as t`)
      .select(columns(names))
      .whereRaw(`t.${snake(parent)} = any(?)`, [param('keys')])
      .orderByRaw(order);
    return where ? rows.whereRaw(where, [param('party')]) : rows;
  });
  return new DataLoader(async (keys) =>
    grouped(keys, await select(pool, { ...scopeValues(viewer), keys }), (row) => String(row[parent])),
  );
};
