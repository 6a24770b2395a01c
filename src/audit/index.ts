/** The decision record, the chain over the records, and their way from a verifier to the log. */
export type {
  ApprovalAskedRecord,
  ApprovalDecidedRecord,
  MintApproval,
} from './approval-record.ts';
export {
  findLogFault,
  findTrailFault,
  type LinkedRecord,
  linkInput,
  TRAIL_START,
  type TrailFault,
} from './chain.ts';
export type {
  DeviationRecord,
  GapRecord,
  RuleArmedRecord,
  TransitionRecord,
} from './life-record.ts';
export { RecordOutbox, type RecordSink } from './outbox.ts';
export {
  type AuditRecord,
  type DecisionRecord,
  type MintRecord,
  type Outcome,
  type OutcomeRecord,
  type RefusalRecord,
  type RevocationRecord,
  readVerifierRecord,
  type StreamRecord,
  toDecisionRecord,
  toOutcomeRecord,
  type VerifierRecord,
  type WatermarkRecord,
} from './record.ts';
export { writable } from './writable.ts';
