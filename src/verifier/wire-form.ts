import { type DenialEntry, type DenialError, VERIFIER_DENIALS } from '../denials/index.ts';
import type { DPOP_ALGORITHMS } from '../dpop/index.ts';
import type { Denial } from './decision.ts';

// Repeated here, so that the code of proofs is loaded on demand. The type keeps both lists equal.
export const ALGORITHMS: typeof DPOP_ALGORITHMS = ['ES256', 'EdDSA'];

/**
 * What the caller learns of a denial: a status, an OAuth error (RFC 6750), the stable code and one
 * line. None of it reveals the content of a token or anything about the server. The log gets the
 * `Denial`.
 */
export interface WireDenial {
  readonly status: DenialEntry['status'];
  readonly error: DenialError;
  readonly code: Denial['code'];
  readonly message: string;
  /**
   * Which argument was denied, by whose rule. The holder of the token can read its blocks anyway.
   * Block 0 holds the rules of the policy; every later block was added by a holder.
   */
  readonly about?: {
    readonly argument?: string;
    readonly block: number;
    readonly rule?: string;
  };
}

/** Says what a rule requires of an argument; undefined if it cannot. */
export type DescribeRule = (source: string) => string | undefined;

/** Returns what the caller learns of a denial. `describe` is called for a rule of the policy. */
export function wireForm(denial: Denial, describe: DescribeRule): WireDenial {
  const { code } = denial;
  const { status, error, message } = VERIFIER_DENIALS[code];
  const wire: WireDenial = { status, error, code, message };
  switch (denial.code) {
    case 'caveat_failed': {
      const { block, pointer } = denial;
      const argument = pointer === undefined ? {} : { argument: cut(pointer) };
      return { ...wire, about: { block, ...argument } };
    }
    case 'constraint_failed': {
      const { pointer, source } = denial;
      const about = { block: 0, argument: cut(pointer), rule: cut(source) };
      return {
        ...wire,
        message: constraintMessage(message, pointer, describe(source ?? '')),
        about,
      };
    }
    default:
      return wire;
  }
}

/** Names the argument, if a header can quote its name, and says what the rule requires of it. */
function constraintMessage(message: string, pointer = '', rule: string | undefined): string {
  const argument = /^\/[\w.~/-]{1,128}$/.test(pointer) ? `argument ${pointer}` : 'an argument';
  const subject = pointer === '' ? message.slice(0, -1) : `The policy does not allow ${argument}`;
  return rule === undefined ? `${subject}.` : `${subject}: ${rule}.`;
}

const QUOTED_UNITS_MAX = 512; // A list of values may make a rule eight times as long.

const cut = (text = ''): string => text.slice(0, QUOTED_UNITS_MAX).toWellFormed();

/** The scheme of an `Authorization` header that carries a capability. */
export type Scheme = 'Bearer' | 'DPoP';

/**
 * Returns the `WWW-Authenticate` value of a denial, in the scheme that the caller used or should
 * have used (RFC 6750 section 3, RFC 9449 section 7.1). Undefined for a status other than 401 and
 * 403.
 */
export function challenge(
  {
    status,
    error,
    code,
    message,
  }: Pick<WireDenial, 'status' | 'error' | 'message'> & {
    readonly code: string;
  },
  realm: string,
  scheme: Scheme = 'Bearer',
): string | undefined {
  if (status !== 401 && status !== 403) return undefined;
  const details = `error="${error}", error_description="${message}"`;
  const isAboutProof = error === 'invalid_dpop_proof' || error === 'use_dpop_nonce';
  if (scheme === 'DPoP' || isAboutProof || code === 'holder_unproven') {
    return `DPoP ${details}, algs="${ALGORITHMS.join(' ')}"`;
  }
  // RFC 6750 section 3.1: the answer to a request without a token has no error code.
  return `Bearer realm="${realm}"${code === 'token_missing' ? '' : `, ${details}`}`;
}

/** Returns what the caller learns of a denial as an HTTP response. */
export function wireResponse(
  wire: Pick<WireDenial, 'status' | 'error' | 'message' | 'about'> & { readonly code: string },
  realm: string,
  scheme?: Scheme,
): Response {
  const { status, error, code, message, about } = wire;
  const headers = new Headers({ 'cache-control': 'no-store' });
  const authenticate = challenge(wire, realm, scheme);
  if (authenticate !== undefined) headers.set('www-authenticate', authenticate);
  if (status === 503) headers.set('retry-after', '1');
  return Response.json({ error, code, message, ...about }, { status, headers });
}

/** Returns the response with the nonce for the caller's next proof (RFC 9449 section 8.2). */
export function withNonce(response: Response, nonce: string | undefined): Response {
  if (nonce === undefined) return response;
  const answer = new Response(response.body, response);
  answer.headers.set('dpop-nonce', nonce);
  return answer;
}
