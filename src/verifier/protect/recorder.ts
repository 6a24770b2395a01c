import type { JsonObject } from '../../canonical-json.ts';
import type { FeedConfirmation } from '../../feed/index.ts';
import type { Result } from '../../result.ts';
import type { CallRefusal, Decision } from '../decision.ts';

/** What a record has about a request besides the decision. */
export interface RequestFacts {
  /** The HTTP method, or the name of the operation in another protocol. */
  readonly method: string;
  /** Present if the route only observes: the record then says so, and has a sample of the call. */
  readonly mode?: 'observe';
  /** The arguments of a described call: the record has their digest, or also a sample of them. */
  readonly args?: JsonObject;
}

/** An allowed call, with the arguments that budgets are counted by. */
export interface CallFacts extends RequestFacts {
  readonly args: JsonObject;
}

/** What became of a call that was made. */
export interface CallOutcome {
  /** The HTTP status of the answer; 500 if the handler threw. */
  readonly status: number;
  readonly milliseconds: number;
  /** The handler threw, so it is unknown what it has done. */
  readonly threw: boolean;
}

/** The record of a call that is about to be made. */
export interface RecordedCall {
  /**
   * Why the call would be refused if its route did not only observe, such as a budget. Such a call
   * is recorded as that, and not charged.
   */
  readonly observed?: CallRefusal;
  /** Adds the outcome. Called once, and never throws. */
  close(outcome: CallOutcome): void;
}

/**
 * Records the decisions of a verifier, and counts calls towards the budgets of workflows. A
 * `Protection` without one decides in the same way and writes nothing.
 */
export interface DecisionRecorder {
  /** Names this process or isolate in its records and its positions: see `FeedConfirmation`. */
  readonly verifier: string;
  /** Records a denied request. Returns at once and never throws. */
  denied(decision: Extract<Decision, { allowed: false }>, facts: RequestFacts): void;
  /**
   * Charges an allowed call and, in tier 3, records it before it is made. Refuses a call that
   * cannot be charged or recorded. Never rejects.
   *
   * A decision with `observed` was a denial that its route only observes: it is recorded as what it
   * would have been, it is not charged, and its workflow may be unknown.
   */
  open(
    decision: Extract<Decision, { allowed: true }>,
    facts: CallFacts,
  ): Promise<Result<RecordedCall, CallRefusal>>;
  /** Sends what waits, after the response. Never rejects. */
  flush(): Promise<void>;
  /**
   * Reports to the issuer how far this verifier has applied the log of a shard, with the count of
   * its records, if a report is due: see `FeedReporter`. Called after each response. Never rejects.
   */
  confirm?(shard: number, head: Pick<FeedConfirmation, 'epoch' | 'seq'> | undefined): Promise<void>;
}
