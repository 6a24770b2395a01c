/** `hewn login --device` at oidc-provider, unmodified, with a person in a browser elsewhere. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Provider } from 'oidc-provider';
import { CookieJar } from 'tough-cookie';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listenOnLoopback } from '../../../src/dev/index.ts';
import { hewn } from '../../unit/cli/scene.ts';

const CLIENT = 'hewn-cli';
const ISSUER = 'http://127.0.0.1:8788';
const SESSION = {
  name: 'corp#alice',
  kind: 'session',
  source: 'cli',
  roles: [{ role: 'viewer' }],
  may: { read: true },
  two_people: [],
  ends_at: 1_800_000_000,
  waiting: 0,
};
/** Pages for code, confirmation, login and consent, with the redirects between them. */
const PAGES_MAX = 16;

let home = '';
let provider: Awaited<ReturnType<typeof listenOnLoopback>>;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hewn-device-'));
  provider = await listenOnLoopback({
    port: 0,
    what: 'identity provider',
    portVariable: 'HEWN_IDP_PORT',
    handle: (url) =>
      new Provider(url, {
        clients: [
          {
            client_id: CLIENT,
            application_type: 'native',
            token_endpoint_auth_method: 'none',
            grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
            redirect_uris: [],
            response_types: [],
          },
        ],
        cookies: { keys: ['a key of this test'] },
        features: { deviceFlow: { enabled: true } },
      }).callback(),
  });
});
afterAll(async () => {
  await provider?.close();
  await rm(home, { recursive: true, force: true });
});

/** Enters the code as a person does: fills in each page, and follows where it leads. */
async function enterCode(address: string, code: string, press: 'confirm' | 'abort'): Promise<void> {
  const jar = new CookieJar();
  const typed: Record<string, string> = { user_code: code, login: 'alice', password: 'any' };
  let url = new URL(address);
  let form: URLSearchParams | undefined;
  let isCancelled = false;
  for (let page = 0; page < PAGES_MAX; page++) {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { accept: 'text/html', cookie: await jar.getCookieString(url.href) },
      ...(form && { method: 'POST', body: form }),
    });
    for (const cookie of response.headers.getSetCookie()) await jar.setCookie(cookie, url.href);
    const location = response.headers.get('location');
    const text = await response.text();
    form = undefined;
    if (location !== null) {
      url = new URL(location, url);
      continue;
    }
    const [, action] = /<form[^>]* action="([^"]+)"/.exec(text) ?? [];
    // After a cancellation, the page for a code is shown again.
    if (action === undefined || isCancelled) return;
    form = new URLSearchParams();
    for (const [input] of text.matchAll(/<input[^>]*>/g)) {
      const [, name = ''] = / name="([^"]*)"/.exec(input) ?? [];
      const [, value = ''] = / value="([^"]*)"/.exec(input) ?? [];
      form.set(name, typed[name] ?? value);
    }
    if (press === 'abort' && text.includes('name="abort"')) {
      form.set('abort', 'yes');
      isCancelled = true;
    }
    url = new URL(action, url);
  }
  throw new Error(`the browser did not arrive within ${PAGES_MAX} pages`);
}

/** Runs the command. The person presses a button after the provider has said once to wait. */
async function login(press: 'confirm' | 'abort') {
  const shown: string[] = [];
  const opened: { id_token?: string }[] = [];
  let waits = 0;
  const ran = await hewn(['login', '--device'], {
    home,
    now: () => new Date(),
    err: (text) => shown.push(text),
    variable: (name) => ({ HEWN_ISSUER: ISSUER, XDG_CONFIG_HOME: home })[name],
    // The command waits as long as the provider wants: here, until the person is done.
    sleep: async () => {
      waits += 1;
      if (waits !== 2) return;
      const [, address = ''] = /Open (\S+) in/.exec(shown.join('\n')) ?? [];
      await enterCode(address, shown.at(1)?.trim() ?? '', press);
    },
    fetch: async (input, init) => {
      if (!String(input).startsWith(ISSUER)) return fetch(input, init);
      if (String(input).endsWith('/console/providers')) {
        const corp = { name: 'corp', issuer: provider.url, client_id: CLIENT, scopes: ['openid'] };
        return Response.json({ providers: [corp] });
      }
      if (init?.method !== 'POST') return Response.json(SESSION);
      opened.push(JSON.parse(String(init.body)));
      return Response.json({ token: 'session', ends_at: SESSION.ends_at });
    },
  });
  return { ...ran, waits, opened, shown };
}

test('a person who enters the code in a browser elsewhere is signed in', async () => {
  const { code, out, waits, opened, shown } = await login('confirm');
  expect({ code, shown }).toMatchObject({ code: 0 });
  expect(out).toContain('corp#alice');
  // Once before the person entered the code: authorization_pending.
  expect(waits).toBe(2);
  const keys = createRemoteJWKSet(new URL(`${provider.url}/jwks`));
  const expected = { issuer: provider.url, audience: CLIENT };
  const { payload } = await jwtVerify(opened[0]?.id_token ?? '', keys, expected);
  expect(payload.sub).toBe('alice');
});

test('a person who cancels is not signed in', async () => {
  const { code, opened, shown } = await login('abort');
  expect(code).toBe(2);
  expect(opened).toEqual([]);
  expect(shown.at(-1)).toContain('aborted');
});
