import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createIdentity } from '../../../src/identity/index.ts';
import { JWKS_BYTES_MAX } from '../../../src/identity/keys.ts';
import { readBundle } from '../../../src/identity/spiffe/index.ts';
import { KEYS_COOLDOWN_MILLISECONDS } from '../../../src/limits.ts';
import { NOW } from './provider.ts';
import { AUDIENCE, startTrustDomain, svidKey, type TestTrustDomain } from './trust-domain.ts';

/** How a bundle is fetched, and how it ages, against a real endpoint. */
let acme: TestTrustDomain;
let now = NOW;
beforeEach(async () => {
  now = NOW;
  acme = await startTrustDomain();
});
afterEach(() => acme.close());

const identity = () =>
  createIdentity(
    [
      {
        kind: 'spiffe',
        name: 'acme',
        trustDomain: acme.name,
        audience: AUDIENCE,
        bundleUri: acme.bundleUri,
      },
    ],
    { now: () => now },
  );

const outcome = async (jwt: string, verifier = identity()) => {
  const result = await verifier.verify(jwt);
  if (result.ok) return 'accepted';
  return 'why' in result.error ? result.error.why : result.error.code;
};
const later = (claims = {}) => acme.svid({ exp: NOW / 1000 + 86_400, ...claims });

test('a bundle is fetched once, and again when its hint has passed', async () => {
  const verifier = identity();
  for (let i = 0; i < 3; i++) expect(await outcome(await later(), verifier)).toBe('accepted');
  expect(acme.requests).toBe(1);
  now += 60_000;
  expect(await outcome(await later(), verifier)).toBe('accepted');
  expect(acme.requests).toBe(2);
});

test.each([
  ['a hint of zero counts as ten seconds', 0, 9_999, 10_000],
  ['a hint of a day counts as five minutes', 86_400, 299_999, 300_000],
  ['no hint counts as five minutes', undefined, 299_999, 300_000],
])('%s', async (_, hint, before, after) => {
  acme.bundle = { keys: [acme.key.jwk], ...(hint !== undefined && { spiffe_refresh_hint: hint }) };
  const verifier = identity();
  await outcome(await later(), verifier);
  now += before;
  await outcome(await later(), verifier);
  expect(acme.requests).toBe(1);
  now += after - before;
  await outcome(await later(), verifier);
  expect(acme.requests).toBe(2);
});

test('a key that the newest bundle lacks is revoked', async () => {
  const verifier = identity();
  expect(await outcome(await later(), verifier)).toBe('accepted');
  acme.bundle = { keys: [(await svidKey('k2')).jwk], spiffe_sequence: 2 };
  now += 60_000;
  expect(await outcome(await later(), verifier)).toBe('key_unknown');
});

test('an emptied bundle revokes the domain, and a refilled one restores it', async () => {
  const verifier = identity();
  expect(await outcome(await later(), verifier)).toBe('accepted');
  acme.bundle = { keys: [], spiffe_sequence: 2 };
  now += 60_000;
  expect(await outcome(await later(), verifier)).toBe('domain_revoked');
  acme.bundle = { keys: [acme.key.jwk], spiffe_sequence: 3 };
  now += 300_000;
  expect(await outcome(await later(), verifier)).toBe('accepted');
});

test('a new key arrives without a restart, before the hint has passed', async () => {
  const verifier = identity();
  expect(await outcome(await later(), verifier)).toBe('accepted');
  const next = await svidKey('k2');
  acme.bundle = { keys: [acme.key.jwk, next.jwk], spiffe_sequence: 2 };
  const jwt = await acme.svid({}, { kid: 'k2' }, next.privateKey);
  expect(await outcome(jwt, verifier)).toBe('key_unknown');
  now += KEYS_COOLDOWN_MILLISECONDS;
  expect(await outcome(jwt, verifier)).toBe('accepted');
});

test('unknown key ids do not make us flood the trust domain', async () => {
  const verifier = identity();
  for (let i = 0; i < 10; i++) {
    expect(await outcome(await acme.svid({}, { kid: `k${i + 2}` }), verifier)).toBe('key_unknown');
  }
  expect(acme.requests).toBe(1);
});

