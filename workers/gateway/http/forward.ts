import { sha256 } from '@noble/hashes/sha2.js';
import type { Outcome } from '../../../src/audit/index.ts';
import { readBytes } from '../../../src/body.ts';
import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { toHex } from '../../../src/encoding.ts';
import { type HttpCall, writeRequest } from '../../../src/http-route/index.ts';
import { ATTACHED_HEADER } from '../../../src/receipts/index.ts';
import { Deadline } from '../call/deadline.ts';
import type { Forwarded, Hold } from '../call/transport.ts';
import { failedOutcome, type UpstreamFailure, unsentFailure } from '../call/upstream-failure.ts';
import {
  answerFaultOf,
  type CallerFacts,
  type Upstream,
  upstreamErrorOf,
} from '../upstream/index.ts';
import { type ApiPlace, answerHeaders } from './answer-headers.ts';
import { type BoundedBody, boundBody } from './bounded-body.ts';
import { failureResponse } from './denial.ts';
import type { Attest } from './receipts.ts';

/** How often the workflow of a stream is looked up again. */
const LOOK_MILLISECONDS = 5_000;

/** A call that was allowed. */
export interface Outgoing {
  readonly upstream: Upstream;
  readonly call: HttpCall;
  /** As it was received: for its headers, and for a body that no check read. */
  readonly request: Request;
  readonly caller: CallerFacts;
  /** Signs receipts for an answer that is read before it is passed on. */
  readonly attest?: Attest;
}

/** A request that was sent, and how long it may take. */
interface Sent {
  readonly outgoing: Outgoing;
  readonly started: UnixMilliseconds;
  readonly deadline: Deadline;
  readonly upload: Upload | undefined;
}

/** A body that no check reads. Without `ended`, the runtime holds it to its length. */
type Upload = Pick<BoundedBody, 'stream'> & Partial<BoundedBody>;

/** Sends the request of a call, and passes the answer on as it streams. */
export async function forwardCall(outgoing: Outgoing, hold: Hold): Promise<Forwarded> {
  const { upstream, call, request, caller } = outgoing;
  const { limits } = upstream;
  const deadline = new Deadline({
    milliseconds: limits.seconds * 1_000,
    millisecondsMax: limits.progressSeconds * 1_000,
  });
  const { method, path, headers, body } = writeRequest(call, request.headers);
  const upload = call.sends === 'bytes' && request.body ? uploadOf(outgoing, deadline) : undefined;
  const sent: Sent = { outgoing, started: readClock(), deadline, upload };
  const sends = upload?.stream ?? body;
  try {
    const response = await upstream.send({
      method,
      path,
      headers,
      caller,
      ...(sends !== undefined && { body: sends }),
      signal: deadline.signal,
    });
    return passOn(sent, response, path, hold);
  } catch (error) {
    const unsent = upstreamErrorOf(error);
    if (unsent) return failed(sent, unsentFailure(unsent));
    return lost(sent);
  }
}

/**
 * Returns the body of an upload. The runtime holds one to the length that it claims, and tells the
 * API that length. One without a length is counted here.
 */
function uploadOf({ request, call }: Outgoing, deadline: Deadline): Upload {
  const body = request.body as ReadableStream<Uint8Array>;
  if (request.headers.has('content-length')) {
    deadline.extendToBound();
    return { stream: body };
  }
  return boundBody(body, {
    bytesMax: call.route.bytes ?? 0,
    passed: () => deadline.extend(),
    failed: () => deadline.end(),
  });
}

/** The request may have left before the connection was lost, so its fate is unknown. */
async function lost(sent: Sent): Promise<Forwarded> {
  const upload = await Promise.race([sent.upload?.ended, undefined]);
  if (upload?.end === 'too_large') {
    return failed(sent, { code: 'upstream_unanswered', status: 413 }, 'too_large');
  }
  const cause = sent.deadline.signal.aborted ? 'timeout' : 'connection';
  return failed(sent, { code: 'upstream_unanswered', status: 502 }, cause);
}

function failed(sent: Sent, failure: UpstreamFailure, cause?: Outcome['cause']): Forwarded {
  sent.upload?.cut?.();
  sent.deadline.end();
  const known = failedOutcome(failure, cause);
  return { response: failureResponse(failure), outcome: { ...known, bytes: 0, ...elapsed(sent) } };
}

const elapsed = ({ started }: Sent) => ({ milliseconds: Math.max(0, readClock() - started) });

/** RFC 9110: these have no body, whatever a server sends. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);
/** A shorter answer is read before it is passed on: it arrives as one piece anyway. */
const PIECE_BYTES_MAX = 64 * 1024;

