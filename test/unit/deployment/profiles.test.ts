import { describe, expect, test } from 'vitest';
import { readDeployment, showFault } from '../../../src/deployment/index.ts';

const BASE = `
name = "notes"
[issuer]
url = "https://issuer.example"
[providers.login]
issuer = "https://login.example"
jwksUri = "https://login.example/jwks"
audience = "https://issuer.example"
algorithms = ["ES256"]
[gateways.main]
url = "https://gateway.example"
upstreams = { notes = "https://notes.example/mcp" }
`;
const GRANT = '{ tool = "mcp/notes/read_note", action = "read", dataset = "notes/team" }';

const read = (text: string) => readDeployment(new TextEncoder().encode(BASE + text));
async function faultsOf(text: string): Promise<readonly string[]> {
  const deployment = await read(text);
  return deployment.ok ? [] : deployment.error.map(showFault);
}

describe('profiles of hewn.toml', () => {
  test('are read with what they request', async () => {
    const deployment = await read(
      `[profiles.review]\ntask = "review"\ngrants = [${GRANT}]\nservers = ["notes"]\nstepUp = "never"\n`,
    );
    expect(deployment.ok && deployment.value.profiles).toEqual({
      review: {
        task: 'review',
        grants: [{ tool: 'mcp/notes/read_note', action: 'read', dataset: 'notes/team' }],
        servers: ['notes'],
        stepUp: 'never',
      },
    });
  });

  test('are optional', async () => {
    const deployment = await read('');
    expect(deployment.ok && deployment.value.profiles).toEqual({});
  });

  test.each([
    ['[profiles.a]\ntask = "x"', 'profiles.a.grants: missing'],
    [`[profiles.a]\ngrants = [${GRANT}]`, 'profiles.a.task: missing'],
    [`[profiles.A]\ntask = "x"\ngrants = [${GRANT}]`, 'profiles.A: "A" is not a valid name'],
    [`[profiles.a]\ntask = "x"\ngrant = [${GRANT}]`, 'Did you mean "grants"?'],
    ['[profiles.a]\ntask = "x"\ngrants = []', 'a list of at least one grant'],
    [
      '[profiles.a]\ntask = "x"\ngrants = [{ tool = "t", action = "read", dataset = "a/../b" }]',
      'profiles.a.grants[0]: the dataset is not valid',
    ],
    [
      `[profiles.a]\ntask = "x"\ngrants = [${GRANT}]\nservers = ["note"]`,
      'no upstream "note". Allowed: notes. Did you mean "notes"?',
    ],
    [`[profiles.a]\ntask = "x"\ngrants = [${GRANT}]\nstepUp = "maybe"`, '"ask", "policy", "never"'],
  ])('%j is reported: %s', async (text, fault) => {
    expect((await faultsOf(text)).join('\n')).toContain(fault);
  });
});
