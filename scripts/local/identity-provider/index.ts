/**
 * A real OpenID provider for local use, in this process: `oidc-provider`, with two clients. One is
 * the agent's workload, the other the desk where alice signs in.
 *
 * Its keys and its user's password are generated at the start and disappear with the process, so no
 * secret is left behind.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';
import { listenOnLoopback } from '../../../src/dev/index.ts';
import {
  DESK_CLIENT,
  providerConfiguration,
  SIGNING_ALGORITHM,
  USER,
  WORKLOAD_CLIENT,
} from './configuration.ts';
import { INTERACTION_PATH, interactionPages } from './interaction.ts';
import { signIn, tokenFrom } from './sign-in.ts';

export { providerConfiguration, WORKLOAD_CLIENT } from './configuration.ts';

export interface LocalIdentityProvider {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly algorithm: typeof SIGNING_ALGORITHM;
  /**
   * Returns a new access token of the agent's workload: client credentials with private_key_jwt.
   */
  readonly workloadToken: () => Promise<string>;
  /** Returns a new access token of alice, who signs in and consents. */
  readonly userToken: () => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Both tokens are JWTs (RFC 9068, `at+jwt`) with `audience` as their only audience. */
export async function startIdentityProvider(options: {
  readonly port: number;
  readonly audience: string;
}): Promise<LocalIdentityProvider> {
  const { audience } = options;
  const signing = await generateKey();
  const workload = await generateKey();
  const account = { user: USER, password: randomBytes(16).toString('base64url') };
  const redirectOf = (issuer: string) => `${issuer}/desk/callback`;
  const http = await listenOnLoopback({
    port: options.port,
    what: 'identity provider',
    portVariable: 'HEWN_IDP_PORT',
    handle: (issuer) => {
      const provider = new Provider(
        issuer,
        providerConfiguration({
          audience,
          signingKey: signing.privateJwk,
          workloadKey: workload.publicJwk,
          deskRedirectUri: redirectOf(issuer),
        }),
      );
      const answer = provider.callback();
      const pages = interactionPages(provider, account);
      return (request, response) => {
        const handled = request.url?.startsWith(INTERACTION_PATH)
          ? pages(request, response)
          : answer(request, response);
        handled.catch((error: unknown) => {
          // A bug here fails the one request, not the process with everything in it.
          console.error(error);
          response.destroy();
        });
      };
    },
  });
  return {
    issuer: http.url,
    jwksUri: `${http.url}/jwks`,
    algorithm: SIGNING_ALGORITHM,
    workloadToken: async () =>
      tokenFrom(http.url, {
        grant_type: 'client_credentials',
        resource: audience,
        client_id: WORKLOAD_CLIENT,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await assertion(http.url, workload.privateKey),
      }),
    userToken: () =>
      signIn({
        issuer: http.url,
        client: DESK_CLIENT,
        redirectUri: redirectOf(http.url),
        resource: audience,
        account,
      }),
    close: http.close,
  };
}

/** RFC 7523 section 2.2: for one provider, used once, gone in a minute. */
const assertion = (issuer: string, key: CryptoKey): Promise<string> =>
  new SignJWT()
    .setProtectedHeader({ alg: SIGNING_ALGORITHM })
    .setIssuer(WORKLOAD_CLIENT)
    .setSubject(WORKLOAD_CLIENT)
    .setAudience(issuer)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('1 minute')
    .sign(key);

interface Key {
  readonly privateKey: CryptoKey;
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;
}

async function generateKey(): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  const named = { kid: randomUUID(), use: 'sig', alg: SIGNING_ALGORITHM };
  return {
    privateKey,
    privateJwk: { ...(await exportJWK(privateKey)), ...named },
    publicJwk: { ...(await exportJWK(publicKey)), ...named },
  };
}
