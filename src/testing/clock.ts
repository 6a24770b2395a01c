import type { Clock, UnixMilliseconds } from '../clock.ts';

/** A clock that stands still until a test moves it. */
export interface TestClock {
  /** Returns the time of the clock, in Unix milliseconds. */
  readonly now: Clock;
  /** Moves the clock forward. Throws a TypeError for a number that is negative or not finite. */
  advance(seconds: number): void;
}

/** Returns a clock that starts at a whole second: tokens and heads carry no smaller unit. */
export function testClock(start: UnixMilliseconds): TestClock {
  let time = Math.floor(start / 1000) * 1000;
  return {
    now: () => time,
    advance: (seconds) => {
      if (!(seconds >= 0 && Number.isFinite(seconds))) {
        throw new TypeError('advance: `seconds` must be a finite number of at least 0');
      }
      time += Math.round(seconds * 1000);
    },
  };
}
