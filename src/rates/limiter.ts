import type { UnixMilliseconds } from '../clock.ts';
import { ok, type Result, refuse } from '../result.ts';
import { BoundedCounter, type Rate, type TooMany } from './counter.ts';

/** The part of Cloudflare's rate-limiting binding that is used. It counts within one location. */
export interface RateBinding {
  limit(options: { readonly key: string }): Promise<{ readonly success: boolean }>;
}

/** The longest period that a binding can be configured with. */
const BINDING_SECONDS = 60;

/**
 * One limit. The platform's binding counts across the isolates of a location and is approximate.
 * Without a binding, or if it fails, our own counter counts within this isolate. There is no third
 * case: a limit that cannot be checked is never skipped.
 */
export class Limiter {
  readonly #binding: RateBinding | undefined;
  readonly #counter: BoundedCounter;

  constructor(rate: Rate, binding?: RateBinding) {
    this.#binding = binding;
    this.#counter = new BoundedCounter(rate);
  }

  /** Takes one request of `key`. */
  async take(key: string, now: UnixMilliseconds): Promise<Result<null, TooMany>> {
    // Our own first: a refusal of it costs no call, and the binding may only be stricter.
    const counted = this.#counter.take(key, now);
    if (!counted.ok || !this.#binding) return counted;
    try {
      const { success } = await this.#binding.limit({ key });
      return success ? ok(null) : refuse({ retryAfterSeconds: BINDING_SECONDS });
    } catch {
      return counted;
    }
  }
}
