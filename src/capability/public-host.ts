import { SPECIAL_NAMES, SPECIAL_RANGES, UNICAST_IPV6 } from '../special-networks.ts';
import { ipBits, rangeBits } from './ip-address.ts';

/** Names that no public server has (RFC 6761, 7686, 9476), besides those of local networks. */
const LOCAL_NAMES: readonly string[] = [...SPECIAL_NAMES, 'test', 'invalid', 'onion', 'alt'];

let special: readonly string[] | undefined;
const bitsOf = (range: string): string => rangeBits(range) ?? '';

/** Whether an address, in the form of `ipBits`, is one of a public server. */
function isPublicAddress(bits: string): boolean {
  special ??= SPECIAL_RANGES.map(bitsOf);
  const isUnicast = bits.startsWith('4:') || bits.startsWith(bitsOf(UNICAST_IPV6));
  return isUnicast && !special.some((range) => bits.startsWith(range));
}

/**
 * Whether a host, in lower case and without a dot at its end, is a public address, or a name that
 * does not belong to a local network. Names are not resolved: a public name may lead to any
 * address.
 */
export function isPublicHost(host: string): boolean {
  if (host.startsWith('[')) {
    const bits = ipBits(host.slice(1, -1));
    return bits !== undefined && isPublicAddress(bits);
  }
  const bits = ipBits(host);
  if (bits !== undefined) return isPublicAddress(bits);
  return (
    host.includes('.') && !LOCAL_NAMES.some((name) => host === name || host.endsWith(`.${name}`))
  );
}

const HOST_NAME = /^(?:[a-z0-9_-]{1,63}\.)+[a-z0-9_-]{1,63}\.?$/i;
const HOST_UNITS_MAX = 254;

/** Whether a text is a public address or a name, spelt as it is looked up, except for case. */
export function isPublicHostText(text: string, bits: string | undefined): boolean {
  if (bits !== undefined) return isPublicAddress(bits);
  if (text.length > HOST_UNITS_MAX || !HOST_NAME.test(text)) return false;
  const host = text.toLowerCase().replace(/\.$/, '');
  // A name whose last label is a number is an address to some readers: `127.1`, `1.0x7f`.
  return (
    URL.canParse(`http://${host}/`) &&
    new URL(`http://${host}/`).hostname === host &&
    isPublicHost(host)
  );
}
