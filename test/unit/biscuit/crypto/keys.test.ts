import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  generateKeyPair,
  privateKeyFromBytes,
  privateKeyFromJwk,
  privateKeyFromText,
  privateKeyToJwk,
  publicKeyFromBytes,
  publicKeyFromJwk,
  publicKeyFromText,
  publicKeyToJwk,
  publicKeyToText,
} from '../../../../src/biscuit/crypto/index.ts';
import { fromHex, toBase64Url, toHex } from '../../../../src/encoding.ts';
import { good, refusal } from '../answers.ts';

// RFC 8037 appendix A.1 and A.2.
const JWK = {
  kty: 'OKP',
  crv: 'Ed25519',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
};
const SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const PUBLIC = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';

describe('texts', () => {
  test('round-trip for both algorithms', async () => {
    for (const algorithm of ['ed25519', 'secp256r1'] as const) {
      const { privateKey, publicKey } = await generateKeyPair(algorithm);
      const again = good(privateKeyFromText(privateKey.toText()));
      expect(await again.publicKey()).toEqual(publicKey);
      expect(good(publicKeyFromText(publicKeyToText(publicKey)))).toEqual(publicKey);
      expect(publicKeyToText(publicKey)).toMatch(new RegExp(`^${algorithm}/[0-9a-f]{64,66}$`));
      expect(again.toBytes()).toEqual(privateKey.toBytes());
    }
  });

  test.each([
    PUBLIC,
    `ed25519/${PUBLIC.toUpperCase()}`,
    `ed25519/${PUBLIC}/`,
    `ed25519/${PUBLIC} `,
    `Ed25519/${PUBLIC}`,
    `ed25519-private/${PUBLIC}`,
    `x25519/${PUBLIC}`,
    'ed25519/',
    '',
    `ed25519/${PUBLIC.slice(2)}`,
    `ed25519/00${PUBLIC}`,
    `secp256r1/${PUBLIC}`,
    `secp256r1/04${PUBLIC}`,
    `secp256r1/04${PUBLIC}${PUBLIC}`,
  ])('%j is no public key', (text) => {
    expect(refusal(publicKeyFromText(text)).code).toMatch(/^key_(malformed|size_invalid)$/);
  });

  test.each([
    SEED,
    `ed25519/${SEED}`,
    `ed25519-private/${SEED.slice(2)}`,
    `ed25519-private/${SEED}00`,
    `ed25519-private/${SEED.toUpperCase()}`,
    `ed25519-private/${SEED}/${SEED}`,
    `secp256r1-private/${'00'.repeat(32)}`,
    `secp256r1-private/${'ff'.repeat(32)}`,
    // The order itself.
    'secp256r1-private/ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
  ])('%j is no private key', (text) => {
    expect(refusal(privateKeyFromText(text)).code).toMatch(/^key_(malformed|size_invalid)$/);
  });

  test('the smallest and the largest P-256 scalar are valid keys', async () => {
    const one = good(privateKeyFromText(`secp256r1-private/${'00'.repeat(31)}01`));
    // The base point, SEC 2 section 2.4.2.
    expect(toHex((await one.publicKey()).bytes)).toBe(
      '036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296',
    );
    const last = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550';
    const minusOne = await good(privateKeyFromText(`secp256r1-private/${last}`)).publicKey();
    expect(toHex(minusOne.bytes)).toBe(
      '026b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296',
    );
  });
});

describe('JWK', () => {
  test('round-trips the example of RFC 8037', async () => {
    const key = good(await privateKeyFromJwk(JWK));
    expect(toHex(key.toBytes())).toBe(SEED);
    expect(publicKeyToText(await key.publicKey())).toBe(`ed25519/${PUBLIC}`);
    expect(await privateKeyToJwk(key)).toEqual(JWK);
    const { d, ...open } = JWK;
    expect(publicKeyToJwk(good(publicKeyFromJwk(open)))).toEqual(open);
    expect(good(await privateKeyFromJwk({ kty: 'OKP', crv: 'Ed25519', d })).toText()).toBe(
      `ed25519-private/${SEED}`,
    );
  });

  test('an x that does not match d is rejected on every platform', async () => {
    const { publicKey } = await generateKeyPair();
    const mixed = { ...JWK, x: toBase64Url(publicKey.bytes) };
    expect(refusal(await privateKeyFromJwk(mixed))).toEqual({
      code: 'key_malformed',
      detail: 'x does not belong to d',
    });
  });

  test.each([
    { ...JWK, kty: 'EC' },
    { ...JWK, crv: 'Ed448' },
    { ...JWK, x: '' },
    { ...JWK, x: JWK.x.slice(1) },
    { ...JWK, x: `${JWK.x}!` },
    { ...JWK, x: 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
    { kty: 'OKP', crv: 'Ed25519' },
  ])('%o is refused', async (jwk) => {
    expect(publicKeyFromJwk(jwk).ok).toBe(false);
    expect((await privateKeyFromJwk(jwk)).ok).toBe(false);
  });

  test('has no form for P-256 keys', async () => {
    const { privateKey, publicKey } = await generateKeyPair('secp256r1');
    expect(publicKeyToJwk(publicKey)).toBeUndefined();
    expect(await privateKeyToJwk(privateKey)).toBeUndefined();
  });
});

test('a secret appears in no log', async () => {
  const { privateKey } = await generateKeyPair();
  const secret = toHex(privateKey.toBytes());
  for (const text of [
    inspect(privateKey, { depth: 9 }),
    JSON.stringify(privateKey),
    `${privateKey}`,
  ])
    expect(text).not.toContain(secret);
});

test('keys copy their bytes, also from a Buffer', () => {
  const bytes = Buffer.from(PUBLIC, 'hex');
  const key = good(publicKeyFromBytes('ed25519', bytes));
  const seed = Buffer.from(SEED, 'hex');
  const secret = good(privateKeyFromBytes('ed25519', seed));
  bytes.fill(0);
  seed.fill(0);
  expect([toHex(key.bytes), toHex(secret.toBytes())]).toEqual([PUBLIC, SEED]);
  expect(fromHex(SEED)).toEqual(secret.toBytes());
});
