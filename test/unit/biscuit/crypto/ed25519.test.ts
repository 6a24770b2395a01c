import { describe, expect, test } from 'vitest';
import { isCanonicalScalar, isWeakPoint } from '../../../../src/biscuit/crypto/ed25519.ts';
import {
  generateKeyPair,
  privateKeyFromBytes,
  publicKeyFromBytes,
  verifySignature,
} from '../../../../src/biscuit/crypto/index.ts';
import { concatBytes, fromHex, toHex, utf8 } from '../../../../src/encoding.ts';
import { good, refusal } from '../answers.ts';
import { decode, fromLittleEndian, IDENTITY, L, littleEndian, P, timesEight } from './curve.ts';

const SIGN_BIT = 2n ** 255n;
const hex = (text: string) => fromHex(text) ?? new Uint8Array();

/** y of the points of order 1, 2, 4 and the two of order 8. */
const ORDER_8 = [
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map((text) => fromLittleEndian(hex(text)));
const SMALL_ORDER = [1n, P - 1n, 0n, ...ORDER_8].flatMap((y) => [y, y + SIGN_BIT]);
/** Every encoding of a y that is not below p. */
const NOT_CANONICAL = Array.from({ length: 19 }, (_, i) => P + BigInt(i)).flatMap((y) => [
  y,
  y + SIGN_BIT,
]);
const WEAK = [...SMALL_ORDER, ...NOT_CANONICAL].map(littleEndian);

describe('weak points', () => {
  test('lists all eight points of small order, as computed on the curve', () => {
    const points = SMALL_ORDER.map((y) => decode(littleEndian(y)));
    for (const point of points) expect(point && timesEight(point)).toEqual(IDENTITY);
    // x = 0 and x = -0 are the same, so the points with x = 0 occur twice.
    expect(new Set(points.map((point) => `${point?.x},${point?.y}`)).size).toBe(8);
  });

  test.each(WEAK.map((bytes) => [toHex(bytes), bytes] as const))('%s is refused', (_, bytes) => {
    expect(isWeakPoint(bytes, 0)).toBe(true);
    expect(isWeakPoint(concatBytes(Uint8Array.of(9), bytes), 1)).toBe(true);
    expect(refusal(publicKeyFromBytes('ed25519', bytes))).toMatchObject({ code: 'key_malformed' });
  });

  test('neighbours of weak points are not weak', () => {
    const weak = new Set(WEAK.map(toHex));
    for (const bytes of WEAK)
      for (let bit = 0; bit < 256; bit++) {
        const other = bytes.slice();
        other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(isWeakPoint(other, 0)).toBe(weak.has(toHex(other)));
      }
  });

  test('generated keys are not weak', async () => {
    for (let i = 0; i < 32; i++) {
      const { publicKey, privateKey } = await generateKeyPair();
      const signature = await privateKey.sign(Uint8Array.of(i));
      expect([isWeakPoint(publicKey.bytes, 0), isWeakPoint(signature, 0)]).toEqual([false, false]);
      expect(isCanonicalScalar(signature)).toBe(true);
    }
  });
});

describe('rejects signatures that verify many messages', () => {
  const messages = Array.from({ length: 16 }, (_, i) => utf8(`message ${i}`));

  test.each(WEAK.map((bytes) => [toHex(bytes), bytes] as const))('key %s', async (_, bytes) => {
    const key = { algorithm: 'ed25519', bytes } as const;
    // With S = 0 the equation is R = -kA, which for a small A holds for one message in a few.
    for (const r of WEAK.slice(0, 10))
      for (const message of messages.slice(0, 4)) {
        const signature = concatBytes(r, new Uint8Array(32));
        expect(await verifySignature(key, message, signature)).toBe('invalid');
      }
  });

  test('an R of small order under an honest key', async () => {
    const { publicKey } = await generateKeyPair();
    for (const r of WEAK)
      expect(
        await verifySignature(publicKey, new Uint8Array(1), concatBytes(r, littleEndian(1n))),
      ).toBe('invalid');
  });
});

describe('S', () => {
  const withS = (s: bigint) => concatBytes(new Uint8Array(32), littleEndian(s));
  test.each([0n, 1n, L - 1n])('%s is below the order', (s) => {
    expect(isCanonicalScalar(withS(s))).toBe(true);
  });
  test.each([L, L + 1n, L + 2n ** 200n, 2n ** 253n, 2n ** 256n - 1n])('%s is not', (s) => {
    expect(isCanonicalScalar(withS(s))).toBe(false);
  });

  test('rejects S + L, a second encoding of the same signature', async () => {
    const { publicKey, privateKey } = await generateKeyPair();
    const message = utf8('one name');
    const signature = await privateKey.sign(message);
    expect(await verifySignature(publicKey, message, signature)).toBe('valid');
    const s = fromLittleEndian(signature.subarray(32)) + L;
    const other = concatBytes(signature.subarray(0, 32), littleEndian(s));
    expect(await verifySignature(publicKey, message, other)).toBe('invalid');
  });
});

test.each([
  // RFC 8032 section 7.1, tests 1 to 3.
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
])('RFC 8032: seed %s', async (seed, publicKey, message, signature) => {
  const key = good(privateKeyFromBytes('ed25519', hex(seed)));
  const derived = await key.publicKey();
  expect(toHex(derived.bytes)).toBe(publicKey);
  expect(toHex(await key.sign(hex(message)))).toBe(signature);
  expect(await verifySignature(derived, hex(message), hex(signature))).toBe('valid');
});

test.each([0, 63, 65])('a signature of %i bytes is malformed', async (length) => {
  const { publicKey } = await generateKeyPair();
  const verdict = await verifySignature(publicKey, new Uint8Array(1), new Uint8Array(length));
  expect(verdict).toBe('malformed');
});
