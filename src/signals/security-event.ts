import { toBase64Url, utf8 } from '../encoding.ts';
import { isTerminal } from '../lifecycle/index.ts';
import { anything, type Members, optional, readOptions, text } from '../options.ts';
import type { Initiator, WorkflowChange } from './change.ts';

/** RFC 8417 section 2.3: the `typ` of a security event token, and its media type. */
export const SET_TYPE = 'secevent+jwt';

export const SESSION_REVOKED =
  'https://schemas.openid.net/secevent/caep/event-type/session-revoked';
export const STREAM_UPDATED = 'https://schemas.openid.net/secevent/ssf/event-type/stream-updated';
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
  /** Unix seconds. */
  readonly event_timestamp: number;
}

/** SSF 1.0 section 8.1.2: events flow; wait in the queue; or are neither sent nor kept. */
export type StreamStatus = 'enabled' | 'paused' | 'disabled';

/** SSF 1.0 section 8.1.5. */
export interface StreamUpdated {
  readonly status: StreamStatus;
  readonly reason?: string;
}

/** A security event token before it is signed. No `sub` and no `exp`: RFC 8417 section 2.2. */
export interface SetClaims {
  readonly iss: string;
  readonly aud: string;
  readonly jti: string;
  readonly iat: number;
  readonly txn?: string;
  readonly sub_id: Subject | ComplexSubject;
  readonly events: Readonly<
    Record<string, SessionRevoked | StreamUpdated | { readonly state?: string }>
  >;
}

/** Where an event goes. */
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
 * `session-revoked` (CAEP 1.0 section 3.1) for a workflow that has ended: its id is the session and
 * the transaction. Undefined while it may go on: a receiver that has ended a session has no event
 * by which to begin it again, so a suspension is for the status list to tell.
 *
 * The reason is how it ended and never what an operator wrote, which is not meant for strangers.
 */
export async function sessionRevoked(
  change: WorkflowChange,
  receiver: Receiver,
  now: number,
): Promise<SetClaims | undefined> {
  const { stream, issuer, audience } = readOptions(receiver, 'sessionRevoked', RECEIVER);
  if (!isTerminal(change.state)) return undefined;
  const event: SessionRevoked = {
    initiating_entity: change.by,
    reason_admin: { en: `The workflow is ${change.state}.` },
    event_timestamp: Math.floor(change.at / 1000),
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

/** What a receiver asks a stream to say. */
export interface AskedVerification {
  readonly jti: string;
  /** What the receiver wants to read again. */
  readonly state?: string;
}
const ASKED: Members<AskedVerification> = { jti: text, state: optional(anything) };

/** A verification event (SSF 1.0 section 8.1.4): its subject is the stream itself. */
export function verificationEvent(
  receiver: Receiver,
  asked: AskedVerification,
  now: number,
): SetClaims {
  const { stream, issuer, audience } = readOptions(receiver, 'verificationEvent', RECEIVER);
  const { jti, state } = readOptions(asked, 'verificationEvent', ASKED);
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
 * `stream-updated` (SSF 1.0 section 8.1.5): the operator has paused, disabled or enabled the
 * stream. It is sent whatever the new status is, because a receiver must know that silence is no
 * health.
 */
export function streamUpdatedEvent(
  receiver: Receiver,
  given: StreamUpdated & { readonly jti: string },
  now: number,
): SetClaims {
  const { stream, issuer, audience } = readOptions(receiver, 'streamUpdatedEvent', RECEIVER);
  const { jti, ...updated } = readOptions(given, 'streamUpdatedEvent', UPDATED);
  return {
    iss: issuer,
    aud: audience,
    jti,
    iat: now,
    sub_id: { format: 'opaque', id: stream },
    events: { [STREAM_UPDATED]: updated },
  };
}

/** One change is one event of a stream, told however often; and two streams share no ids. */
async function eventId(stream: string, change: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', utf8(`${stream}\0${change}`));
  return toBase64Url(new Uint8Array(digest));
}

/** An issuer's URL has no fragment, so the first `#` ends it. */
function userOf(subject: string): Subject {
  const at = subject.indexOf('#');
  return at < 1
    ? { format: 'opaque', id: subject }
    : { format: 'iss_sub', iss: subject.slice(0, at), sub: subject.slice(at + 1) };
}
