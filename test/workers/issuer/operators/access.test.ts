import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ask, ISSUER, withDirectory } from './scene.ts';

/** Cloudflare Access in front of the issuer: it adds an assertion to what it lets through. */
const TEAM = 'https://acme.cloudflareaccess.com';
const AUDIENCE = 'ab'.repeat(32);
const variables = withDirectory({
  access: { team: 'acme', audience: AUDIENCE },
  roles: [{ role: 'responder', provider: 'access', claim: 'email', values: ['rita@acme.example'] }],
});

const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
const other = await generateKeyPair('RS256');
const jwk = { ...(await exportJWK(publicKey)), kid: 'access-1', alg: 'RS256', use: 'sig' };

beforeEach(() => {
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const { url } = new Request(input as string, init);
    return url === `${TEAM}/cdn-cgi/access/certs`
      ? Response.json({ keys: [jwk] })
      : new Response('not here', { status: 404 });
  });
});
afterEach(() => vi.restoreAllMocks());

/** The members are those of the documentation of Access, for an application behind it. */
const assertion = (changes: object = {}, key = privateKey): Promise<string> =>
  new SignJWT({
    aud: [AUDIENCE],
    email: 'rita@acme.example',
    iss: TEAM,
    type: 'app',
    identity_nonce: 'a nonce of Access',
    sub: '7335d417-61da-459d-899c-0a01c76a2f94',
    country: 'US',
    iat: Math.floor(Date.now() / 1000),
    exp: Math.floor(Date.now() / 1000) + 300,
    ...changes,
  })
    .setProtectedHeader({ alg: 'RS256', kid: 'access-1', typ: 'JWT' })
    .sign(key);

const call = (jwt: string, method = 'GET', path = '/session', headers = {}) =>
  ask(
    `/admin/v1${path}`,
    {
      method,
      headers: { 'cf-access-jwt-assertion': jwt, 'sec-fetch-site': 'same-origin', ...headers },
      ...(method === 'POST' && { body: JSON.stringify({ reason: 'incident 7' }) }),
    },
    variables,
  );

describe('a person whom Cloudflare Access has let in', () => {
  test('is an operator with the roles of their address', async () => {
    const answer = await call(await assertion());
    expect(await answer.json()).toMatchObject({
      name: 'access#rita@acme.example',
      kind: 'access',
      roles: [{ role: 'responder' }],
    });
  });

  test('has no role without a rule for their address', async () => {
    const answer = await call(
      await assertion({ email: 'mallory@acme.example' }),
      'GET',
      '/workflows',
    );
    expect(answer.status).toBe(403);
  });

  test('changes nothing from a page of another origin', async () => {
    const id = `wf_${'A'.repeat(32)}`;
    const from = (origin: string, site: string) => ({
      origin,
      'sec-fetch-site': site,
      'content-type': 'application/json',
    });
    const path = `/workflows/${id}/revoke`;
    const foreign = from('https://evil.example', 'cross-site');
    const refused = await call(await assertion(), 'POST', path, foreign);
    expect(await refused.json()).toMatchObject({ error: 'cross_site_refused' });
    const own = await call(await assertion(), 'POST', path, from(ISSUER, 'same-origin'));
    expect(await own.json()).toMatchObject({ error: 'workflow_unknown' });
  });
});

test.each([
  ['of another application', () => assertion({ aud: ['cd'.repeat(32)] })],
  ['of another team', () => assertion({ iss: 'https://evil.cloudflareaccess.com' })],
  ['signed by another key', () => assertion({}, other.privateKey)],
  ['that has expired', () => assertion({ iat: 1_700_000_000, exp: 1_700_000_300 })],
  ['that is not a JWT', async () => 'not-a-token'],
])('an assertion %s is no operator', async (_, make) => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const answer = await call(await make());
  expect(answer.status).toBe(401);
});
