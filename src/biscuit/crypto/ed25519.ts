/**
 * What the platform's Ed25519 leaves open, closed before it is asked.
 *
 * RFC 8032 lets implementations differ on points of small order and on encodings that are not
 * canonical, and they do: workerd and Node 20 accept a key and an R of small order, under which one
 * signature fits many messages, while Node 24 and the reference (dalek's `verify_strict`) refuse
 * them. A token must not mean one thing on one platform and nothing on another.
 */
import { fromHex } from '../../encoding.ts';

export const ED25519_SIGNATURE_BYTES = 64;

/** The y of the four points of order 8, without the sign bit of x; -y of the one is the other. */
const ORDER_8: readonly Uint8Array[] = [
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map((hex) => fromHex(hex) ?? new Uint8Array(32));

/** The order of the base point, little endian: 2^252 + 27742317777372353535851937790883648493. */
const ORDER =
  fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010') ?? new Uint8Array(32);

/**
 * Whether the 32 bytes at `offset` name a point of small order, or are not the canonical name of
 * their point. Nearly every honest point is cleared by its first byte.
 */
export function isWeakPoint(bytes: Uint8Array, offset: number): boolean {
  const first = bytes[offset] ?? 0;
  const last = (bytes[offset + 31] ?? 0) & 0x7f;
  // y of 0 (order 4) and 1 (the identity).
  if (first <= 1) return last === 0 && isFilled(bytes, offset, 0);
  // y of p - 1 (order 2), and all that is not below p = 2^255 - 19.
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
 * Whether S, the second half of a signature, is below the order: else S and S + L are two names.
 */
export function isCanonicalScalar(signature: Uint8Array): boolean {
  for (let at = 31; at >= 0; at--) {
    const difference = (signature[32 + at] ?? 0) - (ORDER[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
