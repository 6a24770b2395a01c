import type { CallDenial } from '../../../src/audit/calls/index.ts';
import type { DescribeError } from '../../../src/catalogue/index.ts';
import type { Denial } from '../../../src/verifier/index.ts';

/** Why a transport cannot read a message. */
export type MessageError =
  | { readonly code: 'message_too_large' }
  | { readonly code: 'message_malformed'; readonly why: string }
  | { readonly code: 'batch_refused' }
  | { readonly code: 'header_mismatch'; readonly header: string };

/**
 * Why the gateway denies a request, with the data for the record. `src/denials` says what follows
 * from each code; a code without its row there does not compile.
 */
export type GatewayDenial =
  | Denial
  | MessageError
  | DescribeError
  | { readonly code: 'method_denied'; readonly method: string }
  | { readonly code: 'server_unknown' }
  /** The session is not one of this workflow at this server: the client has to open another. */
  | { readonly code: 'session_unknown' }
  | CallDenial
  /** A source or a workflow sends too many requests. Counted and not recorded. */
  | { readonly code: 'rate_limited'; readonly retryAfterSeconds: number };
