import type { UnixMilliseconds } from '../clock.ts';

/** As many as the small plot in a row of a list shows: one hour. */
const RECENT_INTERVALS = 12;
const RECENT_INTERVAL_SECONDS = 300;

/** Calls and denied calls of the intervals up to the newest, the oldest first. */
export interface Recent {
  /** The number of the newest interval, counted from 1970. */
  readonly newest: number;
  readonly calls: readonly number[];
  readonly denials: readonly number[];
}

const intervalOf = (at: UnixMilliseconds): number =>
  Math.floor(at / (RECENT_INTERVAL_SECONDS * 1_000));

/** Adds a call. One that is older than all intervals changes nothing. */
export function addRecent(
  recent: Recent | undefined,
  at: UnixMilliseconds,
  isDenied: boolean,
): Recent {
  const interval = intervalOf(at);
  const newest = Math.max(interval, recent?.newest ?? interval);
  const place = RECENT_INTERVALS - 1 - (newest - interval);
  const add = (counts: readonly number[] | undefined, by: number) =>
    shifted(counts, recent?.newest, newest).map((count, each) =>
      each === place ? count + by : count,
    );
  return { newest, calls: add(recent?.calls, 1), denials: add(recent?.denials, Number(isDenied)) };
}

/** Returns calls and denied calls of the intervals that end with the current one. */
export function recentAt(
  recent: Recent | undefined,
  now: UnixMilliseconds,
): readonly (readonly [calls: number, denials: number])[] {
  const current = intervalOf(now);
  const denials = shifted(recent?.denials, recent?.newest, current);
  return shifted(recent?.calls, recent?.newest, current).map((calls, place) => [
    calls,
    denials[place] ?? 0,
  ]);
}

const shifted = (
  counts: readonly number[] = [],
  last: number | undefined,
  newest: number,
): readonly number[] =>
  Array.from({ length: RECENT_INTERVALS }, (_, place) => {
    const interval = newest - (RECENT_INTERVALS - 1) + place;
    return counts[counts.length - 1 - ((last ?? newest) - interval)] ?? 0;
  });
