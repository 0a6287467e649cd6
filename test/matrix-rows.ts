/** The row scopes, executed: what `visible` gives each asker of each table, beside what the referee's own SQL finds. */
import { shape } from '../db/statement.ts';
import { type Relation, roles } from '../schema/policy.ts';
import type { SubgraphName } from '../schema/subgraphs.ts';
import { related, scopeKey, scopeValues, visible } from '../subgraphs/access.ts';
import { principalOf } from '../subgraphs/principal.ts';
import type { Viewer } from '../subgraphs/viewer.ts';
import { today } from './cluster.ts';
import type { MatrixWorld } from './matrix-world.ts';
import { relations } from './referee.ts';
import { type Asker, askers, type Found, found, type TableName, tables } from './referee-rows.ts';

const keepers: Partial<Record<TableName, SubgraphName>> = {
  dossier: 'dossiers',
  message: 'dossiers',
  outbox: 'dossiers',
  decision: 'decisions',
  worker: 'workers',
  employer: 'employers',
  establishment: 'employers',
  mandate: 'employers',
};

/** Tables on which a store narrows a list to what the rows are to the viewer. */
const narrowed: readonly TableName[] = ['dossier', 'file', 'outbox'];

/** The viewer that a token for an asker makes. */
export const viewerOf = ({ who }: Asker, purpose: string | null = null): Viewer => {
  const named = principalOf(who, today);
  if ('reason' in named) throw new Error(named.reason);
  return { ...named.principal, id: who, roles, purpose, reference: purpose && 'r', wrongPurpose: null, today };
};

const told = (rows: readonly Found[]): string[] => rows.map(({ key, relation }) => `${key} ${relation}`).sort();

const shownTo = (world: MatrixWorld, asker: Asker, table: TableName, only?: readonly Relation[]): Promise<Found[]> => {
  const viewer = viewerOf(asker);
  const key = tables[table].key.replaceAll('x.', 't.');
  const select = shape<Found>(`matrix of ${table} for ${scopeKey(viewer)}, ${viewer.kind}, ${only}`, (knex) => {
    const query = visible(knex, table, viewer).select(knex.raw(`${key} as key`));
    return only ? query.whereRaw(related(table, viewer, only)) : query;
  });
  return select(world.pools[keepers[table] ?? 'cadastre'], { ...scopeValues(viewer) });
};

const difference = (have: readonly string[], want: readonly string[]): string => {
  const more = have.filter((one) => !want.includes(one));
  const less = want.filter((one) => !have.includes(one));
  return `${have.length} rows and not ${want.length}; too many: ${more.slice(0, 3)}; missing: ${less.slice(0, 3)}`;
};

/** Runs the row scopes. Answers how many pairs of asker and table there were, and where the referee found other rows. */
export const runRows = async (
  world: MatrixWorld,
  { wanted = () => true }: { wanted?: (asker: Asker, table: TableName) => boolean } = {},
): Promise<{ cases: number; wrong: string[] }> => {
  const pairs = askers.flatMap(
    (asker) => Object.keys(tables).map((name) => ({ asker, table: name as TableName })), // the keys of our own table
  );
  const each = pairs.filter(({ asker, table }) => wanted(asker, table));
  const wrong = await Promise.all(
    each.map(async ({ asker, table }) => {
      const want = await found(world, asker, table);
      const views: (readonly Relation[] | undefined)[] = [
        undefined,
        ...(narrowed.includes(table) ? relations.map((one) => [one]) : []),
      ];
      const faults: string[] = [];
      for (const only of views) {
        const have = told(await shownTo(world, asker, table, only));
        const expected = told(want.filter(({ relation }) => !only || only.includes(relation)));
        if (have.join('\n') !== expected.join('\n'))
          faults.push(`${asker.who} ${table} ${only ?? ''}: ${difference(have, expected)}`);
      }
      return faults;
    }),
  );
  return { cases: each.length, wrong: wrong.flat() };
};
