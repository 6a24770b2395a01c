import * as v from 'valibot';
import { credentialDigestSchema } from '../credential-digest.ts';
import { isEndpoint } from '../endpoint-url.ts';
import { SIGNAL_VERIFY_SECONDS_MIN } from '../limits.ts';
import { flag, readOptions } from '../options.ts';
import { ok, type Result, refuse } from '../result.ts';
import { SESSION_REVOKED } from './security-event.ts';

const SIGNAL_URL_LENGTH_MAX = 2_048;
const SIGNAL_AUTHORIZATION_LENGTH_MAX = 4_096;

/** The delivery method push (RFC 8935). */
export const PUSH = 'urn:ietf:rfc:8935';
/** The delivery method poll (RFC 8936). */
export const POLL = 'urn:ietf:rfc:8936';

/** An operator's request for a new stream. */
export interface StreamRequest {
  readonly audience: string;
  readonly delivery:
    | { readonly method: typeof PUSH; readonly url: string; readonly authorization?: string }
    | { readonly method: typeof POLL };
  /**
   * SHA-256 of the receiver's bearer token in lower-case hex, so the stored value grants nothing.
   */
  readonly receiverSha256: string;
}

const text = (lengthMax: number) =>
  v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(lengthMax),
    v.check((value) => value.isWellFormed()),
  );
/** The body that creates a stream, with the member names of SSF 1.0 section 8.1.1. */
export const streamRequestBody = v.strictObject({
  aud: v.pipe(text(SIGNAL_URL_LENGTH_MAX), v.description('the receiver, as its events name it')),
  receiver_sha256: v.pipe(
    credentialDigestSchema,
    v.description("SHA-256 of the receiver's bearer token, in lower-case hex"),
  ),
  delivery: v.pipe(
    v.variant('method', [
      v.strictObject({ method: v.literal(POLL) }),
      v.strictObject({
        method: v.literal(PUSH),
        endpoint_url: text(SIGNAL_URL_LENGTH_MAX),
        authorization_header: v.optional(
          v.pipe(text(SIGNAL_AUTHORIZATION_LENGTH_MAX), v.regex(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/)),
        ),
      }),
    ]),
    v.description('`method`, and for a push `endpoint_url` and `authorization_header`'),
  ),
});

/** Parses `streamRequestBody`. Rejects unknown members. */
export function readStreamRequest(
  body: string,
  options: { readonly allowLoopback: boolean },
): Result<StreamRequest, { readonly code: 'stream_invalid' | 'endpoint_refused' }> {
  const { allowLoopback } = readOptions(options, 'readStreamRequest', { allowLoopback: flag });
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return refuse({ code: 'stream_invalid' });
  }
  const read = v.safeParse(streamRequestBody, value);
  return read.success
    ? toStreamRequest(read.output, allowLoopback)
    : refuse({ code: 'stream_invalid' });
}

/** Checks the URL that events would be pushed to. */
export function toStreamRequest(
  { aud, delivery, receiver_sha256 }: v.InferOutput<typeof streamRequestBody>,
  allowLoopback: boolean,
): Result<StreamRequest, { readonly code: 'endpoint_refused' }> {
  const stream = { audience: aud, receiverSha256: receiver_sha256 };
  if (delivery.method === POLL) return ok({ ...stream, delivery });
  const { method, endpoint_url: url, authorization_header: authorization } = delivery;
  if (!isEndpoint(url, allowLoopback)) return refuse({ code: 'endpoint_refused' });
  return ok({
    ...stream,
    delivery: { method, url, ...(authorization !== undefined && { authorization }) },
  });
}

/** The public facts of a stream. None of them is secret. */
export interface StreamFacts {
  readonly id: string;
  readonly audience: string;
  readonly method: typeof PUSH | typeof POLL;
  /** Absent if the stream is polled. */
  readonly url?: string;
}

/** Returns the configuration of a stream (SSF 1.0 section 8.1.1). */
export const streamConfiguration = (
  issuer: string,
  { id, audience, method, url }: StreamFacts,
) => ({
  stream_id: id,
  iss: issuer,
  aud: audience,
  delivery: { method, endpoint_url: url ?? `${issuer}/ssf/v1/poll/${id}` },
  events_supported: [SESSION_REVOKED],
  events_requested: [SESSION_REVOKED],
  events_delivered: [SESSION_REVOKED],
  min_verification_interval: SIGNAL_VERIFY_SECONDS_MIN,
});

/** Returns the configuration of the transmitter (SSF 1.0 section 7.1). */
export const transmitterConfiguration = (issuer: string) => ({
  spec_version: '1_0',
  issuer,
  jwks_uri: `${issuer}/.well-known/jwks.json`,
  delivery_methods_supported: [PUSH, POLL],
  configuration_endpoint: `${issuer}/ssf/v1/stream`,
  status_endpoint: `${issuer}/ssf/v1/status`,
  verification_endpoint: `${issuer}/ssf/v1/verify`,
  // A receiver that ignores `session` would end every session of the user.
  critical_subject_members: ['session'],
  default_subjects: 'ALL',
  authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:6750' }],
});
