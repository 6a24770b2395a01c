import { expecting, type Members, optional, readOptions, text } from '../../options.ts';
import { type IdentitySource, jwtIn } from './source.ts';

/** The variables of a process, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

export const environment = expecting(
  'an object of variables, such as `process.env`',
  (value) => typeof value === 'object' && value !== null,
);

/** The variables of this process; none in a browser, and in a Worker without Node compatibility. */
export const processEnvironment = (): Environment =>
  (globalThis as { readonly process?: { readonly env?: Environment } }).process?.env ?? {};

/** Where a variable is read from. */
export interface EnvironmentOptions {
  /** By default the variables of the process. */
  readonly env?: Environment;
}

/** The options of `gitlabIdentity`. */
export interface GitlabOptions extends EnvironmentOptions {
  /** The name under `id_tokens` of the job; by default `HEWN_ID_TOKEN`. */
  readonly variable?: string;
}

const ENVIRONMENT: Members<EnvironmentOptions> = { env: optional(environment) };
const GITLAB: Members<GitlabOptions> = { ...ENVIRONMENT, variable: optional(text) };

/**
 * Returns the identity source that reads a variable of the process, for a platform that puts the
 * JWT of a workload there. The token is as old as the process.
 *
 * @example
 * ```ts
 * import { environmentIdentity } from 'hewn/agent';
 *
 * const identity = environmentIdentity('AGENT_TOKEN', { env: { AGENT_TOKEN: actorToken } });
 * console.log(identity.name);
 * ```
 */
export function environmentIdentity(
  variable: string,
  options: EnvironmentOptions = {},
): IdentitySource {
  const { env } = readOptions(options, 'environmentIdentity', ENVIRONMENT);
  return variableSource(variable, {
    name: `the variable ${variable}`,
    env,
    advice: `Set it to a JWT for the issuer`,
  });
}

/**
 * Returns the identity source of a job of GitLab CI, whose `id_tokens` have the issuer as `aud`.
 *
 * @example
 * ```ts
 * import { gitlabIdentity } from 'hewn/agent';
 *
 * const identity = gitlabIdentity({ variable: 'HEWN_ID_TOKEN' });
 * console.log(identity.name);
 * ```
 */
export function gitlabIdentity(options: GitlabOptions = {}): IdentitySource {
  const { env, variable = 'HEWN_ID_TOKEN' } = readOptions(options, 'gitlabIdentity', GITLAB);
  return variableSource(variable, {
    name: 'GitLab CI',
    env,
    advice: `Add it to \`id_tokens\` of the job, with the URL of the issuer as \`aud\``,
  });
}

const variableSource = (
  variable: string,
  from: { readonly name: string; readonly env: Environment | undefined; readonly advice: string },
): IdentitySource => ({
  name: from.name,
  token: async () => {
    const value = (from.env ?? processEnvironment())[variable];
    if (value === undefined) throw new Error(`${variable} is not set. ${from.advice}`);
    return jwtIn(value, variable);
  },
});
