/**
 * Closes the gaps that RFC 8032 leaves to implementations, before the platform verifies.
 *
 * Implementations differ on points of small order and on non-canonical encodings. workerd and Node
 * 20 accept a key and an R of small order, for which one signature verifies many messages. Node 24
 * and the reference (dalek's `verify_strict`) refuse them. A token must not be valid on one
 * platform and invalid on another.
 */
import { fromHex } from '../../encoding.ts';

export const ED25519_SIGNATURE_BYTES = 64;

/**
 * The y of the four points of order 8, without the sign bit of x. Two are the negatives of the
 * others.
 */
const ORDER_8: readonly Uint8Array[] = [
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map((hex) => fromHex(hex) ?? new Uint8Array(32));

/** The order of the base point, little endian: 2^252 + 27742317777372353535851937790883648493. */
const ORDER =
  fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010') ?? new Uint8Array(32);

/**
 * Returns whether the 32 bytes at `offset` encode a point of small order, or are not the canonical
 * encoding of their point. The first byte rules this out for nearly every honest point.
 */
export function isWeakPoint(bytes: Uint8Array, offset: number): boolean {
  const first = bytes[offset] ?? 0;
  const last = (bytes[offset + 31] ?? 0) & 0x7f;
  // y = 0 (order 4) or y = 1 (the identity).
  if (first <= 1) return last === 0 && isFilled(bytes, offset, 0);
  // y = p - 1 (order 2), and everything not below p = 2^255 - 19.
  if (first >= 0xec) return last === 0x7f && isFilled(bytes, offset, 0xff);
  return ORDER_8.some(
    (y) =>
      first === y[0] && last === y[31] && y.every((b, at) => at === 31 || b === bytes[offset + at]),
  );
}

function isFilled(bytes: Uint8Array, offset: number, value: number): boolean {
  for (let at = offset + 1; at < offset + 31; at++) if (bytes[at] !== value) return false;
  return true;
}

/**
 * Returns whether S, the second half of a signature, is below the order. If not, S - L would be a
 * second encoding of the same signature.
 */
export function isCanonicalScalar(signature: Uint8Array): boolean {
  for (let at = 31; at >= 0; at--) {
    const difference = (signature[32 + at] ?? 0) - (ORDER[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
