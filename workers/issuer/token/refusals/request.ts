import {
  FORM_PARAMETERS_MAX,
  type FormError,
  TOKEN_REQUEST_BYTES_MAX,
} from '../../platform/form-body.ts';
import type { RefusalTable } from './entry.ts';

/** Why a token request is not well-formed. Nothing in it has been verified yet. */
export type RequestRefusal =
  | FormError
  | { readonly code: 'parameter_missing'; readonly parameter: string }
  | { readonly code: 'parameter_repeated'; readonly parameter: string }
  /** A parameter that this grant type does not have. */
  | { readonly code: 'parameter_unexpected'; readonly parameter: string }
  | { readonly code: 'grant_type_unsupported' }
  | { readonly code: 'token_type_unsupported' }
  | { readonly code: 'target_unknown' }
  | { readonly code: 'details_invalid' }
  | { readonly code: 'scope_invalid' }
  | { readonly code: 'scope_and_details' }
  /** The request of the user, anywhere but at the begin of a root. */
  | { readonly code: 'prompt_restated' }
  | { readonly code: 'approval_malformed' }
  | { readonly code: 'client_secret_refused' }
  | { readonly code: 'client_header_refused' }
  | { readonly code: 'assertion_type_unsupported' }
  | { readonly code: 'client_missing' };

/** RFC 6749 section 5.2, RFC 8693 section 2.2.2, RFC 9396 section 5. */
export const REQUEST_REFUSALS: RefusalTable<RequestRefusal> = {
  body_too_large: {
    status: 413,
    error: 'invalid_request',
    message: 'The request is too large.',
    advice: `The body is over ${TOKEN_REQUEST_BYTES_MAX / 1024} KiB. Ask for fewer grants or shorter constraints.`,
    audited: true,
    logged: true,
  },
  body_not_utf8: {
    status: 400,
    error: 'invalid_request',
    message: 'The request is not UTF-8.',
    advice: 'Encode the form as UTF-8.',
    audited: true,
    logged: true,
  },
  content_type_unsupported: {
    status: 415,
    error: 'invalid_request',
    message: 'The request is not application/x-www-form-urlencoded.',
    advice: 'Send a form with `Content-Type: application/x-www-form-urlencoded`.',
    audited: true,
    logged: true,
  },
  too_many_parameters: {
    status: 400,
    error: 'invalid_request',
    message: 'The request has too many parameters.',
    advice: `Send at most ${FORM_PARAMETERS_MAX} parameters.`,
    audited: true,
    logged: true,
  },
  parameter_missing: {
    status: 400,
    error: 'invalid_request',
    message: ({ parameter }) => `The parameter ${parameter} is missing.`,
    advice: 'Add the parameter that the description names.',
    audited: true,
    logged: true,
  },
  parameter_repeated: {
    status: 400,
    error: 'invalid_request',
    message: 'A parameter is repeated.',
    advice: 'Send each parameter once. Only `resource` and `audience` may be repeated.',
    audited: true,
    logged: true,
  },
  parameter_unexpected: {
    status: 400,
    error: 'invalid_request',
    message: ({ parameter }) => `The parameter ${parameter} is not allowed in this request.`,
    advice:
      'Remove the parameter: a token type without its token, or a user token with `client_credentials`.',
    audited: true,
    logged: true,
  },
  grant_type_unsupported: {
    status: 400,
    error: 'unsupported_grant_type',
    message: 'Supported grant types: token exchange (RFC 8693) and client_credentials.',
    advice: 'Use RFC 8693 token exchange or, as a client, `client_credentials`.',
    audited: true,
    logged: true,
  },
  token_type_unsupported: {
    status: 400,
    error: 'invalid_request',
    message: 'A token type is not supported.',
    advice: 'Send and request only access tokens and JWTs.',
    audited: true,
    logged: true,
  },
  target_unknown: {
    status: 400,
    error: 'invalid_target',
    message: 'Name exactly one resource server that this issuer mints for.',
    advice: 'Send exactly one `resource` (or `audience`) that is listed in `AUDIENCES`.',
    audited: true,
    logged: true,
  },
  details_invalid: {
    status: 400,
    error: 'invalid_authorization_details',
    message: 'authorization_details must be one hewn_task with a task and its grants.',
    advice:
      'Send exactly one `hewn_task` with a task and valid grants. Check names against the allowed character set.',
    audited: true,
    logged: true,
  },
  scope_invalid: {
    status: 400,
    error: 'invalid_scope',
    message: 'scope must be a list of tool:action:dataset, percent-encoded.',
    advice:
      'Send a list of `tool:action:dataset`, percent-encoded. Check names against the allowed character set.',
    audited: true,
    logged: true,
  },
  scope_and_details: {
    status: 400,
    error: 'invalid_request',
    message: 'Send either scope or authorization_details, not both.',
    advice: 'Remove one of the two: two lists of grants would be ambiguous.',
    audited: true,
    logged: true,
  },
  prompt_restated: {
    status: 400,
    error: 'invalid_authorization_details',
    message: 'The request of the user is stated once, when a workflow begins.',
    advice:
      'Send `prompt` only with the request that begins a workflow without a parent. A later text could name anything.',
    audited: true,
    logged: true,
  },
  approval_malformed: {
    status: 400,
    error: 'invalid_request',
    message: 'Unknown auth_req_id.',
    advice:
      'The `auth_req_id` is malformed. Send it exactly as received; a malformed one is never treated as absent.',
    audited: true,
    logged: true,
  },
  client_secret_refused: {
    status: 400,
    error: 'invalid_client',
    message: 'Client secrets are not supported: use a client assertion.',
    advice:
      'The form contains `client_secret`. Rotate that secret, because it has been sent, and use a client assertion.',
    audited: true,
    logged: true,
  },
  client_header_refused: {
    // RFC 6749 section 5.2: 401 with the client's own scheme if it used the header.
    status: 401,
    error: 'invalid_client',
    message: 'Client secrets are not supported: use a client assertion.',
    advice:
      'The request has an `Authorization` header, which would carry a client secret. Use a client assertion.',
    audited: true,
    logged: true,
    headers: () => ({ 'www-authenticate': 'Basic realm="hewn"' }),
  },
  assertion_type_unsupported: {
    status: 400,
    error: 'invalid_client',
    message: 'The client_assertion_type is not supported.',
    advice: 'Use a `client_assertion_type` that ends in `:jwt-bearer` or `:jwt-spiffe`.',
    audited: true,
    logged: true,
  },
  client_missing: {
    status: 400,
    error: 'invalid_client',
    message: 'A client assertion is required.',
    advice: 'Send a client assertion with `client_credentials`.',
    audited: true,
    logged: true,
  },
};
