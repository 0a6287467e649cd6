/** What an operation reads, and of whom: noted row by row while it runs, for the read log. */
import { ceilingOf, type Kind } from '../schema/policy.ts';
import type { Viewer } from './viewer.ts';

/** What one operation read, or was refused, of one person. */
export type Reading = {
  /** The worker's internal id; null where a refusal, or a search in vain, is about nobody in particular. */
  subject: string | null;
  /** Data categories that were answered, and those that were refused. */
  read: readonly string[];
  refused: readonly string[];
  /** REFUSED: nothing was answered. NOTHING: looked for and not found. WRITTEN: seen and changed. */
  outcome: 'READ' | 'REFUSED' | 'NOTHING' | 'WRITTEN';
  /** Whether the person counts towards the user's daily ceiling. */
  counts: boolean;
};

/** One operation of one caller, as the read log takes it. */
export type Consultation = {
  /** The token's subject, and the organisation or party: never an INSZ. */
  user: string;
  party: string;
  kind: Kind;
  purpose: string | null;
  reference: string | null;
  /** Fields at the top and a digest of the document, without its values. */
  operation: string;
  /** The day in Belgium. */
  today: string;
  /** How many distinct persons the user may come across in a day; null is no limit. */
  ceiling: number | null;
  readings: readonly Reading[];
};

/** What was asked, without who asked. */
export type Asked = Pick<Consultation, 'operation' | 'readings'>;

/** Puts an operation of a viewer in the form of the log. */
export const consultation = (viewer: Viewer, { operation, readings }: Asked): Consultation => {
  const { id, party, kind, roles, today, wrongPurpose } = viewer;
  const { purpose, reference } = wrongPurpose ?? viewer;
  return { user: id, party, kind, purpose, reference, operation, today, ceiling: ceilingOf(kind, roles), readings };
};

/** What is read of a row by one selection of its fields. */
export type Content = Pick<Reading, 'read' | 'refused' | 'counts'>;

/** Whether there is anything in it that the log has to know. */
const isPersonal = ({ read, refused }: Content): boolean => read.length > 0 || refused.length > 0;

/** The readings of one operation. */
export class Readings {
  readonly #persons = new Map<string | null, Set<Content>>();
  readonly #missed = new Set<Content>();
  #changes = 0;

  /** How often something was changed: what was loaded before is then out of date. */
  get changes(): number {
    return this.#changes;
  }

  /** Notes that something was changed, and answers how often that has been. */
  changed(): number {
    this.#changes += 1;
    return this.#changes;
  }

  /** Notes what a selection tells of a person. */
  note(subject: string | null, content: Content): void {
    if (!isPersonal(content)) return;
    const met = this.#persons.get(subject);
    if (met) met.add(content);
    else this.#persons.set(subject, new Set([content]));
  }

  /** Notes a search for a person that found nobody whom the viewer may see. */
  miss(content: Content): void {
    this.#missed.add(content);
  }

  /** Adds what another process noted. */
  add(readings: readonly Reading[]): void {
    for (const { subject, outcome, ...content } of readings) {
      if (outcome === 'NOTHING') this.miss(content);
      else this.note(subject, content);
    }
  }

  /** One reading for each person; each search in vain is one of its own. */
  list(): Reading[] {
    const persons = [...this.#persons].map(([subject, contents]): Reading => {
      const all = [...contents];
      const read = distinct(all.flatMap((content) => content.read));
      const refused = distinct(all.flatMap((content) => content.refused));
      const outcome = read.length > 0 ? 'READ' : 'REFUSED';
      return { subject, read, refused, outcome, counts: outcome === 'READ' && all.some(({ counts }) => counts) };
    });
    const missed = [...this.#missed].map((content): Reading => ({ subject: null, ...content, outcome: 'NOTHING' }));
    return [...persons, ...missed];
  }
}

const distinct = (names: readonly string[]): string[] => [...new Set(names)].sort();

const collected = new WeakMap<object, Readings>();

/** What was noted while a client's request was answered; `occasion` is that request. */
export const readingsOf = (occasion: object): Readings => {
  const met = collected.get(occasion) ?? new Readings();
  collected.set(occasion, met);
  return met;
};
