import { CAPABILITY_SECONDS_MAX, STOP_RETRY_MILLISECONDS_MIN } from '../../../../src/limits.ts';
import type { FormError } from '../../platform/form-body.ts';
import type { RefusalTable } from './entry.ts';
import { REQUEST_REFUSALS } from './request.ts';

/** Why a request to `/introspect` or `/revoke` is refused. */
export type PresentedTokenRefusal =
  | FormError
  | { readonly code: 'parameter_missing'; readonly parameter: string }
  | { readonly code: 'parameter_repeated'; readonly parameter: string }
  /** Of `/introspect`: no credential of a verifier or the operator. */
  | { readonly code: 'verifier_unknown' }
  /** Of `/revoke`: not a token of this issuer, and the hint says that it is no access token. */
  | { readonly code: 'hint_unsupported' }
  /** Of `/revoke`: ordered, but not in the feed yet. */
  | { readonly code: 'revocation_pending' }
  | { readonly code: 'too_many_revocations' };

const {
  body_too_large,
  body_not_utf8,
  content_type_unsupported,
  too_many_parameters,
  parameter_missing,
  parameter_repeated,
} = REQUEST_REFUSALS;

/**
 * RFC 7662 section 2.3, RFC 7009 section 2.2.1. None is audited: nothing was granted or stopped.
 */
export const PRESENTED_TOKEN_REFUSALS: RefusalTable<PresentedTokenRefusal> = {
  body_too_large,
  body_not_utf8,
  content_type_unsupported,
  too_many_parameters,
  parameter_missing,
  parameter_repeated,
  verifier_unknown: {
    status: 401,
    error: 'invalid_client',
    message: 'The credential of a verifier is required.',
    advice: 'Send the credential of a verifier or of the operator as a bearer token.',
    audited: false,
    logged: false,
    headers: () => ({ 'www-authenticate': 'Bearer realm="hewn-introspection"' }),
  },
  hint_unsupported: {
    status: 400,
    error: 'unsupported_token_type',
    message: 'This issuer only issues access tokens.',
    advice: 'The token is unknown here. Revoke it at the server that issued it.',
    audited: false,
    logged: false,
  },
  revocation_pending: {
    status: 503,
    error: 'temporarily_unavailable',
    message: 'The revocation is ordered but not in the feed yet.',
    advice: 'Retry after `Retry-After`. The revocation is carried out as soon as its log answers.',
    audited: false,
    logged: false,
    headers: () => ({ 'retry-after': String(STOP_RETRY_MILLISECONDS_MIN / 1000) }),
  },
  too_many_revocations: {
    status: 503,
    error: 'temporarily_unavailable',
    message: 'Too many revocations of one workflow.',
    advice:
      'Holders have revoked too many tokens of this workflow. Revoke the whole workflow if necessary.',
    audited: false,
    logged: false,
    headers: () => ({ 'retry-after': String(CAPABILITY_SECONDS_MAX) }),
  },
};
