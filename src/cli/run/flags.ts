/** Flags of the commands that hold a capability for an agent: `hewn run` and `hewn bridge`. */
export const SESSION_FLAGS = {
  profile: {
    kind: 'text',
    value: 'NAME',
    description: 'the profile of hewn.toml; by default the only one, or the one called default',
  },
  task: { kind: 'text', value: 'TEXT', description: 'what the agent is for' },
  prompt: {
    kind: 'text',
    value: 'TEXT',
    description:
      'the request of the user, word by word: its values meet grants with the origin prompt',
  },
  grants: {
    kind: 'text',
    value: 'FILE',
    description: 'request the grants of this file, TOML or JSON, and not those of a profile',
  },
  identity: {
    kind: 'text',
    value: 'SOURCE',
    description: 'where the token of the agent comes from, such as dev:NAME, env:NAME or github',
  },
  user: {
    kind: 'text',
    value: 'SOURCE',
    description: 'where the token of the user comes from, in the same form',
  },
  'step-up': {
    kind: 'text',
    value: 'MODE',
    description: 'who decides on asking for more after a denial: ask, policy or never',
  },
  folder: {
    kind: 'text',
    value: 'DIR',
    description: 'the folder that contains hewn.toml; by default the current one',
  },
  env: {
    kind: 'text',
    value: 'NAME',
    description: 'use this environment, even if hewn dev runs in the folder',
  },
  issuer: { kind: 'text', value: 'URL', description: 'the issuer; needs --audience' },
  audience: { kind: 'text', value: 'URL', description: 'the gateway; needs --issuer' },
} as const;
