import { readRates } from '../../../src/rates/index.ts';

/** Requests of one key in a minute. A deployment changes them by the variable RATE_LIMITS. */
const RATE_LIMITS_DEFAULT = {
  /** Token requests of one source: an office, each of its agents renewing every half minute. */
  tokenPerSource: 600,
  /** Token requests of all whose source address is not known. */
  tokenShared: 6_000,
  /** Token requests of one proven agent: a fleet may share one identity. */
  tokenPerAgent: 600,
  /** Questions to the feed's logs, and introspections, of one source: a busy gateway. */
  questionPerSource: 6_000,
  questionShared: 60_000,
};

export type RateLimits = Readonly<typeof RATE_LIMITS_DEFAULT>;

export const readRateLimits = (json: unknown): RateLimits | undefined =>
  readRates(json, RATE_LIMITS_DEFAULT);