async function passOn(
  sent: Sent,
  response: Response,
  path: string,
  hold: Hold,
): Promise<Forwarded> {
  const { status, headers: received } = response;
  // The protocol that the client would switch to is not judged.
  const fault = answerFaultOf(response);
  if (fault) return failed(sent, { code: fault, status: 502 }, 'unreadable');
  // No answer with a status above 599 can be made either (RFC 9110 section 15).
  if (status < 200 || status > 599) {
    return failed(sent, { code: 'upstream_unreadable', status: 502 }, 'unreadable');
  }
  const { upstream, call } = sent.outgoing;
  const headers = answerHeaders(response, call.route, placeOf(upstream, path));
  const length = received.has('content-encoding') ? null : received.get('content-length');
  const isHead = call.method === 'HEAD';
  const body = response.body as ReadableStream<Uint8Array> | null;
  if (!body || isHead || BODILESS.has(status)) {
    if (isHead && length !== null) headers.set('content-length', length);
    body?.cancel().catch(() => undefined);
    sent.deadline.end();
    return whole(sent, new Response(null, { status, headers }), new Uint8Array());
  }
  if (length === null || Number(length) > PIECE_BYTES_MAX) {
    return stream(sent, body, { response, status, headers }, hold);
  }
  const read = await readBytes(response, PIECE_BYTES_MAX).catch(() => undefined);
  if (!read?.ok) return unread(sent, response);
  sent.deadline.stop();
  const receipts = await sent.outgoing.attest?.(response, read.value);
  if (receipts !== undefined) headers.set(ATTACHED_HEADER, receipts);
  return whole(sent, new Response(read.value, { status, headers }), read.value);
}

/** The body ended with an error: of the connection, or because a secret was found in it. */
function unread(sent: Sent, response: Response): Promise<Forwarded> | Forwarded {
  const fault = answerFaultOf(response);
  return fault ? failed(sent, { code: fault, status: 502 }, 'unreadable') : lost(sent);
}

const placeOf = (upstream: Upstream, path: string): ApiPlace => ({
  upstream: upstream.url,
  request: new URL(`${upstream.url.origin}${upstream.url.pathname.replace(/\/$/, '')}${path}`),
  gateway: `/http/${upstream.name}`,
});

function whole(sent: Sent, response: Response, content: Uint8Array): Forwarded {
  const answer = toHex(sha256(content));
  const known = { ...resultOf(response.status), bytes: content.length, answer };
  return { response, outcome: { ...known, ...elapsed(sent) } };
}

/** Passes a body on while it arrives. Its outcome settles when it has ended or was cut. */
function stream(
  sent: Sent,
  body: ReadableStream<Uint8Array>,
  { response, ...init }: ResponseInit & { readonly response: Response; readonly status: number },
  hold: Hold,
): Forwarded {
  const { deadline, outgoing } = sent;
  const { status } = init;
  const digest = sha256.create();
  const bounded = boundBody(body, {
    bytesMax: outgoing.upstream.limits.answerBytes,
    passed: (chunk) => {
      digest.update(chunk);
      deadline.extend();
    },
  });
  // Also if the agent reads nothing: its call would have no outcome for as long as it stays.
  deadline.signal.addEventListener('abort', () => bounded.cut(), { once: true });
  const timer = setInterval(() => {
    hold.mayContinue().then(
      (may) => may || bounded.cut(),
      // It rejects because of a bug only. What cannot be looked up may be stopped.
      () => bounded.cut(),
    );
  }, LOOK_MILLISECONDS);
  const outcome = bounded.ended.then(({ end, bytes }): Outcome => {
    clearInterval(timer);
    const { aborted } = deadline.signal;
    deadline.end();
    const known = { status, bytes, ...elapsed(sent) };
    if (end === 'too_large') return { ...known, result: 'unknown', cause: end };
    if (answerFaultOf(response)) return { ...known, result: 'unknown', cause: 'unreadable' };
    if (end === 'connection') {
      return { ...known, result: 'unknown', cause: aborted ? 'timeout' : end };
    }
    const answer = end === 'whole' ? { answer: toHex(digest.digest()) } : {};
    return { ...known, ...resultOf(status), ...answer };
  });
  return { response: new Response(bounded.stream, init), outcome };
}

/** The status of the API is the agent's. A 5xx and 408 say nothing about what was done. */
function resultOf(status: number): Pick<Outcome, 'status' | 'result' | 'cause'> {
  if (status >= 500 || status === 408) return { status, result: 'unknown', cause: 'status' };
  return { status, result: status >= 400 ? 'upstream_refused' : 'ok' };
}
