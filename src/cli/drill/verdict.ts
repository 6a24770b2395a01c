import { type DenialCode, isOneOfCodes } from '../../denials/index.ts';
import { TIERS, type Tier } from '../../verifier/index.ts';

/**
 * `in_time`: the token was denied, and no call sent after the bound was allowed. `late`: a call
 * sent after the bound was allowed, and later ones were denied. `never`: such a call was allowed,
 * and none was denied. `unproven`: none was allowed after the bound, and none was denied because of
 * the revocation.
 */
export type Verdict = 'in_time' | 'late' | 'never' | 'unproven';

/** The observations at one verifier. Times are milliseconds since the revocation was answered. */
export interface Observation {
  /** When the first denial arrived. */
  readonly deniedAt?: number;
  /** The code of that denial, or of the last failure. */
  readonly code?: string;
  /** When the last allowed call was sent. */
  readonly allowedAt?: number;
  readonly calls: number;
  readonly failures: number;
}

/**
 * How long a verifier may keep allowing: the bound of its tier; on tier 0, the life of the token.
 */
export const boundMilliseconds = (tier: Tier, tokenMilliseconds: number): number => {
  if (tier === 0) return tokenMilliseconds;
  const { whenFresh, headSecondsMax } = TIERS[tier];
  return whenFresh === 'ask' ? 0 : headSecondsMax * 1000;
};

/** Heads and their ages are whole seconds, so a bound in seconds is kept to within one. */
const ROUNDING_MILLISECONDS = 1_000;

/** The verifier knows of the revocation, or knows too little to allow. */
const STOPPED: readonly DenialCode[] = ['revoked', 'head_stale', 'head_missing'];
/** The end of the token is the bound of tier 0. It proves nothing about any other tier. */
const STOPPED_OR_EXPIRED: readonly DenialCode[] = [...STOPPED, 'expired'];

const isStopped = (code: string | undefined, tier: Tier): boolean =>
  isOneOfCodes(tier === 0 ? STOPPED_OR_EXPIRED : STOPPED, code);

export function verdictOf(tier: Tier, bound: number, observation: Observation): Verdict {
  const { deniedAt, code, allowedAt } = observation;
  // A bound of 0 is the next call: no call sent after the answer may be allowed.
  const last = bound === 0 ? -1 : bound + ROUNDING_MILLISECONDS;
  const isBeyond = allowedAt !== undefined && allowedAt > last;
  const isDenied = deniedAt !== undefined && isStopped(code, tier);
  if (isDenied) return isBeyond ? 'late' : 'in_time';
  return isBeyond ? 'never' : 'unproven';
}
