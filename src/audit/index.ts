/** The audit log's records, the hash chain over them, and their way from a verifier to the log. */
export {
  createRecorder,
  type Recorder,
  type RecorderOptions,
} from './calls/index.ts';
export {
  findLogFault,
  findTrailFault,
  type LinkedRecord,
  LOG_ORIGIN,
  linkInput,
  TRAIL_START,
  type TrailFault,
} from './chain.ts';
export {
  type ApprovalAskedRecord,
  type ApprovalDecidedRecord,
  type AuditRecord,
  type CallSample,
  type CallSource,
  type ClosingRecord,
  type DecisionRecord,
  type DenialRecord,
  type DeviationRecord,
  type DispatchRecord,
  type ErasureRecord,
  type GapRecord,
  type HoldRecord,
  type MintApproval,
  type MintRecord,
  type Outcome,
  type OutcomeRecord,
  type PartDigest,
  RECORD_KINDS,
  type RecordClass,
  type RefusalRecord,
  type RefusalSample,
  type RefusalsRecord,
  type RevocationRecord,
  type RuleArmedRecord,
  readVerifierRecord,
  recordClassOf,
  refusedPartyOf,
  type StreamRecord,
  type TransitionRecord,
  toDecisionRecord,
  toDispatchRecord,
  toOutcomeRecord,
  type VerifierRecord,
  type VersionRecord,
  type WatermarkRecord,
} from './kinds/index.ts';
export {
  CONTROL_LOG,
  DECISION_EPOCH,
  DECISION_LOGS,
  DECISION_SHARDS,
  decisionLogOf,
  isLogName,
  type LogKind,
  type LogName,
  logKindOf,
  logOf,
  nextControlLog,
  OLD_LOG,
  originOf,
  ROOT_LOG,
} from './logs.ts';
export { RecordOutbox } from './outbox.ts';
export { budgetsOverHttp, type OverHttpOptions, recordsOverHttp } from './over-http.ts';
export type { RecordSink, TakenBatch } from './record-sink.ts';
export { ShardedOutbox, type SinkOf } from './sharded-outbox.ts';
export { hashable, isPartDigest, storedForm } from './stored-form.ts';
