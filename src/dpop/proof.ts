import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import type { UnixMilliseconds, UnixSeconds } from '../clock.ts';
import { fromBase64Url, fromUtf8, utf8 } from '../encoding.ts';
import { type PublicJwk, thumbprintOf } from '../jwk-thumbprint.ts';
import { type Members, numberFrom, object, optional, readOptions, text } from '../options.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type DpopAlgorithm, targetOf } from './claims.ts';
import type { Nonces } from './nonces.ts';
import type { SeenProofs } from './seen-proofs.ts';

const DPOP_PROOF_BYTES_MAX = 4 * 1024; // A proof with an Ed25519 or P-256 key has about 600.
const DPOP_JTI_BYTES_MAX = 128; // Twice the longest common form, a SHA-256 in hex.
const DPOP_SECONDS_MAX = 300; // Into past and future: a clock that is off by more is broken.

/** What a proof must be for: the request as the server received it. */
export interface ProofExpectations {
  readonly method: string;
  readonly url: string;
  readonly now: UnixMilliseconds;
  /** `tokenHash` of the token in the request; absent if it has none, as at a token endpoint. */
  readonly ath?: string;
  /** Pass it if this server requires nonces. */
  readonly nonces?: Nonces;
  /** Pass it to accept each proof once. */
  readonly seen?: SeenProofs;
}

const EXPECTATIONS: Members<ProofExpectations> = {
  method: text,
  url: text,
  now: numberFrom(0),
  ath: optional(text),
  nonces: optional(object),
  seen: optional(object),
};

/** A valid proof: the sender of the request holds the key with this thumbprint. */
export interface Proof {
  /** RFC 7638 SHA-256 thumbprint of the proven key. */
  readonly thumbprint: string;
  readonly jti: string;
  /** After this time the proof is too old to be accepted. */
  readonly expires: UnixSeconds;
}

/** Why a proof is not accepted. */
export type DpopError =
  | { readonly code: 'proof_too_large' }
  /** Anything but exactly one signed JWT in compact form. */
  | { readonly code: 'proof_malformed' }
  | { readonly code: 'type_refused' }
  | { readonly code: 'algorithm_refused' }
  /** `unfit`: no key, or not one of the algorithm. `private`: a private or symmetric key. */
  | { readonly code: 'key_refused'; readonly why: 'unfit' | 'private' }
  | { readonly code: 'signature_invalid' }
  | { readonly code: 'method_mismatch' }
  | { readonly code: 'target_mismatch' }
  /** `iat` is missing, or this many seconds away; positive if it is in the future. */
  | { readonly code: 'time_refused'; readonly seconds?: number }
  | { readonly code: 'jti_invalid' }
  | { readonly code: 'token_mismatch' }
  | { readonly code: 'nonce_missing' }
  | { readonly code: 'nonce_refused' }
  | { readonly code: 'replayed' };

const JWS_COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+$/;

/**
 * Checks a DPoP proof by RFC 9449 section 4.3: size, form, key, signature, what it is for, and last
 * whether it was used before, so that only valid proofs take room in the memory. Never throws for
 * what a caller sent; throws a TypeError for a member of `expected` that it does not know.
 *
 * @example
 * ```ts
 * import { checkProof, createDpopKey, seenProofs, signProof } from 'hewn/dpop';
 *
 * const described = { method: 'GET', url: `${audience}/contacts`, now: Date.now() };
 * const proof = await signProof(await createDpopKey(), described);
 * const checked = await checkProof(proof, { ...described, seen: seenProofs() });
 * if (!checked.ok) throw new Error(checked.error.code);
 * ```
 */
export async function checkProof(
  proof: string,
  expected: ProofExpectations,
): Promise<Result<Proof, DpopError>> {
  // With a misspelt `seen` or `nonces`, every proof could be used again.
  readOptions(expected, 'checkProof', EXPECTATIONS);
  if (proof.length > DPOP_PROOF_BYTES_MAX) return refuse({ code: 'proof_too_large' });
  const [, headerText = '', payloadText = ''] = JWS_COMPACT.exec(proof) ?? [];
  const header = readPart(headerText);
  const payload = readPart(payloadText);
  // `crit` names extensions that a reader must support, and we support none (RFC 7515 4.1.11).
  if (!header || !payload || Object.hasOwn(header, 'crit')) {
    return refuse({ code: 'proof_malformed' });
  }
  const signer = readSigner(header);
  if (!signer.ok) return signer;
  if (!(await isSigned(proof, signer.value))) return refuse({ code: 'signature_invalid' });
  const thumbprint = await thumbprintOf(signer.value.jwk);
  return checkClaims(payload, expected, thumbprint);
}

