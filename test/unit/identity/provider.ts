import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import type { OidcIssuer } from '../../../src/identity/index.ts';

/** An identity provider on 127.0.0.1 whose key document a test can make as bad as it likes. */
export interface Provider {
  readonly issuer: OidcIssuer;
  /** What is answered; by default the key set in `keys`. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  keys: JWK[];
  /** How many requests have come, to any path. */
  requests: number;
  readonly privateKey: CryptoKey;
  sign(claims: JWTPayload, header?: Record<string, unknown>, key?: CryptoKey): Promise<string>;
  close(): Promise<void>;
}

export const NOW = Date.parse('2026-11-23T10:00:00Z');
const SECONDS = NOW / 1000;

/** The claims of a token that is accepted; a test changes what it is about. */
export const claimsFor = (issuer: OidcIssuer): JWTPayload => ({
  iss: issuer.issuer,
  aud: issuer.audience,
  sub: 'report-agent',
  iat: SECONDS - 10,
  nbf: SECONDS - 10,
  exp: SECONDS + 300,
});

export async function startProvider(name = 'local-idp'): Promise<Provider> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const server = createServer((request, response) => {
    provider.requests++;
    provider.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: Provider = {
    issuer: {
      name,
      issuer: origin,
      jwksUri: `${origin}/keys`,
      audience: 'https://issuer.example',
      algorithms: ['ES256'],
    },
    keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }],
    requests: 0,
    privateKey,
    answer: (_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys: provider.keys }));
    },
    sign: (claims, header = {}, key = privateKey) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header }).sign(key),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return provider;
}
