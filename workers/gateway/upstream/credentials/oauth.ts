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
import type { CallerFacts } from '../upstream.ts';
import type { Credential, CredentialFault, CredentialTools } from './credential.ts';
import { importPrivateKey } from './private-key.ts';
import { type IssuedToken, TokenCache } from './token-cache.ts';
import { fetchToken } from './token-request.ts';

type OAuthConfig = CredentialOf<'client-credentials'> | CredentialOf<'token-exchange'>;

/** What a request to a token endpoint is made with. */
interface TokenEndpoint {
  readonly server: AuthorizationServer;
  readonly client: Client;
  readonly authentication: ClientAuth;
  /** What the configuration says about the token. */
  readonly parameters: URLSearchParams;
  readonly options: HttpRequestOptions<'POST', URLSearchParams>;
}

/** How a token is obtained. */
interface Grant {
  /** For whom: the token is used for nothing else. */
  readonly key: string;
  /** May throw. */
  request(endpoint: TokenEndpoint): Promise<Result<TokenEndpointResponse, CredentialFault>>;
}

/**
 * Creates a credential whose tokens a server issues. `grantOf` returns undefined for a caller that
 * gets none.
 */
export function oauthCredential(
  config: OAuthConfig,
  tools: CredentialTools,
  grantOf: (caller: CallerFacts | undefined) => Grant | undefined,
): Credential {
  const cache = new TokenCache();
  const url = new URL(config.tokenEndpoint);
  const isPublic = config.secret === undefined && config.sealed === undefined;
  const obtain = async (
    grant: Grant,
    secret: string | undefined,
  ): Promise<Result<IssuedToken, CredentialFault>> => {
    const authentication = await authenticationOf(config, secret);
    if (!authentication) return refuse('secret_unusable');
    const endpoint = { ...endpointOf(config, url), authentication };
    const answer = await grant.request(endpoint).catch(() => undefined);
    if (answer?.ok === false) return answer;
    const issued = answer && issuedToken(answer.value);
    return issued ? ok(issued) : refuse('token_refused');
  };
  return {
    async inject({ headers, caller }) {
      const grant = grantOf(caller);
      if (!grant) return refuse('token_refused');
      // Also for a token that is known: a sealed secret may have expired since.
      const secret = isPublic ? ok(undefined) : await tools.secret({ url, method: 'POST' });
      if (!secret.ok) return secret;
      const token = await cache.tokenFor(grant.key, () => obtain(grant, secret.value));
      if (!token.ok) return token;
      headers.set('authorization', `Bearer ${token.value}`);
      const secrets = [token.value, secret.value].filter((each) => each !== undefined);
      return ok({ secrets });
    },
    refused({ caller }) {
      const grant = grantOf(caller);
      if (grant) cache.delete(grant.key);
    },
  };
}

function endpointOf(config: OAuthConfig, url: URL): Omit<TokenEndpoint, 'authentication'> {
  const { tokenEndpoint, clientId, issuer = url.origin } = config;
  return {
    server: { issuer, token_endpoint: tokenEndpoint },
    client: { client_id: clientId },
    parameters: oauthParameters(config),
    // http is possible only to an address that the deployment lists.
    options: { [customFetch]: fetchToken, [allowInsecureRequests]: url.protocol === 'http:' },
  };
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
function oauthParameters({ scope, audience, resource }: OAuthConfig): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ scope, audience, resource })) {
    if (value !== undefined) parameters.set(name, value);
  }
  return parameters;
}

/** Returns the token of an answer; undefined for one that is no bearer token. */
function issuedToken({
  access_token: token,
  token_type: type,
  expires_in: lifetime,
}: TokenEndpointResponse): IssuedToken | undefined {
  if (type !== 'bearer' || !/^[\x21-\x7e]{8,8192}$/.test(token)) return undefined;
  return { token, expires: lifetime === undefined ? undefined : readSeconds() + lifetime };
}
