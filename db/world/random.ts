/** A source of chance that gives the same numbers for the same seed text, on every machine. */
export type Chance = {
  /** A number in [0, 1). */
  next(): number;
  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** Whether an event of this probability happens. */
  happens(probability: number): boolean;
  /** One of the list. */
  pick<T>(list: readonly T[]): T;
  /** So many hexadecimal digits. */
  hex(length: number): string;
};

const fourDigits = Array.from({ length: 0x10000 }, (_, value) => value.toString(16).padStart(4, '0'));

function hash(text: string): number {
  let value = 2166136261;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 16777619);
  return value >>> 0;
}

/** Makes the source of chance that belongs to a seed text (sfc32, seeded by FNV-1a). */
export function chanceOf(seed: string): Chance {
  let a = hash(`${seed}/a`);
  let b = hash(`${seed}/b`);
  let c = hash(`${seed}/c`);
  let count = 1;
  const bits = (): number => {
    const sum = (((a + b) | 0) + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round += 1) bits();
  const next = () => bits() / 4294967296;
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between,
    happens: (probability) => next() < probability,
    pick: <T>(list: readonly T[]): T => {
      const found = list[between(0, list.length - 1)];
      if (found === undefined) throw new RangeError('nothing to pick from');
      return found;
    },
    hex: (length) => {
      let text = '';
      while (text.length < length) {
        const drawn = bits();
        text += (fourDigits[drawn >>> 16] ?? '') + (fourDigits[drawn & 0xffff] ?? '');
      }
      return text.length === length ? text : text.slice(0, length);
    },
  };
}

/** Makes a draw from a table of shares, which need not add up to one. */
export function weighted<T>(shares: readonly (readonly [T, number])[]): (chance: Chance) => T {
  const total = shares.reduce((sum, [, share]) => sum + share, 0);
  const last = shares.at(-1);
  if (last === undefined || total <= 0) throw new RangeError('a draw needs shares');
  return (chance) => {
    let left = chance.next() * total;
    for (const [value, share] of shares) {
      left -= share;
      if (left < 0) return value;
    }
    return last[0];
  };
}

/** A positive, right-skewed number with this mean: most are smaller, a few much larger. */
export function skewed(chance: Chance, mean: number): number {
  // The mean of exp(σz) is exp(σ²/2); three uniform draws are close enough to a normal z.
  const sigma = 0.5;
  const z = (chance.next() + chance.next() + chance.next() - 1.5) * 2;
  return mean * Math.exp(sigma * z - (sigma * sigma) / 2);
}

/** Puts a list in a random order, in place. */
export function shuffle<T>(chance: Chance, list: T[]): T[] {
  for (let at = list.length - 1; at > 0; at -= 1) {
    const other = chance.between(0, at);
    const one = list[at];
    const two = list[other];
    if (one === undefined || two === undefined) continue;
    list[at] = two;
    list[other] = one;
  }
  return list;
}
