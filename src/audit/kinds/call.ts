import * as v from 'valibot';
import type { UnixMilliseconds } from '../../clock.ts';
import {
  attribution,
  ID_CHARACTERS_MAX,
  noRefusal,
  type RecordKind,
  text,
  unixMilliseconds,
} from './base.ts';
import {
  type DecisionRecord,
  decisionRecord,
  type Outcome,
  outcome,
  verifierStamp,
} from './decision.ts';

const outcomeRecord = v.strictObject({
  event: v.literal('outcome'),
  id: text(ID_CHARACTERS_MAX),
  at: unixMilliseconds,
  ...verifierStamp,
  ...attribution,
  /** The decision's id. */
  decision: text(ID_CHARACTERS_MAX),
  outcome,
});

/** What became of a call whose decision was written before it was answered. */
export type OutcomeRecord = v.InferOutput<typeof outcomeRecord>;

export const outcomeKind: RecordKind<OutcomeRecord> = {
  from: outcomeRecord,
  classOf: () => 'traffic',
  refusedParty: noRefusal,
  written: 'after the answer, in batches',
  contents: 'What became of a call whose `decision` was written before the answer came.',
};

/** The members of a decision that do not exist before the call is made. */
const DECIDED = [
  'allowed',
  'stale',
  'mode',
  'observed',
  'sample',
  'labels',
  'charged',
  'code',
  'detail',
  'dispatch',
  'outcome',
] as const;

const dispatchRecord = v.strictObject({
  ...v.omit(decisionRecord, DECIDED).entries,
  event: v.literal('dispatch'),
});

/**
 * A tier-3 call that is about to be made. A decision follows: allowed once the call was made, or
 * denied if it was not made after all. If none follows, the call may have been made.
 */
export type DispatchRecord = v.InferOutput<typeof dispatchRecord>;

export const dispatchKind: RecordKind<DispatchRecord> = {
  from: dispatchRecord,
  classOf: () => 'traffic',
  refusedParty: noRefusal,
  written: 'before a tier-3 call',
  contents:
    'The call that is about to be made. The `decision` that names it says whether it was made; without one it may have been.',
};

/** Returns the record that is written before an allowed call is made, from its decision record. */
export function toDispatchRecord(record: DecisionRecord): DispatchRecord {
  const { allowed: _, stale: __, mode: ___, sample: ____, labels: _____, ...call } = record;
  return { ...call, event: 'dispatch' };
}

/** Returns the record of an allowed call's outcome, if its decision was already written. */
export function toOutcomeRecord(
  { id: decision, workflow, agent, subject, owner, task }: DecisionRecord,
  stamp: { readonly verifier: string; readonly n: number; readonly at: UnixMilliseconds },
  outcome: Outcome,
): OutcomeRecord {
  const id = `${stamp.verifier}.${stamp.n}`;
  const parties = { workflow, agent, subject, owner, task };
  return { event: 'outcome', id, ...stamp, ...parties, decision, outcome };
}
