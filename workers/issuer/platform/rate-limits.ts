import { readRates } from '../../../src/rates/index.ts';

/** Requests per minute. A deployment overrides them with the variable RATE_LIMITS. */
const RATE_LIMITS_DEFAULT = {
  /** Token requests of one source: an office whose agents each renew twice a minute. */
  tokenPerSource: 600,
  /** Token requests of all sources whose address is unknown. */
  tokenShared: 6_000,
  /** Token requests of one authenticated agent: a fleet may share an identity. */
  tokenPerAgent: 600,
  /** Feed requests and introspections of one source: a busy gateway. */
  questionPerSource: 6_000,
  questionShared: 60_000,
  /** Reports and budget requests with one verifier's credential: its processes share it. */
  reportPerVerifier: 12_000,
  /** Records with one verifier's credential: 500 calls per second. */
  recordsPerVerifier: 30_000,
};

export type RateLimits = Readonly<typeof RATE_LIMITS_DEFAULT>;

export const readRateLimits = (json: unknown): RateLimits | undefined =>
  readRates(json, RATE_LIMITS_DEFAULT);
