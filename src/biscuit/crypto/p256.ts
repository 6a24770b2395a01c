/**
 * Decompresses P-256 points (SEC 1 section 2.3.4). Tokens carry keys compressed, not every platform
 * imports that form, and the thumbprint of a key needs both coordinates. Loaded by the first token
 * with such a key. All of it is public data, so nothing here runs in constant time.
 */
import { fromHex, toHex } from '../../encoding.ts';

const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/**
 * Returns the point as the byte 4 and both coordinates. Undefined for an x that is not below p or
 * that no point of the curve has.
 */
export function decompress(compressed: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const digits = toHex(compressed.subarray(1));
  const x = BigInt(`0x${digits}`);
  const square = (x ** 3n + (P - 3n) * x + B) % P;
  // p is 3 modulo 4, so a root is the power (p + 1) / 4.
  let y = 1n;
  for (const bit of ((P + 1n) / 4n).toString(2)) {
    y = (y * y) % P;
    if (bit === '1') y = (y * square) % P;
  }
  if (x >= P || (y * y) % P !== square) return undefined;
  if (Number(y & 1n) !== (compressed[0] ?? 0) - 2) y = P - y;
  return fromHex(`04${digits}${y.toString(16).padStart(64, '0')}`);
}
