/** How a runtime runs a contestant. */
import type { ContestantName, Fixture } from './contest.ts';

export type Runner = {
  /** Microseconds of CPU for one operation, over `iterations` of them. */
  measure(operation: string, iterations: number): Promise<number>;
  close(): Promise<void>;
};

export type OpenRunner = (contestant: ContestantName, fixture: Fixture) => Promise<Runner>;

/** One core for all that is measured, so that nothing migrates; the driver keeps to the others. */
export const PINNED = ['-c', '1'] as const;

export const MICROSECONDS_PER_NANOSECOND = 1e-3;
