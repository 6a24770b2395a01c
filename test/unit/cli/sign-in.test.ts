// cspell:ignore rundll WDJB MJHT
import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { CommandContext } from '../../../src/cli/index.ts';
import { browserCommand } from '../../../src/cli/sign-in/open-browser.ts';
import { emptyFolder, hewn } from './scene.ts';

const ISSUER = 'https://issuer.example';
const PROVIDER = 'https://login.example';
const NOW = Date.parse('2026-11-23T10:00:00Z') / 1000;

const SESSION = {
  name: 'corp#alice@acme.example',
  kind: 'session',
  source: 'cli',
  roles: [{ role: 'responder', owners: ['team:growth'] }],
  may: { read: true, revoke: { owners: ['team:growth'] } },
  two_people: ['resume'],
  ends_at: NOW + 3_600,
  waiting: 2,
};

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly authorization: string | null;
}

/** An issuer and a provider, which remember what they were sent. */
function site(options: {
  readonly home: string;
  readonly providers?: readonly string[];
  readonly device?: boolean;
  readonly polls?: readonly object[];
  readonly opened?: object;
  readonly openedStatus?: number;
  readonly discovered?: object;
}) {
  const sent: Sent[] = [];
  const polls = [...(options.polls ?? [])];
  const answers: Record<string, () => Response> = {
    [`GET ${ISSUER}/console/providers`]: () =>
      Response.json({
        providers: (options.providers ?? ['corp']).map((name) => ({
          name,
          issuer: PROVIDER,
          client_id: 'hewn',
          scopes: ['openid', 'groups'],
        })),
      }),
    [`GET ${PROVIDER}/.well-known/openid-configuration`]: () =>
      Response.json({
        issuer: PROVIDER,
        authorization_endpoint: `${PROVIDER}/authorize`,
        token_endpoint: `${PROVIDER}/token`,
        ...(options.device && { device_authorization_endpoint: `${PROVIDER}/device` }),
        ...options.discovered,
      }),
    [`POST ${PROVIDER}/device`]: () =>
      Response.json({
        device_code: 'dev-1',
        user_code: 'WDJB-MJHT',
        verification_uri: `${PROVIDER}/enter`,
        expires_in: 600,
        interval: 1,
      }),
    [`POST ${PROVIDER}/token`]: () => {
      const poll = polls.shift();
      return poll === undefined
        ? Response.json({ id_token: 'header.payload.signature', token_type: 'Bearer' })
        : Response.json(poll, { status: 400 });
    },
    [`POST ${ISSUER}/admin/v1/session`]: () =>
      Response.json(options.opened ?? { token: 'session-token', ends_at: SESSION.ends_at }, {
        status: options.openedStatus ?? 200,
      }),
    [`GET ${ISSUER}/admin/v1/session`]: () => Response.json(SESSION),
    [`DELETE ${ISSUER}/admin/v1/session`]: () => new Response(null, { status: 204 }),
  };
  let now = NOW * 1000;
  const context: Partial<CommandContext> = {
    variable: (name) => ({ HEWN_ISSUER: ISSUER, XDG_CONFIG_HOME: options.home })[name],
    now: () => new Date(now),
    sleep: async (milliseconds) => {
      now += milliseconds;
    },
    fetch: async (input, init) => {
      const request = new Request(input as string, init);
      sent.push({
        method: request.method,
        url: request.url,
        body: await request.clone().text(),
        authorization: request.headers.get('authorization'),
      });
      const answer = answers[`${request.method} ${request.url}`];
      return answer ? answer() : Response.json({}, { status: 404 });
    },
  };
  return { sent, context, later: (seconds: number) => (now += seconds * 1000) };
}

/** Signs in as a browser does: the provider sends it back to the command. */
const browser =
  (change: (answer: URL) => void = () => {}) =>
  async (address: string): Promise<boolean> => {
    const asked = new URL(address);
    const answer = new URL(asked.searchParams.get('redirect_uri') ?? '');
    answer.searchParams.set('code', 'code-1');
    answer.searchParams.set('state', asked.searchParams.get('state') ?? '');
    answer.searchParams.set('iss', PROVIDER);
    change(answer);
    await fetch(answer);
    return true;
  };

