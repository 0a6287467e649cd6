import { once } from 'node:events';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type Batch, columnsOf, type Table, tableNames } from './tables.ts';

// Tables that refer to no other table of the same group can be filled at the same time, each group on its own connection.
// A table with a foreign key stands in the same group as the table it refers to, after it.
const groups: readonly (readonly string[])[] = [
  ['dossiers'],
  ['workers', 'employers', 'decisions', 'cadastre', 'access', 'meta'],
];

/** How many rows each table received. */
export type Counts = Partial<Record<Table, number>>;

/** Copies the rows of a table, in pieces of COPY text. */
export async function copy(client: pg.Client, table: Table, pieces: readonly string[]): Promise<void> {
  const stream = client.query(copyFrom(`copy ${table} (${columnsOf(table).join(', ')}) from stdin`));
  const done = once(stream, 'finish');
  done.catch(() => undefined); // awaited below; a failure while writing would otherwise go unhandled first
  for (const piece of pieces) {
    if (!stream.write(piece)) await Promise.race([once(stream, 'drain'), done]);
  }
  stream.end();
  await done;
}

/** Stores the rows of a cohort, over the given connections, and adds them to the counts. */
export async function store(clients: readonly pg.Client[], batch: Batch, counts: Counts): Promise<void> {
  await Promise.all(
    groups.map(async (schemas, at) => {
      const client = clients[at % clients.length];
      if (client === undefined) return;
      for (const table of tableNames) {
        if (!schemas.includes(table.slice(0, table.indexOf('.')))) continue;
        const { text, rows } = batch.take(table);
        if (rows === 0) continue;
        await copy(client, table, text);
        counts[table] = (counts[table] ?? 0) + rows;
      }
    }),
  );
}
