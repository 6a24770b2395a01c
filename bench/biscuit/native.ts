/** The floor that no engine gets below, and the peer that everyone knows. */
import { jwtVerify } from 'jose';
import { concatBytes } from '../../src/encoding.ts';
import type { Contestant, Fixture } from './contest.ts';

/** RFC 8410: what stands before a bare seed. */
const PKCS8 = new Uint8Array([48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32]);
const MESSAGE_BYTES = 200;
const SIGNATURES = 3;

async function importSeed(seed: Uint8Array): Promise<CryptoKey> {
  const wrapped = concatBytes(PKCS8, seed);
  return crypto.subtle.importKey('pkcs8', wrapped, 'Ed25519', true, ['sign']);
}

export async function makeNative(fixture: Fixture): Promise<Contestant> {
  const seed = new Uint8Array(32).fill(7);
  const secret = await importSeed(seed);
  const { x = '' } = (await crypto.subtle.exportKey('jwk', secret)) as JsonWebKey;
  const jwk = { kty: 'OKP', crv: 'Ed25519', x };
  const key = await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['verify']);
  const message = new Uint8Array(MESSAGE_BYTES).fill(1);
  const signature = await crypto.subtle.sign('Ed25519', secret, message);
  const jwtKey = await crypto.subtle.importKey('jwk', fixture.jwk, 'Ed25519', false, ['verify']);
  return {
    operations: {
      floor: async () => {
        for (let i = 0; i < SIGNATURES; i++) {
          if (!(await crypto.subtle.verify('Ed25519', key, signature, message))) throw new Error();
        }
        await crypto.subtle.exportKey('jwk', await importSeed(seed));
      },
      jwt: async () => {
        await jwtVerify(fixture.jwt, jwtKey);
      },
    },
  };
}
