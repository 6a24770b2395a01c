import { readdir } from 'node:fs/promises';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { printBlock } from '../../../src/biscuit/index.ts';
import { toBlock } from '../../../src/capability/index.ts';
import type { Deployment, Environment } from '../../../src/deployment/index.ts';
import {
  devProviders,
  generateIdentityKey,
  partiesOf,
  peopleOf,
  startIdentityProvider,
} from '../../../src/dev/identity/index.ts';
import {
  checkConsent,
  createIdentity,
  type Identity,
  type IdentityIssuer,
  readIssuers,
} from '../../../src/identity/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { decide } from '../../../workers/issuer/token/decide.ts';
import { readTokenRequest } from '../../../workers/issuer/token/read.ts';
import { deploymentOf, VALID } from '../deployment/scene.ts';
import { projectCatalogue } from '../fixtures/catalogue.ts';
import { mintInput } from '../issuer/token/mint-input.ts';
import {
  type IdentityPage,
  type RefusedChange,
  readIdentityPage,
  type SampleToken,
  statementsOf,
} from './identity-page.ts';
import { projectFile, readProjectFile } from './markdown.ts';

/**
 * Each page of docs/guides/identity is run: its providers are read as part of a hewn.toml, its
 * sample tokens are signed and verified, its consent is checked, its policy decides its request,
 * and the capability is the one that the page shows.
 */

const FOLDER = 'docs/guides/identity';
const PAGES = (await readdir(projectFile(FOLDER))).filter((name) => name !== 'index.md').sort();
const AUDIENCES = ['https://gateway.example'];

type Refusal = { readonly code: string; readonly cause: string };
type Tokens = Pick<IdentityPage, 'person' | 'agent'>;
type Parties = { readonly workload: Identity; readonly user?: Identity };

/** A page, the entries that its providers become, and a key for each sample token. */
interface Scene {
  readonly page: IdentityPage;
  readonly entries: readonly IdentityIssuer[];
  readonly keys: Readonly<Record<'person' | 'agent', CryptoKey>>;
  readonly documents: ReadonlyMap<string, readonly JWK[]>;
  readonly now: number;
}

async function sceneOf(name: string): Promise<Scene> {
  const page = readIdentityPage(await readProjectFile(`${FOLDER}/${name}`));
  const entries = await entriesOf(page);
  const documents = new Map<string, readonly JWK[]>();
  const keyOf = async ({ header, claims }: SampleToken): Promise<CryptoKey> => {
    const { privateKey, publicKey } = await generateKeyPair(header.alg ?? '', {
      extractable: true,
    });
    const url = keysUrl(entries, claims);
    const use = url.isBundle ? 'jwt-svid' : 'sig';
    const jwk = { ...(await exportJWK(publicKey)), use, ...(header.kid && { kid: header.kid }) };
    documents.set(url.url, [...(documents.get(url.url) ?? []), jwk]);
    return privateKey;
  };
  const agent = await keyOf(page.agent);
  const keys = { agent, person: page.person ? await keyOf(page.person) : agent };
  const issued = [page.person, page.agent].map((token) => Number(token?.claims.iat ?? 0));
  return { page, entries, keys, documents, now: (Math.max(...issued) + 10) * 1000 };
}

/** A whole deployment file with the providers of the page. */
const deploymentWith = ({ providers }: IdentityPage, more = ''): Promise<Deployment> =>
  deploymentOf(
    VALID.replace(/\[providers\.okta\][\s\S]*(?=\[gateways)/, () => `${providers}\n`) + more,
  );

async function entriesOf(page: IdentityPage): Promise<readonly IdentityIssuer[]> {
  const [environment] = (await deploymentWith(page)).environments as readonly [Environment];
  const read = readIssuers(environment.providers);
  if (!read.ok) throw new Error(`${read.error.where}: ${read.error.why}`);
  return read.value;
}

function keysUrl(
  entries: readonly IdentityIssuer[],
  { iss, sub }: SampleToken['claims'],
): { readonly url: string; readonly isBundle: boolean } {
  for (const entry of entries) {
    if ('issuer' in entry && entry.issuer === iss) return { url: entry.jwksUri, isBundle: false };
    if (entry.kind === 'spiffe' && String(sub).startsWith(`spiffe://${entry.trustDomain}/`)) {
      return { url: entry.bundleUri ?? '', isBundle: true };
    }
  }
  throw new Error(`no entry for a token of ${iss ?? sub}`);
}

/** Verifies both tokens and the consent, as the token endpoint does. */
async function prove(
  { entries, keys, documents, now }: Scene,
  tokens: Tokens,
): Promise<Result<Parties, Refusal>> {
  const identity = createIdentity(entries, {
    now: () => now,
    fetch: async (url) => {
      const found = documents.get(String(url));
      if (!found) throw new Error(`no keys at ${url}`);
      return Response.json({ keys: found, spiffe_sequence: 1, spiffe_refresh_hint: 300 });
    },
  });
  const sign = ({ header, claims }: SampleToken, key: CryptoKey) =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: '', ...header }).sign(key);
  const workload = await identity.verify(await sign(tokens.agent, keys.agent));
  const agentCode = tokens.person ? 'actor_refused' : 'subject_refused';
  if (!workload.ok) return refuse({ code: agentCode, cause: workload.error.code });
  if (!tokens.person) return ok({ workload: workload.value });
  const user = await identity.verify(await sign(tokens.person, keys.person));
  if (!user.ok) return refuse({ code: 'subject_refused', cause: user.error.code });
  const consent = checkConsent(user.value, workload.value);
  return consent.ok ? ok({ workload: workload.value, user: user.value }) : consent;
}

