import * as v from 'valibot';
import type { DatalogWriter } from '../../datalog.ts';
import { rangeBits } from '../../ip-address.ts';
import type { Condition } from '../condition.ts';
import { none, type SimpleKind } from './kind.ts';

const RANGES_MAX = 16; // Of one constraint.
const IPV4_BITS_MIN = 8; // 10.0.0.0/8 is the largest network that one organisation can have.
const IPV6_BITS_MIN = 16;
/** Local networks, which have short prefixes by definition: fc00::/7 and fe80::/10. */
const LOCAL = ['6:1111110', '6:1111111010'];

const addressRange = v.pipe(
  v.string(),
  v.check(
    (value) => rangeBits(value) !== undefined,
    'not an IP range, or bits set after its prefix',
  ),
);

export const cidr: SimpleKind<string | readonly string[]> = {
  schema: v.union([
    addressRange,
    v.pipe(v.array(addressRange), v.minLength(1), v.maxLength(RANGES_MAX)),
  ]),
  condition,
  boundsSink: (ranges) => ![ranges].flat().some(isWide),
  listedValues: none,
  numberRange: none,
};

function condition(ranges: string | readonly string[], block: DatalogWriter): Condition {
  const tests = [ranges].flat().map((range) => {
    const bits = rangeBits(range);
    if (bits === undefined) throw new Error(`${range} is not an IP range`);
    return `$i.starts_with(${block.parameter(bits)})`;
  });
  const expression = tests.join(' || ');
  return { types: ['string'], form: 'ip', tests: [{ fact: 'arg_ip', expression }] };
}

function isWide(range: string): boolean {
  const bits = rangeBits(range) ?? '';
  const length = bits.length - '4:'.length;
  if (bits.startsWith('4:')) return length < IPV4_BITS_MIN;
  return length < IPV6_BITS_MIN && !LOCAL.some((local) => bits.startsWith(local));
}
