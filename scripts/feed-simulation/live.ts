import { CLOCK_SKEW_SECONDS_MAX } from '../../src/limits.ts';
import type { Random } from './random.ts';
import { entriesPerSecond, type FeedScale } from './scale.ts';

const INSTANTS = 60;

/**
 * Returns the live entries of one log: the mean of sixty instants over one longest life. Entries
 * arrive at random. A workflow is stopped at any point of its token's life, so the remaining life
 * is uniformly distributed.
 */
export function simulateLive(scale: FeedScale, random: Random): number {
  const rate = entriesPerSecond(scale);
  if (rate === 0) return 0;
  const lifeMax = scale.tokenSeconds + CLOCK_SKEW_SECONDS_MAX;
  const apart = lifeMax / INSTANTS;
  let alive = 0;
  // Starts one longest life before the first instant: earlier entries have expired by then.
  for (let time = -lifeMax; time < lifeMax; time += random.exponential(1 / rate)) {
    const end = time + CLOCK_SKEW_SECONDS_MAX + random.uniform() * scale.tokenSeconds;
    const first = Math.max(0, Math.ceil(time / apart));
    const last = Math.min(INSTANTS - 1, Math.floor(end / apart));
    alive += Math.max(0, last - first + 1);
  }
  return alive / INSTANTS;
}

/** Returns the maximum by Little's law, with the longest life for every entry. */
export const liveAtMost = (scale: FeedScale): number =>
  entriesPerSecond(scale) * (scale.tokenSeconds + CLOCK_SKEW_SECONDS_MAX);
