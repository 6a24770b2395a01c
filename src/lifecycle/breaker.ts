import { BREAKER_WINDOW_SECONDS } from '../limits.ts';

// The breaker trips when one rule stops this many workflows, or this share of all, in the window.
const BREAKER_STOPS_MIN = 20;
const BREAKER_STOPS_SHARE = 0.05;

/** A workflow that a rule stopped; unix milliseconds. */
export interface Stop {
  readonly workflow: string;
  readonly at: number;
}

export interface BreakerState {
  /** What this version of the rule stopped lately. */
  readonly stops: readonly Stop[];
  /** Workflows that are alive, those stopped among them. */
  readonly living: number;
  /** Whether it has tripped before: it stays so until an operator arms it again. */
  readonly tripped: boolean;
}

export interface BreakerAnswer {
  readonly act: boolean;
  /** That this very question tripped it: somebody has to be told. */
  readonly trips: boolean;
  readonly stopped: number;
  readonly bound: number;
}

/**
 * Whether a rule may stop one more workflow. A rule that wants to stop more than a few within five
 * minutes is more likely wrong than they are, and whoever can make it hold could stop everything.
 */
export function judgeStop(state: BreakerState, workflow: string, now: number): BreakerAnswer {
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
