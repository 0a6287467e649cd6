import { type Day, dateOf, dateOrNull } from './days.ts';
import type { Region } from './shape.ts';
import { regions } from './shape.ts';
import type { Batch } from './tables.ts';

/** The capacities of access.capacity, from the strongest tie to the weakest. */
export const capacities = [
  'COMPETENT',
  'PARTY',
  'MANDATE',
  'FORWARDED',
  'COPIED',
  'NAMED',
  'TERRITORY',
  'FORMER',
  'SAME_WORKER',
] as const;

/** What ties a party to a subject. */
export type Capacity = (typeof capacities)[number];

type SubjectKind = 'DOSSIER' | 'WORKER' | 'EMPLOYER';

/** The reference register of one cohort: who has a file on whom, since when, in which capacity. */
export type Register = {
  note(party: string, kind: SubjectKind, subject: string, capacity: Capacity, from: Day, to?: Day | null): void;
  write(batch: Batch): void;
};

const rank = new Map<Capacity, number>(capacities.map((capacity, index) => [capacity, index]));

/** Makes an empty reference register. */
export function registerOf(): Register {
  const held = new Map<string, { rank: number; from: Day; to: Day | null }>();
  return {
    note(party, kind, subject, capacity, from, to = null) {
      const key = `${party}\t${kind}\t${subject}`;
      const strength = rank.get(capacity) ?? capacities.length;
      const known = held.get(key);
      if (known === undefined) {
        held.set(key, { rank: strength, from, to });
        return;
      }
      // One row per party and subject: the strongest capacity, over the whole time that any of them covers.
      known.rank = Math.min(known.rank, strength);
      known.from = Math.min(known.from, from);
      known.to = known.to === null || to === null ? null : Math.max(known.to, to);
    },
    write(batch) {
      for (const [key, { rank: strength, from, to }] of held) {
        const [party = '', kind = '', subject = ''] = key.split('\t');
        batch.add('access.involvement', {
          party,
          subject_kind: kind,
          subject,
          capacity: capacities[strength] ?? null,
          valid_from: dateOf(from),
          valid_to: dateOrNull(to),
        });
      }
      held.clear();
    },
  };
}

/** The inspection service in whose territory an authority's workplaces lie. */
export function inspectionOf(authority: string): string | null {
  return authority in regions ? regions[authority as Region].inspection : null; // just checked to be one
}
