/** An issuer with operators, and a provider at which they sign in. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { vi } from 'vitest';
import worker from '../../../../deployment/issuer.ts';
import { toBase64Url, utf8 } from '../../../../src/encoding.ts';
import type { IssuerEnv } from '../../../../workers/issuer/platform/env.ts';
import { env as base, sha256 } from '../../../storage/dump/scene.ts';

export const CORP = 'https://login.acme.example';
export const CLIENT = 'hewn-console';
export const ISSUER = base.ISSUER;
const AUDITOR = 'auditor-of-the-test';

const DIRECTORY = {
  providers: { corp: { issuer: CORP, clientId: CLIENT, scopes: ['groups'] } },
  roles: [
    { role: 'administrator', provider: 'corp', claim: 'sub', values: ['olivia', 'otto'] },
    { role: 'responder', provider: 'corp', claim: 'groups', values: ['sre'] },
    {
      role: 'responder',
      provider: 'corp',
      claim: 'groups',
      values: ['growth-sre'],
      owners: ['team-growth'],
    },
    { role: 'approver', provider: 'corp', claim: 'groups', values: ['approvers'] },
    { role: 'viewer', provider: 'corp', claim: 'groups', values: ['staff'] },
    { role: 'auditor', provider: 'corp', claim: 'groups', values: ['audit'] },
    { role: 'policy-author', provider: 'corp', claim: 'groups', values: ['policy'] },
  ],
};

export const env: IssuerEnv = {
  ...base,
  AUDITOR_SHA256: await sha256(AUDITOR),
  OPERATOR_DIRECTORY: JSON.stringify(DIRECTORY),
};

/** Returns an issuer with another directory. Configurations are read once for each object. */
export const withDirectory = (changes: object): IssuerEnv => ({
  ...env,
  OPERATOR_DIRECTORY: JSON.stringify({ ...DIRECTORY, ...changes }),
});

export async function ask(
  path: string,
  init: RequestInit = {},
  variables: IssuerEnv = env,
): Promise<Response> {
  const context = createExecutionContext();
  const request = new Request(`${ISSUER}${path}`, { redirect: 'manual', ...init });
  const response = await worker.fetch(request as never, variables, context);
  await waitOnExecutionContext(context);
  return response;
}

const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
const publicJwk = { ...(await exportJWK(publicKey)), kid: 'corp', alg: 'ES256', use: 'sig' };

/** How the provider describes a person. */
export type Claims = Readonly<Record<string, unknown>>;

export const idToken = (claims: Claims): Promise<string> =>
  new SignJWT({ iss: CORP, aud: CLIENT, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'corp', typ: 'JWT' })
    .setIssuedAt((claims.iat as number | undefined) ?? undefined)
    .setExpirationTime('5m')
    .sign(privateKey);

/** The next ID token that the provider gives for a code, and what it was asked. */
export const provider = {
  claims: {} as Claims,
  asked: [] as URLSearchParams[],
  down: false,
};

/** A person who is an administrator. */
export const OLIVIA = { sub: 'olivia' };

/** Serves the provider at its URLs, as if new. Any other request reaches the network of the test. */
export function startProvider(): void {
  provider.asked = [];
  provider.down = false;
  const network = globalThis.fetch;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input as string, init);
    if (!request.url.startsWith(CORP)) return network(input as string, init);
    if (provider.down) return new Response('down', { status: 503 });
    if (request.url === `${CORP}/jwks`) return Response.json({ keys: [publicJwk] });
    if (request.url === `${CORP}/token`) {
      provider.asked.push(new URLSearchParams(await request.text()));
      return Response.json({ id_token: await idToken(provider.claims) });
    }
    return Response.json({
      issuer: CORP,
      authorization_endpoint: `${CORP}/authorize`,
      token_endpoint: `${CORP}/token`,
      jwks_uri: `${CORP}/jwks`,
    });
  });
}

/** A browser: it keeps cookies. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  set(name: string, value: string): void {
    this.#cookies.set(name, value);
  }

  async ask(path: string, init: RequestInit = {}, variables?: IssuerEnv): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('cookie', this.cookie);
    const response = await ask(path, { ...init, headers }, variables);
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const [name = '', value = ''] = [
        pair.slice(0, pair.indexOf('=')),
        pair.slice(pair.indexOf('=') + 1),
      ];
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }

  /** Signs a person in, as the provider describes them, and returns where the browser ends. */
  async signIn(claims: Claims, variables?: IssuerEnv): Promise<string> {
    const begun = await this.ask('/console/sign-in', {}, variables);
    const target = new URL(begun.headers.get('location') ?? '', ISSUER);
    provider.claims = { nonce: target.searchParams.get('nonce'), ...claims };
    const answer = new URLSearchParams({
      code: 'a-code',
      state: target.searchParams.get('state') ?? '',
    });
    const ended = await this.ask(`/console/callback?${answer}`, {}, variables);
    return ended.headers.get('location') ?? '';
  }

  /** A request as the console sends it. */
  call(method: string, path: string, body?: object, variables?: IssuerEnv): Promise<Response> {
    return this.ask(
      `/admin/v1${path}`,
      {
        method,
        headers: {
          ...(method !== 'GET' && { origin: ISSUER, 'content-type': 'application/json' }),
          'sec-fetch-site': 'same-origin',
        },
        ...(body && { body: JSON.stringify(body) }),
      },
      variables,
    );
  }
}

/** A command: it exchanges an ID token for a session, and sends that as a bearer token. */
export async function login(claims: Claims, variables?: IssuerEnv): Promise<Response> {
  const verifier = toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await crypto.subtle.digest('SHA-256', utf8(verifier));
  const nonce = toBase64Url(new Uint8Array(digest));
  return openSession(
    { id_token: await idToken({ nonce, ...claims }), nonce_verifier: verifier },
    variables,
  );
}

export const openSession = (body: object, variables?: IssuerEnv): Promise<Response> =>
  ask(
    '/admin/v1/session',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ provider: 'corp', ...body }),
    },
    variables,
  );

export async function tokenOf(claims: Claims, variables?: IssuerEnv): Promise<string> {
  const opened = await login(claims, variables);
  const { token } = (await opened.json()) as { token: string };
  return token;
}

export const bearer = (
  token: string,
  method: string,
  path: string,
  { body, variables }: { readonly body?: object; readonly variables?: IssuerEnv } = {},
): Promise<Response> =>
  ask(
    `/admin/v1${path}`,
    {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    },
    variables,
  );
