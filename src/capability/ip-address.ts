/**
 * IP addresses as bits, so that "in this range" means "starts with these bits". The bits are
 * prefixed with the family: otherwise 0a00::/8 and 10.0.0.0/8 would be the same range.
 *
 * IPv4 is four decimal numbers without leading zeros. IPv6 is any spelling of RFC 4291 section 2.2
 * without a dotted tail. Spellings that readers disagree on are not addresses here: `010.0.0.1`
 * (octal to some), `0x7f.1`, `127.1`, `2130706433`, `::ffff:10.0.0.1` in either spelling (IPv4 to
 * some), zone ids, brackets, spaces.
 */

const OCTET = '(0|[1-9]\\d{0,2})';
const IPV4 = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}$`);
const IPV6 = /^[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}$/;
const MAPPED = '0'.repeat(80) + '1'.repeat(16);

/**
 * Returns `4:` and 32 bits or `6:` and 128 bits, written as 0 and 1; undefined if the text is not
 * an address.
 */
export function ipBits(text: string): string | undefined {
  const octets = IPV4.exec(text)?.slice(1).map(Number);
  if (octets) return octets.every((octet) => octet < 256) ? `4:${toBits(octets, 8)}` : undefined;
  if (!IPV6.test(text) || !URL.canParse(`http://[${text}]/`)) return undefined;
  const bits = toBits(groupsOf(new URL(`http://[${text}]/`).hostname.slice(1, -1)), 16);
  return bits.startsWith(MAPPED) ? undefined : `6:${bits}`;
}

/**
 * Returns the bits that every address of an RFC 4632 or RFC 4291 range starts with. Undefined if
 * the text is not a range, or has bits set after its prefix: `10.0.0.1/8` may be meant as one
 * address.
 */
export function rangeBits(range: string): string | undefined {
  const [, address = '', length = ''] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(range) ?? [];
  const bits = ipBits(address);
  if (bits === undefined || length === '') return undefined;
  const end = '4:'.length + Number(length);
  return end <= bits.length && !bits.slice(end).includes('1') ? bits.slice(0, end) : undefined;
}

/** Returns the eight numbers of the canonical spelling, which has at most one `::`. */
function groupsOf(canonical: string): readonly number[] {
  const [head = '', tail] = canonical.split('::');
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return read(head);
  const [first, last] = [read(head), read(tail)];
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
}

const toBits = (numbers: readonly number[], width: number): string =>
  numbers.map((number) => number.toString(2).padStart(width, '0')).join('');
