import type { Random } from './random.ts';
import type { FeedScale } from './scale.ts';

/** Returns the times of appends at random, ascending, up to `until`. */
export function appendTimes(perSecond: number, until: number, random: Random): Float64Array {
  const times: number[] = [];
  if (perSecond === 0) return new Float64Array();
  for (let time = random.exponential(1 / perSecond); time < until; ) {
    times.push(time);
    time += random.exponential(1 / perSecond);
  }
  return Float64Array.from(times);
}

/** Returns how many of the ascending times are not after `time`. */
export function countUntil(times: Float64Array, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface Poll {
  readonly at: number;
  readonly verifier: number;
}

/** Returns the polls of all verifiers. A Worker polls with the first request after one is due. */
export function pollTimes(
  scale: FeedScale,
  verifiers: number,
  until: number,
  random: Random,
): readonly Poll[] {
  const polls: Poll[] = [];
  const due = scale.pollMilliseconds / 1_000;
  for (let verifier = 0; verifier < verifiers; verifier++) {
    for (let at = random.uniform() * due; at < until; ) {
      polls.push({ at, verifier });
      at += due + random.exponential(1 / scale.requests);
    }
  }
  return polls.sort((one, other) => one.at - other.at);
}
