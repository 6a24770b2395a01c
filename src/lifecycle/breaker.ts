import type { UnixMilliseconds } from '../clock.ts';
import { BREAKER_WINDOW_SECONDS } from '../limits.ts';

// The breaker trips when one rule stops this many workflows, or this share of all, in the window.
const BREAKER_STOPS_MIN = 20;
const BREAKER_STOPS_SHARE = 0.05;

/** A workflow that a rule stopped. */
export interface Stop {
  readonly workflow: string;
  readonly at: UnixMilliseconds;
}

export interface BreakerState {
  /** The recent stops by this version of the rule. */
  readonly stops: readonly Stop[];
  /** The number of living workflows, including the stopped ones. */
  readonly living: number;
  /** It has tripped before, and no operator has armed it again since. */
  readonly tripped: boolean;
}

export interface BreakerAnswer {
  readonly act: boolean;
  /** This request tripped the breaker, so an operator must be told. */
  readonly trips: boolean;
  readonly stopped: number;
  readonly bound: number;
}

/**
 * Decides whether a rule may stop one more workflow. A rule that stops many workflows within five
 * minutes is more likely wrong than all of them are, and anyone who can make it hold could stop
 * everything.
 */
export function judgeStop(
  state: BreakerState,
  workflow: string,
  now: UnixMilliseconds,
): BreakerAnswer {
  const since = now - BREAKER_WINDOW_SECONDS * 1000;
  const recent = new Set(state.stops.filter(({ at }) => at > since).map((stop) => stop.workflow));
  const bound = Math.max(BREAKER_STOPS_MIN, Math.floor(state.living * BREAKER_STOPS_SHARE));
  const wanted = recent.has(workflow) ? recent.size : recent.size + 1;
  const fits = wanted <= bound;
  return {
    act: !state.tripped && fits,
    trips: !state.tripped && !fits,
    stopped: recent.size,
    bound,
  };
}
