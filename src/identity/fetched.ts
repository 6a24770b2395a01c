import type { Clock, UnixMilliseconds } from '../clock.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { KeysFailure } from './identity.ts';

/** How long a caller without a usable value waits for a fetch that another request started. */
const WAIT_MILLISECONDS_MAX = 1_000;
const LOOK_MILLISECONDS = 25;

export interface FetchedOptions<T> {
  /** Fetches a new value; `previous` is the cached one. Settles within `millisecondsMax`. */
  readonly fetch: (previous: T | undefined) => Promise<Result<T, KeysFailure>>;
  readonly millisecondsMax: number;
  /** How long to wait after a failed fetch: a broken provider usually stays broken for a while. */
  readonly retryMilliseconds: number;
  readonly now: Clock;
  /** Keeps a fetch alive when the request that started it goes away (`ctx.waitUntil`). */
  readonly background?: ((work: Promise<unknown>) => void) | undefined;
}

/**
 * A remote provider's value, fetched again when it is too old, with one fetch in flight at a time.
 *
 * A stranger's JWT can trigger a fetch, so sixty of them must not trigger sixty. On Workers a
 * promise belongs to the request that created it and is cancelled with it, so requests share the
 * value and never the promise. A second caller gets the cached value, polls for the new one on its
 * own timers, or gets the error `refreshing`.
 */
export class Fetched<T> {
  readonly #options: FetchedOptions<T>;
  #cached: { readonly value: T; readonly at: number } | undefined;
  #failed: { readonly why: KeysFailure; readonly at: number } | undefined;
  /** When the fetch in flight counts as lost; undefined if there is none. */
  #fetchingUntil: UnixMilliseconds | undefined;

  constructor(options: FetchedOptions<T>) {
    this.#options = options;
  }

  /**
   * Returns the cached value if it is younger than `freshMilliseconds`, and fetches it otherwise.
   * If the fetch fails, returns the cached value while it is younger than `usableMilliseconds`, and
   * then the reason of the failure.
   */
  async get(ages: {
    readonly freshMilliseconds: number;
    readonly usableMilliseconds: number;
  }): Promise<Result<T, KeysFailure>> {
    const fresh = this.#youngerThan(ages.freshMilliseconds);
    if (fresh) return ok(fresh.value);
    if (this.#isFetching()) {
      const usable = this.#youngerThan(ages.usableMilliseconds);
      if (usable) return ok(usable.value);
      // Do not wait if only the wanted key is missing: strangers could then hold requests open.
      if (!this.#cached) await this.#wait();
    } else {
      await this.#fetch();
    }
    const cached = this.#youngerThan(ages.usableMilliseconds);
    if (cached) return ok(cached.value);
    return refuse(this.#isFetching() ? 'refreshing' : (this.#failed?.why ?? 'timeout'));
  }

  /** After the clock was set back, an age can be negative. It is then unknown, so it is too old. */
  #youngerThan(milliseconds: number): { readonly value: T } | undefined {
    if (!this.#cached) return undefined;
    const age = this.#options.now() - this.#cached.at;
    return age >= 0 && age < milliseconds ? this.#cached : undefined;
  }

  #isFetching(): boolean {
    const left = (this.#fetchingUntil ?? 0) - this.#options.now();
    return left > 0 && left <= this.#options.millisecondsMax;
  }

  #isCoolingDown(): boolean {
    const since = this.#options.now() - (this.#failed?.at ?? Number.NEGATIVE_INFINITY);
    return since >= 0 && since < this.#options.retryMilliseconds;
  }

  async #fetch(): Promise<void> {
    const { fetch, now, millisecondsMax, background } = this.#options;
    if (this.#isCoolingDown()) return;
    const until = now() + millisecondsMax;
    this.#fetchingUntil = until;
    const fetching = (async () => {
      try {
        const fetched = await fetch(this.#cached?.value);
        if (fetched.ok) this.#cached = { value: fetched.value, at: now() };
        this.#failed = fetched.ok ? undefined : { why: fetched.error, at: now() };
      } finally {
        if (this.#fetchingUntil === until) this.#fetchingUntil = undefined;
      }
    })();
    background?.(fetching.catch(() => undefined));
    await fetching;
  }

  async #wait(): Promise<void> {
    for (let waited = 0; waited < WAIT_MILLISECONDS_MAX; waited += LOOK_MILLISECONDS) {
      if (this.#cached || !this.#isFetching()) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
    }
  }
}
