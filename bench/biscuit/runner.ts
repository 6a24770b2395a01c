/** How a runtime runs a contestant. */
import { readFileSync } from 'node:fs';
import type { ContestantName, Fixture } from './contest.ts';

export type Runner = {
  /** Microseconds of CPU for one operation, over `iterations` of them. */
  measure(operation: string, iterations: number): Promise<number>;
  /** Memory of the process. */
  residentBytes(): number;
  close(): Promise<void>;
};

const BYTES_PER_KIBIBYTE = 1024;

/** What the kernel says of a process. */
export function residentBytesOf(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * BYTES_PER_KIBIBYTE;
}

export type OpenRunner = (contestant: ContestantName, fixture: Fixture) => Promise<Runner>;

/** One core for all that is measured, so that nothing migrates; the driver keeps to the others. */
export const PINNED = ['-c', '1'] as const;

export const MICROSECONDS_PER_NANOSECOND = 1e-3;
