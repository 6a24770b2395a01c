import { isWithin, readClock, type UnixMilliseconds } from '../clock.ts';
import type { ReadyCheck } from './readiness.ts';

/** Probes ask every few seconds; a flood of them causes the work of one a second. */
const REMEMBERED_MILLISECONDS = 1_000;

/**
 * Remembers the result of checks for a second, for each environment of an isolate. Requests share
 * the result and never the promise of it (docs/decisions/002-no-promise-across-requests.md).
 */
export class RememberedChecks<Env extends object> {
  readonly #check: (env: Env) => Promise<readonly ReadyCheck[]>;
  readonly #known = new WeakMap<
    Env,
    { readonly at: UnixMilliseconds; readonly checks: readonly ReadyCheck[] }
  >();

  constructor(check: (env: Env) => Promise<readonly ReadyCheck[]>) {
    this.#check = check;
  }

  async of(env: Env): Promise<readonly ReadyCheck[]> {
    const known = this.#known.get(env);
    if (known && isWithin(known.at, readClock(), REMEMBERED_MILLISECONDS)) return known.checks;
    const checks = await this.#check(env);
    this.#known.set(env, { at: readClock(), checks });
    return checks;
  }
}
