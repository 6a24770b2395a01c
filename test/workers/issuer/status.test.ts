import { reset } from 'cloudflare:test';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { revocationLog } from '../../../workers/issuer/platform/env.ts';
import { admin, askForToken, CLIENT, env } from './token.scene.ts';

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const status = () => admin('status');

describe('the status of an issuer', () => {
  test('has its keys, its storage, its audit log and its feed', async () => {
    await askForToken();
    const { status: code, body } = await status();
    expect(code).toBe(200);
    expect(body).toMatchObject({
      issuer: env.ISSUER,
      shards: 1,
      keys: {
        mint: [
          { id: 1, active: true, public_key: expect.stringMatching(/^[0-9a-f]{64}$/) },
          { id: 2, active: false },
        ],
        feed: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      audit: { records: 1, bytes: expect.any(Number) },
      feed: [{ shard: 0, state: { seq: 0, verifiers: { seen: 0, confirmed: 0, waiting: [] } } }],
      providers: [{ name: CLIENT, kind: 'client', keys: 'static' }],
    });
    const { storage } = body as {
      storage: readonly { object: string; stored: number; known: number }[];
    };
    expect(storage.map(({ object }) => object).sort()).toEqual([
      ...['Approvals', 'Breaker', 'RevocationLog', 'TransparencyLog', 'Versions', 'Watchdog'],
    ]);
    for (const { stored, known } of storage) expect(stored).toBe(known);
    expect(JSON.stringify(body)).not.toContain('ed25519-private');
  });

  test('names the verifiers that lack the newest entry', async () => {
    const log = revocationLog(env);
    log.confirm({ verifier: 'gateway-1', epoch: 1, seq: 0 });
    await admin('watermarks', { scope: 'all', reason: 'a drill' });
    expect((await status()).body).toMatchObject({
      feed: [{ state: { seq: 1, verifiers: { seen: 1, confirmed: 0, waiting: ['gateway-1'] } } }],
    });
  });

  test('says why the keys of a provider cannot be fetched', async () => {
    vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('gone', { status: 410 }));
    const provider = {
      name: 'okta',
      issuer: 'https://acme.okta.com',
      jwksUri: 'https://acme.okta.com/keys',
      audience: env.ISSUER,
      algorithms: ['RS256'],
    };
    const of = { ...env, IDENTITY_ISSUERS: JSON.stringify([provider]) };
    expect((await admin('status', undefined, of)).body).toMatchObject({
      providers: [{ name: 'okta', kind: 'oidc', keys: 'unreachable', why: 'status' }],
    });
  });

  test('shows at most 16 shards and 32 providers, each of which it has to ask', async () => {
    const asked = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('{}'));
    const providers = Array.from({ length: 33 }, (_, n) => ({
      name: `okta-${n}`,
      issuer: `https://acme-${n}.okta.com`,
      jwksUri: `https://acme-${n}.okta.com/keys`,
      audience: env.ISSUER,
      algorithms: ['RS256'],
    }));
    const of = { ...env, FEED_SHARDS: '17', IDENTITY_ISSUERS: JSON.stringify(providers) };
    const { body } = await admin('status', undefined, of);
    expect(body).toMatchObject({ shards: 17 });
    expect((body as { feed: unknown[] }).feed).toHaveLength(16);
    expect((body as { providers: unknown[] }).providers).toHaveLength(32);
    expect(asked).toHaveBeenCalledTimes(32);
  });
});
