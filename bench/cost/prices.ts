import type { Tally } from './tally.ts';

/** Cloudflare's list prices of 2026 in US dollars, each for a million. */
export const DOLLARS_PER_MILLION = {
  rowsWritten: 1,
  rowsRead: 0.001,
  /** Calls of objects, and their alarms. */
  requests: 0.15,
  /** Puts and lists of a bucket. */
  classA: 4.5,
  classB: 0.36,
  /** Requests to Workers. */
  workerRequests: 0.3,
} as const;

/** A gigabyte of a bucket for a month. */
const DOLLARS_PER_GIGABYTE_MONTH = 0.015;
const GIGABYTE = 1e9;

/** What a tally costs at list prices. Bytes are those of the first month. */
export const dollarsOf = (tally: Tally): number =>
  (tally.rowsWritten + tally.alarmsSet) * perOne('rowsWritten') +
  tally.rowsRead * perOne('rowsRead') +
  (tally.calls + tally.alarms) * perOne('requests') +
  tally.classA * perOne('classA') +
  tally.classB * perOne('classB') +
  (tally.bytesStored / GIGABYTE) * DOLLARS_PER_GIGABYTE_MONTH;

export const perOne = (what: keyof typeof DOLLARS_PER_MILLION): number =>
  DOLLARS_PER_MILLION[what] / 1_000_000;
