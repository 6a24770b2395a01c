import { CLOCK_SKEW_SECONDS_MAX } from '../../src/limits.ts';
import type { Random } from './random.ts';
import { entriesPerSecond, type FeedScale } from './scale.ts';

const INSTANTS = 60;

/**
 * Entries alive in one log, the mean of sixty instants over one longest life. They come at random;
 * a workflow is stopped at any point of its token's life, so what is left of that is uniform.
 */
export function simulateLive(scale: FeedScale, random: Random): number {
  const rate = entriesPerSecond(scale);
  if (rate === 0) return 0;
  const lifeMax = scale.tokenSeconds + CLOCK_SKEW_SECONDS_MAX;
  const apart = lifeMax / INSTANTS;
  let alive = 0;
  // From one longest life before the first instant: whatever came earlier is dead by then.
  for (let at = -lifeMax; at < lifeMax; at += random.exponential(1 / rate)) {
    const end = at + CLOCK_SKEW_SECONDS_MAX + random.uniform() * scale.tokenSeconds;
    const first = Math.max(0, Math.ceil(at / apart));
    const last = Math.min(INSTANTS - 1, Math.floor(end / apart));
    alive += Math.max(0, last - first + 1);
  }
  return alive / INSTANTS;
}

/** Little's law with the longest life: what there is room for, should all be stopped at once. */
export const liveAtMost = (scale: FeedScale): number =>
  entriesPerSecond(scale) * (scale.tokenSeconds + CLOCK_SKEW_SECONDS_MAX);
