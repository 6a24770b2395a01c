import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { SignJWT } from 'jose';
import { type Clock, readClock } from '../../clock.ts';
import { isFromProgram, readBody } from '../../loopback/index.ts';
import type { IdentityKey } from './key.ts';
import { DEV_CLIENT, type DevPerson, OPERATORS_PATH } from './people.ts';

const FORM_BYTES_MAX = 16 * 1024;
const CODE_MILLISECONDS = 60_000;
const CODES_MAX = 256;
const ID_TOKEN_SECONDS = 300;

/** An answer of the development identity provider. */
export interface PageAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Issued {
  readonly name: string;
  readonly challenge: string;
  readonly redirectUri: string;
  readonly nonce: string | undefined;
  readonly until: number;
}

export interface OperatorSignInOptions {
  readonly base: string;
  /** The issuer of Hewn, whose console gets the codes. */
  readonly issuer: string;
  readonly key: IdentityKey;
  readonly people: ReadonlyMap<string, DevPerson>;
  readonly now?: Clock;
}

/**
 * Signs operators in during development: a page with a button for each person, and no password. The
 * protocol is that of a real provider (authorization code with PKCE), so that the console and
 * `hewn login` are tried as they are.
 */
export class OperatorSignIn {
  readonly #options: OperatorSignInOptions;
  readonly #codes = new Map<string, Issued>();

  constructor(options: OperatorSignInOptions) {
    this.#options = options;
  }

  /** Returns the answer to a request below `/-/operators`. Returns undefined for another path. */
  async answer(request: IncomingMessage): Promise<PageAnswer | undefined> {
    const url = new URL(request.url ?? '/', this.#options.base);
    if (!url.pathname.startsWith(`${OPERATORS_PATH}/`)) return undefined;
    if (!isLoopbackHost(request)) return json(403, { error: 'access_denied' });
    const path = url.pathname.slice(OPERATORS_PATH.length);
    const route = `${request.method} ${path}`;
    if (route === 'GET /.well-known/openid-configuration') return json(200, this.#discovery());
    if (route === 'GET /authorize') return this.#page(url.searchParams);
    if (route === 'POST /authorize') return this.#choose(request);
    return route === 'POST /token' ? this.#exchange(request) : json(404, {});
  }

  #discovery(): object {
    const issuer = `${this.#options.base}${OPERATORS_PATH}`;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${this.#options.base}/jwks`,
      token_endpoint_auth_methods_supported: ['none'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    };
  }

  #page(asked: URLSearchParams): PageAnswer {
    const fault = this.#faultOf(asked);
    if (fault !== undefined) return html(400, `<p>${fault}</p>`, []);
    const hidden = [...asked].map(
      ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
    );
    const buttons = [...this.#options.people].map(([name, { roles, owners }]) => {
      const limits = owners ? ` for ${owners.join(', ')}` : '';
      const what = escaped(`${roles.join(', ')}${limits}`);
      return `<p><button name="person" value="${escaped(name)}">${escaped(name)}</button> ${what}</p>`;
    });
    const form = `<form method="post" action="${OPERATORS_PATH}/authorize">${hidden.join('')}${buttons.join('')}</form>`;
    const origin = new URL(asked.get('redirect_uri') ?? '').origin;
    return html(
      200,
      `<h1>Sign in to the console</h1><p>This is the identity provider of <code>hewn dev</code>. It has no passwords.</p>${form}`,
      [origin],
    );
  }

