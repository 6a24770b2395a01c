import { callable, type Members, optional, readOptions, text } from '../../options.ts';
import { askPlatform, memberOf } from './ask.ts';
import {
  type Environment,
  type EnvironmentOptions,
  environment,
  processEnvironment,
} from './environment.ts';
import { type IdentitySource, jwtIn } from './source.ts';

/** The options of `azureIdentity`. */
export interface AzureOptions extends EnvironmentOptions {
  /** The App ID URI of the issuer in Entra ID; by default the issuer's URL. */
  readonly audience?: string;
  /** The client id of a user-assigned identity; by default the one of the system. */
  readonly clientId?: string;
  readonly fetch?: typeof fetch;
}

const OPTIONS: Members<AzureOptions> = {
  audience: optional(text),
  clientId: optional(text),
  env: optional(environment),
  fetch: optional(callable),
};

/** The Instance Metadata Service of a virtual machine. */
const IMDS = 'http://169.254.169.254/metadata/identity/oauth2/token';

/**
 * Returns the identity source of a managed identity of Azure: a virtual machine, App Service,
 * Functions or Container Apps. For a pod of AKS, use `kubernetesIdentity` of `hewn/agent/node`.
 *
 * @example
 * ```ts
 * import { azureIdentity } from 'hewn/agent';
 *
 * const identity = azureIdentity({ audience: 'api://hewn' });
 * console.log(identity.name);
 * ```
 */
export function azureIdentity(options: AzureOptions = {}): IdentitySource {
  const { audience, clientId, env, fetch } = readOptions(options, 'azureIdentity', OPTIONS);
  return {
    name: 'Azure',
    token: async ({ issuer }) => {
      const { url, headers } = endpointOf(env ?? processEnvironment());
      url.searchParams.set('resource', audience ?? issuer);
      if (clientId !== undefined) url.searchParams.set('client_id', clientId);
      const answer = await askPlatform({ url, headers, fetch });
      return jwtIn(memberOf(answer, 'access_token', url), `the answer of ${url.origin}`);
    },
  };
}

/** App Service and Container Apps state an endpoint of their own; a virtual machine has IMDS. */
function endpointOf({ IDENTITY_ENDPOINT: own, IDENTITY_HEADER: secret }: Environment) {
  const isOwn = own !== undefined && secret !== undefined && URL.canParse(own);
  const url = new URL(isOwn ? own : IMDS);
  url.searchParams.set('api-version', isOwn ? '2019-08-01' : '2018-02-01');
  return isOwn
    ? { url, headers: { 'x-identity-header': secret } }
    : { url, headers: { metadata: 'true' } };
}
