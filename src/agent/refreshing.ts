import type { Grant } from '../capability/index.ts';
import { type Clock, isWithin, readClock } from '../clock.ts';
import { OBTAIN_MILLISECONDS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { SingleFlight } from '../single-flight.ts';
import type { Capability, ObtainError } from './capability.ts';
import { completeWorkflow, type Ended, type EndingError, failWorkflow } from './end-workflow.ts';
import { obtainCapability } from './obtain.ts';
import { type ObtainOptions, obtainFault } from './obtain-options.ts';
import { ANOTHER_WORKFLOW, type StepUpError, stepUp } from './step-up.ts';

const RENEW_AHEAD_SECONDS = 60; // Two steps of the default length.
const RENEW_WAIT_SECONDS = 5; // With less left than this, a call waits for the renewal.
const RENEW_RETRY_MILLISECONDS = 1_000; // After a renewal that failed.

export type RenewalError =
  | ObtainError
  /** The issuer continues the workflow no more: whoever still has work begins another. */
  | { readonly code: 'workflow_ended' };

/** Whoever has the capability of the moment. */
export interface CapabilityHolder {
  current(): Promise<Result<Capability, RenewalError>>;
  /** Asks for a wider capability of the same workflow, which is the current one from then on. */
  stepUp(needed: readonly Grant[]): Promise<Result<Capability, RenewalError | StepUpError>>;
  /** Says that the work is done: see `completeWorkflow`. Nothing is obtained after it. */
  complete(graceSeconds?: number): Promise<Result<Ended, RenewalError | EndingError>>;
  /** Says that the work cannot be done: see `failWorkflow`. */
  fail(reason?: string): Promise<Result<Ended, RenewalError | EndingError>>;
}

/**
 * Keeps one workflow's capability fresh: obtains the first one when it is asked for, and the next
 * one ahead of expiry, in the background and once however many ask. A call waits only where less
 * than five seconds are left. When the issuer says that the workflow has ended, the capability at
 * hand is dropped too, and nothing is asked for again.
 *
 * Throws a TypeError for options that it does not know or cannot use.
 *
 * `options` may be a function, called for each request, for tokens of the user and the workload
 * that are fresh themselves. What is asked for is what was granted before, and never more; what was
 * stepped up to with a person's approval is not asked for again, but by stepping up again.
 */
export function refreshing(
  options: ObtainOptions | (() => Promise<ObtainOptions>),
): CapabilityHolder {
  if (typeof options !== 'function') {
    const fault = obtainFault(options, 'refreshing');
    if (fault !== undefined) throw new TypeError(fault);
  }
  const describe = typeof options === 'function' ? options : () => Promise.resolve(options);
  const renewals = new Renewals(describe);
  return {
    current: () => renewals.current(),
    stepUp: (needed) => renewals.stepUp(needed),
    complete: (graceSeconds = 0) =>
      renewals.finish((held, options) => completeWorkflow(held, { ...options, graceSeconds })),
    fail: (reason = '') =>
      renewals.finish((held, options) => failWorkflow(held, { ...options, reason })),
  };
}

// Three requests of an agent to its issuer, each with its own bound.
const RENEWAL_MILLISECONDS_MAX = 3 * OBTAIN_MILLISECONDS_MAX;

interface Held {
  readonly capability: Capability;
  readonly obtained: number;
  /** What the next one is asked for: no person is asked again behind the agent's back. */
  readonly renewable: readonly Grant[];
}

class Renewals {
  readonly #describe: () => Promise<ObtainOptions>;
  readonly #flight: SingleFlight<Result<Capability, RenewalError>>;
  #now: Clock = readClock;
  #held: Held | undefined;
  #failed: { readonly error: RenewalError; readonly at: number } | undefined;
  /** The approval that a renewal waits for: the next one asks after it, and nobody anew. */
  #waitsFor: string | undefined;
  #ended = false;

  constructor(describe: () => Promise<ObtainOptions>) {
    this.#describe = describe;
    this.#flight = new SingleFlight(() => this.#renew(), {
      millisecondsMax: RENEWAL_MILLISECONDS_MAX,
      // In a Worker, a renewal ends with the request that began it.
      patienceMilliseconds: OBTAIN_MILLISECONDS_MAX,
    });
  }

  async current(): Promise<Result<Capability, RenewalError>> {
    if (this.#ended) return refuse({ code: 'workflow_ended' });
    const held = this.#held;
    if (!held) return this.#join();
    const secondsLeft = this.#secondsLeft(held);
    const life = (held.capability.expires.getTime() - held.obtained) / 1000;
    // What a person approved is kept to its end: the next one has less, or takes a person again.
    const ahead = held.capability.approval === undefined ? RENEW_AHEAD_SECONDS : RENEW_WAIT_SECONDS;
    if (secondsLeft > Math.min(ahead, life / 3)) return ok(held.capability);
    const renewed = this.#join();
    // A capability as short as the wait itself is renewed behind the call as well.
    if (secondsLeft > Math.min(RENEW_WAIT_SECONDS, life / 6)) return ok(held.capability);
    const outcome = await renewed;
    if (outcome.ok || this.#ended || this.#secondsLeft(held) <= 0) return outcome;
    return ok(held.capability); // The issuer is away; the capability is good to its end.
  }

  async stepUp(needed: readonly Grant[]): Promise<Result<Capability, RenewalError | StepUpError>> {
    const current = await this.current();
    if (!current.ok) return current;
    const before = this.#held?.renewable;
    try {
      const widened = await stepUp(current.value, needed, await this.#describe());
      if (widened.ok) {
        const { approval, grants } = widened.value;
        this.#hold(widened.value, approval === undefined ? grants : before);
      }
      return !widened.ok && isEnd(widened.error) ? this.#end() : widened;
    } catch (error) {
      return unreadable(error);
    }
  }

  async finish(
    ending: (held: Capability, options: ObtainOptions) => Promise<Result<Ended, EndingError>>,
  ): Promise<Result<Ended, RenewalError | EndingError>> {
    const current = await this.current();
    if (!current.ok) return current;
    try {
      const ended = await ending(current.value, await this.#describe());
      if (ended.ok) this.#end();
      return ended;
    } catch (error) {
      return unreadable(error);
    }
  }

  async #join(): Promise<Result<Capability, RenewalError>> {
    const failed = this.#failed;
    if (failed && isWithin(failed.at, this.#now(), retryMilliseconds(failed.error))) {
      return refuse(failed.error);
    }
    const renewed = await this.#flight.join();
    return renewed ?? refuse({ code: 'unreachable', url: 'issuer', why: 'no answer in time' });
  }

  /** Never throws: what the caller's function throws is a renewal that failed. */
  async #renew(): Promise<Result<Capability, RenewalError>> {
    const before = this.#held;
    const outcome = await this.#obtain();
    if (outcome.ok) {
      // One that was widened meanwhile is not given up for one that is not.
      if (this.#held === before) this.#hold(outcome.value);
    } else {
      this.#failed = { error: outcome.error, at: this.#now() };
    }
    this.#waitsFor = waitsFor(outcome, this.#waitsFor);
    return outcome;
  }

  async #obtain(): Promise<Result<Capability, RenewalError>> {
    const held = this.#held;
    try {
      const described = await this.#describe();
      const { signal: _, ...given } = described.approval ?? {};
      const id = this.#waitsFor ?? given.id;
      // A renewal is shared by all who call, so it waits for nobody: `current` says what waits.
      const approval = { ...given, waitMilliseconds: 0, ...(id !== undefined && { id }) };
      const options = { ...described, approval };
      this.#now = options.now ?? readClock;
      if (!held) return await obtainCapability(options);
      const { workflow, task } = held.capability;
      const grants = held.renewable;
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

  #hold(capability: Capability, renewable = capability.grants): void {
    if (this.#ended) return;
    this.#held = { capability, obtained: this.#now(), renewable };
    this.#failed = undefined;
  }

  #end(): Result<never, RenewalError> {
    this.#ended = true;
    this.#held = undefined;
    return refuse({ code: 'workflow_ended' });
  }

  /** None where the clock has gone back: when it ends is then unknown, and another is obtained. */
  #secondsLeft({ capability, obtained }: Held): number {
    const now = this.#now();
    return now < obtained ? 0 : (capability.expires.getTime() - now) / 1000;
  }
}

const retryMilliseconds = (error: RenewalError): number =>
  error.code === 'approval_pending' ? error.intervalSeconds * 1000 : RENEW_RETRY_MILLISECONDS;

/** No answer is no end of it; any other answer is. */
function waitsFor(
  outcome: Result<Capability, RenewalError>,
  before: string | undefined,
): string | undefined {
  if (outcome.ok) return undefined;
  if (outcome.error.code === 'approval_pending') return outcome.error.id;
  return outcome.error.code === 'unreachable' ? before : undefined;
}

/** What the caller's own function threw. */
const unreadable = (error: unknown): Result<never, RenewalError> =>
  refuse({
    code: 'unreachable',
    url: 'options',
    why: error instanceof Error ? error.message : 'unknown',
  });

/** RFC 6749 section 5.2: the grant is expired or revoked. */
const isEnd = (error: StepUpError): boolean =>
  error.code === 'refused' && error.error === 'invalid_grant';
