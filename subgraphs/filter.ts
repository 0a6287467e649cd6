/** A filter or a sort tells what it filters or sorts by: it obeys the rights on that data, row by row. */
import { parse } from 'graphql';
import { relations } from '../schema/policy.ts';
import { type SubgraphName, sdl } from '../schema/subgraphs.ts';
import { classify, verdict } from '../schema/verdict.ts';
import { relationSql, type Table } from './access.ts';
import { refuse } from './errors.ts';
import type { Condition } from './page.ts';
import type { Viewer } from './viewer.ts';

/**
 * The condition that keeps a filter to the rows whose data the viewer may read. Refused where there can be none:
 * FORBIDDEN, or PURPOSE_REQUIRED where a purpose would open it.
 */
export const permitted = (name: SubgraphName) => {
  const { known } = classify(parse(sdl(name)));
  return (viewer: Viewer, table: Table, coordinates: readonly string[]): Condition[] => {
    let open: readonly string[] = relations;
    for (const coordinate of coordinates) {
      const classification = known.get(coordinate);
      if (!classification) throw new Error(`without a category: ${coordinate}`);
      const ask = (purpose: boolean) =>
        relations.filter((relation) => verdict(viewer.kind, classification, { relation, purpose }) === 'CLEAR');
      const here = ask(viewer.purpose !== null);
      if (here.length === 0) {
        throw ask(true).length > 0
          ? refuse('PURPOSE_REQUIRED', `${coordinate} needs a purpose and a reference`)
          : refuse('FORBIDDEN', `${coordinate} is not open to you`);
      }
      open = open.filter((relation) => here.some((one) => one === relation));
    }
    return open.length === relations.length
      ? []
      : [{ sql: `${relationSql(table, viewer)} = any(?::text[])`, values: { openRelations: open } }];
  };
};
