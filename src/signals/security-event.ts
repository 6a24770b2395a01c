import { toSeconds, type UnixSeconds } from '../clock.ts';
import { toBase64Url, utf8 } from '../encoding.ts';
import { isTerminal } from '../lifecycle/index.ts';
import { anything, type Members, optional, readOptions, text } from '../options.ts';
import type { Initiator, WorkflowChange } from './change.ts';

/**
 * The `typ` of a security event token, and its media type without prefix (RFC 8417 section 2.3).
 */
export const SET_TYPE = 'secevent+jwt';

/** The event type `session-revoked` (CAEP 1.0 section 3.1). */
export const SESSION_REVOKED =
  'https://schemas.openid.net/secevent/caep/event-type/session-revoked';
/** The event type `stream-updated` (SSF 1.0 section 8.1.5). */
export const STREAM_UPDATED = 'https://schemas.openid.net/secevent/ssf/event-type/stream-updated';
/** The event type `verification` (SSF 1.0 section 8.1.4). */
export const VERIFICATION = 'https://schemas.openid.net/secevent/ssf/event-type/verification';

type Subject =
  | { readonly format: 'opaque'; readonly id: string }
  | { readonly format: 'iss_sub'; readonly iss: string; readonly sub: string };

/** A subject of several parts (SSF 1.0 section 3.3). */
interface ComplexSubject {
  readonly format: 'complex';
  readonly session: Subject;
  readonly user?: Subject;
}

export interface SessionRevoked {
  readonly initiating_entity: Initiator;
  readonly reason_admin: { readonly en: string };
  readonly event_timestamp: UnixSeconds;
}

/**
 * The status of a stream (SSF 1.0 section 8.1.2): events are sent; events wait in the queue; or
 * events are neither sent nor kept.
 */
export type StreamStatus = 'enabled' | 'paused' | 'disabled';

/** The content of a `stream-updated` event (SSF 1.0 section 8.1.5). */
export interface StreamUpdated {
  readonly status: StreamStatus;
  readonly reason?: string;
}

/** A security event token before signing. It has no `sub` and no `exp` (RFC 8417 section 2.2). */
export interface SetClaims {
  readonly iss: string;
  readonly aud: string;
  readonly jti: string;
  readonly iat: UnixSeconds;
  readonly txn?: string;
  readonly sub_id: Subject | ComplexSubject;
  readonly events: Readonly<
    Record<string, SessionRevoked | StreamUpdated | { readonly state?: string }>
  >;
}

/** The stream of an event. */
export interface Receiver {
  readonly stream: string;
  readonly issuer: string;
  readonly audience: string;
}

const RECEIVER: Members<Receiver> = { stream: text, issuer: text, audience: text };
const UPDATED: Members<StreamUpdated & { readonly jti: string }> = {
  jti: text,
  status: text,
  reason: optional(anything),
};

/**
 * Returns `session-revoked` (CAEP 1.0 section 3.1) for a workflow that has ended. The id of the
 * workflow is the session and the transaction. Returns undefined while the workflow can continue:
 * no event restores an ended session, so only the status list shows a suspension.
 *
 * The reason is how the workflow ended, never the operator's text, which receivers must not see.
 */
export async function sessionRevoked(
  change: WorkflowChange,
  receiver: Receiver,
  now: UnixSeconds,
): Promise<SetClaims | undefined> {
  const { stream, issuer, audience } = readOptions(receiver, 'sessionRevoked', RECEIVER);
  if (!isTerminal(change.state)) return undefined;
  const event: SessionRevoked = {
    initiating_entity: change.by,
    reason_admin: { en: `The workflow is ${change.state}.` },
    event_timestamp: toSeconds(change.at),
  };
  return {
    iss: issuer,
    aud: audience,
    jti: await eventId(stream, change.id),
    iat: now,
    txn: change.workflow,
    sub_id: {
      format: 'complex',
      session: { format: 'opaque', id: change.workflow },
      ...(change.subject !== undefined && { user: userOf(change.subject) }),
    },
    events: { [SESSION_REVOKED]: event },
  };
}

/** A request for a verification event. */
export interface VerificationRequest {
  readonly jti: string;
  /** Opaque text that the event echoes to the receiver. */
  readonly state?: string;
}
const REQUESTED: Members<VerificationRequest> = { jti: text, state: optional(anything) };

/** Returns a verification event (SSF 1.0 section 8.1.4). Its subject is the stream itself. */
export function verificationEvent(
  receiver: Receiver,
  requested: VerificationRequest,
  now: UnixSeconds,
): SetClaims {
  const { stream, issuer, audience } = readOptions(receiver, 'verificationEvent', RECEIVER);
  const { jti, state } = readOptions(requested, 'verificationEvent', REQUESTED);
  return {
    iss: issuer,
    aud: audience,
    jti,
    iat: now,
    sub_id: { format: 'opaque', id: stream },
    events: { [VERIFICATION]: state === undefined ? {} : { state } },
  };
}

/**
 * Returns `stream-updated` (SSF 1.0 section 8.1.5): the operator has paused, disabled or enabled
 * the stream. It is sent whatever the new status is, so the receiver does not take silence for
 * health.
 */
export function streamUpdatedEvent(
  receiver: Receiver,
  update: StreamUpdated & { readonly jti: string },
  now: UnixSeconds,
): SetClaims {
  const { stream, issuer, audience } = readOptions(receiver, 'streamUpdatedEvent', RECEIVER);
  const { jti, ...updated } = readOptions(update, 'streamUpdatedEvent', UPDATED);
  return {
    iss: issuer,
    aud: audience,
    jti,
    iat: now,
    sub_id: { format: 'opaque', id: stream },
    events: { [STREAM_UPDATED]: updated },
  };
}

/** A change has one event id in each stream, however often it is delivered. */
async function eventId(stream: string, change: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', utf8(`${stream}\0${change}`));
  return toBase64Url(new Uint8Array(digest));
}

/** Splits `issuer#subject` at the first `#`, because an issuer's URL has no fragment. */
function userOf(subject: string): Subject {
  const hash = subject.indexOf('#');
  return hash < 1
    ? { format: 'opaque', id: subject }
    : { format: 'iss_sub', iss: subject.slice(0, hash), sub: subject.slice(hash + 1) };
}
