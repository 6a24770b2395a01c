import type { Outcome } from '../../../src/audit/index.ts';
import { isJsonObject, type JsonObject } from '../../../src/canonical-json.ts';
import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { type ReadAnswer, readAnswer } from '../../../src/json-rpc-answer.ts';
import { encodeHeader, nameOf } from '../../../src/mcp-headers/index.ts';
import { Deadline } from '../call/deadline.ts';
import {
  failedOutcome,
  failureOf,
  type UpstreamFailure,
  unsentFailure,
} from '../call/upstream-failure.ts';
import {
  answerFaultOf,
  type CallerFacts,
  type Upstream,
  type UpstreamError,
  upstreamErrorOf,
} from '../upstream/index.ts';

/** What is sent to the server: a message, rewritten under an id of the gateway's own. */
export interface Outgoing {
  /** Absent for a notification. */
  readonly id?: string;
  readonly method?: string;
  /** Instead of a method: an answer to a request of the server, with its id. */
  readonly answer?: JsonObject;
  /** A request of a session without a message. */
  readonly verb?: 'GET' | 'DELETE';
  /** The position from which a stream continues. */
  readonly lastEventId?: string | undefined;
  readonly caller: CallerFacts;
  readonly params?: JsonObject;
  /** The revision that the agent named in `MCP-Protocol-Version`. */
  readonly version?: string | undefined;
  /** The server's own session id, if the agent has a session. */
  readonly session?: string | undefined;
  /** Headers that repeat arguments, with their values. */
  readonly repeated?: readonly (readonly [name: string, value: string])[];
}

/** What came of a message: an answer, an accepted notification, or a failure. */
export interface UpstreamAnswer {
  readonly outcome: Outcome;
  /** The answer, under our id. */
  readonly message?: JsonObject;
  /** The session that the server opened. */
  readonly session?: string;
  readonly failure?: UpstreamFailure;
}

/** A message that was sent, and the server's response as far as it has arrived. */
export interface Sent {
  readonly outgoing: Outgoing;
  readonly started: UnixMilliseconds;
  readonly deadline: Deadline;
  readonly answerBytesMax: number;
  /** Undefined if the connection was lost, or the time was up, before there was one. */
  readonly response: Response | undefined;
  /** Why the message never left. */
  readonly unsent?: UpstreamError | undefined;
}

/**
 * Sends a message to an MCP server. The body is rewritten from the message that was decided, and
 * headers come from an allow-list. No token is sent: MCP forbids passing it through. Never throws:
 * whatever becomes of a call that was sent is an outcome.
 */
export async function sendUpstream(upstream: Upstream, outgoing: Outgoing): Promise<Sent> {
  const started = readClock();
  const { seconds, progressSeconds, answerBytes: answerBytesMax } = upstream.limits;
  const deadline = new Deadline({
    milliseconds: seconds * 1_000,
    millisecondsMax: Math.max(seconds, progressSeconds) * 1_000,
  });
  const { id, method, params, answer, verb, caller } = outgoing;
  const body = answer ? { jsonrpc: '2.0', ...answer } : { jsonrpc: '2.0', id, method, params };
  const sent = { outgoing, started, deadline, answerBytesMax };
  try {
    const response = await upstream.send({
      method: verb ?? 'POST',
      headers: headersOf(outgoing),
      ...(verb === undefined && { body: JSON.stringify(body) }),
      caller,
      signal: deadline.signal,
      isListening: verb === 'GET' || method === 'subscriptions/listen',
    });
    return { ...sent, response };
  } catch (error) {
    return { ...sent, response: undefined, unsent: upstreamErrorOf(error) };
  }
}

