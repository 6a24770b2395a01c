import type { Grant } from '../capability/index.ts';
import { type Clock, isWithin, readClock, type UnixMilliseconds } from '../clock.ts';
import { OBTAIN_MILLISECONDS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { SingleFlight } from '../single-flight.ts';
import type { Capability, ObtainError } from './capability.ts';
import { completeWorkflow, type Ended, type EndingError, failWorkflow } from './end-workflow.ts';
import { obtainCapability } from './obtain.ts';
import { type ObtainOptions, obtainFault } from './obtain-options.ts';
import { ANOTHER_WORKFLOW, type StepUpError, stepUp } from './step-up.ts';

const RENEW_AHEAD_SECONDS = 60; // Two steps of the default length.
const RENEW_WAIT_SECONDS = 5; // With less time left, a call waits for the renewal.
const RENEW_RETRY_MILLISECONDS = 1_000; // After a failed renewal.

/** Why there is no current capability. */
export type RenewalError =
  | ObtainError
  /** The issuer no longer continues the workflow. Begin another if there is still work to do. */
  | { readonly code: 'workflow_ended' };

/** Keeps the current capability of one workflow. Made by `refreshing`. */
export interface CapabilityHolder {
  /** Returns the current capability, renewed if it is about to expire. */
  current(): Promise<Result<Capability, RenewalError>>;
  /** Requests a wider capability of the same workflow, and makes it the current one. */
  stepUp(needed: readonly Grant[]): Promise<Result<Capability, RenewalError | StepUpError>>;
  /** Ends the workflow as done: see `completeWorkflow`. Nothing is obtained after it. */
  complete(graceSeconds?: number): Promise<Result<Ended, RenewalError | EndingError>>;
  /** Ends the workflow as failed: see `failWorkflow`. Nothing is obtained after it. */
  fail(reason?: string): Promise<Result<Ended, RenewalError | EndingError>>;
}

/**
 * Keeps the capability of one workflow fresh. It obtains the first one on demand, and the next one
 * in the background before expiry, once for all callers. A call waits only if less than five
 * seconds are left. When the issuer says that the workflow has ended, the current capability is
 * dropped and nothing more is requested.
 *
 * `options` may be a function that is called for each request, so that the tokens of user and
 * workload are fresh. A renewal requests what was granted before, and never more. Grants that a
 * person approved are not renewed: step up again to get them.
 *
 * Throws a TypeError for options that it does not know or cannot use.
 *
 * @example
 * ```ts
 * import { refreshing } from 'hewn/agent';
 *
 * const grants = [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts' }] as const;
 * const options = { issuer, audience, subjectToken, actorToken, task: 'report', grants, fetch };
 * const holder = refreshing(options);
 * const current = await holder.current();
 * if (current.ok) console.log(current.value.expires);
 * ```
 */
export function refreshing(
  options: ObtainOptions | (() => Promise<ObtainOptions>),
): CapabilityHolder {
  if (typeof options !== 'function') {
    const fault = obtainFault(options, 'refreshing');
    if (fault !== undefined) throw new TypeError(fault);
  }
  return holderOf(typeof options === 'function' ? options : () => Promise.resolve(options));
}

interface HolderOptions {
  /** The first capability of the workflow, if there is one. */
  readonly first?: Capability;
  readonly now?: Clock;
  /** Renews a capability of this age, however long it is valid. */
  readonly renewAfterSeconds?: number;
}

/** The holder of a session, which can end without an answer of the issuer. */
export interface SessionHolder extends CapabilityHolder {
  /** Drops the capability. Nothing is obtained after it. */
  drop(): void;
}

/** Returns the holder of a workflow: of the one that `first` belongs to, if there is a first. */
export function holderOf(
  describe: () => Promise<ObtainOptions>,
  options: HolderOptions = {},
): SessionHolder {
  const renewals = new Renewals(describe, options);
  return {
    current: () => renewals.current(),
    stepUp: (needed) => renewals.stepUp(needed),
    complete: (graceSeconds = 0) =>
      renewals.finish((current, given) => completeWorkflow(current, { ...given, graceSeconds })),
    fail: (reason = '') =>
      renewals.finish((current, given) => failWorkflow(current, { ...given, reason })),
    drop: () => renewals.drop(),
  };
}

// A renewal makes three requests to the issuer, each with its own bound.
const RENEWAL_MILLISECONDS_MAX = 3 * OBTAIN_MILLISECONDS_MAX;

interface Current {
  readonly capability: Capability;
  readonly obtainedAt: UnixMilliseconds;
  /** What a renewal requests: no person is asked again unless the agent steps up. */
  readonly renewable: readonly Grant[];
}

class Renewals {
  readonly #describe: () => Promise<ObtainOptions>;
  readonly #flight: SingleFlight<Result<Capability, RenewalError>>;
  readonly #renewAfterSeconds: number;
  #now: Clock;
  #current: Current | undefined;
  #failure: { readonly error: RenewalError; readonly at: UnixMilliseconds } | undefined;
  /** The id of a pending approval: the next renewal asks for its decision, not for another. */
  #pendingApproval: string | undefined;
  #ended = false;

  constructor(describe: () => Promise<ObtainOptions>, options: HolderOptions) {
    const { first, now = readClock, renewAfterSeconds = Number.POSITIVE_INFINITY } = options;
    this.#describe = describe;
    this.#now = now;
    this.#renewAfterSeconds = renewAfterSeconds;
    if (first) this.#keep(first);
    this.#flight = new SingleFlight(() => this.#renew(), {
      millisecondsMax: RENEWAL_MILLISECONDS_MAX,
      // In a Worker, a renewal ends with the request that started it.
      patienceMilliseconds: OBTAIN_MILLISECONDS_MAX,
    });
  }

  async current(): Promise<Result<Capability, RenewalError>> {
    if (this.#ended) return refuse({ code: 'workflow_ended' });
    const current = this.#current;
    if (!current) return this.#join();
    const secondsLeft = this.#secondsLeft(current);
    const life = (current.capability.expires.getTime() - current.obtainedAt) / 1000;
    // Grants that a person approved are kept to their end: a renewal would lack them.
    const ahead =
      current.capability.approval === undefined ? RENEW_AHEAD_SECONDS : RENEW_WAIT_SECONDS;
    const isYoung = life - secondsLeft < this.#renewAfterSeconds;
    if (isYoung && secondsLeft > Math.min(ahead, life / 3)) return ok(current.capability);
    const renewed = this.#join();
    // A very short capability is renewed in the background too.
    if (secondsLeft > Math.min(RENEW_WAIT_SECONDS, life / 6)) return ok(current.capability);
    const outcome = await renewed;
    if (outcome.ok || this.#ended || this.#secondsLeft(current) <= 0) return outcome;
    return ok(current.capability); // The issuer does not answer; the capability is still valid.
  }

  async stepUp(needed: readonly Grant[]): Promise<Result<Capability, RenewalError | StepUpError>> {
    const current = await this.current();
    if (!current.ok) return current;
    const before = this.#current?.renewable;
    try {
      const widened = await stepUp(current.value, needed, await this.#describe());
      if (widened.ok) {
        const { approval, grants } = widened.value;
        this.#keep(widened.value, approval === undefined ? grants : before);
      }
      return !widened.ok && isEnd(widened.error) ? this.#end() : widened;
    } catch (error) {
      return unreadable(error);
    }
  }

  async finish(
    end: (current: Capability, options: ObtainOptions) => Promise<Result<Ended, EndingError>>,
  ): Promise<Result<Ended, RenewalError | EndingError>> {
    const current = await this.current();
    if (!current.ok) return current;
    try {
      const ended = await end(current.value, await this.#describe());
      if (ended.ok) this.#end();
      return ended;
    } catch (error) {
      return unreadable(error);
    }
  }

  drop(): void {
    this.#end();
  }

  async #join(): Promise<Result<Capability, RenewalError>> {
    const failed = this.#failure;
    if (failed && isWithin(failed.at, this.#now(), retryMilliseconds(failed.error))) {
      return refuse(failed.error);
    }
    const renewed = await this.#flight.join();
    return (
      renewed ??
      refuse({ code: 'unreachable', url: 'issuer', why: 'the issuer did not answer in time' })
    );
  }

  /** Never throws: whatever the caller's function throws makes the renewal fail. */
  async #renew(): Promise<Result<Capability, RenewalError>> {
    const before = this.#current;
    const outcome = await this.#obtain();
    if (outcome.ok) {
      // A capability that was widened in the meantime is not replaced by a narrower one.
      if (this.#current === before) this.#keep(outcome.value);
    } else {
      this.#failure = { error: outcome.error, at: this.#now() };
    }
    this.#pendingApproval = pendingApprovalOf(outcome, this.#pendingApproval);
    return outcome;
  }

  async #obtain(): Promise<Result<Capability, RenewalError>> {
    const current = this.#current;
    try {
      const described = await this.#describe();
      const { signal: _, ...given } = described.approval ?? {};
      const id = this.#pendingApproval ?? given.id;
      // All callers share a renewal, so it does not wait for a person: `current` reports that.
      const approval = { ...given, waitMilliseconds: 0, ...(id !== undefined && { id }) };
      const options = { ...described, approval };
      this.#now = options.now ?? readClock;
      if (!current) return await obtainCapability(options);
      const { workflow, task } = current.capability;
      const grants = current.renewable;
      const renewed = await obtainCapability({ ...options, workflow, task, grants });
      if (renewed.ok && renewed.value.workflow !== workflow) {
        return refuse({ code: 'malformed_answer', url: options.issuer, why: ANOTHER_WORKFLOW });
      }
      if (renewed.ok || !isEnd(renewed.error)) return renewed;
      return this.#end();
    } catch (error) {
      return unreadable(error);
    }
  }

  #keep(capability: Capability, renewable = capability.grants): void {
    if (this.#ended) return;
    this.#current = { capability, obtainedAt: this.#now(), renewable };
    this.#failure = undefined;
  }

  #end(): Result<never, RenewalError> {
    this.#ended = true;
    this.#current = undefined;
    return refuse({ code: 'workflow_ended' });
  }

  /** Returns 0 if the clock has gone back: the expiry is then unknown, and a renewal is due. */
  #secondsLeft({ capability, obtainedAt }: Current): number {
    const now = this.#now();
    return now < obtainedAt ? 0 : (capability.expires.getTime() - now) / 1000;
  }
}

const retryMilliseconds = (error: RenewalError): number =>
  error.code === 'approval_pending' ? error.intervalSeconds * 1000 : RENEW_RETRY_MILLISECONDS;

/** Returns the id of the approval that is still pending. Without an answer, it stays pending. */
function pendingApprovalOf(
  outcome: Result<Capability, RenewalError>,
  before: string | undefined,
): string | undefined {
  if (outcome.ok) return undefined;
  if (outcome.error.code === 'approval_pending') return outcome.error.id;
  return outcome.error.code === 'unreachable' ? before : undefined;
}

/** Returns the error of a caller's function that threw. */
const unreadable = (error: unknown): Result<never, RenewalError> =>
  refuse({
    code: 'unreachable',
    url: 'options',
    why: error instanceof Error ? error.message : 'unknown',
  });

/** RFC 6749 section 5.2, `invalid_grant`: the workflow has ended. */
const isEnd = (error: StepUpError): boolean =>
  error.code === 'refused' && error.error === 'invalid_grant';
