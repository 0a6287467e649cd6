/** Relay pages over keyset cursors. A cursor is sealed, and good for one viewer, one list and one filter only. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import DataLoader from 'dataloader';
import type { Knex } from 'knex';
import { param, shape } from '../db/statement.ts';
import { scopeKey, scopeValues, type Table, visible } from './access.ts';
import { refuse } from './errors.ts';
import { columns, type Ground, grouped, type Scoped, snake } from './rows.ts';

export type PageArgs = {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
};

/** A page; `totalCount` is counted when it is asked. */
export type Connection<Row> = {
  edges: { cursor: string; node: Row }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  totalCount: () => Promise<number>;
};

const most = 100;
const usual = 25;

/** How many rows are asked for, or a refusal. */
export const sizeOf = (asked: number | null | undefined): number => {
  const size = asked ?? usual;
  if (size < 0) throw refuse('BAD_USER_INPUT', 'a page has no negative size');
  if (size > most) throw refuse('LIMIT_EXCEEDED', `a page holds at most ${most}`, { limit: most });
  return size;
};

/** What one page asks for: how many, from where, and whether it is read from the end. */
const asked = ({ first, after, last, before }: PageArgs) => {
  if (first != null && last != null) throw refuse('BAD_USER_INPUT', 'first and last exclude each other');
  if (after != null && before != null) throw refuse('BAD_USER_INPUT', 'after and before exclude each other');
  if (after != null && last != null) throw refuse('BAD_USER_INPUT', 'after goes with first');
  if (before != null && first != null) throw refuse('BAD_USER_INPUT', 'before goes with last');
  const size = sizeOf(first ?? last);
  return { size, cursor: after ?? before ?? null, backwards: last != null || before != null };
};

type Position = { sort: string; key: string };

const cursorKeys = new Map<string, { sealing: Buffer; nonces: Buffer }>();

const keysOf = (secret: string) => {
  const derived = () => {
    const bytes = Buffer.from(hkdfSync('sha256', secret, '', 'cursors', 64));
    return { sealing: bytes.subarray(0, 32), nonces: bytes.subarray(32) };
  };
  const keys = cursorKeys.get(secret) ?? derived();
  cursorKeys.set(secret, keys);
  return keys;
};

const nonceSize = 12;
const tagSize = 16;

const boundTo = ({ viewer }: Ground, list: string): string =>
  JSON.stringify([viewer.kind, viewer.party, viewer.id, viewer.insz, list]);

// What a list is sorted by, and the key of its rows, can be more than the viewer may read: a cursor shows neither.
const write = (ground: Ground, list: string, { sort, key }: Position): string => {
  const { sealing, nonces } = keysOf(ground.secret);
  const bound = boundTo(ground, list);
  const text = JSON.stringify([sort, key]);
  const nonce = createHmac('sha256', nonces).update(`${bound}\n${text}`).digest().subarray(0, nonceSize);
  const cipher = createCipheriv('aes-256-gcm', sealing, nonce).setAAD(Buffer.from(bound));
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64url');
};

const foreign = () => refuse('BAD_USER_INPUT', 'the cursor belongs to another list, filter or viewer');

const read = (ground: Ground, list: string, cursor: string): Position => {
  const bytes = Buffer.from(cursor, 'base64url');
  // Base64 has several writings of the same bytes; we wrote only one.
  if (bytes.length <= nonceSize + tagSize || bytes.toString('base64url') !== cursor) throw foreign();
  const opening = createDecipheriv('aes-256-gcm', keysOf(ground.secret).sealing, bytes.subarray(0, nonceSize))
    .setAAD(Buffer.from(boundTo(ground, list)))
    .setAuthTag(bytes.subarray(-tagSize));
  const text = opening.update(bytes.subarray(nonceSize, -tagSize), undefined, 'utf8');
  try {
    opening.final();
  } catch {
    throw foreign(); // Node says no more than that the seal does not fit
  }
  const [sort, key] = JSON.parse(text) as [string, string];
  return { sort, key };
};

/** A condition on the rows, with the values it binds. */
export type Condition = { sql: string; values?: Record<string, unknown> };

/** What a list is: its rows, its order, and which of them are asked for. */
export type List<Row> = {
  /** Names the list in its cursors. */
  name: string;
  table: Table;
  names: readonly (keyof Row & string)[];
  key: keyof Row & string;
  /** An expression that is never null, and its type. */
  order: { sql: string; type: string; descending: boolean };
  conditions?: readonly Condition[];
};

/** What a condition binds, as knex takes it. */
export const binds = ({ sql, values = {} }: Condition): Knex.Value[] => {
  const names = Object.keys(values);
  // Each condition binds its values in the order in which its text names them.
  return [...sql.matchAll(/\?/g)].map((_, i) => param(names[i] ?? ''));
};

const parts = <Row>(
  { viewer }: Ground,
  { table, names, key, order, conditions = [] }: List<Row>,
  backwards: boolean,
) => {
  const direction = order.descending !== backwards ? 'desc' : 'asc';
  const id = `t.${snake(key)}`;
  const scoped = (knex: Knex) => {
    const query = visible(knex, table, viewer);
    for (const condition of conditions) query.whereRaw(condition.sql, binds(condition));
    return query;
  };
  const ordered = (query: Knex.QueryBuilder, from: boolean) => {
    if (from) {
      query.whereRaw(`(${order.sql}, ${id}) ${direction === 'desc' ? '<' : '>'} (?::${order.type}, ?)`, [
        param('sort'),
        param('key'),
      ]);
    }
    return query
      .select(columns(names))
      .select(query.client.raw(`(${order.sql})::text as "sortKey"`))
      .orderByRaw(`${order.sql} ${direction}, ${id} ${direction}`);
  };
  const shapeKey = [table, scopeKey(viewer), order.sql, direction, ...conditions.map(({ sql }) => sql)].join(' | ');
  return { scoped, ordered, shapeKey };
};

