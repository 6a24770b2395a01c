import { reset } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  ask,
  Browser,
  bearer,
  env,
  ISSUER,
  idToken,
  login,
  OLIVIA,
  openSession,
  startProvider,
  tokenOf,
  withDirectory,
} from './scene.ts';

beforeEach(() => startProvider());
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

describe('a session', () => {
  test('ends when its person signs out, everywhere', async () => {
    const browser = new Browser();
    await browser.signIn(OLIVIA);
    const copy = new Browser();
    const [name = '', value = ''] = browser.cookie.split('=');
    copy.set(name, value);
    expect((await copy.call('GET', '/session')).status).toBe(200);
    const left = await browser.ask('/console/sign-out', {
      method: 'POST',
      headers: { origin: ISSUER, 'sec-fetch-site': 'same-origin' },
    });
    expect(left.status).toBe(204);
    expect(browser.cookie).toBe('');
    expect((await copy.call('GET', '/session')).status).toBe(401);
  });

  test('has the roles that the rules give at each request', async () => {
    const browser = new Browser();
    await browser.signIn({ sub: 'vera', groups: ['staff'] });
    const rolesIn = async (variables = env) =>
      (
        (await (await browser.call('GET', '/session', undefined, variables)).json()) as {
          roles: object[];
        }
      ).roles;
    expect(await rolesIn()).toEqual([{ role: 'viewer' }]);
    expect(await rolesIn(withDirectory({ roles: [] }))).toEqual([]);
    const gone = withDirectory({ providers: {}, roles: [] });
    expect((await browser.call('GET', '/session', undefined, gone)).status).toBe(401);
  });

  test('of a browser is no bearer token, and of a command is no cookie', async () => {
    const browser = new Browser();
    await browser.signIn(OLIVIA);
    const [name = '', cookie = ''] = browser.cookie.split('=');
    expect((await bearer(cookie, 'GET', '/session')).status).toBe(401);
    const token = await tokenOf(OLIVIA);
    const other = new Browser();
    other.set(name, token);
    expect((await other.call('GET', '/session')).status).toBe(401);
    expect((await bearer(token, 'GET', '/session')).status).toBe(200);
  });

  test('is never a second try after a wrong bearer token', async () => {
    const browser = new Browser();
    await browser.signIn(OLIVIA);
    const headers = { authorization: 'Bearer wrong', 'sec-fetch-site': 'same-origin' };
    expect((await browser.ask('/admin/v1/session', { headers })).status).toBe(401);
  });
});

describe('requests of other pages', () => {
  const EVIL: readonly [string, Record<string, string>][] = [
    ['another origin', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a sibling host', { origin: 'https://other.issuer.example', 'sec-fetch-site': 'same-site' }],
    ['a sandboxed frame', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['no origin', {}],
    ['an older browser', { origin: 'https://evil.example' }],
    ['our origin from another site', { origin: ISSUER, 'sec-fetch-site': 'cross-site' }],
    ['a form', { origin: ISSUER, 'content-type': 'text/plain' }],
    ['an upload', { origin: ISSUER, 'content-type': 'multipart/form-data; boundary=x' }],
  ];

  test.each(EVIL)('change nothing with the cookie: %s', async (_, headers) => {
    const browser = new Browser();
    await browser.signIn(OLIVIA);
    for (const [method, path] of [
      ['POST', '/admin/v1/denials'],
      ['DELETE', '/admin/v1/session'],
      ['POST', '/console/sign-out'],
    ] as const) {
      const body = method === 'POST' ? { body: '{"scope":"owner"}' } : {};
      const answer = await browser.ask(path, { method, headers, ...body });
      expect([path, answer.status]).toEqual([path, 403]);
      expect(await answer.json()).toMatchObject({ error: 'cross_site_refused' });
    }
    expect((await browser.call('GET', '/session')).status).toBe(200);
  });

  test.each(['cross-site', 'same-site'])('read nothing with the cookie: %s', async (site) => {
    const browser = new Browser();
    await browser.signIn(OLIVIA);
    const answer = await browser.ask('/admin/v1/session', { headers: { 'sec-fetch-site': site } });
    expect(answer.status).toBe(403);
  });

  test('a cookie that is sent twice counts for nothing', async () => {
    const browser = new Browser();
    await browser.signIn(OLIVIA);
    const cookie = `${browser.cookie}; __Host-hewn-session=hewn-session_${'B'.repeat(43)}`;
    expect((await ask('/admin/v1/session', { headers: { cookie } })).status).toBe(401);
  });
});

describe('the session of a command', () => {
  test('begins with an ID token whose nonce is the digest of a text that only it knows', async () => {
    const opened = await login({ sub: 'rita', groups: ['sre'] });
    expect(opened.status).toBe(200);
    const { token, ends_at } = (await opened.json()) as { token: string; ends_at: number };
    expect(ends_at).toBeGreaterThan(Date.now() / 1000);
    const shown = await bearer(token, 'GET', '/session');
    expect(await shown.json()).toMatchObject({ name: 'corp#rita', source: 'cli' });
    expect((await bearer(token, 'DELETE', '/session')).status).toBe(204);
    expect((await bearer(token, 'GET', '/session')).status).toBe(401);
  });

  test('does not begin with an ID token that was read in a log', async () => {
    const jwt = await idToken({ ...OLIVIA, nonce: 'n'.repeat(43) });
    expect((await openSession({ id_token: jwt })).status).toBe(401);
    expect((await openSession({ id_token: jwt, nonce_verifier: 'n'.repeat(43) })).status).toBe(401);
  });

  test('begins once with a token of a device flow, which has no nonce, and soon after it', async () => {
    const jwt = await idToken(OLIVIA);
    expect((await openSession({ id_token: jwt })).status).toBe(200);
    expect((await openSession({ id_token: jwt })).status).toBe(401);
    const old = await idToken({ ...OLIVIA, iat: Math.floor(Date.now() / 1000) - 700 });
    expect((await openSession({ id_token: old })).status).toBe(401);
  });

  test('does not begin without a role, a known provider, or operators at all', async () => {
    expect((await login({ sub: 'nina' })).status).toBe(403);
    const jwt = await idToken(OLIVIA);
    expect((await openSession({ id_token: jwt, provider: 'constructor' })).status).toBe(401);
    const none = { ...env, OPERATOR_DIRECTORY: undefined };
    expect((await openSession({ id_token: jwt }, none)).status).toBe(401);
  });
});
