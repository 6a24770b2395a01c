import { callable, type Members, optional, readOptions, text } from '../../options.ts';
import { askPlatform } from './ask.ts';
import { type EnvironmentOptions, environment, processEnvironment } from './environment.ts';
import { type IdentitySource, jwtIn } from './source.ts';

/** The options of `googleIdentity`. */
export interface GoogleOptions extends EnvironmentOptions {
  /** The `aud` of the token, as the issuer's configuration has it; by default the issuer's URL. */
  readonly audience?: string;
  /** The service account; by default the one of the machine. */
  readonly serviceAccount?: string;
  readonly fetch?: typeof fetch;
}

const OPTIONS: Members<GoogleOptions> = {
  audience: optional(text),
  serviceAccount: optional(text),
  env: optional(environment),
  fetch: optional(callable),
};

const METADATA_HOST = 'metadata.google.internal';

/**
 * Returns the identity source of a service account of Google Cloud: a virtual machine, Cloud Run,
 * Cloud Functions or a pod of GKE. Asks the metadata server for each token.
 *
 * @example
 * ```ts
 * import { googleIdentity } from 'hewn/agent';
 *
 * const identity = googleIdentity();
 * console.log(identity.name);
 * ```
 */
export function googleIdentity(options: GoogleOptions = {}): IdentitySource {
  const {
    audience,
    serviceAccount = 'default',
    env,
    fetch,
  } = readOptions(options, 'googleIdentity', OPTIONS);
  return {
    name: 'Google Cloud',
    token: async ({ issuer }) => {
      // The variable that the client libraries of Google read for an emulator.
      const host = (env ?? processEnvironment()).GCE_METADATA_HOST ?? METADATA_HOST;
      const account = encodeURIComponent(serviceAccount);
      const path = `/computeMetadata/v1/instance/service-accounts/${account}/identity`;
      const url = new URL(`http://${host}${path}`);
      url.searchParams.set('audience', audience ?? issuer);
      url.searchParams.set('format', 'full');
      const headers = { 'metadata-flavor': 'Google' };
      return jwtIn(await askPlatform({ url, headers, fetch }), `the answer of ${url.origin}`);
    },
  };
}
