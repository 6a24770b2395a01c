import type { UnixMilliseconds } from '../clock.ts';
import { ok, type Result, refuse } from '../result.ts';

export interface Rate {
  /** How many requests of one key are allowed per minute, spread evenly or at once. */
  readonly perMinute: number;
}

export interface TooMany {
  /** Whole seconds, at least 1, for `Retry-After`. */
  readonly retryAfterSeconds: number;
}

const MINUTE_MILLISECONDS = 60_000;

/**
 * Counts requests by key in bounded memory, with the generic cell rate algorithm: each key has one
 * number, the time at which its allowance is full again.
 *
 * Exact within one process. A flood of new keys cannot evict a busy key, which would give it a
 * fresh allowance: keys beyond the bound share one bucket until others become idle.
 */
export class BoundedCounter {
  readonly #rate: Rate;
  readonly #keysMax: number;
  readonly #fullAt = new Map<string, UnixMilliseconds>();
  #restFullAt = 0;

  constructor(rate: Rate, keysMax = 10_000) {
    this.#rate = rate;
    this.#keysMax = keysMax;
  }

  /** The number of keys in memory; never above the bound. */
  get size(): number {
    return this.#fullAt.size;
  }

  /** Takes `n` requests of `key`, or none. More than the rate count as the rate. */
  take(key: string, now: UnixMilliseconds, n = 1): Result<null, TooMany> {
    const known = this.#fullAt.get(key);
    const hasOwnBucket = known !== undefined || this.#hasRoom(now);
    const spent = this.#spend(hasOwnBucket ? (known ?? 0) : this.#restFullAt, now, n);
    if (!spent.ok) return spent;
    if (hasOwnBucket) this.#fullAt.set(key, spent.value);
    else this.#restFullAt = spent.value;
    return ok(null);
  }

  #spend(
    fullAt: UnixMilliseconds,
    now: UnixMilliseconds,
    n: number,
  ): Result<UnixMilliseconds, TooMany> {
    const { perMinute } = this.#rate;
    const interval = (Math.min(n, perMinute) * MINUTE_MILLISECONDS) / perMinute;
    // No debt is longer than the window. Without this, a clock set back would leave a debt of
    // hours.
    const from = Math.min(Math.max(fullAt, now), now + MINUTE_MILLISECONDS);
    const after = from + interval;
    const over = after - now - MINUTE_MILLISECONDS;
    if (over <= 0) return ok(after);
    return refuse({ retryAfterSeconds: Math.max(1, Math.ceil(over / 1000)) });
  }

  #hasRoom(now: UnixMilliseconds): boolean {
    if (this.#fullAt.size < this.#keysMax) return true;
    for (const [key, fullAt] of this.#fullAt) {
      if (fullAt <= now) this.#fullAt.delete(key);
    }
    return this.#fullAt.size < this.#keysMax;
  }
}
