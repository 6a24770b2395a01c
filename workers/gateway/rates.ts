import type { UnixMilliseconds } from '../../src/clock.ts';
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

/** Requests per minute. A deployment changes them with the variable RATE_LIMITS. */
const RATE_LIMITS_DEFAULT = {
  requestPerSource: 6_000,
  /** All sources with an unknown address together. */
  requestShared: 60_000,
  /** One workflow, allowed and denied: each request is a decision and a record. */
  requestPerWorkflow: 3_000,
};

export type RateLimits = Readonly<typeof RATE_LIMITS_DEFAULT>;

export const readRateLimits = (json: unknown): RateLimits | undefined =>
  readRates(json, RATE_LIMITS_DEFAULT);

interface Bindings {
  readonly source: RateBinding | undefined;
  readonly workflow: RateBinding | undefined;
}

/**
 * Limits the requests of each source and workflow. Those over a limit are counted, not recorded.
 */
export class Rates {
  readonly #header: string | undefined;
  readonly #source: Limiter;
  readonly #shared: Limiter;
  readonly #workflow: Limiter;

  constructor(limits: RateLimits, header: string | undefined, bindings: Bindings) {
    this.#header = header;
    this.#source = new Limiter({ perMinute: limits.requestPerSource }, bindings.source);
    // A binding has one limit for all its keys, so the shared bucket is our own.
    this.#shared = new Limiter({ perMinute: limits.requestShared });
    this.#workflow = new Limiter({ perMinute: limits.requestPerWorkflow }, bindings.workflow);
  }

  /** Call it before anything is read: a token proves nothing yet. */
  async takeSource(headers: Headers, now: UnixMilliseconds): Promise<Result<null, TooMany>> {
    const source = sourceOf(headers, this.#header);
    const isShared = source === SHARED_SOURCE;
    const allowance = await (isShared ? this.#shared : this.#source).take(source, now);
    if (!allowance.ok) {
      const address = isShared ? source : headers.get(this.#header ?? '');
      report('rate.limited', { code: 'source', source: address });
    }
    return allowance;
  }

  /** Call it for a verified token: an unverified one could use up another workflow's share. */
  async takeWorkflow(workflow: string, now: UnixMilliseconds): Promise<Result<null, TooMany>> {
    const allowance = await this.#workflow.take(workflow, now);
    if (!allowance.ok) report('rate.limited', { code: 'workflow', workflow });
    return allowance;
  }
}
