/**
 * A strict reader of the Protocol Buffers wire format (proto2), limited to what schema.proto needs.
 *
 * We do not use `pbf`. It is small and fast but lenient by design: it leaves message bounds, wire
 * types, duplicates and required fields to the caller, replaces bad UTF-8, and returns 64-bit
 * integers as doubles. A token is hostile input, and if two readers disagree about a token, a check
 * can disappear. So this reader refuses: bytes beyond the end of a message, field 0, a known field
 * of another wire type, a singular field that occurs twice, a missing required field, a second
 * member of a oneof, varints that are not minimal or do not fit, bad UTF-8, and groups. It skips
 * unknown fields, as proto2 and the reference do: a feature that changes the meaning of a block
 * raises the block's version, which is checked.
 *
 * Faults are sticky. The first fault is kept and moves the reader to the end of the input. Every
 * loop over `next()` then ends, further reads return empty values, and checking `fault` once after
 * the outermost message is enough. This avoids exceptions, and a `Result` for each of a thousand
 * varints.
 */
import { fromUtf8 } from '../../encoding.ts';
import type { Int64 } from '../datalog/index.ts';
import type { FormatError, LimitError } from '../errors.ts';

/** A sentence, or a refusal that has its own code. */
export type Fault = string | FormatError | LimitError;

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

const TWO_32 = 0x1_0000_0000;
/** If the high half is below this, the number is a safe integer. */
const SAFE_HIGH = 0x20_0000;
/** Up to this length, reading ASCII by hand is faster than calling the platform's decoder. */
const SHORT_TEXT_BYTES = 48;
const EMPTY = new Uint8Array(0);

