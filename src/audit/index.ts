/** The decision record, the chain over the records, and their way from a verifier to the log. */
export type {
  ApprovalAskedRecord,
  ApprovalDecidedRecord,
  MintApproval,
} from './approval-record.ts';
export {
  type DispatchRecord,
  type OutcomeRecord,
  readVerifierRecord,
  toDispatchRecord,
  toOutcomeRecord,
  type VerifierRecord,
} from './call-record.ts';
export {
  findLogFault,
  findTrailFault,
  type LinkedRecord,
  linkInput,
  TRAIL_START,
  type TrailFault,
} from './chain.ts';
export { type DecisionRecord, toDecisionRecord } from './decision-record.ts';
export { keepable } from './keepable.ts';
export type {
  DeviationRecord,
  GapRecord,
  RuleArmedRecord,
  TransitionRecord,
} from './life-record.ts';
export { RecordOutbox, type RecordSink } from './outbox.ts';
export type { Outcome } from './outcome.ts';
export {
  type AuditRecord,
  type DenialRecord,
  LOG_ORIGIN,
  type MintRecord,
  type RefusalRecord,
  type RevocationRecord,
  type StreamRecord,
  type WatermarkRecord,
} from './record.ts';
export type { PartDigest } from './record-base.ts';
export type { RefusalSample, RefusalsRecord } from './refusals-record.ts';
export { isPartDigest } from './shortened.ts';
export { writable } from './writable.ts';
