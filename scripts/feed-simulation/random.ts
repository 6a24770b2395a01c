/** Pseudo-random numbers, the same for the same seed. */
export interface Random {
  /** At least 0, below 1. */
  readonly uniform: () => number;
  /** Draws the time until the next event of a Poisson process. */
  readonly exponential: (mean: number) => number;
}

/** mulberry32: 32 bits of state, more than enough for delays that are printed to three digits. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { uniform, exponential: (mean) => -mean * Math.log(1 - uniform()) };
}
