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
export { RecordOutbox, type RecordSink } from './outbox.ts';
export {
  type AuditRecord,
  type DecisionRecord,
  type MintRecord,
  type Outcome,
  type RefusalRecord,
  type RevocationRecord,
  readDecisionRecord,
  type StreamRecord,
  toDecisionRecord,
  type WatermarkRecord,
} from './record.ts';
