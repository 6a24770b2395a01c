import { ipBits, rangeBits } from '../capability/index.ts';
import { SPECIAL_NAMES, SPECIAL_RANGES, UNICAST_IPV6 } from '../special-networks.ts';

/** What a URL leads to, as far as its host says so. */
export type AddressFault =
  /** A private or special address or name that the deployment does not list. */
  | 'unlisted'
  /** Plain http on a public network, where anyone on the way reads the credential. */
  | 'insecure';

/**
 * Returns why the gateway must not connect to a URL; undefined if it may. `listed` has what the
 * deployment allows beside public addresses: networks, addresses and names of hosts.
 *
 * The host is read as `fetch` reads it, so every spelling of an address (octal, hexadecimal, one
 * number, IPv4 in IPv6) is the address that it means. A name is judged as a name: what it resolves
 * to is for the network of the platform to check, at the moment of the connection.
 */
export function addressFault(url: URL, listed: readonly string[] = []): AddressFault | undefined {
  const host = hostOf(url);
  const bits = bitsOf(host);
  const isSpecial = bits === undefined ? isSpecialName(host) : isSpecialAddress(bits);
  if (!isSpecial) return url.protocol === 'https:' ? undefined : 'insecure';
  return listed.some((entry) => covers(entry, host, bits)) ? undefined : 'unlisted';
}

/** Whether the host of a URL is a private or special address, or the name of one. */
export function isSpecialHost(url: URL): boolean {
  const host = hostOf(url);
  const bits = bitsOf(host);
  return bits === undefined ? isSpecialName(host) : isSpecialAddress(bits);
}

/**
 * Whether a text is an http(s) URL without user info and fragment. `fetch` throws for any other:
 * each call would fail, and the file would look fine.
 */
export function isPlainUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return false;
  return !url.username && !url.password && !text.includes('#') && !/\s/.test(text);
}

/** Whether a text can stand in the list of a deployment: a network, an address or a name. */
export function isListable(text: string): boolean {
  if (rangeOf(text) !== undefined) return true;
  return /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/.test(text) && !/^[\d.]+$/.test(text);
}

/** The name or address without brackets, and without the dot that ends an absolute name. */
export const hostOf = ({ hostname }: URL): string =>
  hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase();

/** An IPv4 address inside IPv6 connects to the IPv4 address. */
function bitsOf(host: string): string | undefined {
  const [, high = '', low = ''] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host) ?? [];
  if (high === '') return ipBits(host);
  const number = Number.parseInt(high, 16) * 0x1_0000 + Number.parseInt(low, 16);
  return `4:${number.toString(2).padStart(32, '0')}`;
}

function isSpecialAddress(bits: string): boolean {
  const isUnicast = bits.startsWith('4:') || bits.startsWith(rangeBits(UNICAST_IPV6) ?? '');
  return !isUnicast || SPECIAL_BITS.some((special) => bits.startsWith(special));
}

const SPECIAL_BITS = SPECIAL_RANGES.map((range) => {
  const bits = rangeBits(range);
  if (bits === undefined) throw new Error(`${range} is not a range`);
  return bits;
});

/** A name without a dot is one of the local network, such as that of a container. */
const isSpecialName = (host: string): boolean =>
  !host.includes('.') || SPECIAL_NAMES.some((name) => host === name || host.endsWith(`.${name}`));

function covers(entry: string, host: string, bits: string | undefined): boolean {
  const range = rangeOf(entry);
  if (range === undefined) return entry === host;
  if (bits !== undefined) return bits.startsWith(range);
  // RFC 6761 section 6.3: these names are loopback.
  const isLoopback = host === 'localhost' || host.endsWith('.localhost');
  return isLoopback && LOOPBACKS.some((loopback) => loopback?.startsWith(range));
}

const LOOPBACKS = [ipBits('127.0.0.1'), ipBits('::1')];

/** The bits of a network, or of a single address. */
const rangeOf = (text: string): string | undefined => rangeBits(text) ?? ipBits(text);
