import { ok, type Result, refuse } from '../result.ts';
import { BoundedCounter, type Rate, type TooMany } from './counter.ts';

/** What is used of Cloudflare's rate-limiting binding, which counts within one location. */
export interface RateBinding {
  limit(options: { readonly key: string }): Promise<{ readonly success: boolean }>;
}

/** The longest period that a binding can be configured with. */
const BINDING_SECONDS = 60;

/**
 * One limit. The platform's binding counts across the isolates of a location and is approximate;
 * without one, or where it fails, our own counter counts within this isolate. There is no third
 * case: a limit that cannot be asked is never taken for no limit.
 */
export class Limiter {
  readonly #binding: RateBinding | undefined;
  readonly #counter: BoundedCounter;

  constructor(rate: Rate, binding?: RateBinding) {
    this.#binding = binding;
    this.#counter = new BoundedCounter(rate);
  }

  /** Takes one request of `key` at `now` (unix milliseconds). */
  async take(key: string, now: number): Promise<Result<null, TooMany>> {
    // Our own first: what it refuses costs no call, and a binding with a larger limit changes none.
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
