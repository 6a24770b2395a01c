/**
 * Why the server behind the gateway gave no answer that can be passed on, and whether the call may
 * have taken effect all the same.
 */
export type FailureCode =
  | 'upstream_refused'
  | 'upstream_limited'
  | 'session_lost'
  | 'upstream_redirected'
  | 'upstream_failed'
  | 'upstream_unanswered'
  | 'upstream_too_large'
  | 'upstream_unreadable';

export interface UpstreamFailure {
  readonly code: FailureCode;
  /** Of the response to the agent. */
  readonly status: number;
  /** As the server said it, with 429. */
  readonly retryAfter?: string;
}

interface Told {
  /** `none`: the server said no. `unknown`: it may have happened, and a retry may do it twice. */
  readonly effect: 'none' | 'unknown';
  readonly message: string;
}

export const FAILURES: Readonly<Record<FailureCode, Told>> = {
  upstream_refused: { effect: 'none', message: 'The server behind the gateway refused it.' },
  upstream_limited: { effect: 'none', message: 'The server behind the gateway wants fewer calls.' },
  session_lost: { effect: 'none', message: 'The server behind the gateway has no such session.' },
  upstream_redirected: {
    effect: 'none',
    message: 'The server behind the gateway is redirecting, which is not followed.',
  },
  upstream_failed: {
    effect: 'unknown',
    message: 'The server behind the gateway failed; it may have done what it was asked.',
  },
  upstream_unanswered: {
    effect: 'unknown',
    message: 'The server behind the gateway gave no answer; it may have done what it was asked.',
  },
  upstream_too_large: {
    effect: 'unknown',
    message: 'The answer is too large to pass on; the server has done what it was asked, or tried.',
  },
  upstream_unreadable: {
    effect: 'unknown',
    message: 'The answer is none to this request; the server may have done what it was asked.',
  },
};

const INTERNAL_ERROR = -32_603;

/** The failure as a JSON-RPC error of our own: of what the server wrote nothing is passed on. */
export function failureResponse(
  failure: UpstreamFailure,
  id: string | number | undefined,
): Response {
  const { code, status, retryAfter } = failure;
  const { effect, message } = FAILURES[code];
  const headers = new Headers({ 'cache-control': 'no-store' });
  if (retryAfter !== undefined) headers.set('retry-after', retryAfter);
  const error = { code: INTERNAL_ERROR, message, data: { code, effect } };
  return Response.json({ jsonrpc: '2.0', id: id ?? null, error }, { status, headers });
}

/** What a status without an answer says; undefined for a 2xx. */
export function failureOf(response: Response, isSession: boolean): UpstreamFailure | undefined {
  const { status, headers } = response;
  if (status >= 200 && status < 300) return undefined;
  if (status < 400) return { code: 'upstream_redirected', status: 502 };
  if (status >= 500) return { code: 'upstream_failed', status: 502 };
  // The request was not read to its end in time, and nobody says what was done by then.
  if (status === 408) return { code: 'upstream_failed', status };
  if (status === 404 && isSession) return { code: 'session_lost', status };
  if (status !== 429) return { code: 'upstream_refused', status };
  const retryAfter = headers.get('retry-after');
  const isSaid = retryAfter !== null && RETRY_AFTER.test(retryAfter);
  return { code: 'upstream_limited', status, ...(isSaid && { retryAfter }) };
}

/** Seconds, or a date as RFC 9110 section 5.6.7 wants it written. */
const RETRY_AFTER = /^(?:\d{1,9}|[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT)$/;
