import { toMilliseconds, type UnixMilliseconds } from '../../../src/clock.ts';
import type { KnownVerifier } from '../feed/confirmations.ts';
import { timeOf } from './parts.ts';

/** A verifier reports once a minute if nothing changes. */
const SILENT_SECONDS = 120;

/** A verifier as the health of the issuer lists it. */
export interface ListedVerifier {
  readonly name: string;
  readonly shard: number;
  readonly epoch: number;
  readonly seq: number;
  /** Null if it is in another epoch. */
  readonly behind: number | null;
  readonly seen_at: string;
  readonly audience?: string;
  readonly version?: string;
  readonly head_age?: number;
  readonly error?: string;
  readonly state: 'current' | 'behind' | 'silent';
}

/** Compares the last report of a verifier with the newest position of its shard. */
export function describeVerifier(
  { verifier, epoch, seq, at, ...reported }: KnownVerifier,
  newest: { readonly shard: number; readonly epoch: number; readonly seq: number },
  now: UnixMilliseconds,
): ListedVerifier {
  const behind = epoch === newest.epoch ? Math.max(0, newest.seq - seq) : null;
  const isSilent = now / 1000 - at > SILENT_SECONDS;
  return {
    ...reported,
    name: verifier,
    shard: newest.shard,
    epoch,
    seq,
    behind,
    seen_at: timeOf(toMilliseconds(at)),
    state: isSilent ? 'silent' : behind === 0 ? 'current' : 'behind',
  };
}
