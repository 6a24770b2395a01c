import type { PublicApi } from '../../../src/issuer-api/index.ts';
import type { PublicHandlers } from '../platform/router.ts';
import { tokenEndpoint } from './endpoint.ts';
import { introspectionEndpoint } from './introspect.ts';
import { authorizationServerMetadata, jwks } from './metadata.ts';
import { revocationEndpoint } from './revoke.ts';

export const tokenRoutes: PublicHandlers<PublicApi['token']> = {
  token: tokenEndpoint,
  introspect: introspectionEndpoint,
  revoke: revocationEndpoint,
  metadata: (_request, env) => authorizationServerMetadata(env),
  jwks: (_request, env) => jwks(env),
};
