/** What an event of the outbox tells of: who may know of it follows from that, as of any field. */
import { json } from './data.ts';
import { codeOf } from './reference.ts';

const data = json<{ tells: Record<string, string[]> }>('outbox.json');

/**
 * The data categories that events tell of, with their events. Which document was added an event does not say: it is kept as
 * closely as the most sensitive. What is not here is nobody's to read: hits and reports of irregularities have ways of their own.
 */
export const eventsTelling: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(data.tells));

/** The list in which an event's label stands; null for an event that the outbox shows to nobody. */
export const listOfEvent = (event: string): 'notifications' | 'timelineEvents' | null => {
  if (![...eventsTelling.values()].some((events) => events.includes(event))) return null;
  return codeOf('timelineEvents', event) ? 'timelineEvents' : 'notifications';
};