/** Decides the request of the page by its policy. */
function mint({ page, now }: Scene, parties: Parties, policy: string) {
  const request = readTokenRequest(page.request, AUDIENCES);
  if (!request.ok) throw new Error(JSON.stringify(request.error));
  const { user, ...input } = mintInput(policy, request.value.grants, {
    catalogue: projectCatalogue(),
    ...parties,
    now,
    request: request.value,
  });
  return decide({ ...input, ...(parties.user && user && { user }) });
}

function changed(token: SampleToken, { claim, value }: RefusedChange): SampleToken {
  const [, parameter] = /^header (\w+)$/.exec(claim) ?? [];
  return parameter === undefined
    ? { ...token, claims: { ...token.claims, [claim]: value } }
    : { ...token, header: { ...token.header, [parameter]: String(value) } };
}

/** The statements that depend on the test and not on the page. */
const isOfThePage = (statement: string): boolean => !/^(?:workflow|catalogue)\(/.test(statement);

describe.each(PAGES)('docs/guides/identity/%s', (name) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await sceneOf(name);
  });

  test('the request sends the tokens of the page', () => {
    const { page } = scene;
    expect(page.request.get('subject_token')).toMatch(/^\$[A-Z_]+$/);
    expect(page.request.has('actor_token')).toBe(page.person !== undefined);
  });

  test('the sample tokens, the consent and the policy give the capability that it shows', async () => {
    const proven = await prove(scene, scene.page);
    if (!proven.ok) throw new Error(JSON.stringify(proven.error));
    const decision = mint(scene, proven.value, scene.page.policy);
    if (decision.kind !== 'mint') throw new Error(JSON.stringify(decision));
    const minted = statementsOf(printBlock(toBlock(decision.plan.authority)));
    expect(scene.page.capability.filter(isOfThePage)).toEqual(minted.filter(isOfThePage));
  });

  test('hewn dev plays its providers, and its policy decides as with the real ones', async () => {
    const proven = await prove(scene, scene.page);
    if (!proven.ok) throw new Error(JSON.stringify(proven.error));
    const parties = await proveInDev(scene.page, proven.value);
    // The development identity provider stamps its tokens with the time of this machine.
    const decision = mint({ ...scene, now: Date.now() }, parties, scene.page.policy);
    expect(decision.kind).toBe('mint');
  });

  test('each changed token is refused with the code that it states', async () => {
    const { page } = scene;
    expect(page.refusals.length).toBeGreaterThan(1);
    for (const change of page.refusals) {
      const tokens: Tokens = {
        agent: change.party === 'agent' ? changed(page.agent, change) : page.agent,
        ...(page.person && {
          person: change.party === 'person' ? changed(page.person, change) : page.person,
        }),
      };
      const proven = await prove(scene, tokens);
      const { claim, value, code, cause } = change;
      const found = proven.ok ? policyRefusal(scene, proven.value) : proven.error;
      expect([claim, value, found]).toEqual([claim, value, { code, cause }]);
    }
  });
});

/** The parties of a page as `hewn dev` plays them: other issuers, the same names and subjects. */
async function proveInDev(page: IdentityPage, { workload, user }: Parties): Promise<Parties> {
  const agent = `provider = "${workload.issuerName}"\nsubject = "${workload.subject}"`;
  const person = user ? `\n[dev.users.alice]\nprovider = "${user.issuerName}"` : '';
  const deployment = await deploymentWith(page, `\n[dev.agents.agent]\n${agent}${person}\n`);
  const [environment] = deployment.environments as readonly [Environment];
  const audience = 'http://127.0.0.1:8788';
  const provider = await startIdentityProvider({
    port: { port: 0, what: 'identity provider', portVariable: 'HEWN_IDP_PORT' },
    audience,
    key: await generateIdentityKey(),
    parties: partiesOf(environment, deployment.dev),
    people: peopleOf(deployment.dev),
  });
  try {
    const { url: base, key, tokenEndpoint } = provider;
    const publicJwk = { ...key.publicJwk };
    const issuers = readIssuers(devProviders(environment, { base, audience, publicJwk }));
    if (!issuers.ok) throw new Error(issuers.error.why);
    const identity = createIdentity(issuers.value);
    const verify = async (names: Record<string, string>): Promise<Identity> => {
      const body = new URLSearchParams(names);
      const answer = await fetch(tokenEndpoint, { method: 'POST', body });
      const { access_token } = (await answer.json()) as { access_token: string };
      const verified = await identity.verify(access_token);
      if (!verified.ok) throw new Error(JSON.stringify(verified.error));
      return verified.value;
    };
    const played = await verify({ agent: 'agent' });
    if (!user) return { workload: played };
    const alice = await verify({ user: 'alice', agent: 'agent' });
    expect(checkConsent(alice, played).ok).toBe(true);
    return { workload: played, user: alice };
  } finally {
    await provider.close();
  }
}

function policyRefusal(scene: Scene, parties: Parties): unknown {
  const decision = mint(scene, parties, scene.page.policy);
  return decision.kind === 'refuse' ? decision.refusal : decision.kind;
}

test('without unattended(true), an agent alone gets nothing', async () => {
  const scene = await sceneOf('google-service-account.md');
  const proven = await prove(scene, scene.page);
  if (!proven.ok) throw new Error(JSON.stringify(proven.error));
  const policy = scene.page.policy.replace(/^unattended\(true\).*\n/m, '');
  expect(policy).not.toBe(scene.page.policy);
  expect(mint(scene, proven.value, policy)).toMatchObject({
    refusal: { code: 'policy_refused', cause: 'user_missing' },
  });
});

test('the index links every page', async () => {
  const index = await readProjectFile(`${FOLDER}/index.md`);
  for (const name of PAGES) expect(index).toContain(`](${name})`);
});