  async #choose(request: IncomingMessage): Promise<PageAnswer> {
    // Only the page above posts: another one would choose the person.
    if (request.headers.origin !== this.#options.base)
      return html(403, '<p>Not from here.</p>', []);
    const asked = new URLSearchParams((await readBody(request, FORM_BYTES_MAX)) ?? '');
    const name = asked.get('person') ?? '';
    const fault = this.#faultOf(asked);
    if (fault !== undefined || !this.#options.people.has(name)) {
      return html(400, `<p>${fault ?? 'Unknown person.'}</p>`, []);
    }
    const code = randomBytes(32).toString('base64url');
    const redirectUri = asked.get('redirect_uri') ?? '';
    this.#keep(code, {
      name,
      redirectUri,
      challenge: asked.get('code_challenge') ?? '',
      nonce: asked.get('nonce') ?? undefined,
      until: this.#now() + CODE_MILLISECONDS,
    });
    const target = new URL(redirectUri);
    target.searchParams.set('code', code);
    target.searchParams.set('state', asked.get('state') ?? '');
    target.searchParams.set('iss', `${this.#options.base}${OPERATORS_PATH}`);
    return { status: 303, body: '', headers: { location: target.href, ...PRIVATE } };
  }

  async #exchange(request: IncomingMessage): Promise<PageAnswer> {
    if (!isFromProgram(request)) return json(403, { error: 'access_denied' });
    const form = new URLSearchParams((await readBody(request, FORM_BYTES_MAX)) ?? '');
    const code = form.get('code') ?? '';
    const issued = this.#codes.get(code);
    this.#codes.delete(code);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isRight =
      issued !== undefined &&
      issued.until > this.#now() &&
      issued.challenge === challenge &&
      issued.redirectUri === form.get('redirect_uri') &&
      form.get('grant_type') === 'authorization_code';
    if (!isRight) return json(400, { error: 'invalid_grant' });
    const { key, base } = this.#options;
    const idToken = await new SignJWT({
      ...(issued.nonce !== undefined && { nonce: issued.nonce }),
    })
      .setProtectedHeader({ alg: 'ES256', kid: key.publicJwk.kid, typ: 'JWT' })
      .setIssuer(`${base}${OPERATORS_PATH}`)
      .setSubject(issued.name)
      .setAudience(DEV_CLIENT)
      .setIssuedAt()
      .setExpirationTime(`${ID_TOKEN_SECONDS}s`)
      .sign(key.privateKey);
    const token = { id_token: idToken, access_token: 'none', token_type: 'Bearer' };
    return json(200, { ...token, expires_in: ID_TOKEN_SECONDS });
  }

  /** Returns what is wrong with a request for a code. It is shown and never redirected. */
  #faultOf(asked: URLSearchParams): string | undefined {
    if (asked.get('client_id') !== DEV_CLIENT) return 'Unknown client.';
    if (asked.get('response_type') !== 'code') return 'Only the response type "code" is supported.';
    const isBound = /^[A-Za-z0-9_-]{43}$/.test(asked.get('code_challenge') ?? '');
    if (!isBound || asked.get('code_challenge_method') !== 'S256') return 'PKCE is missing.';
    const redirectUri = asked.get('redirect_uri') ?? '';
    const isOurs = redirectUri === `${this.#options.issuer}/console/callback`;
    // A command listens on a port of its own (RFC 8252 section 7.3).
    const isCommand = /^http:\/\/127\.0\.0\.1:\d{1,5}\/callback$/.test(redirectUri);
    return isOurs || isCommand ? undefined : 'Unknown redirect URI.';
  }

  #keep(code: string, issued: Issued): void {
    this.#codes.set(code, issued);
    const [oldest] = this.#codes.keys();
    if (this.#codes.size > CODES_MAX && oldest !== undefined) this.#codes.delete(oldest);
  }

  #now(): number {
    return (this.#options.now ?? readClock)();
  }
}

/** A name that resolves to this machine is another host: a page of it would be our own. */
const isLoopbackHost = ({ headers }: IncomingMessage): boolean =>
  /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/i.test(headers.host ?? '');

const PRIVATE = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };

const json = (status: number, body: object): PageAnswer => ({
  status,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...PRIVATE },
});

/** `targets`: where the answer of a form leads, which Chromium counts as an action of the form. */
const html = (status: number, content: string, targets: readonly string[]): PageAnswer => ({
  status,
  body: `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width"><title>Sign in</title><main>${content}</main></html>`,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; form-action 'self' ${targets.join(' ')}; base-uri 'none'; frame-ancestors 'none'`,
    'x-content-type-options': 'nosniff',
    ...PRIVATE,
    // The form needs its origin in the request, and `no-referrer` would make it `null`.
    'referrer-policy': 'same-origin',
  },
});

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (each) => ESCAPES[each] ?? '');
