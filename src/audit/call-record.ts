import * as v from 'valibot';
import { type DecisionRecord, decisionRecord } from './decision-record.ts';
import { type Outcome, outcome } from './outcome.ts';
import { attribution, text, unixMilliseconds } from './record-base.ts';

/** What became of a call whose decision was written before it was answered. */
const outcomeRecord = v.strictObject({
  event: v.literal('outcome'),
  id: text(128),
  at: unixMilliseconds,
  verifier: text(64),
  n: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  ...attribution,
  /** The decision's id. */
  decision: text(128),
  outcome,
});

export type OutcomeRecord = v.InferOutput<typeof outcomeRecord>;

/** What there is of a decision once it is one. */
const DECIDED = ['allowed', 'stale', 'charged', 'code', 'detail', 'dispatch', 'outcome'] as const;

/**
 * A call of tier 3 that is about to be made. The decision follows: allowed, once it is made, or
 * denied, where it is not made after all. Where none follows, it may have been made.
 */
const dispatchRecord = v.strictObject({
  ...v.omit(decisionRecord, DECIDED).entries,
  event: v.literal('dispatch'),
});

export type DispatchRecord = v.InferOutput<typeof dispatchRecord>;

/** What a verifier may write; it numbers all kinds as one. */
export type VerifierRecord = DecisionRecord | DispatchRecord | OutcomeRecord;

const verifierRecord = v.variant('event', [decisionRecord, dispatchRecord, outcomeRecord]);

/** Undefined where `value` is not exactly a verifier's record; it may write no other kind. */
export function readVerifierRecord(value: unknown): VerifierRecord | undefined {
  const parsed = v.safeParse(verifierRecord, value);
  return parsed.success ? parsed.output : undefined;
}

/** What is written of an allowed call before it is made; `record` is its decision's. */
export function toDispatchRecord(record: DecisionRecord): DispatchRecord {
  const { allowed: _, stale: __, ...call } = record;
  return { ...call, event: 'dispatch' };
}

/** The outcome of an allowed call, after its decision was written. */
export function toOutcomeRecord(
  { id: decision, workflow, agent, subject, owner, task }: DecisionRecord,
  stamp: { readonly verifier: string; readonly n: number; readonly at: number },
  outcome: Outcome,
): OutcomeRecord {
  const id = `${stamp.verifier}.${stamp.n}`;
  const who = { workflow, agent, subject, owner, task };
  return { event: 'outcome', id, ...stamp, ...who, decision, outcome };
}
