import { reset } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  Browser,
  CLIENT,
  CORP,
  ISSUER,
  OLIVIA,
  provider,
  startProvider,
  withDirectory,
} from './scene.ts';

beforeEach(() => startProvider());
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

describe('sign-in of the console', () => {
  test('asks the provider with PKCE, state and nonce', async () => {
    const begun = await new Browser().ask('/console/sign-in');
    expect(begun.status).toBe(303);
    const target = new URL(begun.headers.get('location') ?? '');
    expect(`${target.origin}${target.pathname}`).toBe(`${CORP}/authorize`);
    const asked = Object.fromEntries(target.searchParams);
    expect(asked).toMatchObject({
      response_type: 'code',
      client_id: CLIENT,
      redirect_uri: `${ISSUER}/console/callback`,
      scope: 'openid groups',
      code_challenge_method: 'S256',
    });
    expect(new Set([asked.state, asked.nonce, asked.code_challenge]).size).toBe(3);
  });

  test('ends with a session of the person and their roles', async () => {
    const browser = new Browser();
    expect(await browser.signIn({ sub: 'rita', groups: ['growth-sre', 'other'] })).toBe(
      '/console/',
    );
    const [exchange] = provider.asked;
    expect(exchange?.get('code_verifier')).toMatch(/^[\w-]{43}$/);
    const shown = await browser.call('GET', '/session');
    expect(await shown.json()).toMatchObject({
      name: 'corp#rita',
      kind: 'session',
      source: 'console',
      roles: [{ role: 'responder', owners: ['team-growth'] }],
      may: { read: { owners: ['team-growth'] }, revoke: { owners: ['team-growth'] } },
      ends_at: expect.any(Number),
      waiting: 0,
    });
  });

  test('sets a cookie that scripts, other hosts and other pages cannot use', async () => {
    const browser = new Browser();
    const begun = await browser.ask('/console/sign-in');
    const [first] = begun.headers.getSetCookie();
    expect(first).toMatch(
      /^__Host-hewn-sign-in=.*; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
    );
    const target = new URL(begun.headers.get('location') ?? '');
    provider.claims = { ...OLIVIA, nonce: target.searchParams.get('nonce') };
    const state = target.searchParams.get('state') ?? '';
    const ended = await browser.ask(`/console/callback?code=c&state=${state}`);
    const [session, cleared] = ended.headers.getSetCookie();
    expect(session).toMatch(
      /^__Host-hewn-session=hewn-session_[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure$/,
    );
    expect(cleared).toMatch(/^__Host-hewn-sign-in=; Path=\/; Max-Age=0;/);
  });

  test('takes no answer that this browser did not ask for (login CSRF)', async () => {
    const attacker = new Browser();
    const begun = await attacker.ask('/console/sign-in');
    const target = new URL(begun.headers.get('location') ?? '');
    provider.claims = { ...OLIVIA, nonce: target.searchParams.get('nonce') };
    const path = `/console/callback?code=c&state=${target.searchParams.get('state')}`;
    const victim = new Browser();
    for (const browser of [victim, new Browser()]) {
      const ended = await browser.ask(path);
      expect(ended.headers.get('location')).toBe('/console/#/signed-out/not_asked');
      expect(browser.cookie).toBe('');
    }
    await victim.ask('/console/sign-in');
    expect((await victim.ask(path)).headers.get('location')).toContain('not_asked');
    expect(provider.asked).toEqual([]);
  });

  test('keeps no session that was there before (session fixation)', async () => {
    const browser = new Browser();
    await browser.signIn(OLIVIA);
    const before = browser.cookie;
    await browser.signIn({ sub: 'otto' });
    expect(browser.cookie).not.toBe(before);
    const planted = new Browser();
    planted.set('__Host-hewn-session', `hewn-session_${'A'.repeat(43)}`);
    await planted.signIn(OLIVIA);
    expect(planted.cookie).not.toContain('AAAA');
  });

  test.each([
    ['another nonce', { nonce: 'x'.repeat(43) }],
    ['no nonce', { nonce: undefined }],
    ['a token for another client', { aud: 'another' }],
    ['a token for two clients', { aud: [CLIENT, 'another'] }],
    ['a token of another issuer', { iss: 'https://evil.example' }],
  ])('refuses %s', async (_, claims) => {
    const browser = new Browser();
    expect(await browser.signIn({ ...OLIVIA, ...claims })).toBe('/console/#/signed-out/refused');
    expect((await browser.call('GET', '/session')).status).toBe(401);
  });

  test('refuses the answer of another provider (RFC 9207)', async () => {
    const browser = new Browser();
    const begun = await browser.ask('/console/sign-in');
    const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state');
    const iss = encodeURIComponent('https://evil.example');
    const ended = await browser.ask(`/console/callback?code=c&state=${state}&iss=${iss}`);
    expect(ended.headers.get('location')).toBe('/console/#/signed-out/refused');
    expect(provider.asked).toEqual([]);
  });

  test('gives a person without a role no session', async () => {
    const browser = new Browser();
    expect(await browser.signIn({ sub: 'nina', groups: ['sales'] })).toBe(
      '/console/#/signed-out/no_role',
    );
    expect((await browser.call('GET', '/session')).status).toBe(401);
  });

  test('redirects nowhere but to the console and the provider', async () => {
    const browser = new Browser();
    const evil = encodeURIComponent('https://evil.example/');
    for (const path of [
      `/console/callback?code=c&state=s&redirect_uri=${evil}`,
      `/console/callback?error=access_denied&return=${evil}`,
      `/console/sign-in?provider=${evil}`,
    ]) {
      const answer = await browser.ask(path);
      expect(answer.headers.get('location')).toMatch(/^\/console\/#\/signed-out\/\w+$/);
    }
    expect((await browser.ask(`/console/sign-in?return=${evil}`)).status).toBe(400);
  });

  test('says that the provider is down, and signs no one in', async () => {
    provider.down = true;
    const variables = withDirectory({});
    const begun = await new Browser().ask('/console/sign-in', {}, variables);
    expect(begun.headers.get('location')).toBe('/console/#/signed-out/provider_unavailable');
  });

  test('trusts an address only if the provider verified it', async () => {
    const rule = { role: 'viewer', provider: 'corp', claim: 'email', values: ['ann@acme.example'] };
    const variables = withDirectory({ roles: [rule] });
    const ann = { sub: 'ann', email: 'ann@acme.example' };
    for (const email_verified of [undefined, false, 'true']) {
      const ended = await new Browser().signIn({ ...ann, email_verified }, variables);
      expect(ended).toBe('/console/#/signed-out/no_role');
    }
    expect(await new Browser().signIn({ ...ann, email_verified: true }, variables)).toBe(
      '/console/',
    );
  });
});
