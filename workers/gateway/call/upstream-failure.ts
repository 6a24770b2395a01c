import type { Outcome } from '../../../src/audit/index.ts';
import { UPSTREAM_FAILURES, type UpstreamFailureCode } from '../../../src/denials/index.ts';
import type { UpstreamError } from '../upstream/index.ts';

/** A failure, as the agent receives it. */
export interface UpstreamFailure {
  readonly code: UpstreamFailureCode;
  /** Of the answer to the agent. */
  readonly status: number;
  /** The server's own `Retry-After`, with 429, or the gateway's, if too many wait. */
  readonly retryAfter?: string;
}

/**
 * Returns what a status means if the response has no answer; undefined for a 2xx. `isInSession`:
 * the request named a session of the server.
 */
export function failureOf(response: Response, isInSession: boolean): UpstreamFailure | undefined {
  const { status, headers } = response;
  if (status >= 200 && status < 300) return undefined;
  if (status < 400) return { code: 'upstream_redirected', status: 502 };
  if (status >= 500) return { code: 'upstream_failed', status: 502 };
  // The server did not read the request to its end in time. What it did until then is unknown.
  if (status === 408) return { code: 'upstream_failed', status };
  if (status === 404 && isInSession) return { code: 'session_lost', status };
  if (status !== 429) return { code: 'upstream_refused', status };
  const retryAfter = headers.get('retry-after');
  const isValid = retryAfter !== null && RETRY_AFTER.test(retryAfter);
  return { code: 'upstream_limited', status, ...(isValid && { retryAfter }) };
}

/** Returns the failure of a request that was not sent. */
export function unsentFailure({ code }: UpstreamError): UpstreamFailure {
  const { status } = UPSTREAM_FAILURES[code];
  const isBusy = code === 'upstream_busy';
  return { code, status: Number(status), ...(isBusy && { retryAfter: '1' }) };
}

/** Seconds, or a date in the preferred format of RFC 9110 section 5.6.7. */
const RETRY_AFTER = /^(?:\d{1,9}|[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT)$/;

/** Returns the outcome of a failed call: refused, or unknown for a stated reason. */
export const failedOutcome = (
  { status, code }: UpstreamFailure,
  cause: Outcome['cause'] = 'status',
): Pick<Outcome, 'status' | 'result' | 'cause'> =>
  UPSTREAM_FAILURES[code].effect === 'none'
    ? { status, result: 'upstream_refused' }
    : { status, result: 'unknown', cause };
