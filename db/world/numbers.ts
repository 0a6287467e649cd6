import {
  makeA1,
  makeBis,
  makeDossierNumber,
  makeEstablishment,
  makeKbo,
  makeLimosa,
  makeRrn,
} from '../../schema/identifiers.ts';
import { type Day, dateOf, dayOf, yearOf } from './days.ts';

// Numbers that no real person or firm can have (DOMAIN 5): day counters 990-998, enterprise bases 01 and 19,
// establishment bases 89. Each is given out once.

/** The kinds of INSZ: national register, bis with the sex known, bis without. */
export type InszKind = 'RRN' | 'BIS' | 'BIS_UNKNOWN';

/** Sequence numbers below this one belong to people and planted cases; they never depend on the profile. */
export const reservedSequences = 5000;

/** Gives out identifiers, each once. */
export type Numbers = {
  /** An INSZ for a person born on or near a day, with the birth date it tells; null when every number is given out. */
  insz(birth: Day, sex: 'M' | 'F', kind: InszKind): { insz: string; birthDate: string; kind: InszKind } | null;
  /** The national register number of somebody who had a bis number; null when none is left for that birth date. */
  successor(birthDate: string, sex: 'M' | 'F'): string | null;
  /** Sets the INSZ of a named person or planted case apart, so that nobody else is given it. */
  reserve(insz: string): void;
  kbo(): string;
  establishment(): string;
  dossier(prefix: 'SP' | 'AK' | 'BK', created: Day): string;
  limosa(start: Day): string;
  a1(country: string, start: Day): string;
};

// Wider than the ages of workers: only the largest world fills it, and some of its persons stay without a number.
const OLDEST = dayOf('1935-01-01');
const YOUNGEST = dayOf('2008-06-30');
const DAYS = YOUNGEST - OLDEST + 1;
const odd = [991, 993, 995, 997];
const even = [990, 992, 994, 996, 998];

// The five series of numbers; a bis number of somebody of unknown sex says nothing by its parity.
const series: readonly { kind: InszKind; counters: readonly number[] }[] = [
  { kind: 'RRN', counters: odd },
  { kind: 'RRN', counters: even },
  { kind: 'BIS', counters: odd },
  { kind: 'BIS', counters: even },
  { kind: 'BIS_UNKNOWN', counters: [...even, ...odd] },
];

function linesFor(sex: 'M' | 'F', kind: InszKind): readonly number[] {
  const [national, bis] = sex === 'M' ? [0, 2] : [1, 3];
  if (kind === 'RRN') return [national, 4, bis];
  return kind === 'BIS' ? [bis, 4, national] : [4, bis, national];
}

/** Writes an INSZ of a kind. */
export function inszOf(kind: InszKind, birthDate: string, counter: number): string {
  return kind === 'RRN' ? makeRrn({ birthDate, counter }) : makeBis({ birthDate, counter, sexKnown: kind === 'BIS' });
}

/** Makes the source of identifiers of one world. */
export function numbersOf(dossiersPerDay: number): Numbers {
  // One cursor per birth date and series of counters: at most nine numbers each, so that a byte is enough.
  const used = new Uint8Array(DAYS * series.length);
  const taken = new Set<string>();
  let kbo = 0;
  let establishment = 0;
  let limosa = 0;
  let a1 = 0;
  const perDay = new Map<Day, number>();
  const draw = (line: number, index: number): string | null => {
    const found = series[line];
    if (found === undefined) return null;
    for (;;) {
      const at = index * series.length + line;
      const counter = found.counters[used[at] ?? 0];
      if (counter === undefined) return null;
      used[at] = (used[at] ?? 0) + 1;
      const insz = inszOf(found.kind, dateOf(OLDEST + index), counter);
      if (!taken.has(insz)) return insz;
    }
  };
  const left = series.map(({ counters }) => counters.length * DAYS);
  return {
    insz(birth, sex, kind) {
      // A kind that is used up gives way to another: a very large world has more persons than one kind has numbers.
      for (const line of linesFor(sex, kind)) {
        if ((left[line] ?? 0) <= 0) continue;
        // When a birth date has no number left, another is tried; the stride visits all of them.
        for (let step = 0; step < DAYS; step += 1) {
          const index = (((birth - OLDEST) % DAYS) + DAYS + step * 7919) % DAYS;
          const insz = draw(line, index);
          if (insz === null) continue;
          left[line] = (left[line] ?? 0) - 1;
          return { insz, birthDate: dateOf(OLDEST + index), kind: series[line]?.kind ?? kind };
        }
        left[line] = 0;
      }
      return null;
    },
    successor(birthDate, sex) {
      const line = linesFor(sex, 'RRN')[0] ?? 0;
      // First numbers go before second ones.
      if ((left[line] ?? 0) < DAYS) return null;
      const insz = draw(line, dayOf(birthDate) - OLDEST);
      if (insz !== null) left[line] = (left[line] ?? 0) - 1;
      return insz;
    },
    reserve(insz) {
      if (taken.has(insz)) throw new RangeError('an INSZ is given twice');
      taken.add(insz);
    },
    kbo() {
      kbo += 1;
      // 01100000 and up, then 19100000 and up: below those stand the named employers and the vectors of DOMAIN 5.
      return makeKbo(kbo < 900_000 ? String(1_100_000 + kbo).padStart(8, '0') : String(19_100_000 + kbo - 900_000));
    },
    establishment() {
      establishment += 1;
      return makeEstablishment(String(89_010_000 + establishment));
    },
    dossier(prefix, created) {
      const count = perDay.get(created) ?? 0;
      if (count >= dossiersPerDay) throw new RangeError(`more than ${dossiersPerDay} dossiers on ${dateOf(created)}`);
      perDay.set(created, count + 1);
      const year = yearOf(created);
      const dayOfYear = created - dayOf(`${year}-01-01`);
      return makeDossierNumber(prefix, year, reservedSequences + dayOfYear * dossiersPerDay + count);
    },
    limosa(start) {
      limosa += 1;
      return makeLimosa(yearOf(start), limosa);
    },
    a1(country, start) {
      a1 += 1;
      return makeA1(country, yearOf(start), a1);
    },
  };
}
