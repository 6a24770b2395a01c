import type { IdentityError } from '../../../src/identity/index.ts';
import type { ContinuationRefusal } from '../objects/continuation.ts';

/** Why the token endpoint said no, with the data for the log. */
export type TokenRefusal =
  | { readonly code: 'body_too_large' }
  | { readonly code: 'body_not_utf8' }
  | { readonly code: 'content_type_unsupported' }
  | { readonly code: 'parameter_missing'; readonly parameter: string }
  | { readonly code: 'parameter_repeated'; readonly parameter: string }
  | { readonly code: 'grant_type_unsupported' }
  | { readonly code: 'token_type_unsupported' }
  | { readonly code: 'target_unknown' }
  | { readonly code: 'details_invalid' }
  | { readonly code: 'subject_refused'; readonly cause: IdentityError['code'] }
  | { readonly code: 'actor_refused'; readonly cause: IdentityError['code'] }
  | { readonly code: 'policy_refused'; readonly cause: string }
  | { readonly code: 'scope_invalid' }
  | { readonly code: 'scope_and_details' }
  | ContinuationRefusal
  | { readonly code: 'lifetime_exhausted' }
  | { readonly code: 'identity_unavailable' }
  | { readonly code: 'policy_unavailable' };

export interface WireRefusal {
  readonly status: 400 | 413 | 415 | 503;
  readonly error:
    | 'invalid_request'
    | 'unsupported_grant_type'
    | 'invalid_target'
    | 'invalid_grant'
    | 'invalid_scope'
    | 'invalid_authorization_details'
    | 'access_denied'
    | 'temporarily_unavailable';
  readonly description: string;
}

/**
 * RFC 6749 section 5.2, RFC 8693 section 2.2.2 (a bad token is `invalid_request`), RFC 9396 section
 * 5.
 */
export function toWire(refusal: TokenRefusal): WireRefusal {
  const invalid = (description: string): WireRefusal => ({
    ...{ status: 400, error: 'invalid_request', description },
  });
  switch (refusal.code) {
    case 'body_too_large':
      return { ...invalid('The request is too large.'), status: 413 };
    case 'body_not_utf8':
      return invalid('The request is not UTF-8.');
    case 'content_type_unsupported':
      return { ...invalid('The request is not application/x-www-form-urlencoded.'), status: 415 };
    case 'parameter_missing':
      return invalid(`The parameter ${refusal.parameter} is missing.`);
    case 'parameter_repeated':
      return invalid('A parameter is repeated.');
    case 'grant_type_unsupported':
      return {
        ...{ status: 400, error: 'unsupported_grant_type' },
        description: 'Only token exchange (RFC 8693) is offered.',
      };
    case 'token_type_unsupported':
      return invalid('A token type is not supported.');
    case 'target_unknown':
      return {
        ...{ status: 400, error: 'invalid_target' },
        description: 'Name exactly one resource server that this issuer mints for.',
      };
    case 'details_invalid':
      return {
        ...{ status: 400, error: 'invalid_authorization_details' },
        description: 'authorization_details is one hewn_task with a task and its grants.',
      };
    case 'subject_refused':
      return invalid('The subject_token was not accepted.');
    case 'actor_refused':
      return invalid('The actor_token was not accepted.');
    case 'policy_refused':
      return {
        ...{ status: 400, error: 'access_denied' },
        description: 'The policy allows none of the grants.',
      };
    case 'scope_invalid':
      return {
        ...{ status: 400, error: 'invalid_scope' },
        description: 'scope is a list of tool:action:dataset, percent-encoded.',
      };
    case 'scope_and_details':
      return invalid('Ask by scope or by authorization_details, and not by both.');
    case 'workflow_foreign':
    case 'workflow_ended':
    case 'workflow_exhausted':
      // One line for all: whether somebody else's workflow lives is not for this caller to know.
      return {
        ...{ status: 400, error: 'invalid_grant' },
        description: 'There is no such workflow to continue; begin another.',
      };
    case 'workflow_exceeded':
      return {
        ...{ status: 400, error: 'invalid_scope' },
        description: 'A workflow is continued with what it was granted, and with no more.',
      };
    case 'lifetime_exhausted':
      return invalid('The subject_token ends too soon.');
    case 'identity_unavailable':
      return {
        ...{ status: 503, error: 'temporarily_unavailable' },
        description: 'The keys of an identity provider could not be fetched.',
      };
    case 'policy_unavailable':
      return {
        ...{ status: 503, error: 'temporarily_unavailable' },
        description: 'No policy is in force, so nothing is minted.',
      };
  }
}
