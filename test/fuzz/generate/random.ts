/** A seeded source of choices: the same seed makes the same case on every machine. */

export type Random = {
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [0, below). */
  below(limit: number): number;
  /** True with probability `share`. */
  chance(share: number): boolean;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** `least` to `most` items. */
  list<T>(least: number, most: number, make: (i: number) => T): T[];
};

/** Mulberry32: 32 bits of state are enough to choose among a few things. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    chance: (share) => next() < share,
    pick: (items) => items[below(items.length)] ?? items[0],
    list: (least, most, make) =>
      Array.from({ length: least + below(most - least + 1) }, (_, i) => make(i)),
  };
}

/** Returns the seed of case `index` of run `seed`. Seeds of neighbouring cases are unrelated. */
export const caseSeed = (seed: number, index: number): number =>
  (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)) >>> 0;
