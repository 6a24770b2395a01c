/**
 * Why the server behind the gateway gave no answer that can be passed on, and whether the call may
 * have taken effect anyway.
 */
export type UpstreamFailureCode =
  | 'upstream_unavailable'
  | 'upstream_suspended'
  | 'upstream_busy'
  | 'upstream_request_too_large'
  | 'upstream_refused'
  | 'upstream_limited'
  | 'session_lost'
  | 'upstream_redirected'
  | 'upstream_failed'
  | 'upstream_unanswered'
  | 'upstream_too_large'
  | 'upstream_unreadable'
  | 'upstream_leaked';

/** What follows from a code of a failure alone. */
interface UpstreamFailureEntry {
  /**
   * Of the answer to the agent, as the documentation has it. `server`: the status that the server
   * answered with.
   */
  readonly status: 'server' | 404 | 413 | 429 | 502 | 503;
  /**
   * `none`: the request was not sent, or the server refused it. `unknown`: the server may have
   * acted, and a retry may act twice.
   */
  readonly effect: 'none' | 'unknown';
  readonly message: string;
  /** What it tells an operator. */
  readonly cause: string;
}

export const UPSTREAM_FAILURES: Readonly<Record<UpstreamFailureCode, UpstreamFailureEntry>> = {
  upstream_unavailable: {
    status: 503,
    effect: 'none',
    message: 'The gateway is not able to reach this upstream server. The request was not sent.',
    cause:
      'The URL leads to a private or special address that `addresses` does not list, is plain http to a public one, a binding or a secret is missing, or the credential could not be obtained: `upstream.unavailable` in the log.',
  },
  upstream_suspended: {
    status: 503,
    effect: 'none',
    message: 'The gateway does not call this upstream server at present.',
    cause:
      'An answer of the server had the credential of the gateway in it (`upstream.leaked` in the log). Replace the credential, and deploy.',
  },
  upstream_busy: {
    status: 503,
    effect: 'none',
    message: 'Too many requests to this upstream server are under way. The request was not sent.',
    cause: 'As many calls as `concurrent` allows wait for an answer in this isolate.',
  },
  upstream_request_too_large: {
    status: 413,
    effect: 'none',
    message: 'The request is larger than this upstream server accepts. It was not sent.',
    cause: 'The request is larger than `requestBytes` of the upstream or of the tool.',
  },
  upstream_refused: {
    status: 'server',
    effect: 'none',
    message: 'The upstream server refused the request.',
    cause:
      'The server answered with another 4xx. A 401 or 403 is about the credential of the gateway.',
  },
  upstream_limited: {
    status: 429,
    effect: 'none',
    message: 'The upstream server rate-limited the request.',
    cause: 'The server answered with 429. Its `Retry-After` is passed on.',
  },
  session_lost: {
    status: 404,
    effect: 'none',
    message: 'The upstream server no longer has this session.',
    cause: 'The server forgot the session, so the client has to open another.',
  },
  upstream_redirected: {
    status: 502,
    effect: 'none',
    message: 'The upstream server returned a redirect, which the gateway does not follow.',
    cause: 'The URL in `UPSTREAMS` redirects.',
  },
  upstream_failed: {
    status: 502,
    effect: 'unknown',
    message: 'The upstream server failed. It may have carried out the request.',
    cause: 'The server answered with 5xx, or with 408, which is passed on unchanged.',
  },
  upstream_unanswered: {
    status: 502,
    effect: 'unknown',
    message: 'The upstream server did not answer. It may have carried out the request.',
    cause:
      'The server could not be reached, closed the connection, or took longer than its limits allow.',
  },
  upstream_too_large: {
    status: 502,
    effect: 'unknown',
    message:
      'The response of the upstream server is too large. It may have carried out the request.',
    cause: 'The answer is larger than `answerBytes` of the upstream or of the tool.',
  },
  upstream_unreadable: {
    status: 502,
    effect: 'unknown',
    message:
      'The upstream server returned an invalid response. It may have carried out the request.',
    cause:
      'The body is not an answer to this request, or is compressed in a way that the gateway did not ask for.',
  },
  upstream_leaked: {
    status: 502,
    effect: 'unknown',
    message:
      'The response of the upstream server cannot be passed on. It may have carried out the request.',
    cause:
      'The response has the credential of the gateway in it. It was cut off before that, and the server is suspended in this isolate.',
  },
};
