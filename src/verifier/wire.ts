import type { DPOP_ALGORITHMS } from '../dpop/index.ts';
import type { Denial } from './decision.ts';
import { ruleWords } from './rule-words.ts';

const RULE_UNITS_MAX = 512; // Of one rule: a list of values may have eight times that.

// Spelled again, and held to be the same by the compiler: the proofs' code is loaded on demand.
export const ALGORITHMS: typeof DPOP_ALGORITHMS = ['ES256', 'EdDSA'];

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
    | 'invalid_dpop_proof'
    | 'use_dpop_nonce'
    | 'temporarily_unavailable';
  readonly code: Denial['code'];
  readonly message: string;
  /**
   * For whoever holds the token, and can read its blocks anyway: which argument, and whose rule it
   * is. Block 0 is the policy's, and any other one that a holder added.
   */
  readonly about?: {
    readonly argument?: string;
    readonly block: number;
    readonly rule?: string;
  };
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
    case 'suspended':
      return { status: 401, error: 'invalid_token', code, message: 'The workflow is suspended.' };
    case 'tool_denied':
      return {
        status: 403,
        error: 'insufficient_scope',
        code,
        message: 'An operator denies this tool.',
      };
    case 'holder_unproven':
      return { status: 401, error: 'invalid_token', code, message: 'The token is bound to a key.' };
    case 'proof_missing':
      return {
        status: 401,
        error: 'invalid_dpop_proof',
        code,
        message: 'A proof of the key is required.',
      };
    case 'proof_invalid':
      return {
        status: 401,
        error: 'invalid_dpop_proof',
        code,
        message: 'The proof of the key does not hold for this request.',
      };
    case 'nonce_required':
      return {
        status: 401,
        error: 'use_dpop_nonce',
        code,
        message: 'The proof of the key lacks the newest nonce.',
      };
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
        about: {
          block: denial.block,
          ...(denial.pointer !== undefined && { argument: cut(denial.pointer) }),
        },
      };
    case 'constraint_failed':
      return {
        status: 403,
        error: 'insufficient_scope',
        code,
        message: `${nameOf(denial.pointer)} not what the policy allows${why(denial.source)}.`,
        about: { block: 0, argument: cut(denial.pointer), rule: cut(denial.source) },
      };
    case 'tier_unknown':
      return {
        status: 503,
        error: 'temporarily_unavailable',
        code,
        message: 'The server is not set up to decide this call.',
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

/** A name goes into a header, too: what RFC 6750 lets stand there, and no longer than a line. */
function nameOf(pointer = ''): string {
  if (pointer === '') return 'The call is';
  return /^\/[\w.~/-]{1,128}$/.test(pointer) ? `The argument ${pointer} is` : 'An argument is';
}

/** After a colon: what the rule asks, where there are words for it. */
function why(source = ''): string {
  const words = ruleWords(source);
  return words === undefined ? '' : `: ${words}`;
}

const cut = (text = ''): string => text.slice(0, RULE_UNITS_MAX).toWellFormed();

export type Scheme = 'Bearer' | 'DPoP';

/**
 * The `WWW-Authenticate` of a denial, in the scheme that the caller used or should have (RFC 6750
 * section 3, RFC 9449 section 7.1); undefined for a status that has none.
 */
export function challenge(
  { status, error, code, message }: WireDenial,
  realm: string,
  scheme: Scheme = 'Bearer',
): string | undefined {
  if (status !== 401 && status !== 403) return undefined;
  const said = `error="${error}", error_description="${message}"`;
  const isOfProof = error === 'invalid_dpop_proof' || error === 'use_dpop_nonce';
  if (scheme === 'DPoP' || isOfProof || code === 'holder_unproven') {
    return `DPoP ${said}, algs="${ALGORITHMS.join(' ')}"`;
  }
  // RFC 6750 3.1: a request that brought no token is not told an error code.
  return `Bearer realm="${realm}"${code === 'token_missing' ? '' : `, ${said}`}`;
}

/** The denial as an HTTP response. */
export function denialResponse(denial: Denial, realm: string, scheme?: Scheme): Response {
  const wire = toWire(denial);
  const { status, error, code, message, about } = wire;
  const headers = new Headers({ 'cache-control': 'no-store' });
  const challenged = challenge(wire, realm, scheme);
  if (challenged !== undefined) headers.set('www-authenticate', challenged);
  if (status === 503) headers.set('retry-after', '1');
  return Response.json({ error, code, message, ...about }, { status, headers });
}

/** The response with the nonce for the caller's next proof (RFC 9449 section 8.2). */
export function withNonce(response: Response, nonce: string | undefined): Response {
  if (nonce === undefined) return response;
  const answer = new Response(response.body, response);
  answer.headers.set('dpop-nonce', nonce);
  return answer;
}
