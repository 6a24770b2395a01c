/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012), a keyed 64-bit hash with published test vectors. In
 * halves of 32 bits it needs neither `await` nor a library of the host. The result is in `high` and
 * `low`, so hashing allocates nothing.
 */
export class SipHash {
  high = 0;
  low = 0;
  readonly #key: Int32Array;

  /** `key` is 16 bytes. */
  constructor(key: Uint8Array) {
    this.#key = Int32Array.of(...[0, 4, 8, 12].map((offset) => word(key, offset, 16)));
  }

  /** Hashes the first `length` bytes. */
  hash(bytes: Uint8Array, length: number): void {
    const [k = 0, kh = 0, l = 0, lh = 0] = this.#key;
    let a = k ^ 0x70736575;
    let ah = kh ^ 0x736f6d65;
    let b = l ^ 0x6e646f6d;
    let bh = lh ^ 0x646f7261;
    let c = k ^ 0x6e657261;
    let ch = kh ^ 0x6c796765;
    let d = l ^ 0x79746573;
    let dh = lh ^ 0x74656462;
    let t = 0;
    const last = length & ~7;
    // One turn for each word of eight bytes, and a last one that finalizes.
    for (let offset = 0; offset <= last + 8; offset += 8) {
      const isEnd = offset > last;
      const m = isEnd ? 0 : word(bytes, offset, length);
      const mh = isEnd ? 0 : word(bytes, offset + 4, length) ^ (offset === last ? length << 24 : 0);
      d ^= m;
      dh ^= mh;
      if (isEnd) c ^= 0xff;
      for (let rounds = isEnd ? 4 : 2; rounds > 0; rounds--) {
        a = (a + b) | 0;
        ah = (ah + bh + carry(a, b)) | 0;
        t = (b << 13) | (bh >>> 19);
        bh = ((bh << 13) | (b >>> 19)) ^ ah;
        b = t ^ a;
        t = a;
        a = ah;
        ah = t;
        c = (c + d) | 0;
        ch = (ch + dh + carry(c, d)) | 0;
        t = (d << 16) | (dh >>> 16);
        dh = ((dh << 16) | (d >>> 16)) ^ ch;
        d = t ^ c;
        a = (a + d) | 0;
        ah = (ah + dh + carry(a, d)) | 0;
        t = (d << 21) | (dh >>> 11);
        dh = ((dh << 21) | (d >>> 11)) ^ ah;
        d = t ^ a;
        c = (c + b) | 0;
        ch = (ch + bh + carry(c, b)) | 0;
        t = (b << 17) | (bh >>> 15);
        bh = ((bh << 17) | (b >>> 15)) ^ ch;
        b = t ^ c;
        t = c;
        c = ch;
        ch = t;
      }
      a ^= m;
      ah ^= mh;
    }
    this.low = (a ^ b ^ c ^ d) >>> 0;
    this.high = (ah ^ bh ^ ch ^ dh) >>> 0;
  }
}

/** Whether adding `part` overflowed into `sum`. */
const carry = (sum: number, part: number): 0 | 1 => (sum >>> 0 < part >>> 0 ? 1 : 0);

/** Reads four bytes, little-endian. Bytes from `length` on count as zero: they are not input. */
function word(bytes: Uint8Array, offset: number, length: number): number {
  let value = 0;
  for (let i = Math.min(4, length - offset) - 1; i >= 0; i--) {
    value = (value << 8) | (bytes[offset + i] ?? 0);
  }
  return value;
}
