import type { CallDenial } from '../../../src/audit/calls/index.ts';
import type { Json } from '../../../src/canonical-json.ts';
import type { DescribeError } from '../../../src/catalogue/index.ts';
import { GATEWAY_DENIALS, type GatewayDenialCode } from '../../../src/denials/index.ts';
import type { HttpCallError } from '../../../src/http-route/index.ts';
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
  | HttpCallError
  /** The catalogue that the head names was not fetched, and an earlier one judges only reads. */
  | { readonly code: 'catalogue_unavailable' }
  | { readonly code: 'method_denied'; readonly method: string }
  /** The gateway cannot judge messages of this revision. */
  | {
      readonly code: 'revision_unsupported';
      readonly requested: string;
      readonly supported: readonly Json[];
    }
  /** The server defines the tool in another way than the catalogue pins. */
  | { readonly code: 'definition_changed' }
  /** The server did not list its tools, so a pinned definition cannot be compared. */
  | { readonly code: 'definition_unavailable' }
  | { readonly code: 'server_unknown' }
  /** The session is not one of this workflow at this server: the client has to open another. */
  | { readonly code: 'session_unknown' }
  /** The position is not one of a stream of this workflow and session. */
  | { readonly code: 'event_unknown' }
  /** A web page that the deployment does not list sent the request. Not recorded. */
  | { readonly code: 'origin_denied' }
  /** The task was not made by a call of this workflow, or its tool may no longer be used. */
  | { readonly code: 'task_unknown' }
  /** The answer is to nothing that a server asked in this session. */
  | { readonly code: 'request_unknown' }
  /** The state of a multi-round-trip request belongs to another call. */
  | { readonly code: 'state_unknown' }
  | CallDenial
  /** A source or a workflow sends too many requests. Counted and not recorded. */
  | { readonly code: 'rate_limited'; readonly retryAfterSeconds: number };

/** Whether a denial is one of the gateway's own, and not of a verifier. */
export const isGatewayDenial = (
  denial: GatewayDenial,
): denial is Extract<GatewayDenial, { readonly code: GatewayDenialCode }> =>
  Object.hasOwn(GATEWAY_DENIALS, denial.code);

/** Denials that another catalogue might not have led to. */
const OF_CATALOGUE: ReadonlySet<GatewayDenial['code']> = new Set([
  ...(['tool_unknown', 'argument_unlisted', 'dataset_missing', 'dataset_unmappable'] as const),
  ...(['route_unknown', 'route_method_unlisted', 'argument_malformed'] as const),
  ...(['no_grant', 'caveat_failed', 'constraint_failed'] as const),
]);

/** Whether a denial may follow from what the catalogue says about the tool. */
export const followsFromCatalogue = ({ code }: GatewayDenial): boolean => OF_CATALOGUE.has(code);