/** Reads the whole answer. Never throws. */
export async function readWhole(sent: Sent): Promise<UpstreamAnswer> {
  const { outgoing, response, deadline, unsent, answerBytesMax } = sent;
  let isAtEnd = false;
  try {
    if (unsent) return answered(sent, 0, failed(unsentFailure(unsent)));
    // The message may have left before the connection was lost, so its fate is unknown.
    if (!response) return answered(sent, 0, unanswered(deadline.signal));
    const isInSession = outgoing.session !== undefined;
    if (outgoing.id === undefined) {
      response.body?.cancel().catch(() => undefined);
      const failure = failureOf(response, isInSession);
      if (failure) return answered(sent, 0, failed(failure));
      return answered(sent, 0, { status: 202, result: 'ok', ...sessionOf(response) });
    }
    const read = await readAnswer(response, outgoing.id, answerBytesMax);
    isAtEnd = read.isAtEnd;
    return answered(sent, read.bytes, replyOf(response, read, deadline.signal, isInSession));
  } finally {
    if (isAtEnd) deadline.stop();
    else deadline.end();
  }
}

/** Sends a message and reads the whole answer. Never throws. */
export const callUpstream = async (
  upstream: Upstream,
  outgoing: Outgoing,
): Promise<UpstreamAnswer> => readWhole(await sendUpstream(upstream, outgoing));

export type Reply = Omit<UpstreamAnswer, 'outcome'> & Pick<Outcome, 'status' | 'result' | 'cause'>;

/** Returns a reply with the outcome of the message, which ends now. */
export function answered({ started }: Sent, bytes: number, reply: Reply): UpstreamAnswer {
  const { status, result, cause, ...rest } = reply;
  const milliseconds = Math.max(0, readClock() - started);
  return { ...rest, outcome: { status, result, bytes, milliseconds, ...(cause && { cause }) } };
}

/** How reading ended, with the answer or without one. */
export interface ReadEnd {
  readonly message?: JsonObject;
  readonly end: ReadAnswer['end'] | 'unreadable';
}

/** Returns what an answer, or a response without one, means for the agent. */
export function replyOf(
  response: Response,
  { message, end }: ReadEnd,
  signal: AbortSignal,
  isInSession: boolean,
): Reply {
  const fault = answerFaultOf(response);
  if (fault) return failed({ code: fault, status: 502 }, 'unreadable');
  const isError = response.status >= 400 && response.status <= 599;
  if (message && (response.ok || isError)) {
    const status = response.ok ? 200 : response.status;
    return { status, result: resultOf(message), message, ...sessionOf(response) };
  }
  const failure = failureOf(response, isInSession);
  if (failure) return failed(failure);
  if (end === 'too_large') return failed({ code: 'upstream_too_large', status: 502 }, end);
  if (end === 'whole' || end === 'unreadable') {
    return failed({ code: 'upstream_unreadable', status: 502 }, 'unreadable');
  }
  return unanswered(signal);
}

const failed = (failure: UpstreamFailure, cause?: Outcome['cause']): Reply => ({
  ...failedOutcome(failure, cause),
  failure,
});

const unanswered = ({ aborted }: AbortSignal): Reply =>
  failed({ code: 'upstream_unanswered', status: 502 }, aborted ? 'timeout' : 'connection');

function sessionOf(response: Response): { readonly session?: string } {
  const session = response.headers.get('mcp-session-id');
  return session === null ? {} : { session };
}

/** Whether the response is a stream of events with which the server accepted the request. */
export const isStream = (response: Response | undefined): response is Response =>
  response?.ok === true &&
  (response.headers.get('content-type') ?? '').startsWith('text/event-stream');

function headersOf(outgoing: Outgoing): Headers {
  const { method, params, version, session, verb, lastEventId, repeated = [] } = outgoing;
  const headers = new Headers({
    accept: verb === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
  });
  if (verb === undefined) headers.set('content-type', 'application/json');
  if (method !== undefined) headers.set('mcp-method', method);
  if (lastEventId !== undefined) headers.set('last-event-id', lastEventId);
  const name = method === undefined ? undefined : nameOf(method, params);
  if (typeof name === 'string') headers.set('mcp-name', encodeHeader(name));
  for (const [header, value] of repeated) headers.set(header, value);
  if (version !== undefined) headers.set('mcp-protocol-version', version);
  if (session !== undefined) headers.set('mcp-session-id', session);
  return headers;
}

function resultOf(answer: JsonObject): Outcome['result'] {
  if ('error' in answer) return 'protocol_error';
  const { result } = answer;
  return isJsonObject(result) && result.isError === true ? 'tool_error' : 'ok';
}
