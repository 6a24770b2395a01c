import {
  Limiter,
  type RateBinding,
  readRates,
  SHARED_SOURCE,
  sourceOf,
  type TooMany,
} from '../../src/rates/index.ts';
import { report } from '../../src/report.ts';
import type { Result } from '../../src/result.ts';

/** Requests of one key in a minute. A deployment changes them by the variable RATE_LIMITS. */
const RATE_LIMITS_DEFAULT = {
  requestPerSource: 6_000,
  /** Of all whose source address is not known. */
  requestShared: 60_000,
  /** Of one workflow, allowed or denied: each is a decision and a record. */
  requestPerWorkflow: 3_000,
};

export type RateLimits = Readonly<typeof RATE_LIMITS_DEFAULT>;

export const readRateLimits = (json: unknown): RateLimits | undefined =>
  readRates(json, RATE_LIMITS_DEFAULT);

interface Bindings {
  readonly source: RateBinding | undefined;
  readonly workflow: RateBinding | undefined;
}

/** How often one source or workflow may ask. What is over a limit is counted and not recorded. */
export class Rates {
  readonly #header: string | undefined;
  readonly #source: Limiter;
  readonly #shared: Limiter;
  readonly #workflow: Limiter;

  constructor(limits: RateLimits, header: string | undefined, bindings: Bindings) {
    this.#header = header;
    this.#source = new Limiter({ perMinute: limits.requestPerSource }, bindings.source);
    // A binding has one limit for all its keys, so the bucket of all is our own.
    this.#shared = new Limiter({ perMinute: limits.requestShared });
    this.#workflow = new Limiter({ perMinute: limits.requestPerWorkflow }, bindings.workflow);
  }

  /** Before anything of a request is read: its token is anybody's word by then. */
  async takeSource(headers: Headers, now: number): Promise<Result<null, TooMany>> {
    const source = sourceOf(headers, this.#header);
    const isShared = source === SHARED_SOURCE;
    const taken = await (isShared ? this.#shared : this.#source).take(source, now);
    if (!taken.ok) {
      const address = isShared ? source : headers.get(this.#header ?? '');
      report('rate.limited', { code: 'source', source: address });
    }
    return taken;
  }

  /** Of a verified token: an unverified one could use up another workflow's share. */
  async takeWorkflow(workflow: string, now: number): Promise<Result<null, TooMany>> {
    const taken = await this.#workflow.take(workflow, now);
    if (!taken.ok) report('rate.limited', { code: 'workflow', workflow });
    return taken;
  }
}
