import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { checkProof, type ProofExpectations, tokenHash } from '../../../src/dpop/index.ts';

/** Proofs in which a test can change every member, signed by jose and not by our own code. */

export const NOW = Date.UTC(2026, 10, 23, 10);
export const SECONDS = NOW / 1000;
export const URL_ = 'https://gateway.example/mcp/files';
export const TOKEN = 'the-token-that-was-presented';
export const ath = await tokenHash(TOKEN);

export const pair = await generateKeyPair('ES256', { extractable: true });
export const publicJwk = await exportJWK(pair.publicKey);
export const privateJwk = await exportJWK(pair.privateKey);
export const edwards = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
export const edwardsJwk = await exportJWK(edwards.publicKey);

type Members = Readonly<Record<string, unknown>>;

/** A valid proof, except for the given members; undefined removes one. */
export async function proof(
  payload: Members = {},
  header: Members = {},
  key: Parameters<SignJWT['sign']>[0] = pair.privateKey,
): Promise<string> {
  const usual = { jti: 'one', htm: 'POST', htu: URL_, iat: SECONDS, ath };
  const fixed = { typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk };
  return new SignJWT({ ...usual, ...payload } as JWTPayload)
    .setProtectedHeader({ ...fixed, ...header } as never)
    .sign(key);
}

export const expected: ProofExpectations = { method: 'POST', url: URL_, now: NOW, ath };

/** `ok`, or the code of the refusal. */
export async function judge(text: string, changes: Partial<ProofExpectations> = {}) {
  const checked = await checkProof(text, { ...expected, ...changes });
  return checked.ok ? 'ok' : checked.error.code;
}

export const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
