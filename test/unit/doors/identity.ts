import {
  type AzureOptions,
  azureIdentity,
  type EnvironmentOptions,
  environmentIdentity,
  type GithubActionsOptions,
  type GitlabOptions,
  type GoogleOptions,
  type GuardToolOptions,
  githubActionsIdentity,
  gitlabIdentity,
  googleIdentity,
  guardTool,
} from '../../../src/agent/index.ts';
import {
  type DevIdentityOptions,
  type DevUserOptions,
  devIdentity,
  devUser,
  type SpiffeOptions,
  spiffeIdentity,
} from '../../../src/agent-node/index.ts';
import { unanswered, type Walk, walk } from './walk.ts';

const env = { A: 'b' };

export const SOURCES: readonly Walk[] = [
  walk<GuardToolOptions>(
    'guardTool',
    { connection: { widen: async () => false }, tool: 'crm.search' },
    [],
    (given) => guardTool(() => undefined, given),
  ),
  walk<EnvironmentOptions>('environmentIdentity', { env }, ['env'], (given) =>
    environmentIdentity('A', given),
  ),
  walk<GitlabOptions>(
    'gitlabIdentity',
    { env, variable: 'A' },
    ['env', 'variable'],
    gitlabIdentity,
  ),
  walk<GithubActionsOptions>(
    'githubActionsIdentity',
    { env, audience: 'a', fetch: unanswered },
    ['env', 'audience', 'fetch'],
    githubActionsIdentity,
  ),
  walk<GoogleOptions>(
    'googleIdentity',
    { env, audience: 'a', serviceAccount: 'default', fetch: unanswered },
    ['env', 'audience', 'serviceAccount', 'fetch'],
    googleIdentity,
  ),
  walk<AzureOptions>(
    'azureIdentity',
    { env, audience: 'a', clientId: 'c', fetch: unanswered },
    ['env', 'audience', 'clientId', 'fetch'],
    azureIdentity,
  ),
];

export const NODE_SOURCES: readonly Walk[] = [
  walk<DevIdentityOptions>(
    'devIdentity',
    { folder: '.', agent: 'a', fetch: unanswered },
    ['folder', 'agent', 'fetch'],
    devIdentity,
  ),
  walk<DevUserOptions>(
    'devUser',
    { folder: '.', agent: 'a', user: 'u', fetch: unanswered },
    ['folder', 'agent', 'user', 'fetch'],
    devUser,
  ),
  walk<SpiffeOptions>(
    'spiffeIdentity',
    { socket: 'unix:///a', spiffeId: 'spiffe://a/b', audience: 'a' },
    ['socket', 'spiffeId', 'audience'],
    spiffeIdentity,
  ),
];
