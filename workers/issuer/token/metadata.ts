import { DPOP_ALGORITHMS } from '../../../src/dpop/index.ts';
import { thumbprintOf } from '../../../src/jwk-thumbprint.ts';
import { publicJwk } from '../../../src/signing-keys.ts';
import { readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { CLIENT_CREDENTIALS, TOKEN_EXCHANGE } from './read.ts';
import { TASK_DETAIL_TYPE } from './read-grants.ts';

/** Returns the authorization server metadata (RFC 8414). */
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
    // `none` is for agents that an actor_token identifies. No client has a secret.
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
 * Returns the public keys (RFC 7517): the published root keys, each with the id that tokens carry
 * as a hint, the key that signs feed heads, and the key that signs signals. A deployment pins the
 * feed key in its verifiers, which learn the root keys from the feed. This set is for people to
 * read.
 */
export async function jwks(env: IssuerEnv): Promise<Response> {
  const { publishedKeys, feedKey, signals } = readConfig(env);
  const mintKeys = await Promise.all(
    publishedKeys.map(async ({ id, key }) => ({
      ...(await signingJwk(key, 'mint')),
      hewn_key_id: id,
    })),
  );
  const signalKeys = signals ? [await signingJwk(signals.key, 'signal')] : [];
  return Response.json({ keys: [...mintKeys, await signingJwk(feedKey, 'feed'), ...signalKeys] });
}

async function signingJwk(key: string, use: 'mint' | 'feed' | 'signal') {
  const jwk = await publicJwk(key);
  return { ...jwk, use: 'sig', alg: 'EdDSA', kid: await thumbprintOf(jwk), hewn_use: use };
}
