/** The outbox as a feed to pull: what happened, in the order of the commits, of which the viewer may know. */
import { eventsTelling, listOfEvent } from '../../schema/outbox.ts';
import { isParty, relations } from '../../schema/policy.ts';
import { verdict } from '../../schema/verdict.ts';
import { related } from '../access.ts';
import { refuse } from '../errors.ts';
import { type Condition, type Connection, type PageArgs, page } from '../page.ts';
import type { Ground, Scoped } from '../rows.ts';
import type { Viewer } from '../viewer.ts';
import type { HappeningRow } from './rows.ts';

/** What is asked of the feed. */
export type FeedArgs = PageArgs & {
  dossier?: string | null | undefined;
  own?: boolean | null | undefined;
  events?: readonly string[] | null | undefined;
};

/** The condition that the viewer may know of an event, with the purpose that it states: a row that it may not is not there. */
const mayKnow = (viewer: Viewer): Condition => {
  const each = [...eventsTelling.keys()].flatMap((category) => {
    const open = relations.filter(
      (relation) => verdict(viewer, { categories: [category], from: 'STATUS', mask: undefined }, relation) === 'CLEAR',
    );
    if (open.length === 0) return [];
    const tells = `t.category = '${category}'`;
    return [open.length === relations.length ? tells : `(${tells} and ${related('outbox', viewer, open)})`];
  });
  return { sql: each.length > 0 ? `(${each.join(' or ')})` : 'false' };
};

/** Refuses an event that nobody is shown: an empty feed would say that it never happens. */
const mustBeEvents = (events: readonly string[]): void => {
  if (events.some((event) => listOfEvent(event) === null)) throw refuse('BAD_USER_INPUT', 'no such event');
};

/** A page of the feed. Its order is that of the commits, so that nothing ever comes before a cursor that was given out. */
export const feed = (
  ground: Ground,
  { dossier, own, events, ...args }: FeedArgs,
): Promise<Connection<Scoped<HappeningRow>>> => {
  const { viewer } = ground;
  mustBeEvents(events ?? []);
  // A party has no dossiers but its own: also those that it filed for another.
  const ofOwn = own && !isParty(viewer.kind) ? [{ sql: related('outbox', viewer, ['OWN']) }] : [];
  return page<HappeningRow>(
    ground,
    {
      name: 'outbox',
      table: 'outbox',
      names: ['position', 'at', 'event', 'category', 'dossierNumber', 'workerId', 'messageId'],
      key: 'position',
      order: { sql: 't.position', type: 'bigint', descending: false },
      conditions: [
        mayKnow(viewer),
        ...ofOwn,
        ...(dossier == null ? [] : [{ sql: 't.dossier_number = ?', values: { dossier } }]),
        ...(events == null ? [] : [{ sql: 't.event = any(?::text[])', values: { events } }]),
      ],
    },
    args,
  );
};
