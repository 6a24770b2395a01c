import { describe, expect, test } from 'vitest';
import { signatureFromDer, signatureToDer } from '../../../../src/biscuit/crypto/der.ts';
import { generateKeyPair, verifySignature } from '../../../../src/biscuit/crypto/index.ts';
import { concatBytes, fromHex, toHex, utf8 } from '../../../../src/encoding.ts';

const hex = (text: string) => fromHex(text.replaceAll(' ', '')) ?? new Uint8Array();
const ONES = '11'.repeat(32);
const HIGH = `80${'11'.repeat(31)}`;

describe('DER', () => {
  test.each([
    ['two small numbers', '3006 020101 020102', `${'00'.repeat(31)}01${'00'.repeat(31)}02`],
    ['two numbers of 32 bytes', `3044 0220${ONES} 0220${ONES}`, ONES + ONES],
    ['a zero before a high bit', `3045 022100${HIGH} 0220${ONES}`, HIGH + ONES],
    [
      'a short number with a high bit',
      '3007 02020080 020101',
      `${'00'.repeat(31)}80${'00'.repeat(31)}01`,
    ],
  ])('%s, both ways', (_, der, raw) => {
    expect(toHex(signatureFromDer(hex(der)) ?? new Uint8Array())).toBe(raw);
    expect(toHex(signatureToDer(hex(raw)))).toBe(der.replaceAll(' ', ''));
  });

  test.each([
    ['nothing', ''],
    ['no sequence', '3106 020101 020102'],
    ['a length too small', '3005 020101 020102'],
    ['a length too large', '3007 020101 020102'],
    ['bytes behind it', '3006 020101 020102 00'],
    ['bytes inside behind S', '3007 020101 020102 00'],
    ['a length of two bytes', `308144 0220${ONES} 0220${ONES}`],
    ['an indefinite length', '3080 020101 020102 0000'],
    ['one number', '3003 020101'],
    ['three numbers', '3009 020101 020102 020103'],
    ['no integer', '3006 030101 020102'],
    ['an empty integer', '3005 0200 020102'],
    ['a negative number', '3006 020180 020102'],
    ['a needless zero', '3007 02020001 020102'],
    ['zero', '3006 020100 020102'],
    ['33 bytes', `3045 022101${ONES} 0220${ONES}`],
    ['34 bytes', `3046 022200 01${ONES} 0220${ONES}`],
    ['an integer beyond the end', '3006 020501 020102'],
    ['a long length of an integer', `3045 028120${ONES} 0220${ONES}`],
  ])('refuses %s', (_, der) => {
    expect(signatureFromDer(hex(der))).toBeUndefined();
  });
});

describe('ECDSA', () => {
  test('verifies what was signed and nothing else', async () => {
    const { privateKey, publicKey } = await generateKeyPair('secp256r1');
    for (let i = 0; i < 16; i++) {
      const message = utf8(`message ${i}`);
      const signature = await privateKey.sign(message);
      expect(await verifySignature(publicKey, message, signature)).toBe('valid');
      expect(await verifySignature(publicKey, utf8('another'), signature)).toBe('invalid');
      const raw = signatureFromDer(signature) ?? new Uint8Array();
      expect(await verifySignature(publicKey, message, raw)).toBe('malformed');
    }
  });

  test('numbers beyond the order are not valid', async () => {
    const { publicKey } = await generateKeyPair('secp256r1');
    const all = signatureToDer(new Uint8Array(64).fill(255));
    expect(await verifySignature(publicKey, new Uint8Array(1), all)).toBe('invalid');
  });

  test('a point off the curve verifies nothing', async () => {
    const { privateKey } = await generateKeyPair('secp256r1');
    const signature = await privateKey.sign(new Uint8Array(1));
    // x = 5 has no y on P-256.
    const bytes = concatBytes(Uint8Array.of(2), new Uint8Array(31), Uint8Array.of(5));
    const off = await verifySignature(
      { algorithm: 'secp256r1', bytes },
      new Uint8Array(1),
      signature,
    );
    expect(off).toBe('invalid');
  });
});
