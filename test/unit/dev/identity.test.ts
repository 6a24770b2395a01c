import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Deployment, readDeployment } from '../../../src/deployment/index.ts';
import {
  devProviders,
  generateIdentityKey,
  type IdentityProvider,
  partiesOf,
  peopleOf,
  startIdentityProvider,
} from '../../../src/dev/identity/index.ts';
import { checkConsent, createIdentity, readIssuers } from '../../../src/identity/index.ts';
import { projectFile } from '../docs/markdown.ts';

const ISSUER = 'http://127.0.0.1:8788';
const PORT = { port: 0, what: 'identity provider', portVariable: 'HEWN_IDP_PORT' };

let deployment: Deployment;
let provider: IdentityProvider;
beforeAll(async () => {
  const file = await readFile(projectFile('examples/reports/hewn.toml'), 'utf8');
  const more = `
[dev.agents.analyst]
provider = "acme"
subject = "spiffe://acme.example/agents/analyst"

[dev.agents.deployer]
provider = "github"
`;
  const read = await readDeployment(Buffer.from(file + more));
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  deployment = read.value;
  const [environment] = deployment.environments;
  if (environment === undefined) throw new Error('no environment');
  provider = await startIdentityProvider({
    port: PORT,
    audience: ISSUER,
    key: await generateIdentityKey(),
    parties: partiesOf(environment, deployment.dev),
    people: peopleOf(deployment.dev),
  });
});
afterAll(() => provider.close());

const ask = (names: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(provider.tokenEndpoint, { method: 'POST', headers, body: new URLSearchParams(names) });

async function tokenOf(names: Record<string, string>): Promise<string> {
  const body = (await (await ask(names)).json()) as Record<string, string>;
  return body.access_token ?? body.client_assertion ?? '';
}

function identities() {
  const [environment] = deployment.environments;
  if (environment === undefined) throw new Error('no environment');
  const issuers = readIssuers(
    devProviders(environment, {
      base: provider.url,
      audience: ISSUER,
      publicJwk: { ...provider.key.publicJwk },
    }),
  );
  if (!issuers.ok) throw new Error(JSON.stringify(issuers.error));
  return createIdentity(issuers.value, { self: ISSUER });
}

describe('the development identity provider', () => {
  test('vouches for a user, whose token lets the agent act for them', async () => {
    const identity = identities();
    const user = await identity.verify(await tokenOf({ user: 'alice', agent: 'report-agent' }));
    const agent = await identity.verify(await tokenOf({ agent: 'report-agent' }));
    expect(user).toMatchObject({ ok: true, value: { issuerName: 'local-idp', subject: 'alice' } });
    expect(agent).toMatchObject({ ok: true, value: { subject: 'report-agent' } });
    if (user.ok && agent.ok) expect(checkConsent(user.value, agent.value).ok).toBe(true);
  });

  test('lets no other agent act for the user', async () => {
    const identity = identities();
    const user = await identity.verify(await tokenOf({ user: 'alice' }));
    const agent = await identity.verify(await tokenOf({ agent: 'report-agent' }));
    if (user.ok && agent.ok) expect(checkConsent(user.value, agent.value).ok).toBe(false);
  });

  test('speaks for a SPIFFE trust domain and for a ready-made kind', async () => {
    const identity = identities();
    const analyst = await identity.verify(await tokenOf({ agent: 'analyst' }));
    expect(analyst).toMatchObject({
      ok: true,
      value: { issuerName: 'acme', qualified: 'spiffe://acme.example/agents/analyst' },
    });
    const deployer = await identity.verify(await tokenOf({ agent: 'deployer' }));
    expect(deployer).toMatchObject({
      ok: true,
      value: { issuerName: 'github', subject: 'repo:octo-org/reports:ref:refs/heads/main' },
    });
  });

  test('refuses a name that hewn.toml does not have', async () => {
    const response = await ask({ user: 'mallory' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error_description: expect.stringContaining('known are alice'),
    });
  });

  test('refuses pages of a browser', async () => {
    expect((await ask({ user: 'alice' }, { origin: 'https://evil.example' })).status).toBe(403);
  });

  test('publishes its keys and the documents of its providers', async () => {
    const document = await fetch(`${provider.url}/local-idp/.well-known/openid-configuration`);
    const { issuer, jwks_uri } = (await document.json()) as Record<string, string>;
    expect(issuer).toBe(`${provider.url}/local-idp`);
    const keys = (await (await fetch(jwks_uri ?? '')).json()) as { keys: object[] };
    expect(keys.keys).toHaveLength(1);
    expect(JSON.stringify(keys)).not.toContain('"d"');
    expect((await fetch(`${provider.url}/other`)).status).toBe(404);
  });
});
