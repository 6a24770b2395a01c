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
  type DecisionRecord,
  type DenialRecord,
  type DeviationRecord,
  type DispatchRecord,
  type GapRecord,
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
export { RecordOutbox, type RecordSink } from './outbox.ts';
export { budgetsOverHttp, type OverHttpOptions, recordsOverHttp } from './over-http.ts';
export { hashable, isPartDigest, storedForm } from './stored-form.ts';
