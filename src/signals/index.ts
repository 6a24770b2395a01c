/** The status of workflows in standard formats: status lists and security events. */
export {
  type Initiator,
  type KnownStatus,
  type Status,
  statusAfter,
  statusOf,
  type WorkflowChange,
} from './change.ts';
export { type PollAnswer, type PollRequest, readPollRequest } from './poll.ts';
export {
  type AfterPush,
  type Attempts,
  afterPush,
  type PushOutcome,
  readPushAnswer,
} from './push.ts';
export { readStatus, type StatusError, type StatusReference } from './read-status.ts';
export {
  type Receiver,
  SESSION_REVOKED,
  SET_TYPE,
  type SetClaims,
  STREAM_UPDATED,
  type StreamStatus,
  sessionRevoked,
  streamUpdatedEvent,
  VERIFICATION,
  verificationEvent,
} from './security-event.ts';
export {
  packStatuses,
  STATUS_LIST_TYPE,
  type StatusListBody,
  type StatusListClaims,
  statusListClaims,
} from './status-list.ts';
export {
  POLL,
  PUSH,
  readStreamRequest,
  type StreamFacts,
  type StreamRequest,
  streamConfiguration,
  streamRequestBody,
  toStreamRequest,
  transmitterConfiguration,
} from './stream.ts';
