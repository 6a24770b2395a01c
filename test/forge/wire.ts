/**
 * Hand-written protocol buffers for tests: a writer of messages that no engine would write, and a
 * reader that splits a message into its fields. Shares no code with the engine under test.
 */
import { concatBytes, utf8 } from '../../src/encoding.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** Any integer below 2^64. Negative numbers as 64-bit two's complement, ten bytes long. */
export function varint(value: number | bigint): Bytes {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return new Uint8Array([...bytes, Number(rest)]);
}

const tag = (field: number, wireType: number): Bytes => varint(field * 8 + wireType);

/** A field with a varint. */
export const int = (field: number, value: number | bigint): Bytes =>
  concatBytes(tag(field, 0), varint(value));

/** A field with bytes: text, or a message given as its parts. */
export function bytes(field: number, ...parts: readonly (Uint8Array | string)[]): Bytes {
  const content = concatBytes(
    ...parts.map((part) => (typeof part === 'string' ? utf8(part) : part)),
  );
  return concatBytes(tag(field, 2), varint(content.length), content);
}

export type Field = { readonly field: number; readonly value: bigint | Bytes };

/** The fields of a well-formed message, in order. Throws on anything else. */
export function readFields(message: Uint8Array): readonly Field[] {
  const fields: Field[] = [];
  let at = 0;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError('the message ends inside a varint');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
  };
  while (at < message.length) {
    const key = Number(readVarint());
    const field = key >> 3;
    if ((key & 7) === 0) {
      fields.push({ field, value: readVarint() });
    } else if ((key & 7) === 2) {
      const length = Number(readVarint());
      if (at + length > message.length) throw new RangeError('the message ends inside a field');
      fields.push({ field, value: message.slice(at, at + length) as Bytes });
      at += length;
    } else {
      throw new RangeError(`wire type ${key & 7}`);
    }
  }
  return fields;
}
