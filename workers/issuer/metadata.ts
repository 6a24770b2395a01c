import { type IssuerEnv, readConfig } from './config.ts';
import { publicJwk, thumbprint } from './keys.ts';
import { TASK_DETAIL_TYPE, TOKEN_EXCHANGE } from './token/request.ts';

/** RFC 8414 metadata. */
export function authorizationServerMetadata(env: IssuerEnv): Response {
  const { issuer } = readConfig(env);
  return Response.json({
    issuer,
    token_endpoint: `${issuer}/token`,
    introspection_endpoint: `${issuer}/introspect`,
    revocation_endpoint: `${issuer}/revoke`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    grant_types_supported: [TOKEN_EXCHANGE],
    response_types_supported: [],
    // The caller is known by its actor_token alone: there is no client registration and no secret.
    token_endpoint_auth_methods_supported: ['none'],
    introspection_endpoint_auth_methods_supported: ['Bearer'],
    revocation_endpoint_auth_methods_supported: ['none'],
    authorization_details_types_supported: [TASK_DETAIL_TYPE],
    hewn_feed_endpoint: `${issuer}/feed/v1/head`,
  });
}

/**
 * RFC 7517 key set: the key that signs capabilities (with the id that tokens carry as a hint) and
 * the key that signs the feed's head. A deployment pins them in its verifiers; this is where to
 * read them.
 */
export async function jwks(env: IssuerEnv): Promise<Response> {
  const config = readConfig(env);
  const mint = await publicJwk(config.mintKey);
  const feed = await publicJwk(config.feedKey);
  return Response.json({
    keys: [
      {
        ...{ ...mint, use: 'sig', alg: 'EdDSA', kid: await thumbprint(mint) },
        ...{ hewn_use: 'mint', hewn_key_id: config.mintKeyId },
      },
      { ...feed, use: 'sig', alg: 'EdDSA', kid: await thumbprint(feed), hewn_use: 'feed' },
    ],
  });
}
