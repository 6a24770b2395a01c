/** How a workflow stands, in the shapes of standards: status lists and security events. */
export {
  type Initiator,
  type Standing,
  type Status,
  standingAfter,
  statusOf,
  type WorkflowChange,
} from './change.ts';
export { type PollAnswer, type PollRequest, readPollRequest } from './poll.ts';
export { type AfterPush, afterPush, type PushOutcome, readPushAnswer, type Tried } from './push.ts';
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
  readStreamOrder,
  type StreamFacts,
  type StreamOrder,
  streamConfiguration,
  streamOrderBody,
  toStreamOrder,
  transmitterConfiguration,
} from './stream.ts';