function readPart(text: string): JsonObject | undefined {
  const json = fromUtf8(fromBase64Url(text) ?? new Uint8Array());
  try {
    const value: unknown = JSON.parse(json ?? '');
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

interface Signer {
  readonly algorithm: DpopAlgorithm;
  readonly jwk: PublicJwk;
}

function readSigner(header: JsonObject): Result<Signer, DpopError> {
  const { typ, alg: algorithm, jwk } = header;
  // Without a type of its own, any other JWT that the holder signed would pass as a proof.
  if (typ !== 'dpop+jwt') return refuse({ code: 'type_refused' });
  if (algorithm !== 'ES256' && algorithm !== 'EdDSA') return refuse({ code: 'algorithm_refused' });
  if (!isJsonObject(jwk)) return refuse({ code: 'key_refused', why: 'unfit' });
  // A private key that was sent is no longer a secret of its holder.
  if (['d', 'k', 'p', 'q', 'dp', 'dq', 'qi', 'oth'].some((member) => Object.hasOwn(jwk, member))) {
    return refuse({ code: 'key_refused', why: 'private' });
  }
  const key = algorithm === 'ES256' ? readEc(jwk) : readEd25519(jwk);
  return key ? ok({ algorithm, jwk: key }) : refuse({ code: 'key_refused', why: 'unfit' });
}

// Both curves have coordinates of 32 bytes. One spelling each, so that a key has one thumbprint.
const isCoordinate = (value: unknown): value is string =>
  typeof value === 'string' && value.length === 43 && fromBase64Url(value)?.length === 32;

function readEc({ kty, crv, x, y }: JsonObject): PublicJwk | undefined {
  if (kty !== 'EC' || crv !== 'P-256' || !isCoordinate(x) || !isCoordinate(y)) return undefined;
  return { kty, crv, x, y };
}

function readEd25519({ kty, crv, x }: JsonObject): PublicJwk | undefined {
  if (kty !== 'OKP' || crv !== 'Ed25519' || !isCoordinate(x)) return undefined;
  return { kty, crv, x };
}

/** RFC 7518 section 3.4: an ES256 signature is R and S, as WebCrypto reads it. */
const IMPORTED = { ES256: { name: 'ECDSA', namedCurve: 'P-256' }, EdDSA: 'Ed25519' } as const;
const VERIFIED = { ES256: { name: 'ECDSA', hash: 'SHA-256' }, EdDSA: 'Ed25519' } as const;

/**
 * Uses WebCrypto directly: header and key were read member by member above, and a JOSE library
 * would be a third of what a gateway loads.
 */
async function isSigned(text: string, { algorithm, jwk }: Signer): Promise<boolean> {
  const end = text.lastIndexOf('.');
  const signature = fromBase64Url(text.slice(end + 1));
  if (signature?.length !== 64) return false;
  try {
    const key = await crypto.subtle.importKey('jwk', { ...jwk }, IMPORTED[algorithm], false, [
      'verify',
    ]);
    const signed = utf8(text.slice(0, end));
    return await crypto.subtle.verify(VERIFIED[algorithm], key, signature, signed);
  } catch {
    // The caller chose the key and every byte: a point that is not on the curve throws here.
    return false;
  }
}

async function checkClaims(
  payload: JsonObject,
  expected: ProofExpectations,
  thumbprint: string,
): Promise<Result<Proof, DpopError>> {
  const { jti, htm, htu, iat, ath, nonce } = payload;
  const { method, url, now, nonces, seen } = expected;
  if (htm !== method) return refuse({ code: 'method_mismatch' });
  const target = targetOf(url);
  if (typeof htu !== 'string' || target === undefined || targetOf(htu) !== target) {
    return refuse({ code: 'target_mismatch' });
  }
  if (typeof iat !== 'number') return refuse({ code: 'time_refused' });
  const seconds = Math.trunc(iat - now / 1000);
  if (Math.abs(iat * 1000 - now) > DPOP_SECONDS_MAX * 1000) {
    return refuse({ code: 'time_refused', seconds });
  }
  if (typeof jti !== 'string' || jti === '' || utf8(jti).length > DPOP_JTI_BYTES_MAX) {
    return refuse({ code: 'jti_invalid' });
  }
  if (expected.ath !== undefined && ath !== expected.ath) return refuse({ code: 'token_mismatch' });
  if (nonces && nonce === undefined) return refuse({ code: 'nonce_missing' });
  if (nonces && !(typeof nonce === 'string' && (await nonces.accepts(nonce, now)))) {
    return refuse({ code: 'nonce_refused' });
  }
  const expires = Math.ceil(iat) + DPOP_SECONDS_MAX;
  // Together with the key, so that no one can use up the ids of another holder.
  if (seen && !seen.use(`${thumbprint}.${jti}`, expires, now)) return refuse({ code: 'replayed' });
  return ok({ thumbprint, jti, expires });
}
