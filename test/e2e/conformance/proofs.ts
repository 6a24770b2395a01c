import { createHash, randomUUID } from 'node:crypto';
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type CryptoKey as JoseKey,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';

/** DPoP proofs made with jose instead of our own code, so that every part can be made wrong. */
export interface ProofKey {
  readonly privateKey: JoseKey;
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
  readonly thumbprint: string;
}

export async function proofKey(): Promise<ProofKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  const privateJwk = await exportJWK(privateKey);
  return { privateKey, publicJwk, privateJwk, thumbprint: await calculateJwkThumbprint(publicJwk) };
}

export const seconds = (): number => Math.floor(Date.now() / 1000);

/** RFC 9449 section 4.2: the hash of the token that the proof accompanies. */
export const athOf = (token: string): string =>
  createHash('sha256').update(token).digest('base64url');

/** Returns a correct proof, changed by `claims` and `header`; undefined removes a member. */
export const proof = (
  key: ProofKey,
  target: { readonly htm: string; readonly htu: string; readonly token?: string },
  claims: JWTPayload = {},
  header: object = {},
  signer: JoseKey | Uint8Array = key.privateKey,
): Promise<string> => {
  const { htm, htu, token } = target;
  const ath = token === undefined ? {} : { ath: athOf(token) };
  return new SignJWT({ jti: randomUUID(), iat: seconds(), htm, htu, ...ath, ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: key.publicJwk, ...header })
    .sign(signer);
};
