import type { CryptoKey } from 'jose';
import { toSeconds, type UnixMilliseconds } from '../clock.ts';
import { toBase64Url, utf8 } from '../encoding.ts';
import { type PublicJwk, thumbprintOf } from '../jwk-thumbprint.ts';
import { type Members, numberFrom, optional, readOptions, text } from '../options.ts';
import { type DpopAlgorithm, targetOf, tokenHash } from './claims.ts';

/** A key that its holder can use and no code can copy: the private half is not extractable. */
export interface DpopKey {
  readonly algorithm: DpopAlgorithm;
  readonly privateKey: CryptoKey;
  readonly publicJwk: PublicJwk;
  /** RFC 7638 SHA-256 thumbprint: how a capability names its holder. */
  readonly thumbprint: string;
}

const GENERATED = { ES256: { name: 'ECDSA', namedCurve: 'P-256' }, EdDSA: 'Ed25519' } as const;
const SIGNED = { ES256: { name: 'ECDSA', hash: 'SHA-256' }, EdDSA: 'Ed25519' } as const;

/**
 * Generates a key. It lives in memory, and as long as its process.
 *
 * @example
 * ```ts
 * import { createDpopKey } from 'hewn/dpop';
 *
 * const key = await createDpopKey();
 * console.log(key.thumbprint);
 * ```
 */
export async function createDpopKey(algorithm: DpopAlgorithm = 'ES256'): Promise<DpopKey> {
  const pair = (await crypto.subtle.generateKey(GENERATED[algorithm], false, [
    ...(['sign', 'verify'] as const),
  ])) as CryptoKeyPair;
  const { x = '', y = '' } = (await crypto.subtle.exportKey('jwk', pair.publicKey)) as JsonWebKey;
  const publicJwk: PublicJwk =
    algorithm === 'ES256' ? { kty: 'EC', crv: 'P-256', x, y } : { kty: 'OKP', crv: 'Ed25519', x };
  const thumbprint = await thumbprintOf(publicJwk);
  return { algorithm, privateKey: pair.privateKey, publicJwk, thumbprint };
}

/** The request that a proof is for. */
export interface ProofRequest {
  readonly method: string;
  readonly url: string;
  readonly now: UnixMilliseconds;
  /** The token that the request carries, exactly as it is sent. */
  readonly token?: string;
  /** The latest nonce from the server. */
  readonly nonce?: string;
}

const REQUEST: Members<ProofRequest> = {
  method: text,
  url: text,
  now: numberFrom(0),
  token: optional(text),
  nonce: optional(text),
};

/**
 * Returns a proof for one request (RFC 9449 section 4.2), which is valid for no other. A retry
 * needs a new one. Throws a TypeError for a URL that a proof cannot name, and for wrong members.
 *
 * @example
 * ```ts
 * import { createDpopKey, signProof } from 'hewn/dpop';
 *
 * const key = await createDpopKey();
 * const proof = await signProof(key, { method: 'GET', url: audience, now: Date.now(), token });
 * const headers = { authorization: `DPoP ${token}`, dpop: proof };
 * await fetch(new Request(audience, { headers }));
 * ```
 */
export async function signProof(key: DpopKey, request: ProofRequest): Promise<string> {
  const { method, url, now, token, nonce } = readOptions(request, 'signProof', REQUEST);
  const htu = targetOf(url);
  if (htu === undefined) {
    throw new TypeError('signProof: `url` must be an http(s) URL without user info');
  }
  const header = { typ: 'dpop+jwt', alg: key.algorithm, jwk: key.publicJwk };
  const payload = {
    jti: toBase64Url(crypto.getRandomValues(new Uint8Array(16))),
    htm: method,
    htu,
    iat: toSeconds(now),
    ...(token !== undefined && { ath: await tokenHash(token) }),
    ...(nonce !== undefined && { nonce }),
  };
  const signed = [header, payload].map((part) => toBase64Url(utf8(JSON.stringify(part)))).join('.');
  const { algorithm, privateKey } = key;
  const signature = await crypto.subtle.sign(SIGNED[algorithm], privateKey, utf8(signed));
  return `${signed}.${toBase64Url(new Uint8Array(signature))}`;
}
