import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createIdentity } from '../../../src/identity/index.ts';
import { JWKS_BYTES_MAX } from '../../../src/identity/keys.ts';
import { KEYS_COOLDOWN_MILLISECONDS, KEYS_FETCH_MILLISECONDS_MAX } from '../../../src/limits.ts';
import { claimsFor, NOW, type Provider, startProvider } from './provider.ts';

let provider: Provider;
beforeEach(async () => {
  provider = await startProvider();
});
afterEach(async () => {
  await provider.close();
});

let now = NOW;
const identity = () => createIdentity([provider.issuer], { now: () => now });
const goodToken = () => provider.sign(claimsFor(provider.issuer));

const outcome = async (jwt: string, verifier = identity()) => {
  const result = await verifier.verify(jwt);
  if (result.ok) return 'accepted';
  return 'why' in result.error ? result.error.why : result.error.code;
};

test('keys are fetched once, not once a token', async () => {
  const verifier = identity();
  for (let i = 0; i < 5; i++) expect(await outcome(await goodToken(), verifier)).toBe('accepted');
  expect(provider.requests).toBe(1);
});

test('a stranger without an acceptable header causes no fetch', async () => {
  await outcome(
    await provider.sign({ ...claimsFor(provider.issuer), iss: 'https://evil.example' }),
  );
  await outcome(await provider.sign(claimsFor(provider.issuer), { typ: 'dpop+jwt' }));
  await outcome('not a token');
  expect(provider.requests).toBe(0);
});

test('an oversized key document is refused: declared, and streamed without a length', async () => {
  const keys = JSON.stringify({ keys: provider.keys, padding: 'x'.repeat(JWKS_BYTES_MAX) });
  provider.answer = (_, response) => response.end(keys);
  expect(await outcome(await goodToken())).toBe('too_large');
  provider.answer = (_, response) => {
    response.write('{"padding":"');
    const chunk = 'x'.repeat(64 * 1024);
    const more = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  };
  expect(await outcome(await goodToken())).toBe('too_large');
});

test('a key document that does not end is given up', { timeout: 15_000 }, async () => {
  provider.answer = (_, response) => response.write('{"keys":[');
  expect(await outcome(await goodToken())).toBe('timeout');
});

test.each([301, 302, 303, 307, 308])('a redirect is not followed: %i', async (status) => {
  const elsewhere = await startProvider();
  try {
    provider.answer = (_, response) =>
      response.writeHead(status, { location: elsewhere.issuer.jwksUri }).end();
    const jwt = await elsewhere.sign(claimsFor(provider.issuer));
    expect(await outcome(jwt)).toBe('redirected');
    expect(elsewhere.requests).toBe(0);
  } finally {
    await elsewhere.close();
  }
});

test.each([204, 400, 404, 500, 503])(
  'an answer that is not 200 holds no keys: %i',
  async (status) => {
    provider.answer = (_, response) => {
      response.writeHead(status);
      response.end(status === 204 ? undefined : JSON.stringify({ keys: provider.keys }));
    };
    expect(await outcome(await goodToken())).toBe('status');
  },
);

test.each(['', '{', '<html>', 'null', '[]', '{}', '{"keys":{}}', '\xff\xfe'])(
  'what is no key set is refused: %j',
  async (text) => {
    provider.answer = (_, response) => response.end(Buffer.from(text, 'latin1'));
    expect(await outcome(await goodToken())).toBe('not_a_key_set');
  },
);

test('a key set of junk refuses the token and throws nothing', async () => {
  const [good = {}] = provider.keys;
  const junk: unknown[] = [
    ...[null, 7, 'key', [], {}, { kty: 'EC' }, { kty: 'oct', k: 'AAAA', kid: 'k1', alg: 'ES256' }],
    { ...good, x: 'AAAA' },
    { ...good, crv: 'P-384' },
    { ...good, use: 'enc' },
    { ...good, key_ops: ['sign'] },
    { kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'k1', alg: 'ES256' },
  ];
  for (const key of junk) {
    provider.keys = [key as JWK];
    const verdict = await outcome(await goodToken());
    const refusals = ['key_unknown', 'signature_invalid', 'not_a_key_set'];
    expect([key, refusals.includes(verdict)]).toEqual([key, true]);
  }
});

test('a provider that is down is no proof, and no exception', async () => {
  const jwt = await goodToken();
  await provider.close();
  expect(await outcome(jwt)).toBe('network');
});

test('a failing provider is asked once in a while, not once a request', async () => {
  provider.answer = (_, response) => response.writeHead(500).end();
  const verifier = identity();
  const jwt = await goodToken();
  expect(await outcome(jwt, verifier)).toBe('status');
  expect(await outcome(jwt, verifier)).toBe('status');
  expect(provider.requests).toBe(1);
  now += 5_000;
  expect(await outcome(jwt, verifier)).toBe('status');
  expect(provider.requests).toBe(2);
  now = NOW;
});

