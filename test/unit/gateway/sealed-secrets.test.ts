import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sealPublicKey, sealSecret } from '../../../src/upstream/index.ts';
import type { UpstreamRequest } from '../../../workers/gateway/upstream/index.ts';
import { CALLER, codeOf, type PlayedApi, requestOf, startPlayedApi } from './played-api.ts';

const SECRET = 'sk-live-0123456789abcdef';

let api: PlayedApi;

beforeAll(async () => {
  api = await startPlayedApi();
});
afterAll(() => api.close());
beforeEach(() => api.reset());

describe('a sealed secret', () => {
  const KEYS = [`x25519-private/${'11'.repeat(32)}`, `x25519-private/${'12'.repeat(32)}`] as const;
  const LATER = Math.floor(Date.now() / 1_000) + 600;
  const sealedFor = async (change: object = {}, key: string = KEYS[0]) =>
    sealSecret(
      await sealPublicKey(key),
      {
        hosts: [new URL(api.base).host],
        methods: ['POST'],
        paths: ['/api', '/api/*'],
        expires: LATER,
        ...change,
      },
      SECRET,
    );
  const use = async (sealed: string, change?: Partial<UpstreamRequest>, keys = KEYS.join(' ')) => {
    const env = { SEAL_KEYS: keys };
    const { upstream } = api.upstream({ credential: { kind: 'bearer', sealed } }, { env });
    return codeOf(upstream.send(requestOf({ caller: CALLER, ...change })));
  };

  test('is opened with either key, and used where it may be used', async () => {
    expect(await use(await sealedFor())).toBeUndefined();
    expect(await use(await sealedFor({}, KEYS[1]), { path: '/items' })).toBeUndefined();
    expect(api.seen.map(({ headers }) => headers.authorization)).toEqual(
      Array(2).fill(`Bearer ${SECRET}`),
    );
  });

  test('is not used elsewhere', async () => {
    for (const [change, sent] of [
      [{ hosts: ['127.0.0.1'] }, {}],
      [{ methods: ['GET'] }, {}],
      [{ paths: ['/api'] }, { path: '/items' }],
      [{ paths: ['/api/*'] }, { path: '/../other' }],
      [{ expires: LATER - 700 }, {}],
    ] as const) {
      expect(await use(await sealedFor(change), sent)).not.toBeUndefined();
    }
    expect(api.seen).toEqual([]);
  });

  test('is not opened with another key, or if anything of it was changed', async () => {
    const sealed = await sealedFor();
    expect(await use(sealed, {}, KEYS[1])).toBe('upstream_unavailable');
    const [prefix, , enc, text] = sealed.split('.');
    const [, wider] = (await sealedFor({ paths: ['*'] })).split('.');
    expect(await use([prefix, wider, enc, text].join('.'))).toBe('upstream_unavailable');
    expect(api.seen).toEqual([]);
  });
});
