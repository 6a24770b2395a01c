import { generateKeyPair, jwtVerify, SignJWT } from 'jose';

const ISSUER = 'https://issuer.example';
const AUDIENCE = 'https://crm.example';

/** The anchor: one EdDSA JWT, its key imported once, with issuer, audience and expiry checked. */
export async function joseOperation(): Promise<() => Promise<unknown>> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA');
  const jwt = await new SignJWT({ scope: 'crm.search' })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime('1h')
    .sign(privateKey);
  return () => jwtVerify(jwt, publicKey, { issuer: ISSUER, audience: AUDIENCE });
}
