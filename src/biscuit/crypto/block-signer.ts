import type { CryptoKey } from 'jose';
import { concatBytes, fromBase64Url } from '../../encoding.ts';
import type { PublicJwk } from '../../jwk-thumbprint.ts';
import { ok, type Result } from '../../result.ts';
import type { PublicKey } from '../datalog/index.ts';
import type { FormatError } from '../errors.ts';
import { SIGN } from './algorithms.ts';
import { signatureToDer } from './der.ts';
import { publicKeyFromBytes } from './public-key.ts';

/** A key that signs blocks as a third party. A `PrivateKey` is one. */
export interface BlockSigner {
  publicKey(): Promise<PublicKey>;
  /** Signs with Ed25519, or with ECDSA on P-256 and SHA-256 in DER. */
  sign(payload: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Returns the signer of a WebCrypto key, which need not be extractable. `publicJwk` must be its
 * public half: a signature by another key is refused when the block is appended.
 */
export function blockSigner(
  privateKey: CryptoKey,
  publicJwk: PublicJwk,
): Result<BlockSigner, FormatError> {
  const key = publicKeyOf(publicJwk);
  if (!key.ok) return key;
  const { algorithm } = key.value;
  return ok({
    publicKey: () => Promise.resolve(key.value),
    async sign(payload) {
      const raw = new Uint8Array(await crypto.subtle.sign(SIGN[algorithm], privateKey, payload));
      return algorithm === 'ed25519' ? raw : signatureToDer(raw);
    },
  });
}

function publicKeyOf(jwk: PublicJwk): Result<PublicKey, FormatError> {
  const x = fromBase64Url(jwk.x) ?? new Uint8Array();
  if (jwk.kty === 'OKP') return publicKeyFromBytes('ed25519', x);
  const parity = (fromBase64Url(jwk.y)?.at(-1) ?? 0) & 1;
  return publicKeyFromBytes('secp256r1', concatBytes(Uint8Array.of(2 + parity), x));
}
