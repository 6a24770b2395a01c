import { describe, expect, test } from 'vitest';
import { fromBase64Url, fromHex, fromUtf8, toBase64Url, toHex, utf8 } from '../../src/encoding.ts';

describe('base64url', () => {
  test('round-trips every length from 0 to 64 bytes', () => {
    for (let length = 0; length <= 64; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length * 11) & 255);
      expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
      expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
    }
  });

  test.each(['A', 'AB+/', 'A B', 'AA\n', 'AAé', 'AB', 'AAB=', 'A===', '=', '====', 'AA=A'])(
    'refuses %j',
    (text) => expect(fromBase64Url(text)).toBeUndefined(),
  );

  test('accepts correct padding', () => {
    expect(fromBase64Url('AA==')).toEqual(Uint8Array.of(0));
    expect(fromBase64Url('AAA=')).toEqual(Uint8Array.of(0, 0));
  });
});

test('hex is lower case and even', () => {
  expect(fromHex(toHex(Uint8Array.of(0, 15, 255)))).toEqual(Uint8Array.of(0, 15, 255));
  for (const text of ['0', 'AB', '0g', ' 00']) expect(fromHex(text)).toBeUndefined();
});

test('UTF-8 keeps a byte order mark and rejects broken bytes', () => {
  expect(fromUtf8(utf8('\uFEFFread'))).toBe('\uFEFFread');
  expect(fromUtf8(Uint8Array.of(0xc3, 0x28))).toBeUndefined();
});
