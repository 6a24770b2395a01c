/**
 * The OAuth error of a denial (RFC 6750 section 3.1, RFC 9449 section 7.1). A client library acts
 * on it; `code` says more precisely what happened.
 */
export type DenialError =
  | 'invalid_request'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  | 'not_found'
  | 'temporarily_unavailable';

/** One row of the table of denial codes: everything that follows from the code alone. */
export interface DenialEntry {
  readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 415 | 429 | 503;
  readonly error: DenialError;
  /**
   * The line that the caller reads. It is constant, so it cannot leak the content of a token, and
   * it has no quotation mark or backslash, because it is quoted in a header (RFC 6750 section 3).
   */
  readonly message: string;
  /**
   * How the deviation rules count it. `out_of_scope`: the agent wants something that its capability
   * does not cover. `outage`: something that the decision needed did not answer, so the denial says
   * nothing about the agent and spends no budget.
   */
  readonly deviation: 'out_of_scope' | 'outage' | 'none';
}

/** What the documentation says about a code. Kept out of the tables, and so out of every bundle. */
export interface DenialAdvice {
  /** What the caller should do. */
  readonly advice: string;
  /** What it tells an operator: the usual causes, and where to look. */
  readonly cause: string;
}
