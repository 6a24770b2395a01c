const DPOP_PROOFS_REMEMBERED_MAX = 20_000; // Some 5 MB in an isolate of 128.

/** Remembers which proofs were used. */
export interface SeenProofs {
  /**
   * True for the first use of `id`, which is then remembered until `expires` (Unix seconds). `now`
   * is in Unix milliseconds.
   */
  use(id: string, expires: number, now: number): boolean;
}

/**
 * A memory of `sizeMax` proofs, the oldest forgotten first. It is one isolate's: another isolate,
 * and this one after it has forgotten, takes a proof again until its `iat` is too old. Where that
 * is too much, ask for nonces, which shorten that time.
 */
export function seenProofs(sizeMax = DPOP_PROOFS_REMEMBERED_MAX): SeenProofs {
  // A NaN would forget each proof at once, and take it again.
  if (!(sizeMax >= 1)) throw new TypeError('seenProofs: `sizeMax` must be a number of at least 1.');
  const expiryOf = new Map<string, number>();
  return {
    use: (id, expires, now) => {
      const known = expiryOf.get(id);
      if (known !== undefined && known * 1000 >= now) return false;
      expiryOf.delete(id);
      // In the order of their first use, and for want of room alone: what has expired by a clock
      // that is ahead has not when the clock is right again, and could then be used twice.
      for (const [oldest] of expiryOf) {
        if (expiryOf.size < sizeMax) break;
        expiryOf.delete(oldest);
      }
      expiryOf.set(id, expires);
      return true;
    },
  };
}
