import { describe, expect, test } from 'vitest';
import { ipBits, rangeBits } from '../../../src/capability/ip-address.ts';

describe('reads an IP address:', () => {
  test.each([
    ['0.0.0.0', `4:${'0'.repeat(32)}`],
    ['10.0.0.1', `4:00001010${'0'.repeat(23)}1`],
    ['255.255.255.255', `4:${'1'.repeat(32)}`],
    ['::', `6:${'0'.repeat(128)}`],
    ['::1', `6:${'0'.repeat(127)}1`],
    ['0:0:0:0:0:0:0:1', `6:${'0'.repeat(127)}1`],
    ['FD00::', `6:11111101${'0'.repeat(120)}`],
    ['1::', `6:${'0'.repeat(15)}1${'0'.repeat(112)}`],
    ['::2:1', `6:${'0'.repeat(110)}10${'0'.repeat(15)}1`],
  ])('%s', (text, bits) => expect(ipBits(text)).toBe(bits));

  test('refuses octal, hexadecimal, short, mapped, scoped, bracketed and padded spellings', () => {
    const none = [
      ...['', '1', '10.1', '010.0.0.1', '0x0a.0.0.1', '10.0.0.256', '10.0.0.1.', ' 10.0.0.1'],
      ...['10.0.0.1 ', '10.0.0.01', '10.0.0.1/8', '１0.0.0.1', '::ffff:10.0.0.1', '::ffff:a00:1'],
      ...['0:0:0:0:0:FFFF:a00:1', '::10.0.0.1', 'fe80::1%1', 'fe80::1%25eth0', '[::1]', ':::', ':'],
      ...['1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '12345::', 'g::', '::1]@evil/['],
    ];
    expect(none.filter((text) => ipBits(text) !== undefined)).toEqual([]);
  });
});

describe('reads an IP range as a prefix of bits:', () => {
  test.each([
    ['10.0.0.0/8', '4:00001010'],
    ['0.0.0.0/0', '4:'],
    ['10.0.2.0/23', '4:00001010000000000000001'],
    ['fd00::/8', '6:11111101'],
    ['::/0', '6:'],
  ])('%s', (range, bits) => expect(rangeBits(range)).toBe(bits));

  test('refuses a range with bits set after its prefix, or with an ambiguous length', () => {
    const none = [
      ...['10.0.0.1/8', '10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/08', '10.0.0.0/+8'],
      ...['10.0.0.0/8/8', '::/129', 'fd00::1/8', '::ffff:0:0/96', '10.0/8', '/8', '10.0.0.0/8 '],
    ];
    expect(none.filter((range) => rangeBits(range) !== undefined)).toEqual([]);
  });
});
