import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WireReader } from '../../../../src/biscuit/format/wire-reader.ts';
import { WireWriter } from '../../../../src/biscuit/format/wire-writer.ts';
import { fromHex } from '../../../../src/encoding.ts';

const reader = (hex: string) =>
  new WireReader(fromHex(hex.replaceAll(' ', '')) ?? new Uint8Array());

/** Reads every field by skipping it. */
function skipAll(hex: string) {
  const wire = reader(hex);
  const fields: number[] = [];
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    fields.push(field);
    wire.skip();
  }
  return { fields, fault: wire.fault };
}

describe('unknown fields', () => {
  test('are skipped for all four wire types', () => {
    const fields = '08 ff01  12 02 0102  19 0102030405060708  25 01020304';
    expect(skipAll(fields)).toEqual({ fields: [1, 2, 3, 4], fault: undefined });
  });

  test.each([
    ['field number 0', '00 01', 'field number 0'],
    ['a group', '0b 0c', 'a group or an unknown wire type'],
    ['wire type 6', '0e 01', 'a group or an unknown wire type'],
    ['wire type 7', '0f 01', 'a group or an unknown wire type'],
    ['bytes beyond the end', '0a 05 01', 'the message ends inside a field'],
    ['a length of 4 GiB', '0a ffffffff0f', 'the message ends inside a field'],
    ['8 bytes beyond the end', '09 01020304', 'the message ends inside a field'],
    ['4 bytes beyond the end', '0d 010203', 'the message ends inside a field'],
    ['a number without an end', '08 80', 'the message ends inside a number'],
    ['a tag without its value', '08', 'the message ends inside a number'],
    ['a tag of 33 bits', '80808080 10 00', 'a number does not fit in 32 bits'],
    ['a number of two bytes that fits in one', '08 8100', 'a number is longer than it need be'],
    ['a tag of two bytes that fits in one', '8800 01', 'a number is longer than it need be'],
    ['a number of 65 bits', '08 ffffffffffffffffff03', 'a number does not fit in 64 bits'],
    ['a number of 11 bytes', '08 8080808080808080808001', 'a number does not fit in 64 bits'],
  ])('refuses %s', (_, hex, fault) => {
    expect(skipAll(hex).fault).toBe(fault);
  });

  test('a fault ends every loop and is kept', () => {
    const wire = reader('00 01 08 01 08 01');
    expect([wire.next(), wire.next(), wire.next()]).toEqual([0, 0, 0]);
    expect([wire.uint32(), wire.text(), wire.bytes().length, wire.uint64()]).toEqual([0, '', 0, 0]);
    wire.fail('another');
    expect(wire.fault).toBe('field number 0');
  });
});

describe('values', () => {
  const first = (hex: string, read: (wire: WireReader) => unknown) => {
    const wire = reader(hex);
    wire.next();
    const value = read(wire);
    return wire.fault ?? value;
  };

  test.each([
    ['0', '08 00', 0],
    ['2^53 - 1', '08 ffffffffffffff0f', 2 ** 53 - 1],
    ['2^53', '08 8080808080808010', 2n ** 53n],
    ['2^63', '08 80808080808080808001', 2n ** 63n],
    ['2^64 - 1', '08 ffffffffffffffffff01', 2n ** 64n - 1n],
  ])('uint64 %s', (_, hex, value) => {
    expect(first(hex, (wire) => wire.uint64())).toBe(value);
  });

  test.each([
    ['-1', '08 ffffffffffffffffff01', -1],
    ['-2^53 + 1', '08 8180808080808 0f0ff01', -(2 ** 53) + 1],
    ['-2^53', '08 8080808080808 0f0ff01', -(2n ** 53n)],
    ['-2^63', '08 80808080808080808001', -(2n ** 63n)],
    ['2^63 - 1', '08 ffffffffffffffff7f', 2n ** 63n - 1n],
  ])('int64 %s', (_, hex, value) => {
    expect(first(hex, (wire) => wire.int64())).toBe(value);
  });

  test.each([
    ['a uint32 of 33 bits', '08 8080808010', (w: WireReader) => w.uint32(), /32 bits/],
    ['a bool of 2', '08 02', (w: WireReader) => w.bool(), /does not know/],
    ['an enum beyond its numbers', '08 03', (w: WireReader) => w.enumeration(3), /does not know/],
    ['a negative enum', '08 ffffffffffffffffff01', (w: WireReader) => w.enumeration(3), /32 bits/],
    ['a string where a number belongs', '0a 00', (w: WireReader) => w.uint32(), /wire type/],
    ['a number where a string belongs', '08 00', (w: WireReader) => w.text(), /wire type/],
    ['a number where a message belongs', '08 00', (w: WireReader) => w.enter(), /wire type/],
    ['broken UTF-8', '0a 02 c328', (w: WireReader) => w.text(), /UTF-8/],
    ['an encoded surrogate', '0a 03 eda080', (w: WireReader) => w.text(), /UTF-8/],
    ['over-long UTF-8', '0a 02 c080', (w: WireReader) => w.text(), /UTF-8/],
  ])('refuses %s', (_, hex, read, fault) => {
    expect(first(hex, read)).toMatch(fault);
  });

  test('a byte order mark is part of the text', () => {
    expect(first('0a 07 efbbbf72656164', (wire) => wire.text())).toBe('\uFEFFread');
  });

  test('repeated numbers may be packed or not', () => {
    const numbers: number[] = [];
    const wire = reader('08 01 0a 03 029601 08 04');
    while (wire.next() !== 0) wire.uint32s(numbers);
    expect([numbers, wire.fault]).toEqual([[1, 2, 150, 4], undefined]);
  });
});

