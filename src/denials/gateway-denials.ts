import type { DenialEntry } from './entry.ts';
import { HISTORY_DENIALS } from './history-denials.ts';
import type { VerifierDenialCode } from './verifier-denials.ts';

/**
 * The denials that the gateway adds to the verifier's. See `VERIFIER_DENIALS` for how to add one.
 */
export interface GatewayDenialEntry extends DenialEntry {
  /** The JSON-RPC error on an MCP route; every denial of the verifier is `denied`. */
  readonly rpc:
    | 'denied'
    | 'header_mismatch'
    | 'invalid_params'
    | 'invalid_request'
    | 'method_not_found'
    | 'parse_error'
    | 'revision_unsupported';
}

export const GATEWAY_DENIALS = {
  message_too_large: {
    status: 413,
    error: 'invalid_request',
    message: 'The message is too large.',
    rpc: 'invalid_request',
    deviation: 'none',
  },
  message_malformed: {
    status: 400,
    error: 'invalid_request',
    message: 'The message is not a valid JSON-RPC request.',
    rpc: 'parse_error',
    deviation: 'none',
  },
  batch_refused: {
    status: 400,
    error: 'invalid_request',
    message: 'Batches are not supported.',
    rpc: 'invalid_request',
    deviation: 'none',
  },
  header_mismatch: {
    status: 400,
    error: 'invalid_request',
    message: 'A header contradicts the body.',
    rpc: 'header_mismatch',
    deviation: 'none',
  },
  method_denied: {
    status: 404,
    error: 'insufficient_scope',
    message: 'The gateway does not carry this method in this revision of MCP.',
    rpc: 'method_not_found',
    deviation: 'none',
  },
  revision_unsupported: {
    status: 400,
    error: 'invalid_request',
    message: 'Unsupported protocol version.',
    rpc: 'revision_unsupported',
    deviation: 'none',
  },
  server_unknown: {
    status: 404,
    error: 'not_found',
    message: 'Unknown server.',
    rpc: 'denied',
    deviation: 'none',
  },
  route_unknown: {
    status: 404,
    error: 'not_found',
    message: 'No route of the catalogue has this path.',
    rpc: 'denied',
    deviation: 'none',
  },
  route_method_unlisted: {
    status: 405,
    error: 'invalid_request',
    message: 'No route of the catalogue has this method at this path.',
    rpc: 'denied',
    deviation: 'none',
  },
  argument_repeated: {
    status: 400,
    error: 'invalid_request',
    message: 'An argument is given twice.',
    rpc: 'invalid_request',
    deviation: 'none',
  },
  argument_malformed: {
    status: 400,
    error: 'invalid_request',
    message: 'An argument is not of its type, or not in its one spelling.',
    rpc: 'invalid_request',
    deviation: 'none',
  },
  query_malformed: {
    status: 400,
    error: 'invalid_request',
    message: 'The query is malformed or ambiguous.',
    rpc: 'invalid_request',
    deviation: 'none',
  },
  header_refused: {
    status: 400,
    error: 'invalid_request',
    message: 'A header asks for another request than the one that is judged.',
    rpc: 'invalid_request',
    deviation: 'none',
  },
  session_unknown: {
    status: 404,
    error: 'not_found',
    message: 'Unknown session.',
    rpc: 'denied',
    deviation: 'none',
  },
  origin_denied: {
    status: 403,
    error: 'invalid_request',
    message: 'This web page must not call the gateway.',
    rpc: 'invalid_request',
    deviation: 'none',
  },
  event_unknown: {
    status: 400,
    error: 'invalid_request',
    message: 'Unknown position in a stream.',
    rpc: 'invalid_request',
    deviation: 'none',
  },
  task_unknown: {
    status: 404,
    error: 'not_found',
    message: 'Unknown task.',
    rpc: 'denied',
    deviation: 'none',
  },
  request_unknown: {
    status: 400,
    error: 'invalid_request',
    message: 'No server asked for this response.',
    rpc: 'invalid_request',
    deviation: 'none',
  },
  state_unknown: {
    status: 400,
    error: 'invalid_request',
    message: 'The state of the request belongs to another call or workflow.',
    rpc: 'invalid_params',
    deviation: 'none',
  },
  tool_unknown: {
    status: 403,
    error: 'insufficient_scope',
    message: 'The tool is not in the catalogue.',
    rpc: 'denied',
    deviation: 'out_of_scope',
  },
  argument_unlisted: {
    status: 403,
    error: 'insufficient_scope',
    message: 'An argument is not in the catalogue.',
    rpc: 'denied',
    deviation: 'out_of_scope',
  },
  dataset_unmappable: {
    status: 403,
    error: 'insufficient_scope',
    message: 'An argument is not a valid dataset path.',
    rpc: 'denied',
    deviation: 'out_of_scope',
  },
  definition_changed: {
    status: 403,
    error: 'insufficient_scope',
    message: 'The server has changed the definition of the tool since an operator looked at it.',
    rpc: 'denied',
    deviation: 'none',
  },
  definition_unavailable: {
    status: 503,
    error: 'temporarily_unavailable',
    message: 'The server does not list its tools, so the definition of the tool is unknown.',
    rpc: 'denied',
    deviation: 'none',
  },
  catalogue_unavailable: {
    status: 503,
    error: 'temporarily_unavailable',
    message: 'The catalogue in force was not fetched yet, so the call cannot be judged.',
    rpc: 'denied',
    deviation: 'outage',
  },
  budget_exhausted: {
    status: 403,
    error: 'insufficient_scope',
    message: 'A budget of the workflow is exhausted.',
    rpc: 'denied',
    deviation: 'none',
  },
  approval_used: {
    status: 403,
    error: 'insufficient_scope',
    message: 'Another call was made with this approval.',
    rpc: 'denied',
    deviation: 'none',
  },
  budget_unmeasured: {
    status: 403,
    error: 'insufficient_scope',
    message: 'An argument that counts towards a budget is missing or invalid.',
    rpc: 'denied',
    deviation: 'none',
  },
  ...HISTORY_DENIALS,
  workflow_stopped: {
    status: 403,
    error: 'insufficient_scope',
    message: 'The workflow is not active.',
    rpc: 'denied',
    deviation: 'none',
  },
  flow_denied: {
    status: 403,
    error: 'insufficient_scope',
    message: 'The workflow has read data that this call could carry away.',
    rpc: 'denied',
    deviation: 'none',
  },
  flow_unapproved: {
    status: 403,
    error: 'insufficient_scope',
    message:
      'The workflow has read data that this call could carry away: a person must approve it.',
    rpc: 'denied',
    deviation: 'none',
  },
  url_unbound: {
    status: 403,
    error: 'insufficient_scope',
    message: 'The call would request a URL that neither the catalogue nor the capability lists.',
    rpc: 'denied',
    deviation: 'none',
  },
  labels_unavailable: {
    status: 503,
    error: 'temporarily_unavailable',
    message: 'What the workflow has read cannot be stored or looked up right now.',
    rpc: 'denied',
    deviation: 'outage',
  },
  ledger_unavailable: {
    status: 503,
    error: 'temporarily_unavailable',
    message: 'The call cannot be charged to its budget right now.',
    rpc: 'denied',
    deviation: 'outage',
  },
  record_unwritten: {
    status: 503,
    error: 'temporarily_unavailable',
    message: 'The call cannot be recorded right now.',
    rpc: 'denied',
    deviation: 'outage',
  },
  rate_limited: {
    status: 429,
    error: 'temporarily_unavailable',
    message: 'Too many requests.',
    rpc: 'denied',
    deviation: 'none',
  },
} as const satisfies Readonly<Record<string, GatewayDenialEntry>> & {
  readonly [Code in VerifierDenialCode]?: never;
};

/** A stable code of the gateway's own denials. */
export type GatewayDenialCode = keyof typeof GATEWAY_DENIALS;
