import { expect, test } from 'vitest';
import { SipHash } from '../../../src/feed/format/siphash.ts';

/**
 * The 64-bit vectors of SipHash-2-4 from the authors' reference (github.com/veorq/SipHash,
 * vectors.h): key 00..0f, inputs of 0, 1, 2, … bytes 00, 01, 02, …; here as big-endian numbers.
 */
const VECTORS = [
  [0, '726fdb47dd0e0e31'],
  [1, '74f839c593dc67fd'],
  [2, '0d6c8009d9a94f5a'],
  [3, '85676696d7fb7e2d'],
  [4, 'cf2794e0277187b7'],
  [5, '18765564cd99a68d'],
  [6, 'cbc9466e58fee3ce'],
  [7, 'ab0200f58b01d137'],
  [8, '93f5f5799a932462'],
  [15, 'a129ca6149be45e5'],
  [63, '958a324ceb064572'],
] as const;

const range = (length: number) => Uint8Array.from({ length }, (_, index) => index);

test.each(VECTORS)('SipHash-2-4 of %d bytes is %s', (length, expected) => {
  const hash = new SipHash(range(16));
  hash.hash(range(64), length);
  const hex = [hash.high, hash.low].map((half) => half.toString(16).padStart(8, '0')).join('');
  expect(hex).toBe(expected);
});

test('bytes beyond the length are not hashed', () => {
  const [one, other] = [new SipHash(range(16)), new SipHash(range(16))];
  for (let length = 0; length < 16; length++) {
    one.hash(range(32), length);
    other.hash(
      Uint8Array.from({ length: 32 }, (_, i) => (i < length ? i : 255)),
      length,
    );
    expect([one.high, one.low]).toEqual([other.high, other.low]);
  }
});
