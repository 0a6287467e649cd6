/** Prints the key by which an authority checks our events: `npm run --silent event-key -- VLA-DEM`. It is for that authority alone. */
import { authority } from '../schema/authorities.ts';
import { eventKey } from './channels/events.ts';
import { readEnv } from './env.ts';

try {
  const { EVENT_SECRET } = readEnv({ program: 'tool' });
  if (EVENT_SECRET === undefined)
    throw new Error('EVENT_SECRET is missing: the keys of all authorities follow from it.');
  const found = authority(process.argv[2] ?? '');
  if (found === null) throw new Error('Name an authority: VLA-DEM, FED-DVZ, MUN-23100 and so on.');
  process.stdout.write(`${eventKey(EVENT_SECRET, found.id)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
