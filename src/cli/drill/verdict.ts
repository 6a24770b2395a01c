import { type DenialCode, isOneOfCodes } from '../../denials/index.ts';
import { TIERS, type Tier } from '../../verifier/index.ts';

/**
 * `in_time`: denied, and no call that was sent after the bound was allowed. `late`: one was, and
 * then they were denied. `never`: one was, and none was denied. `unproven`: no call was allowed
 * after the bound, and none was denied because of the revocation either.
 */
export type Verdict = 'in_time' | 'late' | 'never' | 'unproven';

/** What was seen at one verifier. All times are milliseconds since the revocation was answered. */
export interface Seen {
  /** When the first denial came. */
  readonly deniedAt?: number;
  /** The code of that denial, or of the last failure. */
  readonly code?: string;
  /** When the last call that was allowed was sent. */
  readonly allowedAt?: number;
  readonly calls: number;
  readonly failures: number;
}

/** How long a verifier may go on: the tier's bound, and for tier 0 the rest of the token's life. */
export const boundMilliseconds = (tier: Tier, tokenMilliseconds: number): number => {
  if (tier === 0) return tokenMilliseconds;
  const { whenFresh, headSecondsMax } = TIERS[tier];
  return whenFresh === 'ask' ? 0 : headSecondsMax * 1000;
};

/** Heads and their ages are in whole seconds, so a bound of seconds is kept to within one. */
const ROUNDING_MILLISECONDS = 1_000;

/**
 * Denials that show that the revocation arrived, or that the verifier knows too little to allow.
 */
const STOPPED: readonly DenialCode[] = ['revoked', 'head_stale', 'head_missing'];
/** The end of the token is the bound of tier 0. It proves nothing about any other tier. */
const STOPPED_OR_EXPIRED: readonly DenialCode[] = [...STOPPED, 'expired'];

const isStopped = (code: string | undefined, tier: Tier): boolean =>
  isOneOfCodes(tier === 0 ? STOPPED_OR_EXPIRED : STOPPED, code);

export function verdictOf(tier: Tier, bound: number, seen: Seen): Verdict {
  const { deniedAt, code, allowedAt } = seen;
  // Where the bound is the next call, no call that was sent after the answer may be allowed.
  const last = bound === 0 ? -1 : bound + ROUNDING_MILLISECONDS;
  const isBeyond = allowedAt !== undefined && allowedAt > last;
  const isDenied = deniedAt !== undefined && isStopped(code, tier);
  if (isDenied) return isBeyond ? 'late' : 'in_time';
  return isBeyond ? 'never' : 'unproven';
}
