import { SignJWT } from 'jose';
import { readSeconds } from '../../../../src/clock.ts';
import { ok, type Result, refuse } from '../../../../src/result.ts';
import { type CredentialOf, GITHUB_API } from '../../../../src/upstream/index.ts';
import type { CreateCredential, CredentialFault } from './credential.ts';
import { importPrivateKey } from './private-key.ts';
import { type IssuedToken, TokenCache } from './token-cache.ts';
import { fetchToken } from './token-request.ts';

const KEY = 'installation';
const BEHIND_SECONDS = 60; // GitHub asks for this, because clocks differ.
const STATEMENT_SECONDS = 540; // GitHub accepts at most ten minutes.

/** The token of a GitHub App's installation, for the repositories and permissions it names. */
export const create: CreateCredential<CredentialOf<'github-app'>> = (config, tools) => {
  const cache = new TokenCache();
  const { api = GITHUB_API, installationId } = config;
  const url = new URL(
    `${api.replace(/\/$/, '')}/app/installations/${installationId}/access_tokens`,
  );
  const request = async (key: CryptoKey): Promise<IssuedToken | undefined> => {
    const response = await fetchToken(url.href, {
      method: 'POST',
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${await statementOf(config.appId, key)}`,
        'content-type': 'application/json',
        'user-agent': 'hewn',
        'x-github-api-version': '2022-11-28',
      },
      body: JSON.stringify({ repositories: config.repositories, permissions: config.permissions }),
    });
    if (response.status !== 201) return undefined;
    return readToken(await response.json());
  };
  const obtain = async (): Promise<Result<IssuedToken, CredentialFault>> => {
    const secret = await tools.secret({ url, method: 'POST' });
    if (!secret.ok) return secret;
    const key = await importPrivateKey(secret.value);
    if (!key) return refuse('secret_unusable');
    const issued = await request(key).catch(() => undefined);
    return issued ? ok(issued) : refuse('token_refused');
  };
  return {
    async inject({ headers }) {
      const token = await cache.tokenFor(KEY, obtain);
      if (!token.ok) return token;
      headers.set('authorization', `Bearer ${token.value}`);
      // The private key is not sent to the server, so the server has nothing of it to return.
      return ok({ secrets: [token.value] });
    },
    refused: () => cache.delete(KEY),
  };
};

const statementOf = (appId: string, key: CryptoKey): Promise<string> =>
  new SignJWT({})
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(appId)
    .setIssuedAt(readSeconds() - BEHIND_SECONDS)
    .setExpirationTime(readSeconds() + STATEMENT_SECONDS)
    .sign(key);

function readToken(answer: unknown): IssuedToken | undefined {
  const { token, expires_at: expires } = answer as { token?: unknown; expires_at?: unknown };
  if (typeof token !== 'string' || !/^[\x21-\x7e]{8,8192}$/.test(token)) return undefined;
  const at = typeof expires === 'string' ? Date.parse(expires) : Number.NaN;
  return { token, expires: Number.isNaN(at) ? undefined : Math.floor(at / 1_000) };
}
