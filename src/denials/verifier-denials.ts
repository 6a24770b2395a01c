import { TOKEN_TEXT_BYTES_MAX } from '../limits.ts';
import type { DenialEntry } from './entry.ts';

/**
 * The denials of a verifier. To add one: add its data to `Denial` in `src/verifier/decision.ts`,
 * its row here, and its advice in `verifier-advice.ts`; the compiler asks for each. Codes are API:
 * never rename one or give it another meaning.
 */
export const VERIFIER_DENIALS = {
  token_missing: {
    status: 401,
    error: 'invalid_token',
    message: 'The request carries no token.',
    deviation: 'none',
  },
  token_too_large: {
    status: 401,
    error: 'invalid_token',
    message: `The token is larger than ${TOKEN_TEXT_BYTES_MAX / 1024} KiB.`,
    deviation: 'none',
  },
  token_malformed: {
    status: 401,
    error: 'invalid_token',
    message: 'The token is not a valid capability.',
    deviation: 'none',
  },
  signature_invalid: {
    status: 401,
    error: 'invalid_token',
    message: 'The token was not issued by the expected issuer.',
    deviation: 'none',
  },
  token_over_limit: {
    status: 401,
    error: 'invalid_token',
    message: 'The token is too complex to evaluate.',
    deviation: 'none',
  },
  token_execution: {
    status: 401,
    error: 'invalid_token',
    message: 'The token is not a valid capability.',
    deviation: 'none',
  },
  authority_invalid: {
    status: 401,
    error: 'invalid_token',
    message: 'The token is not a valid capability.',
    deviation: 'none',
  },
  grants_count: {
    status: 401,
    error: 'invalid_token',
    message: 'The token is not a valid capability.',
    deviation: 'none',
  },
  issuer_mismatch: {
    status: 401,
    error: 'invalid_token',
    message: 'The token was not issued by the expected issuer.',
    deviation: 'none',
  },
  audience_mismatch: {
    status: 401,
    error: 'invalid_token',
    message: 'The token was issued for another audience.',
    deviation: 'none',
  },
  issued_in_future: {
    status: 401,
    error: 'invalid_token',
    message: 'The token is not valid at this time.',
    deviation: 'none',
  },
  expired: {
    status: 401,
    error: 'invalid_token',
    message: 'The token is not valid at this time.',
    deviation: 'none',
  },
  revoked: {
    status: 401,
    error: 'invalid_token',
    message: 'The token is revoked.',
    deviation: 'none',
  },
  suspended: {
    status: 401,
    error: 'invalid_token',
    message: 'The workflow is suspended.',
    deviation: 'none',
  },
  tool_denied: {
    status: 403,
    error: 'insufficient_scope',
    message: 'An operator has blocked this tool.',
    deviation: 'none',
  },
  hop_invalid: {
    status: 401,
    error: 'invalid_token',
    message: 'The token is not a valid capability.',
    deviation: 'none',
  },
  holder_unproven: {
    status: 401,
    error: 'invalid_token',
    message: 'The token is bound to a key that the request does not prove.',
    deviation: 'none',
  },
  proof_missing: {
    status: 401,
    error: 'invalid_dpop_proof',
    message: 'A DPoP proof is required.',
    deviation: 'none',
  },
  proof_invalid: {
    status: 401,
    error: 'invalid_dpop_proof',
    message: 'The DPoP proof is not valid for this request.',
    deviation: 'none',
  },
  nonce_required: {
    status: 401,
    error: 'use_dpop_nonce',
    message: 'The DPoP proof must contain the latest nonce.',
    deviation: 'none',
  },
  name_invalid: {
    status: 400,
    error: 'invalid_request',
    message: 'The call is malformed or ambiguous.',
    deviation: 'none',
  },
  arguments_invalid: {
    status: 400,
    error: 'invalid_request',
    message: 'The call is malformed or ambiguous.',
    deviation: 'none',
  },
  body_invalid: {
    status: 400,
    error: 'invalid_request',
    message: 'The body is not valid JSON, or it is ambiguous.',
    deviation: 'none',
  },
  body_too_large: {
    status: 413,
    error: 'invalid_request',
    message: 'The body is too large.',
    deviation: 'none',
  },
  body_type_unsupported: {
    status: 415,
    error: 'invalid_request',
    message: 'The body must be JSON without an encoding.',
    deviation: 'none',
  },
  datasets_count: {
    status: 400,
    error: 'invalid_request',
    message: 'The call is malformed or ambiguous.',
    deviation: 'none',
  },
  dataset_missing: {
    status: 403,
    error: 'insufficient_scope',
    message: 'The call names no dataset.',
    deviation: 'none',
  },
  no_grant: {
    status: 403,
    error: 'insufficient_scope',
    message: 'No grant covers this call.',
    deviation: 'out_of_scope',
  },
  caveat_failed: {
    status: 403,
    error: 'insufficient_scope',
    message: 'The token is narrowed to another call.',
    deviation: 'out_of_scope',
  },
  scope_inexpressible: {
    status: 403,
    error: 'insufficient_scope',
    message: 'The token is narrowed in a way that a retrieval cannot apply.',
    deviation: 'none',
  },
  constraint_failed: {
    status: 403,
    error: 'insufficient_scope',
    message: 'The policy does not allow this call.',
    deviation: 'out_of_scope',
  },
  tier_unknown: {
    status: 503,
    error: 'temporarily_unavailable',
    message: 'The server is not configured to decide this call.',
    deviation: 'none',
  },
  head_missing: {
    status: 503,
    error: 'temporarily_unavailable',
    message: 'Revocation data is missing or too old to decide this call.',
    deviation: 'outage',
  },
  head_stale: {
    status: 503,
    error: 'temporarily_unavailable',
    message: 'Revocation data is missing or too old to decide this call.',
    deviation: 'outage',
  },
} as const satisfies Readonly<Record<string, DenialEntry>>;

/** A stable code of the verifier's denials. */
export type VerifierDenialCode = keyof typeof VERIFIER_DENIALS;