test("rotation of the provider's keys works without a restart, and the old key dies", async () => {
  const verifier = identity();
  const old = await goodToken();
  expect(await outcome(old, verifier)).toBe('accepted');
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  provider.keys = [{ ...(await exportJWK(publicKey)), kid: 'k2', alg: 'ES256' }];
  const rotated = await provider.sign(claimsFor(provider.issuer), { kid: 'k2' }, privateKey);
  now += KEYS_COOLDOWN_MILLISECONDS + 1;
  expect(await outcome(rotated, verifier)).toBe('accepted');
  expect(await outcome(old, verifier)).toBe('key_unknown');
  now = NOW;
});

test('unknown key ids do not turn us against the provider', async () => {
  const verifier = identity();
  for (let i = 0; i < 10; i++) {
    const jwt = await provider.sign(claimsFor(provider.issuer), { kid: `guess-${i}` });
    expect(await outcome(jwt, verifier)).toBe('key_unknown');
  }
  expect(provider.requests).toBe(1);
});

test('a token without a key id is refused where several keys fit', async () => {
  const { publicKey } = await generateKeyPair('ES256');
  provider.keys.push({ ...(await exportJWK(publicKey)), kid: 'k2', alg: 'ES256' });
  const jwt = await provider.sign(claimsFor(provider.issuer), { kid: undefined });
  expect(await outcome(jwt)).toBe('key_unknown');
});

describe('while the keys of a slow provider are being fetched', () => {
  /** Answers the fetches that follow when it is called. */
  const slowly = (): (() => void) => {
    const waiting: (() => void)[] = [];
    provider.answer = (_, response) => {
      waiting.push(() => response.end(JSON.stringify({ keys: provider.keys })));
    };
    return async () => {
      await expect.poll(() => waiting.length).toBeGreaterThan(0);
      for (const answer of waiting.splice(0)) answer();
    };
  };
  const strangers = async (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, i) =>
        provider.sign(claimsFor(provider.issuer), { kid: `guess-${i}` }),
      ),
    );

  test("sixty strangers' tokens cause one fetch, and known keys stay accepted", async () => {
    const verifier = identity();
    const good = await goodToken();
    expect(await outcome(good, verifier)).toBe('accepted');
    now += KEYS_COOLDOWN_MILLISECONDS + 1;
    const answer = slowly();
    const verdicts = (await strangers(60)).map((jwt) => outcome(jwt, verifier));
    const [first, ...rest] = verdicts;
    // Refused at once, as an outage that passes: their key may be in the set that is on its way.
    expect(new Set(await Promise.all(rest))).toEqual(new Set(['refreshing']));
    expect(await outcome(good, verifier)).toBe('accepted');
    await answer();
    expect(await first).toBe('key_unknown');
    expect(provider.requests).toBe(2);
    now = NOW;
  });

  test('the first tokens of a cold isolate wait for one fetch, and for a second at most', async () => {
    const verifier = identity();
    const good = await goodToken();
    const answer = slowly();
    const verdicts = [...(await strangers(59)), good].map((jwt) => outcome(jwt, verifier));
    await answer();
    expect((await Promise.all(verdicts)).at(-1)).toBe('accepted');
    expect(provider.requests).toBe(1);

    const cold = identity();
    const never = slowly();
    const first = outcome(good, cold);
    expect(await outcome(good, cold)).toBe('refreshing');
    await never();
    expect(await first).toBe('accepted');
  });

  test('a request that goes away leaves its fetch to the background', async () => {
    const kept: Promise<unknown>[] = [];
    const verifier = createIdentity([provider.issuer], {
      now: () => now,
      background: (work) => kept.push(work),
    });
    expect(await outcome(await goodToken(), verifier)).toBe('accepted');
    expect(kept).toHaveLength(1);
  });

  test('a fetch that was lost with its request counts as one for five seconds and no longer', async () => {
    let asked = 0;
    const verifier = createIdentity([provider.issuer], {
      now: () => now,
      // Like workerd, which cancels a request's promises without settling them.
      fetch: (url, init) => {
        asked += 1;
        return asked === 1 ? new Promise<never>(() => {}) : fetch(url, init);
      },
    });
    const good = await goodToken();
    void outcome(good, verifier);
    expect(await outcome(good, verifier)).toBe('refreshing');
    now += KEYS_FETCH_MILLISECONDS_MAX + 1;
    expect(await outcome(good, verifier)).toBe('accepted');
    now = NOW;
  });
});

test('a clock that was set back makes no old key set young', async () => {
  const verifier = identity();
  expect(await outcome(await goodToken(), verifier)).toBe('accepted');
  now -= 1_000;
  expect(await outcome(await goodToken(), verifier)).toBe('accepted');
  expect(provider.requests).toBe(2);
  now = NOW;
});
