/**
 * Writes the Protocol Buffers wire format (proto2): fields in call order and minimal varints, so
 * that the same data always produces the same bytes.
 */
import { utf8 } from '../../encoding.ts';
import type { Int64 } from '../datalog/index.ts';

const VARINT = 0;
const LENGTH = 2;
/** A block of three checks is smaller, so most blocks need no second buffer. */
const FIRST_BUFFER_BYTES = 512;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;
const TWO_32 = 0x1_0000_0000;

export class WireWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #at = 0;

  /** `bytes` is the expected size. */
  constructor(bytes: number = FIRST_BUFFER_BYTES) {
    this.#bytes = new Uint8Array(bytes);
  }

  /** Returns a copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#at);
  }

  /** Also writes enums. Like the others, throws on a value that would be read back differently. */
  uint32(field: number, value: number): void {
    if (value >>> 0 !== value) throw new RangeError(`${value} is no unsigned 32-bit integer`);
    this.#tag(field, VARINT);
    this.#varint(value);
  }

  bool(field: number, value: boolean): void {
    this.uint32(field, value ? 1 : 0);
  }

  int64(field: number, value: Int64): void {
    if (value < INT64_MIN || value > INT64_MAX)
      throw new RangeError(`${value} is no signed 64-bit integer`);
    this.#integer(field, value);
  }

  uint64(field: number, value: Int64): void {
    if (value < 0 || value > UINT64_MAX)
      throw new RangeError(`${value} is no unsigned 64-bit integer`);
    this.#integer(field, value);
  }

  bytes(field: number, value: Uint8Array): void {
    this.#tag(field, LENGTH);
    this.#varint(value.length);
    this.raw(value);
  }

  /** Copies fields that were written elsewhere. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  text(field: number, value: string): void {
    if (this.#asciiText(field, value)) return;
    // A lone surrogate has no UTF-8 encoding; the platform would silently write another character.
    if (!value.isWellFormed()) throw new RangeError('text with a lone surrogate');
    this.bytes(field, utf8(value));
  }

  /**
   * Writes without the platform's encoder. Returns false and writes nothing if the text is not
   * ASCII.
   */
  #asciiText(field: number, value: string): boolean {
    const start = this.#at;
    this.#tag(field, LENGTH);
    this.#varint(value.length);
    this.#reserve(value.length);
    let all = 0;
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      all |= code;
      this.#byte(code);
    }
    if (all < 0x80) return true;
    this.#at = start;
    return false;
  }

  /** Writes a nested message with `body`, then puts its length in front. */
  message(field: number, body: () => void): void {
    this.#tag(field, LENGTH);
    this.#reserve(1);
    const start = ++this.#at;
    body();
    const length = this.#at - start;
    if (length < 0x80) {
      this.#bytes[start - 1] = length;
      return;
    }
    // The length needs more than the one byte reserved for it: move the body up.
    const more = Math.floor(Math.log2(length) / 7);
    this.#reserve(more);
    this.#bytes.copyWithin(start + more, start, this.#at);
    this.#at = start - 1;
    this.#varint(length);
    this.#at = start + more + length;
  }

  /** Writes a negative number as its two's complement. */
  #integer(field: number, value: Int64): void {
    this.#tag(field, VARINT);
    if (Number.isSafeInteger(value) && Number(value) >= 0) {
      this.#varint(Number(value));
      return;
    }
    this.#reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest >= 0x80n; rest >>= 7n) this.#byte(Number(rest & 0x7fn) | 0x80);
    this.#byte(Number(rest));
  }

  #tag(field: number, wire: number): void {
    this.#varint(field * 8 + wire);
  }

  #varint(value: number): void {
    this.#reserve(10);
    if (value < 0x80) {
      this.#byte(value);
      return;
    }
    let rest = value;
    while (rest >= 0x80) {
      this.#byte((rest % 0x80) | 0x80);
      rest = rest < TWO_32 ? rest >>> 7 : Math.floor(rest / 0x80);
    }
    this.#byte(rest);
  }

  #byte(value: number): void {
    this.#bytes[this.#at++] = value;
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }
}
