/** The clients of the bench of the mint: their keys, and the signed tokens of each request. */
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** The algorithm of every signature in a request, the same on both sides. */
export const ALGORITHM = 'ES256';
/** The bench of the cost moves the clock of the issuer by five minutes. */
const TOKEN_SECONDS = 900;
const ASSERTION_SECONDS = 60;

export interface SigningKey {
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
  /** Signs a JWT with these claims that expires after this many seconds. */
  readonly sign: (claims: Record<string, unknown>, seconds?: number) => Promise<string>;
}

export async function signingKey(kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const named = { kid, use: 'sig', alg: ALGORITHM };
  return {
    publicJwk: { ...(await exportJWK(publicKey)), ...named },
    privateJwk: { ...(await exportJWK(privateKey)), ...named },
    sign: (claims, seconds = TOKEN_SECONDS) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: ALGORITHM, kid })
        .setIssuedAt()
        .setExpirationTime(`${seconds} seconds`)
        .sign(privateKey),
  };
}

/** RFC 7523 section 2.2: the parameters of a client that authenticates, valid for one request. */
export const clientAssertion = async (
  key: SigningKey,
  client: string,
  audience: string,
): Promise<Record<string, string>> => ({
  client_id: client,
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: await key.sign(
    { iss: client, sub: client, aud: audience, jti: randomUUID() },
    ASSERTION_SECONDS,
  ),
});
