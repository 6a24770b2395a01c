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

  constructor(code: NarrowingFailedCode) {
    super(`the request was not sent because its token could not be narrowed: ${code}`);
    this.code = code;
  }
}
