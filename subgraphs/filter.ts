/** A filter, a sort or a look-up tells what it goes by: it obeys the rights on that data, row by row where rows differ. */
import { parse } from 'graphql';
import { type Relation, relations } from '../schema/policy.ts';
import { type SubgraphName, sdl } from '../schema/subgraphs.ts';
import { classify, verdict } from '../schema/verdict.ts';
import { related, type Table } from './access.ts';
import { refuse } from './errors.ts';
import type { Condition } from './page.ts';
import type { Viewer } from './viewer.ts';

const closed = (coordinate: string, opens: boolean) =>
  opens
    ? refuse('PURPOSE_REQUIRED', `${coordinate} needs a purpose and a reference`)
    : refuse('FORBIDDEN', `${coordinate} is not open to you`);

/**
 * Refuses a look-up by a value of which the viewer may not even see the mask: who may see that much has the value from the
 * person, and is answered of rows of its own only.
 */
export const sought = (name: SubgraphName) => {
  const { known } = classify(parse(sdl(name)));
  return (viewer: Viewer, coordinate: string): void => {
    const classification = known.get(coordinate);
    if (!classification) throw new Error(`without a category: ${coordinate}`);
    const outcome = verdict(viewer, classification);
    if (outcome === 'PURPOSE_REQUIRED' || outcome === 'FORBIDDEN') {
      throw closed(coordinate, outcome === 'PURPOSE_REQUIRED');
    }
  };
};

/** The condition that a row is one of which the viewer may read a field: `true` of every row, `false` of none. */
export const readable = (name: SubgraphName) => {
  const { known } = classify(parse(sdl(name)));
  return (viewer: Viewer, table: Table, coordinate: string): string => {
    const classification = known.get(coordinate);
    if (!classification) throw new Error(`without a category: ${coordinate}`);
    const open = relations.filter((relation) => verdict(viewer, classification, relation) === 'CLEAR');
    return open.length === relations.length ? 'true' : related(table, viewer, open);
  };
};

/**
 * The condition that keeps a filter to the rows whose data the viewer may read. Refused where there can be none:
 * FORBIDDEN, or PURPOSE_REQUIRED where a purpose would open it.
 */
export const permitted = (name: SubgraphName) => {
  const { known } = classify(parse(sdl(name)));
  return (viewer: Viewer, table: Table, coordinates: readonly string[]): Condition[] => {
    let open: readonly Relation[] = relations;
    for (const coordinate of coordinates) {
      const classification = known.get(coordinate);
      if (!classification) throw new Error(`without a category: ${coordinate}`);
      const outcomes = relations.map((relation) => [relation, verdict(viewer, classification, relation)] as const);
      const here = outcomes.flatMap(([relation, outcome]) => (outcome === 'CLEAR' ? [relation] : []));
      if (here.length === 0) {
        throw closed(
          coordinate,
          outcomes.some(([, outcome]) => outcome === 'PURPOSE_REQUIRED'),
        );
      }
      open = open.filter((relation) => here.includes(relation));
    }
    return open.length === relations.length ? [] : [{ sql: related(table, viewer, open) }];
  };
};
