/**
 * Edwards25519 in plain integers (RFC 8032 section 5.1), to construct points that no signer
 * creates.
 */
import { fromHex } from '../../../../src/encoding.ts';

export const P = 2n ** 255n - 19n;
/** The order of the base point. */
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;

const mod = (value: bigint) => ((value % P) + P) % P;
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = mod(b * b))
    if (e & 1n) result = mod(result * b);
  return result;
}
const inverse = (value: bigint) => power(value, P - 2n);
const D = mod(-121665n * inverse(121666n));

export type Point = { readonly x: bigint; readonly y: bigint };
export const IDENTITY: Point = { x: 0n, y: 1n };

function add(a: Point, b: Point): Point {
  const product = mod(D * mod(a.x * b.x) * mod(a.y * b.y));
  return {
    x: mod((a.x * b.y + a.y * b.x) * inverse(1n + product)),
    y: mod((a.y * b.y + a.x * b.x) * inverse(1n - product)),
  };
}

export const timesEight = (point: Point): Point => {
  const two = add(point, point);
  const four = add(two, two);
  return add(four, four);
};

/** Returns undefined if no point has this y. Takes y modulo p, as lenient decoders do. */
export function decode(bytes: Uint8Array): Point | undefined {
  const number = fromLittleEndian(bytes);
  const y = mod(number & (2n ** 255n - 1n));
  const squared = mod((y * y - 1n) * inverse(D * y * y + 1n));
  let x = power(squared, (P + 3n) / 8n);
  if (mod(x * x) !== squared) x = mod(x * power(2n, (P - 1n) / 4n));
  if (mod(x * x) !== squared) return undefined;
  return { x: (x & 1n) === number >> 255n ? x : mod(-x), y };
}

export const fromLittleEndian = (bytes: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

export function littleEndian(value: bigint): Uint8Array<ArrayBuffer> {
  const bytes = fromHex(value.toString(16).padStart(64, '0'));
  if (bytes === undefined) throw new RangeError('more than 256 bits');
  return bytes.reverse();
}