const never: CommandContext['sleep'] = () => new Promise(() => {});

test('hewn login signs in with a browser, and keeps a session that only its owner can read', async () => {
  await using folder = await emptyFolder();
  const { sent, context } = site({ home: folder.path });
  let address = '';
  const openBrowser = (url: string) => {
    address = url;
    return browser()(url);
  };
  const ran = await hewn(['login'], { ...context, sleep: never, openBrowser });
  expect(ran.err.split('\n')[0]).toMatch(/^Sign in in the browser/);
  expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('corp#alice@acme.example') });
  expect(ran.out).toContain('responder for team:growth');
  const asked = new URL(address).searchParams;
  expect(asked.get('scope')).toBe('openid groups');
  const exchange = new URLSearchParams(sent.find(({ url }) => url.endsWith('/token'))?.body);
  const digest = (text: string | null) =>
    createHash('sha256')
      .update(text ?? '')
      .digest('base64url');
  expect(digest(exchange.get('code_verifier'))).toBe(asked.get('code_challenge'));
  const opened = sent.find(({ method, url }) => method === 'POST' && url.endsWith('/session'));
  const order = JSON.parse(opened?.body ?? '{}');
  expect(order).toMatchObject({ provider: 'corp', id_token: 'header.payload.signature' });
  expect(digest(order.nonce_verifier)).toBe(asked.get('nonce'));
  const file = folder.file('hewn/sessions.json');
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    [ISSUER]: { token: 'session-token', ends: SESSION.ends_at, name: SESSION.name },
  });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(folder.file('hewn'))).mode & 0o777).toBe(0o700);
  expect(ran.out + ran.err).not.toContain('session-token');
});

test('a session is used by every command for its issuer, and by none after its end', async () => {
  await using folder = await emptyFolder();
  const { sent, context, later } = site({ home: folder.path });
  await hewn(['login'], { ...context, sleep: never, openBrowser: browser() });
  expect(await hewn(['whoami'], context)).toMatchObject({ code: 0 });
  expect(sent.at(-1)?.authorization).toBe('Bearer session-token');
  const count = sent.length;
  const other = {
    ...context,
    variable: (name: string) =>
      name === 'HEWN_ISSUER' ? 'https://other.example' : context.variable?.(name),
  };
  expect(await hewn(['whoami'], other)).toMatchObject({ code: 2 });
  later(3_601);
  const ran = await hewn(['whoami'], context);
  expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('Run hewn login') });
  expect(sent).toHaveLength(count);
});

test.each([
  ['a state that is not ours', (answer: URL) => answer.searchParams.set('state', 'x'), undefined],
  [
    'another provider',
    (answer: URL) => answer.searchParams.set('iss', 'https://evil.example'),
    /another provider/,
  ],
  [
    'a refusal',
    (answer: URL) => {
      answer.searchParams.delete('code');
      answer.searchParams.set('error', 'access_denied\u001b[2J');
    },
    /refused: access_denied\\u\{1b\}/,
  ],
])('an answer with %s signs no one in', async (_, change, message) => {
  await using folder = await emptyFolder();
  const { sent, context } = site({ home: folder.path });
  // An answer that does not count is waited past, until the time is over.
  const sleep = message === undefined ? async () => {} : never;
  const openBrowser = browser(change);
  const ran = await hewn(['login'], { ...context, sleep, openBrowser });
  expect(ran.code).toBe(2);
  expect(ran.err).toMatch(message ?? /no one signed in/);
  expect(sent.some(({ url }) => url.endsWith('/token'))).toBe(false);
});

