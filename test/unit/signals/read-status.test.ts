import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { packStatuses, readStatus, statusListClaims } from '../../../src/signals/index.ts';

const ISSUER = 'https://issuer.example';
const URI = `${ISSUER}/status/v1/AAAAAAAAAAAAAAAA`;
const NOW = 1_800_000_000;

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let pair: Pair;
let other: Pair;
let keys: ReturnType<typeof createLocalJWKSet>;

beforeAll(async () => {
  [pair, other] = [await generateKeyPair('EdDSA'), await generateKeyPair('EdDSA')];
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'EdDSA', use: 'sig' };
  keys = createLocalJWKSet({ keys: [jwk] });
});

const claims = async (changes: object = {}) => ({
  ...statusListClaims(ISSUER, URI, await packStatuses(16, [[3, 'invalid']]), NOW),
  ...changes,
});
const sign = async (changes: object = {}, { key = pair.privateKey, typ = 'statuslist+jwt' } = {}) =>
  new SignJWT(await claims(changes)).setProtectedHeader({ alg: 'EdDSA', kid: 'k', typ }).sign(key);
const read = (token: string, idx = 3, now = NOW + 1) =>
  readStatus(token, { issuer: ISSUER, uri: URI, idx, keys, now: new Date(now * 1000) });

describe('a status', () => {
  test('is read from a signed and current list', async () => {
    expect(await read(await sign())).toEqual({ ok: true, value: 'invalid' });
    expect(await read(await sign(), 4)).toEqual({ ok: true, value: 'valid' });
  });

  test('is not read from an expired list', async () => {
    const token = await sign();
    expect((await read(token, 4, NOW + 599)).ok).toBe(true);
    expect(await read(token, 4, NOW + 600)).toEqual({ ok: false, error: { code: 'list_expired' } });
  });

  test('is not read from a list without an expiry', async () => {
    expect(await read(await sign({ exp: undefined }))).toMatchObject({
      error: { code: 'list_untrusted' },
    });
  });

  test.each([
    ['of another list', { sub: `${ISSUER}/status/v1/BBBBBBBBBBBBBBBB` }],
    ['of another issuer', { iss: 'https://elsewhere.example' }],
    ['of the future', { iat: NOW + 120 }],
    ['without a time', { iat: undefined }],
  ])('is not read from a token %s', async (_, changes) => {
    expect(await read(await sign(changes))).toMatchObject({ error: { code: 'list_untrusted' } });
  });

  test('is not read from a forged list', async () => {
    const forged = [
      await sign({}, { key: other.privateKey }),
      await sign({}, { typ: 'JWT' }),
      await sign({}, { typ: 'secevent+jwt' }),
      new UnsecuredJWT(await claims()).encode(),
      `${(await sign()).slice(0, -6)}AAAAAA`,
      ...['', 'a.b.c', 'x'.repeat(100)],
    ];
    for (const token of forged) {
      expect(await read(token)).toMatchObject({ error: { code: 'list_untrusted' } });
    }
  });

  test('is not read from the body of another list under the signature of this one', async () => {
    const [head, , signature] = (await sign()).split('.');
    const body = (await sign({ status_list: await packStatuses(16, []) })).split('.')[1];
    expect(await read(`${head}.${body}.${signature}`)).toMatchObject({
      error: { code: 'list_untrusted' },
    });
  });

  test('is not read for an index beyond the list', async () => {
    for (const index of [16, 1_000_000, -1, 1.5]) {
      expect(await read(await sign(), index)).toMatchObject({ error: { code: 'index_outside' } });
    }
  });

  test('is not read from a malformed list', async () => {
    for (const status_list of [undefined, {}, { bits: 3, lst: 'AA' }, { bits: 2, lst: 'AA' }]) {
      expect(await read(await sign({ status_list }))).toMatchObject({
        error: { code: 'list_malformed' },
      });
    }
  });

  test('is not read from a token that is too large, which is not parsed', async () => {
    expect(await read('x'.repeat(256 * 1024 + 1))).toMatchObject({
      error: { code: 'list_too_large' },
    });
  });
});
