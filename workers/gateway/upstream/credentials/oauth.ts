import {
  type AuthorizationServer,
  allowInsecureRequests,
  type Client,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  type HttpRequestOptions,
  None,
  PrivateKeyJwt,
  type TokenEndpointResponse,
} from 'oauth4webapi';
import { readSeconds } from '../../../../src/clock.ts';
import { ok, type Result, refuse } from '../../../../src/result.ts';
import type { CredentialOf } from '../../../../src/upstream/index.ts';
import type { CredentialFault, CredentialTools } from './credential.ts';
import { importPrivateKey } from './private-key.ts';
import type { IssuedToken } from './token-cache.ts';
import { fetchToken } from './token-request.ts';

type OAuthConfig = CredentialOf<'client-credentials'> | CredentialOf<'token-exchange'>;

/** What a request to a token endpoint is made with. */
export interface OAuthClient {
  readonly server: AuthorizationServer;
  readonly client: Client;
  readonly authentication: ClientAuth;
  readonly options: HttpRequestOptions<'POST', URLSearchParams>;
  /** What the secret is, if there is one. */
  readonly secret: string | undefined;
}

/** Prepares a request to the token endpoint of a server. */
export async function oauthClient(
  config: OAuthConfig,
  tools: CredentialTools,
): Promise<Result<OAuthClient, CredentialFault>> {
  const { tokenEndpoint, clientId, issuer = new URL(tokenEndpoint).origin } = config;
  const url = new URL(tokenEndpoint);
  const isPublic = config.secret === undefined && config.sealed === undefined;
  const secret = isPublic ? ok(undefined) : await tools.secret({ url, method: 'POST' });
  if (!secret.ok) return secret;
  const authentication = await authenticationOf(config, secret.value);
  if (!authentication) return refuse('secret_unusable');
  return ok({
    server: { issuer, token_endpoint: tokenEndpoint },
    client: { client_id: clientId },
    authentication,
    // http is possible only to an address that the deployment lists.
    options: { [customFetch]: fetchToken, [allowInsecureRequests]: url.protocol === 'http:' },
    secret: secret.value,
  });
}

async function authenticationOf(
  { authentication = 'client_secret_basic', keyId }: OAuthConfig,
  secret: string | undefined,
): Promise<ClientAuth | undefined> {
  if (secret === undefined) return None();
  switch (authentication) {
    case 'client_secret_basic':
      return ClientSecretBasic(secret);
    case 'client_secret_post':
      return ClientSecretPost(secret);
    case 'private_key_jwt': {
      const key = await importPrivateKey(secret);
      return key && PrivateKeyJwt(keyId === undefined ? key : { key, kid: keyId });
    }
  }
}

/** Returns what a token request says about the token besides its grant. */
export function oauthParameters({ scope, audience, resource }: OAuthConfig): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ scope, audience, resource })) {
    if (value !== undefined) parameters.set(name, value);
  }
  return parameters;
}

/** Returns the token of an answer; undefined for one that is no bearer token. */
export function issuedToken({
  access_token: token,
  token_type: type,
  expires_in: lifetime,
}: TokenEndpointResponse): IssuedToken | undefined {
  if (type !== 'bearer' || !/^[\x21-\x7e]{8,8192}$/.test(token)) return undefined;
  return { token, expires: lifetime === undefined ? undefined : readSeconds() + lifetime };
}
