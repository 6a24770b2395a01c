import type { DpopError } from '../../../src/dpop/index.ts';
import type { ConsentError, IdentityError } from '../../../src/identity/index.ts';
import type { ChildRefusal } from '../../../src/lifecycle/index.ts';
import type { ApprovalRefusal } from '../approval/decide.ts';
import type { DeniedRefusal } from '../feed/denial.ts';
import type { ContinuationRefusal } from '../workflow/binding.ts';
import { approvalRefusal, clientRefusal, type WireRefusal } from './wire-refusal.ts';

export type { WireRefusal } from './wire-refusal.ts';

/** Why a capability is not one to work below. */
export type ParentRefusal =
  | {
      readonly code: 'parent_refused';
      /** The token, the key that it is bound to, its subject or audience, or the workflow's end. */
      readonly cause: 'token' | 'narrowed' | 'holder' | 'subject' | 'audience' | 'ended';
    }
  /** A grant that the parent's capability does not have. */
  | { readonly code: 'parent_exceeded' };

/** Why the token endpoint said no, with the data for the log. */
export type TokenRefusal =
  | { readonly code: 'body_too_large' }
  | { readonly code: 'body_not_utf8' }
  | { readonly code: 'content_type_unsupported' }
  | { readonly code: 'too_many_parameters' }
  | { readonly code: 'parameter_missing'; readonly parameter: string }
  | { readonly code: 'parameter_repeated'; readonly parameter: string }
  /** A parameter that this grant type has no place for. */
  | { readonly code: 'parameter_unexpected'; readonly parameter: string }
  | { readonly code: 'grant_type_unsupported' }
  | { readonly code: 'token_type_unsupported' }
  | { readonly code: 'target_unknown' }
  | { readonly code: 'details_invalid' }
  | {
      readonly code: 'subject_refused' | 'actor_refused' | 'client_refused';
      readonly cause: IdentityError['code'];
      /** A verified subject that the configuration does not list: for the issuer's own log. */
      readonly unlisted?: string;
    }
  | { readonly code: 'client_secret_refused' }
  | { readonly code: 'client_header_refused' }
  | { readonly code: 'assertion_type_unsupported' }
  | { readonly code: 'client_missing' }
  | { readonly code: 'client_replayed' }
  | { readonly code: 'actors_differ' }
  | ConsentError
  | { readonly code: 'policy_refused'; readonly cause: string }
  | { readonly code: 'scope_invalid' }
  | { readonly code: 'scope_and_details' }
  | ContinuationRefusal
  | ParentRefusal
  | ChildRefusal
  | ApprovalRefusal
  /** An `auth_req_id` that is none of ours. */
  | { readonly code: 'approval_malformed' }
  | { readonly code: 'lifetime_exhausted' }
  | { readonly code: 'proof_refused'; readonly cause: DpopError['code'] }
  | { readonly code: 'nonce_required' }
  | { readonly code: 'holder_required' }
  /** One agent, or one workflow, asks too often. */
  | {
      readonly code: 'rate_limited';
      readonly of: 'agent' | 'workflow';
      readonly retryAfterSeconds: number;
    }
  | DeniedRefusal
  | { readonly code: 'identity_unavailable' }
  | { readonly code: 'policy_unavailable' }
  /** The audit log fails, or has no room left for what gives power. */
  | { readonly code: 'log_unavailable' };

/**
 * RFC 6749 section 5.2, RFC 8693 section 2.2.2 (a bad token is `invalid_request`), RFC 9396 section
 * 5, RFC 9449 sections 5 and 8, RFC 8628 section 3.5 (as CIBA Core section 11).
 */
