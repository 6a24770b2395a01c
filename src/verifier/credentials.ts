/**
 * What a request brings to be let through: the token of its `Authorization` header (RFC 6750
 * section 2.1, RFC 9449 section 7.1), and the proof of its holder's key.
 */
export interface Credentials {
  /** '' where there is none. */
  readonly token: string;
  /** Absent only for a bearer token without any proof beside it. */
  readonly proof?: PresentedProof;
}

/** A `DPoP` header and the request that it came with, nothing of it judged yet. */
export interface PresentedProof {
  readonly scheme: 'Bearer' | 'DPoP';
  /** '' where the header is missing; several headers are one text, which is no proof. */
  readonly text: string;
  readonly method: string;
  /** As the server received it: only its path counts, at the verifier's own origin. */
  readonly url: string;
}

/**
 * Reads the credentials of a request. A token in a query or a body is not looked for: both end up
 * in logs. What is there is handed on as it is: a malformed token or proof is denied as one, and
 * never taken for none supplied.
 */
export function readCredentials(request: Request): Credentials {
  const { headers, method, url } = request;
  const [, named = 'Bearer', token = ''] =
    /^(Bearer|DPoP) +(.+)$/i.exec(headers.get('authorization') ?? '') ?? [];
  const scheme = named.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer';
  const text = headers.get('dpop');
  if (scheme === 'Bearer' && text === null) return { token };
  return { token, proof: { scheme, text: text ?? '', method, url } };
}
