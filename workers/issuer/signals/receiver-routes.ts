import type { IRequest } from 'itty-router';
import * as v from 'valibot';
import { readBounded } from '../../../src/body.ts';
import { type PublicApi, STREAM_ID } from '../../../src/issuer-api/index.ts';
import {
  ADMIN_REQUEST_BYTES_MAX,
  SIGNAL_VERIFY_SECONDS_MIN,
  STATUS_LIST_TTL_SECONDS,
} from '../../../src/limits.ts';
import {
  readPollRequest,
  STATUS_LIST_TYPE,
  streamConfiguration,
  transmitterConfiguration,
} from '../../../src/signals/index.ts';
import { readConfig } from '../platform/config.ts';
import { credentialDigest } from '../platform/credential.ts';
import { type IssuerEnv, signalStreams, statusList } from '../platform/env.ts';
import type { PublicHandlers } from '../platform/router.ts';
import type { StreamView } from './streams-binding.ts';

const SIGNAL_POLL_BYTES_MAX = 128 * 1024; // Acknowledgements of a whole queue.
const SIGNAL_STATE_LENGTH_MAX = 256; // Text that a verification event echoes.

/** Answers 404 if the deployment has no signal key. Runs before each of these routes. */
export const requireSignals = (_request: IRequest, env: IssuerEnv): Response | undefined =>
  readConfig(env).signals ? undefined : Response.json({ error: 'not_found' }, { status: 404 });

export const signalRoutes: PublicHandlers<PublicApi['signals']> = {
  statusList: statusListToken,
  ssfConfiguration: (_request, env) =>
    Response.json(transmitterConfiguration(readConfig(env).issuer)),
  poll: pollStream,
  readStream,
  readStatus,
  verifyStream,
};

/** Serves a status list token. Anyone may read and cache it: it is signed and says its own age. */
async function statusListToken(request: IRequest, env: IssuerEnv): Promise<Response> {
  const id = String(request.params.list);
  const token = /^[\w-]{16}$/.test(id) ? await statusList(env).token(id) : undefined;
  if (token === undefined) return Response.json({ error: 'not_found' }, { status: 404 });
  return new Response(token, {
    headers: {
      'content-type': `application/${STATUS_LIST_TYPE}`,
      'cache-control': `public, max-age=${STATUS_LIST_TTL_SECONDS}`,
      'access-control-allow-origin': '*', // Section 8.1: wallets and web pages read it as well.
    },
  });
}

/** Answers a poll (RFC 8936). */
async function pollStream(request: IRequest, env: IssuerEnv): Promise<Response> {
  const id = String(request.params.stream);
  const digest = await credentialDigest(request.headers);
  const stream = digest && isStreamId(id) ? await signalStreams(env).open(id, digest) : undefined;
  if (!digest || !stream) return unauthorized();
  const body = await readBounded(request as unknown as Request, SIGNAL_POLL_BYTES_MAX);
  if (!body.ok && body.error.code === 'body_too_large') {
    return invalid(413, 'The body is too large.');
  }
  const poll = readPollRequest(body.ok ? body.value : '');
  if (!poll.ok) return invalid(400, 'The body must be a poll request of RFC 8936, in JSON.');
  const answer = await signalStreams(env).poll(id, digest, poll.value);
  return answer ? fresh(answer) : invalid(400, 'This stream uses push delivery.');
}

/**
 * Serves `GET /ssf/v1/stream` (SSF 1.0 section 8.1.1.2): the configuration of one stream, or
 * without a `stream_id` of all streams of the credential. Only an operator can change them.
 */
async function readStream(request: IRequest, env: IssuerEnv): Promise<Response> {
  const { issuer } = readConfig(env);
  const { stream_id: id } = request.query;
  if (id !== undefined) {
    return asReceiver(request, env, String(id), (stream) =>
      fresh(streamConfiguration(issuer, stream)),
    );
  }
  const digest = await credentialDigest(request.headers);
  const streams = digest ? await signalStreams(env).openAll(digest) : [];
  // A credential without a stream is no receiver's, so the answer is not an empty list.
  if (streams.length === 0) return unauthorized();
  return fresh(streams.map((stream) => streamConfiguration(issuer, stream)));
}

/** Serves `GET /ssf/v1/status`. The reason names lost events. */
function readStatus(request: IRequest, env: IssuerEnv): Promise<Response> {
  return asReceiver(
    request,
    env,
    String(request.query.stream_id),
    ({ id, status, reason, dropped }) => {
      const lost = dropped === 0 ? undefined : `events dropped: ${dropped}`;
      const why = [reason, lost].filter((part) => part !== undefined).join('; ');
      return fresh({ stream_id: id, status, ...(why && { reason: why }) });
    },
  );
}

const verificationRequest = v.object({
  stream_id: v.pipe(v.string(), v.maxLength(64)),
  state: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(SIGNAL_STATE_LENGTH_MAX),
      v.check((text) => text.isWellFormed()),
    ),
  ),
});

/**
 * Serves `POST /ssf/v1/verify` (SSF 1.0 section 8.1.4). The verification event is delivered like
 * any other event.
 */
async function verifyStream(request: IRequest, env: IssuerEnv): Promise<Response> {
  const body = await readBounded(request as unknown as Request, ADMIN_REQUEST_BYTES_MAX);
  const read = v.safeParse(verificationRequest, body.ok ? parse(body.value) : undefined);
  if (!read.success) return invalid(400, 'The body must be JSON with a stream_id.');
  const { stream_id, state } = read.output;
  return asReceiver(request, env, stream_id, async ({ id }) => {
    const requested = { by: 'receiver' as const, ...(state !== undefined && { state }) };
    const verified = await signalStreams(env).verify(id, requested);
    if (verified.ok) return new Response(null, { status: 204 });
    if (verified.error.code !== 'too_early') return invalid(400, 'The stream is disabled.');
    return Response.json(
      { err: 'too_early', description: 'A verification was requested a moment ago.' },
      { status: 429, headers: { 'retry-after': String(SIGNAL_VERIFY_SECONDS_MIN) } },
    );
  });
}

async function asReceiver(
  request: IRequest,
  env: IssuerEnv,
  id: string,
  answer: (stream: StreamView) => Response | Promise<Response>,
): Promise<Response> {
  const digest = await credentialDigest(request.headers);
  const stream = digest && isStreamId(id) ? await signalStreams(env).open(id, digest) : undefined;
  return stream ? answer(stream) : unauthorized();
}

const isStreamId = (text: string): boolean => STREAM_ID.test(text);

const fresh = (body: unknown): Response =>
  Response.json(body, { headers: { 'cache-control': 'no-store' } });

/** An error in the form of RFC 8935, which RFC 8936 section 2.6 uses as well. */
const invalid = (status: number, description: string): Response =>
  Response.json({ err: 'invalid_request', description }, { status });

/** The same answer as for an unknown stream, so ids cannot be probed. */
const unauthorized = (): Response =>
  Response.json(
    { err: 'authentication_failed', description: "The stream's own credential is required." },
    { status: 401, headers: { 'www-authenticate': 'Bearer realm="hewn-signals"' } },
  );

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