export function toWire(refusal: TokenRefusal): WireRefusal {
  const invalid = (description: string): WireRefusal => ({
    status: 400,
    error: 'invalid_request',
    description,
  });
  switch (refusal.code) {
    case 'body_too_large':
      return { ...invalid('The request is too large.'), status: 413 };
    case 'body_not_utf8':
      return invalid('The request is not UTF-8.');
    case 'content_type_unsupported':
      return { ...invalid('The request is not application/x-www-form-urlencoded.'), status: 415 };
    case 'too_many_parameters':
      return invalid('The request has too many parameters.');
    case 'parameter_missing':
      return invalid(`The parameter ${refusal.parameter} is missing.`);
    case 'parameter_repeated':
      return invalid('A parameter is repeated.');
    case 'parameter_unexpected':
      return invalid(`The parameter ${refusal.parameter} has no place here.`);
    case 'grant_type_unsupported':
      return {
        status: 400,
        error: 'unsupported_grant_type',
        description: 'Offered are token exchange (RFC 8693) and client_credentials.',
      };
    case 'token_type_unsupported':
      return invalid('A token type is not supported.');
    case 'target_unknown':
      return {
        status: 400,
        error: 'invalid_target',
        description: 'Name exactly one resource server that this issuer mints for.',
      };
    case 'details_invalid':
      return {
        status: 400,
        error: 'invalid_authorization_details',
        description: 'authorization_details is one hewn_task with a task and its grants.',
      };
    case 'subject_refused':
      return invalid('The subject_token was not accepted.');
    case 'actor_refused':
      return invalid('The actor_token was not accepted.');
    case 'client_secret_refused':
    case 'client_header_refused':
    case 'assertion_type_unsupported':
    case 'client_missing':
    case 'client_refused':
    case 'client_replayed':
      return clientRefusal(refusal.code);
    case 'actors_differ':
      return invalid('The actor_token and the client assertion name different agents.');
    case 'consent_missing':
      return invalid('The subject_token does not let this agent act for its subject.');
    case 'policy_refused':
      return {
        status: 400,
        error: 'access_denied',
        description: 'The policy allows none of the grants.',
      };
    case 'scope_invalid':
      return {
        status: 400,
        error: 'invalid_scope',
        description: 'scope is a list of tool:action:dataset, percent-encoded.',
      };
    case 'scope_and_details':
      return invalid('Ask by scope or by authorization_details, and not by both.');
    case 'workflow_foreign':
    case 'holder_differs':
    case 'workflow_ended':
    case 'workflow_exhausted':
      // One line for all: whether somebody else's workflow lives is not for this caller to know.
      return {
        status: 400,
        error: 'invalid_grant',
        description: 'There is no such workflow to continue; begin another.',
      };
    case 'parent_refused':
    case 'parent_ended':
      return {
        status: 400,
        error: 'invalid_grant',
        description: 'There is no such workflow to work below.',
      };
    case 'parent_exceeded':
      return {
        status: 400,
        error: 'invalid_scope',
        description: 'A child has no more than its parent.',
      };
    case 'delegation_too_deep':
    case 'too_many_children':
    case 'child_exceeds':
      return {
        status: 400,
        error: 'access_denied',
        description: 'The bounds of the parent leave no room for this child.',
      };
    case 'workflow_suspended':
      return {
        status: 503,
        error: 'temporarily_unavailable',
        description: 'The workflow is suspended; an operator may resume it.',
      };
    case 'workflow_exceeded':
      return {
        status: 400,
        error: 'invalid_scope',
        description: 'A workflow is continued with what it was granted, and with no more.',
      };
    case 'approval_malformed':
      return invalid('The auth_req_id is none that was given out here.');
    case 'approval_pending':
    case 'approval_polled_too_fast':
    case 'approval_refused':
    case 'approval_expired':
    case 'approval_foreign':
    case 'approvals_exhausted':
      return approvalRefusal(refusal);
    case 'lifetime_exhausted':
      return invalid('The subject_token ends too soon.');
    case 'proof_refused':
      return {
        status: 400,
        error: 'invalid_dpop_proof',
        description: 'The DPoP proof does not hold for this request.',
      };
    case 'nonce_required':
      return {
        status: 400,
        error: 'use_dpop_nonce',
        description: 'The DPoP proof lacks the nonce of the DPoP-Nonce header.',
      };
    case 'holder_required':
      return invalid('The policy binds this capability to a key: send a DPoP proof.');
    case 'denied_by_operator':
      return {
        status: 400,
        error: 'access_denied',
        description:
          'An operator denies this agent, its subject or owner, or all that it asks for.',
      };
    case 'denials_unavailable':
      return {
        status: 503,
        error: 'temporarily_unavailable',
        description: 'What is denied could not be read, so nothing is minted.',
      };
    case 'rate_limited':
      return {
        status: 429,
        error: 'temporarily_unavailable',
        description: `Too many requests; retry after ${refusal.retryAfterSeconds} s.`,
        retryAfterSeconds: refusal.retryAfterSeconds,
      };
    case 'identity_unavailable':
      return {
        status: 503,
        error: 'temporarily_unavailable',
        description: 'The keys of an identity provider could not be fetched.',
      };
    case 'log_unavailable':
      return {
        status: 503,
        error: 'temporarily_unavailable',
        description: 'The mint could not be recorded, so nothing is minted.',
      };
    case 'policy_unavailable':
      return {
        status: 503,
        error: 'temporarily_unavailable',
        description: 'No policy is in force, so nothing is minted.',
      };
  }
}

/**
 * An identity that was not accepted, as this endpoint's refusal; outages are not the caller's
 * fault.
 */
export const identityRefusal = (
  code: 'subject_refused' | 'actor_refused' | 'client_refused',
  error: IdentityError,
): TokenRefusal =>
  error.code === 'keys_unavailable'
    ? { code: 'identity_unavailable' }
    : {
        code,
        cause: error.code,
        ...(error.code === 'subject_unlisted' && { unlisted: error.subject }),
      };
