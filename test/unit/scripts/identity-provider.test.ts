import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  type LocalIdentityProvider,
  startIdentityProvider,
} from '../../../scripts/local/identity-provider/index.ts';
import { signIn } from '../../../scripts/local/identity-provider/sign-in.ts';

const AUDIENCE = 'http://127.0.0.1:8788';
const LEVELS = ['log', 'info', 'warn', 'error'] as const;
const printed: unknown[] = [];
let provider: LocalIdentityProvider;

beforeAll(async () => {
  // Loaded first: it warns once per process, mostly when a default is first used.
  for (const level of LEVELS)
    vi.spyOn(console, level).mockImplementation((line) => printed.push(line));
  provider = await startIdentityProvider({ port: 0, audience: AUDIENCE });
});
afterAll(async () => {
  await provider.close();
  vi.restoreAllMocks();
});

const verified = async (token: string) => {
  const keys = createRemoteJWKSet(new URL(provider.jwksUri));
  return jwtVerify(token, keys, {
    issuer: provider.issuer,
    audience: AUDIENCE,
    typ: 'at+jwt',
    algorithms: [provider.algorithm],
  });
};

describe('the local identity provider', () => {
  test('issues the workload an access token for itself, with one audience', async () => {
    const { payload } = await verified(await provider.workloadToken());
    expect(payload).toMatchObject({
      sub: 'report-agent',
      client_id: 'report-agent',
      aud: AUDIENCE,
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
  });

  test('signs alice in through its pages, and issues a token for alice', async () => {
    const { payload } = await verified(await provider.userToken());
    expect(payload).toMatchObject({ sub: 'alice', client_id: 'desk', aud: AUDIENCE });
    expect(payload).not.toHaveProperty('nonce');
  });

  test('issues a new token each time', async () => {
    const ids = await Promise.all([
      ...[provider.workloadToken(), provider.workloadToken()],
      ...[provider.userToken(), provider.userToken()],
    ]);
    expect(new Set(ids.map((token) => decodeJwt(token).jti)).size).toBe(4);
    expect(new Set(ids.map((token) => decodeProtectedHeader(token).kid)).size).toBe(1);
  });

  test('links to its keys in its discovery document', async () => {
    const response = await fetch(`${provider.issuer}/.well-known/openid-configuration`);
    expect(await response.json()).toMatchObject({
      issuer: provider.issuer,
      jwks_uri: provider.jwksUri,
      code_challenge_methods_supported: ['S256'],
    });
  });
});

describe('the sign-in is real', () => {
  const at = (change: Partial<Parameters<typeof signIn>[0]> = {}) => ({
    issuer: provider.issuer,
    client: 'desk',
    redirectUri: `${provider.issuer}/desk/callback`,
    resource: AUDIENCE,
    account: { user: 'alice', password: 'a guess' },
    ...change,
  });

  test('fails with a wrong password', async () => {
    await expect(signIn(at())).rejects.toThrow(/with HTTP 401/);
  });
  test('fails for an unknown client', async () => {
    await expect(signIn(at({ client: 'other' }))).rejects.toThrow(/with HTTP 400/);
  });
  test('fails for another redirect URI', async () => {
    const redirectUri = 'http://127.0.0.1:1/elsewhere';
    await expect(signIn(at({ redirectUri }))).rejects.toThrow(/with HTTP 400/);
  });
  test('fails for another resource', async () => {
    await expect(signIn(at({ resource: 'http://127.0.0.1:1' }))).rejects.toThrow(/invalid_target/);
  });
  test('a page of an unknown sign-in says so', async () => {
    const response = await fetch(`${provider.issuer}/interaction/none`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('is unknown or has ended');
  });
});

test('leaves no default that the provider would warn about', () => {
  expect(printed).toEqual([]);
});

test('close frees the port', async () => {
  const first = await startIdentityProvider({ port: 0, audience: AUDIENCE });
  const port = Number(new URL(first.issuer).port);
  await expect(startIdentityProvider({ port, audience: AUDIENCE })).rejects.toThrow(
    /HEWN_IDP_PORT/,
  );
  await first.close();
  const second = await startIdentityProvider({ port, audience: AUDIENCE });
  await second.close();
});
