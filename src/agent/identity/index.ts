/** Where the tokens of an agent and of its user come from. */
export { type AzureOptions, azureIdentity } from './azure.ts';
export {
  type Environment,
  type EnvironmentOptions,
  environmentIdentity,
  type GitlabOptions,
  gitlabIdentity,
} from './environment.ts';
export { type GithubActionsOptions, githubActionsIdentity } from './github.ts';
export { type GoogleOptions, googleIdentity } from './google.ts';
export {
  type IdentityRequest,
  type IdentitySource,
  identityFrom,
  identitySource,
  jwtIn,
} from './source.ts';
