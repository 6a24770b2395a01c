import { callable, type Members, optional, readOptions, text } from '../../options.ts';
import { askPlatform, memberOf } from './ask.ts';
import { type EnvironmentOptions, environment, processEnvironment } from './environment.ts';
import { type IdentitySource, jwtIn } from './source.ts';

/** The options of `githubActionsIdentity`. */
export interface GithubActionsOptions extends EnvironmentOptions {
  /** The `aud` of the token, as the issuer's configuration has it; by default the issuer's URL. */
  readonly audience?: string;
  readonly fetch?: typeof fetch;
}

const OPTIONS: Members<GithubActionsOptions> = {
  audience: optional(text),
  env: optional(environment),
  fetch: optional(callable),
};

/**
 * Returns the identity source of a job of GitHub Actions, which needs the permission
 * `id-token: write`. Asks for a new token each time.
 *
 * @example
 * ```ts
 * import { githubActionsIdentity } from 'hewn/agent';
 *
 * const identity = githubActionsIdentity();
 * console.log(identity.name);
 * ```
 */
export function githubActionsIdentity(options: GithubActionsOptions = {}): IdentitySource {
  const { audience, env, fetch } = readOptions(options, 'githubActionsIdentity', OPTIONS);
  return {
    name: 'GitHub Actions',
    token: async ({ issuer }) => {
      const variables = env ?? processEnvironment();
      const endpoint = variables.ACTIONS_ID_TOKEN_REQUEST_URL;
      const credential = variables.ACTIONS_ID_TOKEN_REQUEST_TOKEN;
      if (!endpoint || !credential || !URL.canParse(endpoint)) {
        throw new Error(
          'ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN are not set. Give the job `permissions: { id-token: write }`',
        );
      }
      const url = new URL(endpoint);
      url.searchParams.set('audience', audience ?? issuer);
      const headers = { authorization: `bearer ${credential}`, accept: 'application/json' };
      const answer = await askPlatform({ url, headers, fetch });
      return jwtIn(memberOf(answer, 'value', url), `the answer of ${url.origin}`);
    },
  };
}
