/** The faults on the way between the parts, and their frequency. */
export interface Forecast {
  /** Percent of the messages that meet a fault. */
  readonly percent: number;
  /** Delay of every message. */
  readonly milliseconds: number;
  /** Nothing gets through at all. */
  readonly isCut: boolean;
  /**
   * For records only: `lost` before they arrive, `answers_lost` after they were written, `held` as
   * long as this weather lasts.
   */
  readonly records?: 'lost' | 'answers_lost' | 'held';
  /** For charges and leases only. */
  readonly orders?: 'lost';
  /** For catalogues only: they never arrive, or a mirror changes them on the way. */
  readonly catalogues?: 'lost' | 'changed';
  readonly seed: number;
}

export const CALM: Forecast = { percent: 0, milliseconds: 0, isCut: false, seed: 1 };

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