type Sorted<Row> = Scoped<Row> & { sortKey: string };

const connection = <Row extends object>(
  ground: Ground,
  list: List<Row>,
  cursorList: string,
  { size, cursor, backwards }: ReturnType<typeof asked>,
  found: readonly Sorted<Row>[],
  totalCount: () => Promise<number>,
): Connection<Scoped<Row>> => {
  const more = found.length > size;
  const rows = found.slice(0, size);
  if (backwards) rows.reverse();
  // Sealed when it is asked for: most lists are read without.
  const edges = rows.map((node) => ({
    get cursor() {
      return write(ground, cursorList, { sort: node.sortKey, key: String(node[list.key]) });
    },
    node,
  }));
  return {
    edges,
    pageInfo: {
      hasNextPage: backwards ? cursor !== null : more,
      hasPreviousPage: backwards ? more : cursor !== null,
      get startCursor() {
        return edges[0]?.cursor ?? null;
      },
      get endCursor() {
        return edges.at(-1)?.cursor ?? null;
      },
    },
    totalCount,
  };
};

const valuesOf = (conditions: readonly Condition[] = []): Record<string, unknown> =>
  Object.assign({}, ...conditions.map(({ values }) => values ?? {}));

/** A page of a list. */
export const page = async <Row extends object>(
  ground: Ground,
  list: List<Row>,
  args: PageArgs,
): Promise<Connection<Scoped<Row>>> => {
  const wanted = asked(args);
  // The viewer's own come last: no condition can put another's in their place.
  const values = { ...valuesOf(list.conditions), ...scopeValues(ground.viewer) };
  const cursorList = JSON.stringify([list.name, list.order, valuesOf(list.conditions)]);
  const from = wanted.cursor === null ? {} : read(ground, cursorList, wanted.cursor);
  const { scoped, ordered, shapeKey } = parts(ground, list, wanted.backwards);
  const select = shape<Sorted<Row>>(`page ${wanted.cursor !== null} ${shapeKey}`, (knex) =>
    knex.raw('? limit ?', [ordered(scoped(knex), wanted.cursor !== null), param('limit')]),
  );
  const count = shape<{ count: number }>(`count ${shapeKey}`, (knex) => scoped(knex).clearSelect().count('* as count'));
  const rows = wanted.size === 0 ? [] : await select(ground.pool, { ...values, ...from, limit: wanted.size + 1 });
  return connection(ground, list, cursorList, wanted, rows, async () => {
    const [counted] = await count(ground.pool, values);
    return Number(counted?.count ?? 0);
  });
};

/** Pages of the same list under many parents, with the same arguments: one statement for all, one more when counted. */
export const pages = <Row extends object>(
  ground: Ground,
  list: List<Row> & { parent: string },
  args: Pick<PageArgs, 'first' | 'after'>,
): DataLoader<string, Connection<Scoped<Row>>> => {
  const wanted = asked(args);
  const { scoped, ordered, shapeKey } = parts(ground, list, false);
  const values = { ...valuesOf(list.conditions), ...scopeValues(ground.viewer) };
  const cursorOf = (parent: string) => JSON.stringify([list.name, parent, list.order, valuesOf(list.conditions)]);
  const select = shape<Sorted<Row> & { parentKey: string }>(
    `pages ${wanted.cursor !== null} ${list.parent} ${shapeKey}`,
    (knex) =>
      knex.raw('select x.*, k.key as "parentKey" from unnest(?::text[]) k(key) cross join lateral (? limit ?) x', [
        param('keys'),
        ordered(scoped(knex).whereRaw(list.parent), wanted.cursor !== null),
        param('limit'),
      ]),
  );
  const count = shape<{ parentKey: string; count: number }>(`counts ${list.parent} ${shapeKey}`, (knex) =>
    knex.raw('select k.key as "parentKey", x.count from unnest(?::text[]) k(key) cross join lateral (?) x', [
      param('keys'),
      scoped(knex).whereRaw(list.parent).clearSelect().count('* as count'),
    ]),
  );
  const counts = new DataLoader<string, number>(async (keys) => {
    const found = new Map(
      (await count(ground.pool, { ...values, keys })).map((row) => [row.parentKey, Number(row.count)]),
    );
    return keys.map((key) => found.get(key) ?? 0);
  });
  return new DataLoader(async (keys) => {
    // A cursor was made under one parent and is refused under every other.
    const from = wanted.cursor === null ? {} : read(ground, cursorOf(keys[0] ?? ''), wanted.cursor);
    if (wanted.cursor !== null && keys.length > 1) {
      throw foreign();
    }
    const rows = await select(ground.pool, { ...values, ...from, keys, limit: wanted.size + 1 });
    return grouped(keys, rows, (row) => row.parentKey).map((found, i) => {
      const parent = keys[i] ?? '';
      return connection(ground, list, cursorOf(parent), wanted, found, () => counts.load(parent));
    });
  });
};
