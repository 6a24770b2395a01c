/** Public keys: their text form (`ed25519/<hex>`), their JWKs (RFC 8037), and their import. */
import { fromBase64Url, fromHex, toBase64Url, toHex } from '../../encoding.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { KeyAlgorithm, PublicKey } from '../datalog/index.ts';
import type { FormatError } from '../errors.ts';
import { publicKeyFault } from '../format/index.ts';
import { isWeakPoint } from './ed25519.ts';

/** An Ed25519 key as a JWK (RFC 8037 section 2). Other members are ignored. */
export type PublicJwk = { readonly kty: string; readonly crv?: string; readonly x?: string };

export const keyMalformed = (detail: string): FormatError => ({ code: 'key_malformed', detail });

/** Refuses invalid keys, and Ed25519 points of small order or in a non-canonical encoding. */
export function publicKeyFromBytes(
  algorithm: KeyAlgorithm,
  bytes: Uint8Array,
): Result<PublicKey, FormatError> {
  const key = { algorithm, bytes: new Uint8Array(bytes) };
  const fault = publicKeyFault(key);
  if (fault !== undefined) return refuse(fault);
  if (algorithm === 'ed25519' && isWeakPoint(bytes, 0))
    return refuse(keyMalformed('a weak Ed25519 point'));
  return ok(key);
}

/** Parses `ed25519/<hex>` or `secp256r1/<hex>`, in lower case. */
export function publicKeyFromText(text: string): Result<PublicKey, FormatError> {
  const [algorithm, hex = '', ...rest] = text.split('/');
  const bytes = fromHex(hex);
  if (algorithm !== 'ed25519' && algorithm !== 'secp256r1')
    return refuse(keyMalformed('an unknown algorithm'));
  if (bytes === undefined || rest.length > 0) return refuse(keyMalformed('not lower-case hex'));
  return publicKeyFromBytes(algorithm, bytes);
}

/** Returns a public key as `ed25519/<hex>` or `secp256r1/<hex>`. */
export const publicKeyToText = ({ algorithm, bytes }: PublicKey): string =>
  `${algorithm}/${toHex(bytes)}`;

/** Reads a public key from a JWK. */
export function publicKeyFromJwk({ kty, crv, x }: PublicJwk): Result<PublicKey, FormatError> {
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string')
    return refuse(keyMalformed('not an Ed25519 JWK'));
  const bytes = fromBase64Url(x);
  if (bytes === undefined) return refuse(keyMalformed('x is not base64url'));
  return publicKeyFromBytes('ed25519', bytes);
}

/** Exports an Ed25519 key only. A P-256 JWK needs y, which a compressed key does not contain. */
export const publicKeyToJwk = ({ algorithm, bytes }: PublicKey): Required<PublicJwk> | undefined =>
  algorithm === 'ed25519' ? { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(bytes) } : undefined;
