import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { NOW } from './provider.ts';

/** A SPIFFE trust domain with a real bundle endpoint on 127.0.0.1. */
export interface TestTrustDomain {
  readonly name: string;
  readonly bundleUri: string;
  /** What the endpoint says, as JSON; a test changes it. */
  bundle: Record<string, unknown>;
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  requests: number;
  readonly key: SvidKey;
  svid(claims?: JWTPayload, header?: Record<string, unknown>, key?: CryptoKey): Promise<string>;
  close(): Promise<void>;
}

export interface SvidKey {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function svidKey(kid: string, alg = 'ES256'): Promise<SvidKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'jwt-svid' } };
}

export const AUDIENCE = 'https://issuer.example';

export async function startTrustDomain(name = 'acme.example'): Promise<TestTrustDomain> {
  const key = await svidKey('k1');
  const server = createServer((request, response) => {
    domain.requests++;
    domain.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const domain: TestTrustDomain = {
    name,
    bundleUri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/bundle`,
    bundle: { keys: [key.jwk], spiffe_sequence: 1, spiffe_refresh_hint: 60 },
    requests: 0,
    key,
    answer: (_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(domain.bundle));
    },
    svid: (claims = {}, header = {}, privateKey = key.privateKey) =>
      new SignJWT({
        sub: `spiffe://${name}/agents/analyst`,
        aud: AUDIENCE,
        exp: NOW / 1000 + 300,
        ...claims,
      })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header })
        .sign(privateKey),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return domain;
}
