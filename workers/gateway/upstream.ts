import type { Outcome } from '../../src/audit/index.ts';
import { isJsonObject, type JsonObject } from '../../src/canonical-json.ts';
import { readClock } from '../../src/clock.ts';
import { type ReadAnswer, readAnswer } from './answer.ts';
import { FAILURES, failureOf, type UpstreamFailure } from './failure.ts';

const MCP_UPSTREAM_MILLISECONDS_MAX = 30_000; // A step's token lives as long.
export const MCP_RESPONSE_BYTES_MAX = 4 * 1024 * 1024; // Buffered whole in a 128 MB isolate.

/** A message as it goes to the server: written anew, under an id of the gateway's own. */
export interface Outgoing {
  /** Absent for a notification. */
  readonly id?: string;
  readonly method: string;
  readonly params?: JsonObject;
  /** `MCP-Protocol-Version`, where the agent said one. */
  readonly version?: string;
  /** The server's own session, where the agent has one. */
  readonly session?: string;
}

/** What came of it: an answer, a nod to a notification, or a failure. */
export interface UpstreamAnswer {
  readonly outcome: Outcome;
  /** Under our id. */
  readonly message?: JsonObject;
  /** The session that the server opened. */
  readonly session?: string;
  readonly failure?: UpstreamFailure;
}

/**
 * Forwards what was judged: the body written anew from the parsed message, headers from an
 * allow-list. The capability stays here; the server behind is never handed a token (MCP: no token
 * passthrough). Never throws: whatever becomes of a call that was sent is an outcome.
 */
export async function callUpstream(url: string, outgoing: Outgoing): Promise<UpstreamAnswer> {
  const started = readClock();
  const done = (bytes: number, what: Told): UpstreamAnswer => {
    const { status, result, cause, ...rest } = what;
    const milliseconds = Math.max(0, readClock() - started);
    return { ...rest, outcome: { status, result, bytes, milliseconds, ...(cause && { cause }) } };
  };
  const { id, method, params } = outgoing;
  const signal = AbortSignal.timeout(MCP_UPSTREAM_MILLISECONDS_MAX);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: headersOf(outgoing),
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
      redirect: 'manual',
      signal,
    });
    const isSession = outgoing.session !== undefined;
    if (id === undefined) {
      response.body?.cancel().catch(() => undefined);
      const failure = failureOf(response, isSession);
      if (failure) return done(0, failed(failure));
      return done(0, { status: 202, result: 'ok', ...sessionOf(response) });
    }
    const read = await readAnswer(response, id, MCP_RESPONSE_BYTES_MAX);
    return done(read.bytes, toldBy(response, read, signal, isSession));
  } catch {
    // It may have left before the connection was lost, so nobody knows whether it arrived.
    const cause = signal.aborted ? 'timeout' : 'connection';
    return done(0, failed({ code: 'upstream_unanswered', status: 502 }, cause));
  }
}

type Told = Omit<UpstreamAnswer, 'outcome'> & Pick<Outcome, 'status' | 'result' | 'cause'>;

function toldBy(
  response: Response,
  { message, end }: ReadAnswer,
  { aborted }: AbortSignal,
  isSession: boolean,
): Told {
  if (message) {
    const status = response.ok ? 200 : response.status;
    return { status, result: resultOf(message), message, ...sessionOf(response) };
  }
  const failure = failureOf(response, isSession);
  if (failure) return failed(failure);
  if (end === 'too_large') return failed({ code: 'upstream_too_large', status: 502 }, end);
  if (end === 'whole') return failed({ code: 'upstream_unreadable', status: 502 }, 'unreadable');
  const cause = aborted ? 'timeout' : 'connection';
  return failed({ code: 'upstream_unanswered', status: 502 }, cause);
}

function failed(failure: UpstreamFailure, cause: Outcome['cause'] = 'status'): Told {
  const { status, code } = failure;
  return FAILURES[code].effect === 'none'
    ? { status, result: 'upstream_refused', failure }
    : { status, result: 'unknown', cause, failure };
}

function sessionOf(response: Response): { readonly session?: string } {
  const session = response.headers.get('mcp-session-id');
  return session === null ? {} : { session };
}

function headersOf({ method, params, version, session }: Outgoing): Headers {
  const headers = new Headers({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-method': method,
  });
  const name = params?.name;
  if (method === 'tools/call' && typeof name === 'string') {
    headers.set('mcp-name', encodeHeader(name));
  }
  if (version !== undefined) headers.set('mcp-protocol-version', version);
  if (session !== undefined) headers.set('mcp-session-id', session);
  return headers;
}

/** MCP 2026-07-28: a name that is not plain ASCII travels as `=?base64?…?=`. */
function encodeHeader(name: string): string {
  if (/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(name)) return name;
  return `=?base64?${btoa(String.fromCharCode(...new TextEncoder().encode(name)))}?=`;
}

function resultOf(answer: JsonObject): Outcome['result'] {
  if ('error' in answer) return 'protocol_error';
  const { result } = answer;
  return isJsonObject(result) && result.isError === true ? 'tool_error' : 'ok';
}
