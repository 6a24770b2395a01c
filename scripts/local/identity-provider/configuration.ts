/** Configuration of the local OpenID provider: two clients, one user, one resource, no secrets. */
import { randomBytes } from 'node:crypto';
import type { JWK } from 'jose';
import { type Configuration, errors } from 'oidc-provider';
import { createStore } from './store.ts';

/** The agent's workload. It authenticates with a signature, so there is no secret to leak. */
export const WORKLOAD_CLIENT = 'report-agent';
/** The program that a person signs in to: a public client, with PKCE. */
export const DESK_CLIENT = 'desk';
/** The only person who has an account. */
export const USER = 'alice';
export const SIGNING_ALGORITHM = 'ES256';

/**
 * Long enough to read the walk-through slowly, and short enough to show that nothing here lasts.
 */
const TOKEN_SECONDS = 300;
const SIGN_IN_SECONDS = 600;

export interface Scene {
  /** The resource that both clients request tokens for: Hewn's issuer, which exchanges them. */
  readonly audience: string;
  /** Private. The provider signs its tokens with it. */
  readonly signingKey: JWK;
  /** Public. Verifies the assertions of the workload. */
  readonly workloadKey: JWK;
  readonly deskRedirectUri: string;
}

export function providerConfiguration(scene: Scene): Configuration {
  return {
    adapter: createStore(Date.now),
    clients: [
      {
        client_id: WORKLOAD_CLIENT,
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: SIGNING_ALGORITHM,
        jwks: { keys: [scene.workloadKey as never] },
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
      {
        client_id: DESK_CLIENT,
        application_type: 'native', // Only native clients may redirect to loopback over http (RFC 8252).
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: [scene.deskRedirectUri],
      },
    ],
    clientDefaults: { id_token_signed_response_alg: SIGNING_ALGORITHM },
    jwks: { keys: [scene.signingKey as never] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    scopes: ['openid'],
    pkce: { required: () => true },
    clientBasedCORS: () => false,
    findAccount: (_context, id) =>
      id === USER ? { accountId: id, claims: () => ({ sub: id }) } : undefined,
    // RFC 8693 section 4.4: alice agreed that the agent's workload acts for them.
    extraTokenClaims: (_context, token) =>
      token.kind === 'AccessToken' ? { may_act: { sub: WORKLOAD_CLIENT } } : undefined,
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    renderError: (context, { error, error_description }) => {
      context.type = 'text/plain';
      context.body = `${error}: ${error_description ?? ''}\n`;
    },
    ttl: {
      AccessToken: TOKEN_SECONDS,
      ClientCredentials: TOKEN_SECONDS,
      AuthorizationCode: 60,
      IdToken: TOKEN_SECONDS,
      Interaction: SIGN_IN_SECONDS,
      Session: SIGN_IN_SECONDS,
      Grant: SIGN_IN_SECONDS,
    },
    features: {
      devInteractions: { enabled: false }, // interaction.ts serves the pages
      clientCredentials: { enabled: true },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: resourceIndicators(scene.audience),
    },
  };
}

type ResourceIndicators = NonNullable<Configuration['features']>['resourceIndicators'];

/** RFC 8707: a token is for Hewn's issuer or is not issued, and it is an RFC 9068 JWT. */
const resourceIndicators = (audience: string): ResourceIndicators => ({
  enabled: true,
  defaultResource: () => audience,
  useGrantedResource: () => true,
  getResourceServerInfo: (_context, resource) => {
    if (resource !== audience) throw new errors.InvalidTarget();
    return {
      audience,
      scope: 'openid',
      accessTokenTTL: TOKEN_SECONDS,
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg: SIGNING_ALGORITHM } },
    };
  },
});
