import { createExecutionContext, reset, waitOnExecutionContext } from 'cloudflare:test';
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import issuer from '../../../deployment/issuer.ts';
import tools from '../../../policy/tools.toml';
import { openToken, trustIssuer } from '../../../src/capability/index.ts';
import { publicHex } from '../../../src/signing-keys.ts';
import { readConfig } from '../../../workers/issuer/platform/config.ts';
import { askForToken, env } from './token.scene.ts';

afterEach(() => reset());

const HASH = createHash('sha256').update(tools).digest('hex');

const unanswered = async (): Promise<never> => {
  throw new Error('the object was reset');
};

async function get(
  path: string,
  headers: Record<string, string> = {},
  of = env,
): Promise<Response> {
  const ctx = createExecutionContext();
  const response = await issuer.fetch(new Request(`${env.ISSUER}${path}`, { headers }), of, ctx);
  await waitOnExecutionContext(ctx);
  return response;
}

describe('GET /catalogue/{hash}', () => {
  test('returns the exact text, which anyone may cache forever', async () => {
    const response = await get(`/catalogue/${HASH}`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(tools);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/toml; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      etag: `"${HASH}"`,
    });
  });

  test.each([`"${HASH}"`, `W/"${HASH}"`, `"other", "${HASH}"`])(
    'answers 304 to a caller that has it: %s',
    async (known) => {
      const response = await get(`/catalogue/${HASH}`, { 'if-none-match': known });
      expect([response.status, await response.text()]).toEqual([304, '']);
    },
  );

  test.each([
    ['of no stored catalogue', 'a1'.repeat(32)],
    ['in upper case', HASH.toUpperCase()],
    ['that is no hash', 'tools.toml'],
  ])('answers 404 for a hash %s, which no cache keeps', async (_, hash) => {
    const response = await get(`/catalogue/${hash}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: 'catalogue_unknown' });
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('answers 503 while the store of versions does not answer', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const failing = { ...env, VERSIONS: { getByName: () => ({ catalogue: unanswered }) } };
    const response = await get(`/catalogue/${'a1'.repeat(32)}`, {}, failing as never);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: 'catalogue_unavailable' });
    expect(response.headers.get('retry-after')).toBe('1');
  });

  test('refuses an unknown query', async () => {
    expect((await get(`/catalogue/${HASH}?v=1`)).status).toBe(400);
  });
});

test('a capability carries the hash of the catalogue that its policy was loaded with', async () => {
  const { token = '' } = await askForToken();
  const keys = await Promise.all(
    readConfig(env).publishedKeys.map(async ({ id, key }) => ({
      id,
      publicKey: await publicHex(key),
    })),
  );
  const opened = await openToken(token, trustIssuer(keys));
  expect(opened).toMatchObject({ ok: true, value: { authority: { catalogue: HASH } } });
});
