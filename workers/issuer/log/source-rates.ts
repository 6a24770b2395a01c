import { readClock } from '../../../src/clock.ts';
import { BoundedCounter } from '../../../src/rates/index.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { NotAppended, RecordSource } from './binding.ts';

/** Records by source, for each limit: one, unless the deployment has just changed it. */
export class SourceRates {
  readonly #rates = new Map<number, BoundedCounter>();

  /** Counts records of a source, if its limit allows so many more. */
  take({ name, perMinute }: RecordSource, count: number): Result<null, NotAppended> {
    const counter = this.#rates.get(perMinute) ?? new BoundedCounter({ perMinute });
    this.#rates.set(perMinute, counter);
    const taken = counter.take(name, readClock(), count);
    if (taken.ok) return ok(null);
    report('rate.limited', { code: 'records', verifier: name });
    return refuse({ code: 'rate_limited', ...taken.error });
  }
}
