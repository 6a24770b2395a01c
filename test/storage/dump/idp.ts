import { SignJWT } from 'jose';

/** An identity provider for the stories only. Its key is therefore in the source. */
export const IDP = 'https://idp.example';

const JWK = {
  kty: 'EC',
  crv: 'P-256',
  x: '7vKnkt6xJpNqj5HIAZ2Ui_zIVbo-2awCgMQQ6AQZ-A8',
  y: 'qLoQHViGA6Y1-v2WPdKItHjVjN7tV__9dyBN6iJjwok',
  d: '4n2wl_PK-C6WkRT-FQ5nkOlYRJLkdMITH6prYJfI8ok',
};

const key = await crypto.subtle.importKey(
  'jwk',
  JWK,
  { name: 'ECDSA', namedCurve: 'P-256' },
  false,
  ['sign'],
);

/** Returns an access token for a user or a workload, valid for ten minutes. */
export function idToken(subject: string, audience: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ iss: IDP, aud: audience, sub: subject, iat: now, exp: now + 600 })
    .setProtectedHeader({ alg: 'ES256', kid: 'idp', typ: 'at+jwt' })
    .sign(key);
}

/** Returns a `fetch` that serves the provider's keys at its URL. */
export const serveKeys =
  (network: typeof fetch): typeof fetch =>
  async (input, init) => {
    const { url } = new Request(input as string, init);
    if (url !== `${IDP}/jwks`) return network(input as string, init);
    const { d: _private, ...publicJwk } = JWK;
    return Response.json({ keys: [{ ...publicJwk, kid: 'idp', alg: 'ES256', use: 'sig' }] });
  };