export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** The end of the innermost message. */
  #end: number;
  /** Number and wire type of the field that `next` returned. */
  #field = 0;
  #wire = 0;
  /** The unsigned halves of the last varint. */
  #low = 0;
  #high = 0;
  #fault: Fault | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  get fault(): Fault | undefined {
    return this.#fault;
  }

  fail(fault: Fault): void {
    this.#fault ??= fault;
    this.#at = this.#end;
  }

  /** Returns the number of the next field of this message, or 0 at its end. */
  next(): number {
    if (this.#at >= this.#end || this.#fault !== undefined) return 0;
    const tag = this.#uint32();
    this.#field = tag >>> 3;
    this.#wire = tag & 7;
    if (this.#field === 0) this.fail('field number 0');
    return this.#fault === undefined ? this.#field : 0;
  }

  /** Enters the nested message of this field. Pass the returned value to `leave`. */
  enter(): number {
    const outer = this.#end;
    const length = this.#length();
    this.#end = this.#at + length;
    return outer;
  }

  leave(outer: number): void {
    this.#end = outer;
    if (this.#fault !== undefined) this.#at = outer;
  }

  /** Returns a view of the rest of this message. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at, this.#end);
  }

  /** Adds the field to the bit set of singular fields of a message, which may occur only once. */
  once(seen: number): number {
    const bit = 1 << this.#field;
    if ((seen & bit) !== 0) this.fail(`field ${this.#field} stands twice`);
    return seen | bit;
  }

  /** `fields` is the bit set of required fields: bit n for field n. */
  require(seen: number, fields: number, message: string): void {
    if ((seen & fields) !== fields) this.fail(`a required field of ${message} is missing`);
  }

  skip(): void {
    if (this.#wire === VARINT) this.#varint();
    else if (this.#wire === LENGTH) this.#advance(this.#uint32());
    else if (this.#wire === FIXED64) this.#advance(8);
    else if (this.#wire === FIXED32) this.#advance(4);
    else this.fail('a group or an unknown wire type');
  }

  uint32(): number {
    this.#expect(VARINT);
    return this.#uint32();
  }

  /** Reads one element of a repeated field, or a packed list of them, as the wire format allows. */
  uint32s(into: number[]): void {
    if (this.#wire === VARINT) {
      into.push(this.#uint32());
      return;
    }
    const outer = this.enter();
    while (this.#at < this.#end) into.push(this.#uint32());
    this.leave(outer);
  }

  /** Reads an enum whose valid numbers are those below `count`. */
  enumeration(count: number): number {
    const value = this.uint32();
    if (value < count) return value;
    this.fail(`field ${this.#field} has a value that the schema does not know`);
    return 0;
  }

  bool(): boolean {
    return this.enumeration(2) === 1;
  }

  uint64(): Int64 {
    this.#expect(VARINT);
    const byte = this.#bytes[this.#at] ?? 0;
    if (byte < 0x80 && this.#at < this.#end) {
      this.#at++;
      return byte;
    }
    this.#varint();
    if (this.#high < SAFE_HIGH) return this.#high * TWO_32 + this.#low;
    return (BigInt(this.#high) << 32n) | BigInt(this.#low);
  }

  /** Two's complement, ten bytes if negative; not zigzag. */
  int64(): Int64 {
    const value = this.uint64();
    if (typeof value === 'number') return value;
    const signed = BigInt.asIntN(64, value);
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  /** Returns a view into the input, not a copy. */
  bytes(): Uint8Array {
    const length = this.#length();
    if (length === 0) return EMPTY;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    const length = this.#length();
    const start = this.#at;
    this.#at += length;
    const text = this.#ascii(start, length) ?? fromUtf8(this.#bytes.subarray(start, this.#at));
    if (text === undefined) this.fail('text is not UTF-8');
    return text ?? '';
  }

  /**
   * Returns undefined if the text is long or not ASCII. One call creates one flat string, no rope.
   */
  #ascii(start: number, length: number): string | undefined {
    if (length > SHORT_TEXT_BYTES) return undefined;
    const codes: number[] = new Array(length);
    for (let index = 0; index < length; index++) {
      const byte = this.#bytes[start + index] ?? 0;
      if (byte > 0x7f) return undefined;
      codes[index] = byte;
    }
    return String.fromCharCode(...codes);
  }

  #expect(wire: number): void {
    if (this.#wire !== wire) this.fail(`field ${this.#field} has another wire type`);
  }

  #advance(bytes: number): void {
    if (bytes > this.#end - this.#at) this.fail('the message ends inside a field');
    else this.#at += bytes;
  }

  /** Returns the length of a length-delimited field, within this message; 0 after a fault. */
  #length(): number {
    this.#expect(LENGTH);
    const length = this.#uint32();
    if (length > this.#end - this.#at) this.fail('the message ends inside a field');
    return this.#fault === undefined ? length : 0;
  }

  #uint32(): number {
    // Nearly every tag, length and symbol is one byte.
    const byte = this.#bytes[this.#at] ?? 0;
    if (byte < 0x80 && this.#at < this.#end) {
      this.#at++;
      return byte;
    }
    this.#varint();
    if (this.#high !== 0) this.fail('a number does not fit in 32 bits');
    return this.#low;
  }

  #varint(): void {
    this.#low = 0;
    this.#high = 0;
    for (let index = 0; index < 10; index++) {
      if (this.#at >= this.#end) {
        this.fail('the message ends inside a number');
        return;
      }
      const byte = this.#bytes[this.#at++] ?? 0;
      const bits = byte & 0x7f;
      if (index < 4) this.#low |= bits << (7 * index);
      else if (index > 4) this.#high |= bits << (7 * index - 32);
      else {
        this.#low |= bits << 28;
        this.#high = bits >>> 4;
      }
      if (byte < 0x80) {
        if (index > 0 && byte === 0) this.fail('a number is longer than it need be');
        if (index === 9 && byte > 1) this.fail('a number does not fit in 64 bits');
        this.#low >>>= 0;
        this.#high >>>= 0;
        return;
      }
    }
    this.fail('a number does not fit in 64 bits');
  }
}
