import { createHash, generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type CryptoKey as JoseKey, type JWK, SignJWT } from 'jose';
import { RULES } from '../../src/lifecycle/index.ts';

/** The parts that the stages of this ring are built from. */

/** Deviation rules only watch: a test of denials looks like an agent that goes astray. */
export const IN_SHADOW = Object.fromEntries(RULES.map(({ id }) => [id, 'shadow']));

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export interface TestIdentityProvider {
  readonly issuer: string;
  /** Returns a signed JWT. `claims` replace the usual ones; undefined removes one. */
  jwt(subject: string, claims?: Record<string, unknown>, key?: JoseKey): Promise<string>;
}

export async function startTestIdentityProvider(audience: string): Promise<{
  identity: TestIdentityProvider;
  server: Server;
}> {
  const { publicJwk, privateKey } = await es256('test');
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [publicJwk] }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const jwt: TestIdentityProvider['jwt'] = (subject, claims = {}, key = privateKey) => {
    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: issuer, aud: audience, sub: subject, iat: now, exp: now + 600 };
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'test', typ: 'at+jwt' })
      .sign(key);
  };
  return { identity: { issuer, jwt }, server };
}

export async function es256(kid: string): Promise<{ privateKey: JoseKey; publicJwk: JWK }> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' };
  return { privateKey, publicJwk };
}

export function ed25519(): { seed: string; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const tail = (der: Buffer) => der.subarray(-32).toString('hex');
  return {
    seed: tail(privateKey.export({ format: 'der', type: 'pkcs8' })),
    publicKey: tail(publicKey.export({ format: 'der', type: 'spki' })),
  };
}
