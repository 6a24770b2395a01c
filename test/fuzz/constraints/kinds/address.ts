import fc from 'fast-check';
import type { ValueConstraint } from '../../../../src/capability/index.ts';
import type { Models } from './model.ts';

const RANGES: Readonly<Record<string, readonly string[]>> = {
  '10.0.0.0/8': ['10.0.0.1', '10.255.255.255', '11.0.0.0', '9.255.255.255'],
  '10.0.2.0/23': ['10.0.2.0', '10.0.3.255', '10.0.4.0', '10.0.1.255'],
  '192.0.2.7/32': ['192.0.2.7', '192.0.2.8', '192.0.2.6'],
  '0.0.0.0/0': ['0.0.0.0', '255.255.255.255', '::'],
  'fd00::/8': ['fd00::1', 'FD12:0:0::1', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'fe00::'],
  'fd00:db8::/33': ['fd00:db8::', 'fd00:db8:7fff::1', 'fd00:db8:8000::'],
  '::/0': ['::', '::1', '1::', '::ffff:1.2.3.4', '::ffff:102:304', '10.0.0.1'],
  '::1/128': ['::1', '0:0:0:0:0:0:0:1', '::2', '::0001'],
};
const range = fc.constantFrom(...Object.keys(RANGES));
const samples = fc
  .oneof(range, fc.uniqueArray(range, { minLength: 1, maxLength: 3 }))
  .map((ranges) => ({
    constraint: { cidr: ranges },
    values: [ranges].flat().flatMap((each) => RANGES[each] ?? []),
  }));

/** Compares numbers, where the code under test compares texts of bits. */
function isInRange(text: string, range: string): boolean {
  const [address = '', length = ''] = range.split('/');
  const [value, base] = [toNumber(text), toNumber(address)];
  if (!value || !base || value.width !== base.width) return false;
  const rest = BigInt(base.width - Number(length));
  return value.number >> rest === base.number >> rest;
}

function toNumber(text: string): { readonly width: number; readonly number: bigint } | undefined {
  const octets = text.split('.');
  if (octets.length === 4) {
    if (
      !octets.every(
        (octet) => /^\d+$/.test(octet) && String(Number(octet)) === octet && Number(octet) < 256,
      )
    ) {
      return undefined;
    }
    return { width: 32, number: octets.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n) };
  }
  const sides = text.split('::').map((side) => (side === '' ? [] : side.split(':')));
  const groups = sides.flat();
  if (sides.length > 2 || !groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)))
    return undefined;
  if (sides.length === 1 ? groups.length !== 8 : groups.length > 7) return undefined;
  const zeros = Array<string>(8 - groups.length).fill('0');
  const all = [...(sides[0] ?? []), ...zeros, ...(sides[1] ?? [])];
  const number = all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
  return number >> 32n === 0xffffn ? undefined : { width: 128, number };
}

export const isAddress = (value: unknown): boolean =>
  typeof value === 'string' && toNumber(value) !== undefined;

export const ADDRESSES: Pick<Models<ValueConstraint>, 'cidr'> = {
  cidr: {
    samples,
    isMet: (value, ranges) =>
      typeof value === 'string' && [ranges].flat().some((each) => isInRange(value, each)),
  },
};
