import { ok, type Result, refuse } from '../result.ts';

export interface Rate {
  /** How many requests of one key are let through in a minute, evenly or at once. */
  readonly perMinute: number;
}

export interface TooMany {
  /** Whole seconds, at least 1, for `Retry-After`. */
  readonly retryAfterSeconds: number;
}

const MINUTE_MILLISECONDS = 60_000;

/**
 * Counts requests by key in bounded memory, by the generic cell rate algorithm: each key has one
 * number, the time at which its allowance is whole again.
 *
 * Exact within one process. A flood of new keys cannot push a busy key out, which would hand it a
 * fresh allowance: keys beyond the bound share one bucket until others are idle again.
 */
export class BoundedCounter {
  readonly #rate: Rate;
  readonly #keysMax: number;
  readonly #wholeAt = new Map<string, number>();
  #restWholeAt = 0;

  constructor(rate: Rate, keysMax = 10_000) {
    this.#rate = rate;
    this.#keysMax = keysMax;
  }

  /** How many keys are held; at most the bound. */
  get size(): number {
    return this.#wholeAt.size;
  }

  /** Takes one request of `key` at `now` (unix milliseconds). */
  take(key: string, now: number): Result<null, TooMany> {
    const known = this.#wholeAt.get(key);
    const isHeld = known !== undefined || this.#hasRoom(now);
    const taken = this.#spend(isHeld ? (known ?? 0) : this.#restWholeAt, now);
    if (!taken.ok) return taken;
    if (isHeld) this.#wholeAt.set(key, taken.value);
    else this.#restWholeAt = taken.value;
    return ok(null);
  }

  #spend(wholeAt: number, now: number): Result<number, TooMany> {
    const interval = MINUTE_MILLISECONDS / this.#rate.perMinute;
    // A clock that was set back would leave a debt of hours: no debt is longer than the window.
    const from = Math.min(Math.max(wholeAt, now), now + MINUTE_MILLISECONDS);
    const after = from + interval;
    const over = after - now - MINUTE_MILLISECONDS;
    if (over <= 0) return ok(after);
    return refuse({ retryAfterSeconds: Math.max(1, Math.ceil(over / 1000)) });
  }

  #hasRoom(now: number): boolean {
    if (this.#wholeAt.size < this.#keysMax) return true;
    for (const [key, wholeAt] of this.#wholeAt) {
      if (wholeAt <= now) this.#wholeAt.delete(key);
    }
    return this.#wholeAt.size < this.#keysMax;
  }
}