describe('messages', () => {
  test('a nested message cannot reach beyond its end', () => {
    const wire = reader('0a 02 0a 05 0102030405');
    wire.next();
    wire.enter();
    wire.next();
    wire.bytes();
    expect(wire.fault).toBe('the message ends inside a field');
  });

  test('a singular field may occur only once', () => {
    const wire = reader('08 01 08 01');
    wire.next();
    const seen = wire.once(0);
    wire.skip();
    wire.next();
    wire.once(seen);
    expect(wire.fault).toBe('field 1 stands twice');
  });

  test('a required field must be present', () => {
    const wire = reader('');
    wire.require(0b010, 0b110, 'Thing');
    expect(wire.fault).toBe('a required field of Thing is missing');
  });
});

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const compact = (value: bigint) => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

describe('round trip', () => {
  test('numbers, in the fewest bytes', () => {
    fc.assert(
      fc.property(fc.oneof(int64, fc.integer().map(BigInt)), (value) => {
        const wire = new WireWriter();
        wire.int64(1, compact(value));
        wire.int64(2, value);
        wire.uint64(3, BigInt.asUintN(64, value));
        const read = new WireReader(wire.finish());
        read.next();
        expect(read.int64()).toBe(compact(value));
        read.next();
        expect(read.int64()).toBe(compact(value));
        read.next();
        expect(read.uint64()).toBe(compact(BigInt.asUintN(64, value)));
        expect([read.next(), read.fault]).toEqual([0, undefined]);
      }),
    );
  });

  test('text, bytes and messages of any length', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.uint8Array({ maxLength: 20_000, size: 'max' }),
        (text, bytes) => {
          const wire = new WireWriter();
          wire.message(1, () => {
            wire.message(2, () => wire.text(3, text));
            wire.bytes(4, bytes);
          });
          const read = new WireReader(wire.finish());
          read.next();
          const outer = read.enter();
          read.next();
          const inner = read.enter();
          read.next();
          expect(read.text()).toBe(text);
          read.leave(inner);
          expect(read.next()).toBe(4);
          expect(Buffer.compare(read.bytes(), bytes)).toBe(0);
          read.leave(outer);
          expect([read.next(), read.fault]).toEqual([0, undefined]);
        },
      ),
    );
  });

  test.each([0x7f, 0x80, 0x3fff, 0x4000, 0x1f_ffff, 0x20_0000])(
    'a message of %i bytes has the shortest length',
    (length) => {
      const wire = new WireWriter();
      wire.message(1, () => wire.raw(new Uint8Array(length)));
      const bytes = new WireWriter();
      bytes.bytes(1, new Uint8Array(length));
      expect(Buffer.compare(wire.finish(), bytes.finish())).toBe(0);
    },
  );

  test.each([
    ['a lone surrogate', (wire: WireWriter) => wire.text(1, 'a\ud800')],
    ['a uint32 of 33 bits', (wire: WireWriter) => wire.uint32(1, 2 ** 32)],
    ['a negative uint32', (wire: WireWriter) => wire.uint32(1, -1)],
    ['an int64 of 65 bits', (wire: WireWriter) => wire.int64(1, 2n ** 63n)],
    ['a uint64 of 65 bits', (wire: WireWriter) => wire.uint64(1, 2n ** 64n)],
    ['a negative uint64', (wire: WireWriter) => wire.uint64(1, -1)],
    ['a fraction', (wire: WireWriter) => wire.int64(1, 0.5)],
  ])('%s is a bug of the caller', (_, write) => {
    expect(() => write(new WireWriter())).toThrow(RangeError);
  });
});
