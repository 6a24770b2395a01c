import type { UnixMilliseconds, UnixSeconds } from '../clock.ts';

const DPOP_PROOFS_REMEMBERED_MAX = 20_000; // Some 5 MB of an isolate's 128 MB.

/** Remembers which proofs were used. */
export interface SeenProofs {
  /** Returns true for the first use of `id`, and remembers it until `expires`. */
  use(id: string, expires: UnixSeconds, now: UnixMilliseconds): boolean;
}

/**
 * Creates a memory of `sizeMax` proofs that forgets the oldest first. Throws a TypeError for a size
 * below 1.
 *
 * The memory belongs to one isolate. Another isolate, or this one once it has forgotten, accepts
 * the same proof again until its `iat` is too old. Require nonces to make that time shorter.
 */
export function seenProofs(sizeMax = DPOP_PROOFS_REMEMBERED_MAX): SeenProofs {
  // With NaN every proof would be forgotten at once, and accepted again.
  if (!(sizeMax >= 1)) throw new TypeError('seenProofs: `sizeMax` must be a number of at least 1.');
  const expiryOf = new Map<string, UnixSeconds>();
  return {
    use: (id, expires, now) => {
      const known = expiryOf.get(id);
      if (known !== undefined && known * 1000 >= now) return false;
      expiryOf.delete(id);
      // Proofs leave in the order of their first use, and only to make room. An expired one stays:
      // if the clock is ahead and is then corrected, it has not expired and could be used twice.
      for (const [oldest] of expiryOf) {
        if (expiryOf.size < sizeMax) break;
        expiryOf.delete(oldest);
      }
      expiryOf.set(id, expires);
      return true;
    },
  };
}
