import { DPOP_ALGORITHMS } from '../../../src/dpop/index.ts';
import { type IssuerEnv, readConfig } from '../platform/config.ts';
import { publicJwk, thumbprint } from '../platform/keys.ts';
import { CLIENT_CREDENTIALS, TOKEN_EXCHANGE } from './read.ts';
import { TASK_DETAIL_TYPE } from './read-grants.ts';

/** RFC 8414 metadata. */
export function authorizationServerMetadata(env: IssuerEnv): Response {
  const { issuer, identityIssuers } = readConfig(env);
  const clients = identityIssuers.filter((entry) => entry.kind === 'client');
  return Response.json({
    issuer,
    token_endpoint: `${issuer}/token`,
    introspection_endpoint: `${issuer}/introspect`,
    revocation_endpoint: `${issuer}/revoke`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    grant_types_supported: [TOKEN_EXCHANGE, CLIENT_CREDENTIALS],
    response_types_supported: [],
    // `none` for who is known by an actor_token. There is no secret anywhere.
    token_endpoint_auth_methods_supported: [
      'none',
      ...(clients.length > 0 ? ['private_key_jwt'] : []),
      ...(identityIssuers.some(({ kind }) => kind === 'spiffe') ? ['spiffe_jwt'] : []),
    ],
    ...(clients.length > 0 && {
      token_endpoint_auth_signing_alg_values_supported: [
        ...new Set(clients.flatMap(({ algorithms }) => algorithms)),
      ],
    }),
    introspection_endpoint_auth_methods_supported: ['Bearer'],
    revocation_endpoint_auth_methods_supported: ['none'],
    dpop_signing_alg_values_supported: DPOP_ALGORITHMS,
    authorization_details_types_supported: [TASK_DETAIL_TYPE],
    hewn_feed_endpoint: `${issuer}/feed/v2/0/head`,
  });
}

/**
 * RFC 7517 key set: the keys whose capabilities count (each with the id that tokens carry as a
 * hint), the key that signs the feed's head, and the one that signs signals. A deployment pins that
 * of the feed in its verifiers, and they have the root keys from the feed; this is where to read
 * them.
 */
export async function jwks(env: IssuerEnv): Promise<Response> {
  const config = readConfig(env);
  const mint = await Promise.all(
    config.publishedKeys.map(async ({ id, key }) => {
      const jwk = await publicJwk(key);
      const named = { kid: await thumbprint(jwk), hewn_use: 'mint', hewn_key_id: id };
      return { ...jwk, use: 'sig', alg: 'EdDSA', ...named };
    }),
  );
  const feed = await publicJwk(config.feedKey);
  const signal = config.signals && (await publicJwk(config.signals.key));
  return Response.json({
    keys: [
      ...mint,
      { ...feed, use: 'sig', alg: 'EdDSA', kid: await thumbprint(feed), hewn_use: 'feed' },
      ...(signal
        ? [
            {
              ...signal,
              use: 'sig',
              alg: 'EdDSA',
              kid: await thumbprint(signal),
              hewn_use: 'signal',
            },
          ]
        : []),
    ],
  });
}
