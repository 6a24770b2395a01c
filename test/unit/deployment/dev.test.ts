import { describe, expect, test } from 'vitest';
import { chosenEnvironment, localEnvironment } from '../../../src/dev/environment.ts';
import { deploymentOf, textOf, VALID } from './scene.ts';

const DEV = `
[dev.users.alice]

[dev.agents.report-agent]
subject = "agent-7"

[dev.servers.files]
command = ["node", "files.js"]
`;

test('reads what hewn dev runs', async () => {
  const { dev } = await deploymentOf(VALID + DEV);
  expect(dev).toMatchObject({
    users: { alice: {} },
    agents: { 'report-agent': { subject: 'agent-7' } },
    servers: { files: { command: ['node', 'files.js'] } },
  });
});

const FAULTS: readonly (readonly [what: string, toml: string, fault: string])[] = [
  ['an unknown key', '[dev]\nuser = 1', 'dev.user: unknown key'],
  ['an unknown environment', '[dev]\nenvironment = "prod"', 'no environment "prod"'],
  ['an unknown provider', '[dev.users.alice]\nprovider = "oktaa"', 'Did you mean "okta"?'],
  ['a misspelt server', '[dev.servers.file]\nurl = "http://127.0.0.1:1"', 'Did you mean "files"?'],
  ['a server without a command', '[dev.servers.files]', 'neither "command" nor "url"'],
  [
    'a server with both',
    '[dev.servers.files]\ncommand = ["a"]\nurl = "http://127.0.0.1:1"',
    'exactly one of "command" and "url"',
  ],
  [
    'a folder for a server that runs already',
    '[dev.servers.files]\nurl = "http://127.0.0.1:1"\ncwd = "servers"',
    'a "cwd" without "command"',
  ],
  ['a name with a space', '[dev.users."alice smith"]', '"alice smith" is not a valid name'],
  [
    'a user of one of two providers, without saying which',
    `[providers.other]
issuer = "https://other.example"
jwksUri = "https://other.example/keys"
audience = "https://issuer.example"
algorithms = ["RS256"]
[dev.users.alice]`,
    'dev.users.alice.provider: missing, and there are 2 providers to choose from',
  ],
  ['a number that is no port', '[dev.ports]\nissuer = 70000', 'a whole number from 0 to 65535'],
];

test.each(FAULTS)('rejects %s in [dev]', async (_, toml, fault) => {
  expect(await textOf(`${VALID}\n${toml}\n`)).toContain(fault);
});

describe('the environment on this machine', () => {
  test('has local URLs and servers, and no pins or domains of the deployment', async () => {
    const deployment = await deploymentOf(VALID + DEV);
    const local = localEnvironment(deployment, {
      issuer: 'http://127.0.0.1:1',
      gateways: ['http://127.0.0.1:2'],
      servers: { files: 'http://127.0.0.1:3/files' },
      providers: [],
      operators: {},
      credentialDigest: () => 'ab'.repeat(32),
    });
    expect(local.name).toBe('dev');
    expect(local.deployment).toBe(chosenEnvironment(deployment).deployment);
    expect(local.issuer).toMatchObject({ url: 'http://127.0.0.1:1', routes: [] });
    expect(local.issuer).not.toHaveProperty('sourceHeader');
    expect(local.gateways[0]).toMatchObject({
      url: 'http://127.0.0.1:2',
      upstreams: { files: { url: 'http://127.0.0.1:3/files', addresses: ['127.0.0.1'] } },
    });
  });
});
