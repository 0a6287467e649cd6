import { createHash } from 'node:crypto';
import knexFactory, { type Knex } from 'knex';
import { LRUCache } from 'lru-cache';
import type pg from 'pg';

/** A pool, or one connection of it that holds a transaction. */
export type Queryable = Pick<pg.Pool | pg.PoolClient, 'query'>;

/** A value that is known only when the statement runs; it can stand wherever a statement binds a value, and nowhere else. */
type Param = { readonly param: string };

type Compiled = { text: string; bindings: readonly unknown[] };
type Listener = (statement: { text: string }) => void;

/** Beyond so many texts the rest runs unnamed: each connection of PostgreSQL keeps what is named until it closes. */
export const namedLimit = 2000;

const builder = knexFactory({ client: 'pg' }); // it builds text and has no connection
const names = new Map<string, string>();
const shapes = new LRUCache<string, Compiled>({ max: 5000 });
const listeners = new Set<Listener>();

/** Calls the listener for every statement that runs, until the function it answers is called. */
export const onStatement = (listener: Listener): (() => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};

const nameOf = (text: string): string | undefined => {
  const known = names.get(text);
  if (known !== undefined || names.size >= namedLimit) return known;
  // The name says which text it is, so that a connection never has another text under it.
  const name = `s${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;
  names.set(text, name);
  return name;
};

/** Runs the text with the values as $1, $2 and so on; PostgreSQL parses it once per connection. */
export const run = async <Row>(db: Queryable, text: string, values: readonly unknown[] = []): Promise<Row[]> => {
  if (listeners.size > 0) for (const listener of listeners) listener({ text });
  const name = nameOf(text);
  // pg's type leaves no room for rows without an index signature; what a text answers only its author knows.
  const { rows } = await db.query(
    name === undefined ? { text, values: [...values] } : { name, text, values: [...values] },
  );
  return rows as Row[];
};

/** A statement of fixed text, for the values $1, $2 and so on. */
export const statement =
  <Row>(text: string) =>
  (db: Queryable, values: readonly unknown[] = []): Promise<Row[]> =>
    run<Row>(db, text, values);

// Not a plain object, which knex would write as JSON; and never text: knex reads a limit with parseInt, and drops what is none.
const marker = {
  toString(): never {
    throw new Error(
      'a param is bound to a statement, and is no text: write it as a binding of knex.raw where knex takes none',
    );
  },
};

/** Stands for the value of that name, given when the shape runs. For a limit write `knex.raw('? limit ?', [query, param('first')])`. */
export const param = (name: string): Knex.Value => Object.assign(Object.create(marker), { param: name });

const isParam = (binding: unknown): binding is Param =>
  typeof binding === 'object' && binding !== null && Object.getPrototypeOf(binding) === marker;

const compile = (key: string, build: (knex: Knex) => Knex.QueryBuilder | Knex.Raw): Compiled => {
  const known = shapes.get(key);
  if (known) return known;
  const { sql, bindings } = build(builder).toSQL().toNative();
  const compiled = { text: sql, bindings };
  shapes.set(key, compiled);
  return compiled;
};

const valueFor = (binding: unknown, values: Readonly<Record<string, unknown>>): unknown => {
  if (!isParam(binding)) return binding;
  if (!Object.hasOwn(values, binding.param) || values[binding.param] === undefined) {
    throw new Error(`the statement needs a value for ${binding.param}`);
  }
  return values[binding.param];
};

/** A statement that knex builds, once for each key; it runs with the values that its params name. */
export const shape =
  <Row>(key: string, build: (knex: Knex) => Knex.QueryBuilder | Knex.Raw) =>
  async (db: Queryable, values: Readonly<Record<string, unknown>> = {}): Promise<Row[]> => {
    const { text, bindings } = compile(key, build);
    return run<Row>(
      db,
      text,
      bindings.map((binding) => valueFor(binding, values)),
    );
  };
