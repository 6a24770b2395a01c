/**
 * Signs a person in as a browser would: authorization code with PKCE (RFC 7636), over HTTP, with a
 * cookie jar, through the provider's login and consent pages.
 */
import { createHash, randomBytes } from 'node:crypto';
import { CookieJar } from 'tough-cookie';
import type { Account } from './interaction.ts';

export interface SignIn {
  readonly issuer: string;
  readonly client: string;
  readonly redirectUri: string;
  readonly resource: string;
  readonly account: Account;
}

/** Login, consent and the redirects between them. More is a loop. */
const HOPS_MAX = 12;

/** Returns the user's access token. Throws if the provider does not lead to one. */
export async function signIn(options: SignIn): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const start = new URL('/auth', options.issuer);
  start.search = new URLSearchParams({
    client_id: options.client,
    response_type: 'code',
    redirect_uri: options.redirectUri,
    scope: 'openid',
    resource: options.resource,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  const back = await browse(start, options);
  if (back.searchParams.get('state') !== state)
    throw new Error('the sign-in came back with another state');
  const code = back.searchParams.get('code');
  if (code === null) throw new Error(`the sign-in was refused: ${back.searchParams.get('error')}`);
  return redeem(options, code, verifier);
}

/** Follows redirects and fills in forms until the provider sends the browser back to the client. */
async function browse(start: URL, options: SignIn): Promise<URL> {
  const jar = new CookieJar();
  let url = start;
  let form: URLSearchParams | undefined;
  for (let hop = 0; hop < HOPS_MAX; hop++) {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { accept: 'text/html', cookie: await jar.getCookieString(url.href) },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    for (const cookie of response.headers.getSetCookie()) await jar.setCookie(cookie, url.href);
    const location = response.headers.get('location');
    form = undefined;
    if (location !== null) {
      await response.body?.cancel();
      url = new URL(location, url);
      if (url.href.startsWith(`${options.redirectUri}?`)) return url;
      continue;
    }
    const page = await response.text();
    const action = /<form method="post" action="([^"]+)">/.exec(page)?.[1];
    if (!response.ok || action === undefined) {
      throw new Error(`the sign-in stopped at ${url.pathname} with HTTP ${response.status}`);
    }
    form = new URLSearchParams(
      page.includes('name="password"')
        ? { login: options.account.user, password: options.account.password }
        : {},
    );
    url = new URL(action, url);
  }
  throw new Error(`the sign-in did not finish within ${HOPS_MAX} pages`);
}

async function redeem(options: SignIn, code: string, verifier: string): Promise<string> {
  return tokenFrom(options.issuer, {
    grant_type: 'authorization_code',
    client_id: options.client,
    redirect_uri: options.redirectUri,
    resource: options.resource,
    code,
    code_verifier: verifier,
  });
}

/** Posts to the provider's token endpoint and returns the access token of its answer. */
export async function tokenFrom(issuer: string, form: Record<string, string>): Promise<string> {
  const response = await fetch(new URL('/token', issuer), {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const body = (await response.json()) as { access_token?: unknown; error_description?: unknown };
  if (typeof body.access_token === 'string') return body.access_token;
  throw new Error(`the identity provider gave no token: ${String(body.error_description)}`);
}
