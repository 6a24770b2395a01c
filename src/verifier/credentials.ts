/**
 * The text of a token that was not verified. Every function that takes one verifies it: what a
 * token grants is read from `VerifiedCapability` only, and a plain `string` passes here.
 */
export type TokenText = string & { readonly trust?: 'unverified' };

/**
 * The credentials of a request: the token from its `Authorization` header (RFC 6750 section 2.1,
 * RFC 9449 section 7.1), and the proof of its holder's key. Nothing is verified yet.
 */
export interface Credentials {
  /** '' if the request has no token. */
  readonly token: TokenText;
  /** Absent only for a bearer token without a `DPoP` header. */
  readonly proof?: PresentedProof;
}

/** A `DPoP` header and the request that it came with. Nothing is verified yet. */
export interface PresentedProof {
  readonly scheme: 'Bearer' | 'DPoP';
  /** '' if the header is missing. Several headers are joined into one text, which is no proof. */
  readonly text: string;
  readonly method: string;
  /** The URL as the server received it. Only its path counts, at the verifier's own origin. */
  readonly url: string;
}

/**
 * Returns the credentials of a request. A token in a query or a body is ignored, because both end
 * up in logs. A malformed token or proof is returned as it is, so that it is denied as malformed
 * and not treated as missing.
 */
export function readCredentials(request: Request): Credentials {
  const { headers, method, url } = request;
  const [, name = 'Bearer', token = ''] =
    /^(Bearer|DPoP) +(.+)$/i.exec(headers.get('authorization') ?? '') ?? [];
  const scheme = name.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer';
  const text = headers.get('dpop');
  if (scheme === 'Bearer' && text === null) return { token };
  return { token, proof: { scheme, text: text ?? '', method, url } };
}

/**
 * Returns the token of an `Authorization: Bearer` header (RFC 6750 section 2.1), or '' if there is
 * none. A malformed token is returned as it is: see `readCredentials`, which reads proofs as well.
 */
export function bearerToken(headers: Headers): TokenText {
  const match = /^Bearer +(.+)$/i.exec(headers.get('authorization') ?? '');
  return match?.[1] ?? '';
}
