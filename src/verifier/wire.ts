import type { Denial } from './decision.ts';

/**
 * What a stranger is told: a status, an RFC 6750 error, our stable code, and one constant line that
 * names neither the token's content nor anything of ours. The log gets the denial itself.
 */
export interface WireDenial {
  readonly status: 400 | 401 | 403 | 503;
  readonly error:
    | 'invalid_request'
    | 'invalid_token'
    | 'insufficient_scope'
    | 'temporarily_unavailable';
  readonly code: Denial['code'];
  readonly message: string;
}

export function toWire(denial: Denial): WireDenial {
  const { code } = denial;
  switch (code) {
    case 'token_missing':
      return { status: 401, error: 'invalid_token', code, message: 'A bearer token is required.' };
    case 'token_too_large':
      return { status: 401, error: 'invalid_token', code, message: 'The token is over 8 KiB.' };
    case 'token_malformed':
    case 'token_execution':
    case 'authority_invalid':
    case 'grants_count':
      return {
        status: 401,
        error: 'invalid_token',
        code,
        message: 'The token is not a capability.',
      };
    case 'token_over_limit':
      return {
        status: 401,
        error: 'invalid_token',
        code,
        message: 'The token asks for too much work.',
      };
    case 'signature_invalid':
    case 'issuer_mismatch':
      return {
        status: 401,
        error: 'invalid_token',
        code,
        message: 'The token is not of this issuer.',
      };
    case 'audience_mismatch':
      return {
        status: 401,
        error: 'invalid_token',
        code,
        message: 'The token is for another audience.',
      };
    case 'issued_in_future':
    case 'expired':
      return {
        status: 401,
        error: 'invalid_token',
        code,
        message: 'The token is not valid at this time.',
      };
    case 'revoked':
      return { status: 401, error: 'invalid_token', code, message: 'The token is revoked.' };
    case 'holder_unproven':
      return { status: 401, error: 'invalid_token', code, message: 'The token is bound to a key.' };
    case 'name_invalid':
    case 'arguments_invalid':
    case 'datasets_count':
      return {
        status: 400,
        error: 'invalid_request',
        code,
        message: 'The call cannot be read in one way only.',
      };
    case 'dataset_missing':
      return {
        status: 403,
        error: 'insufficient_scope',
        code,
        message: 'The call names no dataset.',
      };
    case 'no_grant':
      return {
        status: 403,
        error: 'insufficient_scope',
        code,
        message: 'No grant covers this call.',
      };
    case 'caveat_failed':
      return {
        status: 403,
        error: 'insufficient_scope',
        code,
        message: 'The token is narrowed to another call.',
      };
    case 'head_missing':
    case 'head_stale':
      return {
        status: 503,
        error: 'temporarily_unavailable',
        code,
        message: 'Revocations are not known well enough.',
      };
  }
}

/** The denial as an HTTP response (RFC 6750 section 3). */
export function denialResponse(denial: Denial, realm: string): Response {
  const { status, error, code, message } = toWire(denial);
  const headers = new Headers({ 'cache-control': 'no-store' });
  // RFC 6750 3.1: a request that brought no token is not told an error code.
  const challenge =
    code === 'token_missing' ? '' : `, error="${error}", error_description="${message}"`;
  if (status === 401 || status === 403) {
    headers.set('www-authenticate', `Bearer realm="${realm}"${challenge}`);
  }
  if (status === 503) headers.set('retry-after', '1');
  return Response.json({ error, code, message }, { status, headers });
}