test.each([
  ['lower', 4],
  ['missing', undefined],
])('a sequence that is %s does not bring a revoked key back', async (_, sequence) => {
  const kept = await svidKey('kept');
  acme.bundle = { keys: [kept.jwk], spiffe_sequence: 5, spiffe_refresh_hint: 60 };
  const verifier = identity();
  const jwt = await acme.svid({ exp: NOW / 1000 + 86_400 }, { kid: 'kept' }, kept.privateKey);
  expect(await outcome(jwt, verifier)).toBe('accepted');
  acme.bundle = {
    keys: [kept.jwk, acme.key.jwk],
    ...(sequence !== undefined && { spiffe_sequence: sequence }),
  };
  now += 60_000;
  expect(await outcome(await later(), verifier)).toBe('key_unknown');
  expect(await outcome(jwt, verifier)).toBe('accepted');
  // And a domain that serves only old bundles counts as unreachable.
  now += 600_000;
  expect(await outcome(jwt, verifier)).toBe('sequence_went_back');
});

test('trusts the last bundle of an unreachable domain for ten minutes and no longer', async () => {
  const verifier = identity();
  expect(await outcome(await later(), verifier)).toBe('accepted');
  acme.answer = (_, response) => response.writeHead(503).end();
  now += 599_999;
  expect(await outcome(await later(), verifier)).toBe('accepted');
  now += 1;
  expect(await outcome(await later(), verifier)).toBe('status');
});

describe('what is fetched', () => {
  test.each([301, 302, 307, 308])('a redirect is not followed: %i', async (status) => {
    const elsewhere = await startTrustDomain();
    acme.answer = (_, response) =>
      response.writeHead(status, { location: elsewhere.bundleUri }).end();
    expect(await outcome(await elsewhere.svid())).toBe('redirected');
    expect(elsewhere.requests).toBe(0);
    await elsewhere.close();
  });

  test('a bundle over the size limit is refused', async () => {
    acme.bundle = { ...acme.bundle, padding: 'x'.repeat(JWKS_BYTES_MAX) };
    expect(await outcome(await later())).toBe('too_large');
  });

  test('gives up on a bundle response that never ends', { timeout: 15_000 }, async () => {
    acme.answer = (_, response) => response.write('{"keys":[');
    expect(await outcome(await later())).toBe('timeout');
  });

  test('a document that is not a bundle does not count as an empty bundle, so junk cannot revoke a domain', async () => {
    acme.answer = (_, response) => response.end('{"keys":{}}');
    expect(await outcome(await later())).toBe('not_a_key_set');
  });

  test('a stranger without an acceptable header causes no fetch', async () => {
    await outcome(await acme.svid({}, { jku: 'https://evil.example' }));
    await outcome(await acme.svid({ sub: 'spiffe://unknown.example/a' }));
    expect(acme.requests).toBe(0);
  });
});

test.each([
  ['null', null],
  ['a list', []],
  ['no keys', {}],
  ['keys that are not an array', { keys: {} }],
  ['a sequence that is a text', { keys: [], spiffe_sequence: '1' }],
  ['a sequence below zero', { keys: [], spiffe_sequence: -1 }],
  ['a sequence that is not whole', { keys: [], spiffe_sequence: 1.5 }],
  ['a sequence beyond what is exact', { keys: [], spiffe_sequence: 2 ** 53 }],
  ['a hint that is a text', { keys: [], spiffe_refresh_hint: '300' }],
  ['too many keys', { keys: Array.from({ length: 65 }, () => ({})) }],
  [
    'two keys with one id',
    { keys: ['AQ', 'Ag'].map((n) => ({ kty: 'RSA', use: 'jwt-svid', kid: 'k', n, e: 'AQAB' })) },
  ],
])('no bundle: %s', (_, json) => {
  expect(readBundle(json).ok).toBe(false);
});

test('skips junk among the keys without throwing', () => {
  const bundle = readBundle({ keys: [null, 7, 'key', [], {}, { use: 'jwt-svid', kid: 'k' }] });
  expect(bundle).toEqual({ ok: true, value: { keys: [] } });
});

test.each(['1lqT[[[[l3yq', '1lqT l3yq', '1lqT+/3yq', ''])(
  'skips a key with the number %j, which platforms decode differently',
  (x) => {
    const key = { kty: 'EC', crv: 'P-256', kid: 'k1', use: 'jwt-svid', x, y: 'AAAA' };
    expect(readBundle({ keys: [key] })).toEqual({ ok: true, value: { keys: [] } });
  },
);
