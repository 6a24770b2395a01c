import type { Clock } from '../clock.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { KeysFailure } from './identity.ts';

/** How long a caller without any usable value waits for a fetch that another request began. */
const WAIT_MILLISECONDS_MAX = 1_000;
const LOOK_MILLISECONDS = 25;

export interface FetchedOptions<T> {
  /** Fetches the value anew; `previous` is the one held. Ends within `millisecondsMax`. */
  readonly fetch: (previous: T | undefined) => Promise<Result<T, KeysFailure>>;
  readonly millisecondsMax: number;
  /** How long a failed fetch keeps the next one from starting: a broken provider stays broken. */
  readonly retryMilliseconds: number;
  /** Milliseconds since the epoch. */
  readonly now: Clock;
  /** Keeps a fetch alive when the request that began it goes away (`ctx.waitUntil`). */
  readonly background?: ((work: Promise<unknown>) => void) | undefined;
}

/**
 * A value of a remote provider that is fetched when it is too old, one fetch at a time.
 *
 * A stranger's JWT can demand a fetch, so sixty of them must not cause sixty. On Workers a promise
 * belongs to the request that created it and is cancelled with it, so requests share the value and
 * never the promise: a second caller gets the value at hand, waits for a new one on timers of its
 * own, or is told that a fetch is under way.
 */
export class Fetched<T> {
  readonly #options: FetchedOptions<T>;
  #held: { readonly value: T; readonly at: number } | undefined;
  #failed: { readonly why: KeysFailure; readonly at: number } | undefined;
  /** Unix milliseconds at which the fetch under way counts as lost; undefined where none is. */
  #fetchingUntil: number | undefined;

  constructor(options: FetchedOptions<T>) {
    this.#options = options;
  }

  /**
   * The value, fetched anew where it is `freshMilliseconds` old. Where that fails, the value at
   * hand while it is younger than `usableMilliseconds`; else why there is none.
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
      // A set that lacks the wanted key is no reason to wait: that would hold strangers' requests.
      if (!this.#held) await this.#wait();
    } else {
      await this.#fetch();
    }
    const held = this.#youngerThan(ages.usableMilliseconds);
    if (held) return ok(held.value);
    return refuse(this.#isFetching() ? 'refreshing' : (this.#failed?.why ?? 'timeout'));
  }

  /**
   * A clock that was set back makes no value young: a negative age is unknown, so it is too old.
   */
  #youngerThan(milliseconds: number): { readonly value: T } | undefined {
    if (!this.#held) return undefined;
    const age = this.#options.now() - this.#held.at;
    return age >= 0 && age < milliseconds ? this.#held : undefined;
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
        const fetched = await fetch(this.#held?.value);
        if (fetched.ok) this.#held = { value: fetched.value, at: now() };
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
      if (this.#held || !this.#isFetching()) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
    }
  }
}
