import type { PublicApi } from '../../../src/issuer-api/index.ts';
import type { PublicHandlers } from '../platform/router.ts';
import type { DeployedPolicy } from '../version/deployed-policy.ts';
import { tokenEndpoint } from './endpoint.ts';
import { introspectionEndpoint } from './introspect.ts';
import { authorizationServerMetadata, jwks } from './metadata.ts';
import { revocationEndpoint } from './revoke.ts';

export const createTokenRoutes = (
  deployed: DeployedPolicy,
): PublicHandlers<PublicApi['token']> => ({
  token: (request, env, ctx) => tokenEndpoint(request, deployed, env, ctx),
  introspect: introspectionEndpoint,
  revoke: revocationEndpoint,
  metadata: (_request, env) => authorizationServerMetadata(env),
  jwks: (_request, env) => jwks(env),
});
