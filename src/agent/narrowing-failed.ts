import type { NarrowingError, TokenError } from '../capability/index.ts';
import type { HttpCallError } from '../http-route/index.ts';
import type { FetchCatalogueError } from './fetch-catalogue.ts';
import type { RenewalError } from './refreshing.ts';

/** Why a step was not sent. */
export type NarrowingFailedCode =
  | NarrowingError['code']
  | TokenError['code']
  | RenewalError['code']
  | FetchCatalogueError['code']
  /** The request goes to another origin than the capability's audience. */
  | 'another_audience'
  /** A request to an HTTP API that the catalogue does not have as the call of a tool. */
  | HttpCallError['code']
  /** The body is a tool call whose tool cannot be read, or a batch. */
  | 'call_unreadable';

/**
 * Thrown by the `fetch` of `narrowingFetch` if it cannot narrow the token. Nothing was sent: an
 * agent never falls back to its wide token.
 */
export class NarrowingFailed extends Error {
  override readonly name = 'NarrowingFailed';
  readonly code: NarrowingFailedCode;

  /** What was wrong, if the code does not say all of it. */
  readonly why: string;

  constructor(code: NarrowingFailedCode, why = '') {
    super(
      `the request was not sent because its token could not be narrowed: ${code}${why && `. ${why}`}`,
    );
    this.code = code;
    this.why = why;
  }
}

/** Returns the exception for an error, with everything that the error says about its cause. */
export function narrowingFailed(
  error: { readonly code: NarrowingFailedCode } & ErrorDetails,
): NarrowingFailed {
  const { code, error: oauth, url, where, pointer, why, description, hint } = error;
  const place = [url, where, pointer].filter(Boolean).join(' ');
  const reason = [oauth, why, description, hint].filter(Boolean).join('. ');
  return new NarrowingFailed(code, [place, reason].filter(Boolean).join(': '));
}

interface ErrorDetails {
  readonly error?: string;
  readonly url?: string;
  readonly where?: string;
  readonly pointer?: string;
  readonly why?: string;
  readonly description?: string;
  readonly hint?: string;
}