test('hewn login --device shows a code, and asks as slowly as the provider wants', async () => {
  await using folder = await emptyFolder();
  const polls = [
    { error: 'authorization_pending' },
    { error: 'slow_down' },
    { error: 'authorization_pending' },
  ];
  const waited: number[] = [];
  const { sent, context } = site({ home: folder.path, device: true, polls });
  const sleep = async (milliseconds: number) => {
    waited.push(milliseconds);
    await context.sleep?.(milliseconds);
  };
  const ran = await hewn(['login', '--device'], { ...context, sleep });
  expect(ran).toMatchObject({ code: 0, err: expect.stringContaining('  WDJB-MJHT') });
  expect(waited).toEqual([1_000, 1_000, 6_000, 6_000]);
  const order = JSON.parse(
    sent.find(({ method, url }) => method === 'POST' && url.endsWith('/session'))?.body ?? '{}',
  );
  expect(order).toEqual({ provider: 'corp', id_token: 'header.payload.signature' });
});

test.each([
  ['is denied', [{ error: 'access_denied', error_description: 'no' }], /refused: no/],
  ['expires', Array.from({ length: 700 }, () => ({ error: 'authorization_pending' })), /expired/],
])('a device code that %s signs no one in', async (_, polls, message) => {
  await using folder = await emptyFolder();
  const { context } = site({ home: folder.path, device: true, polls });
  const ran = await hewn(['login', '--device'], context);
  expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(message) });
});

test.each([
  [{ providers: [] }, ['login'], /no one can sign in/],
  [{ providers: ['corp', 'other'] }, ['login'], /--provider: corp, other/],
  [{}, ['login', '--provider', 'x'], /must be one of corp/],
  [{}, ['login', '--device'], /no device flow/],
  [{ discovered: { issuer: 'https://evil.example' } }, ['login'], /another issuer/],
  [{ discovered: { token_endpoint: 'http://login.example/token' } }, ['login'], /no usable answer/],
  [{}, ['login', '--issuer', 'http://issuer.example'], /non-HTTPS/],
])('hewn login says why it cannot begin (%#)', async (options, words, message) => {
  await using folder = await emptyFolder();
  const { context } = site({ home: folder.path, ...options });
  const ran = await hewn(words, { ...context, openBrowser: browser() });
  expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(message) });
});

test.each([
  [{ error: 'no_role', message: 'No role.' }, /you have no role/],
  [{ error: 'sign_in_refused', message: 'The sign-in was refused.' }, /The sign-in was refused/],
])('a person whom the issuer refuses gets no session (%#)', async (opened, message) => {
  await using folder = await emptyFolder();
  const { context } = site({ home: folder.path, opened, openedStatus: 403 });
  const ran = await hewn(['login'], { ...context, sleep: never, openBrowser: browser() });
  expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(message) });
  await expect(stat(folder.file('hewn/sessions.json'))).rejects.toThrow();
});

test('hewn logout ends the session there and here', async () => {
  await using folder = await emptyFolder();
  const { sent, context } = site({ home: folder.path });
  await hewn(['login'], { ...context, sleep: never, openBrowser: browser() });
  expect(await hewn(['logout'], context)).toMatchObject({ code: 0 });
  expect(sent.at(-1)).toMatchObject({ method: 'DELETE', authorization: 'Bearer session-token' });
  expect(await readFile(folder.file('hewn/sessions.json'), 'utf8')).toBe('{}\n');
  expect((await hewn(['logout'], context)).out).toContain('you are not signed in');
});

test('a damaged file of sessions is reported, with what to do', async () => {
  await using folder = await emptyFolder();
  const { context } = site({ home: folder.path });
  await hewn(['login'], { ...context, sleep: never, openBrowser: browser() });
  await writeFile(folder.file('hewn/sessions.json'), '{"https://issuer.example": 1}');
  const ran = await hewn(['whoami'], context);
  expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('is damaged: delete it') });
});

test('the browser is that of the desktop, or the one that BROWSER names', () => {
  const set = (variables: Record<string, string>) => (name: string) => variables[name];
  const url = 'https://login.example/';
  expect(browserCommand(url, 'darwin', set({}))).toEqual(['open', url]);
  expect(browserCommand(url, 'win32', set({}))?.[0]).toBe('rundll32');
  expect(browserCommand(url, 'linux', set({}))).toBeUndefined();
  expect(browserCommand(url, 'linux', set({ DISPLAY: ':0' }))).toEqual(['xdg-open', url]);
  expect(browserCommand(url, 'linux', set({ BROWSER: 'lynx' }))).toEqual(['lynx', url]);
});
