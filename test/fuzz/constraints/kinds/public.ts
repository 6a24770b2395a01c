import { BlockList, isIP, isIPv4 } from 'node:net';

/** Compares with ranges of Node's own, where the code under test compares texts of bits. */
const local = new BlockList();
for (const [net, bits] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
  ] as const),
  ...([
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
  ] as const),
  ...([
    ['192.88.99.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
  ] as const),
  ...([
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 3],
  ] as const),
] as const) {
  local.addSubnet(net, bits, 'ipv4');
}
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  local.addSubnet(net, bits, 'ipv6');
}
const unicast = new BlockList();
unicast.addSubnet('2000::', 3, 'ipv6');

const LOCAL_NAMES =
  /(?:^|\.)(?:localhost|local|internal|home\.arpa|in-addr\.arpa|ip6\.arpa|intranet|corp|home|lan|private|localdomain|metadata\.goog|metadata\.packet\.net|metadata\.platformequinix\.com|test|invalid|onion|alt)$/;

/** Of a host in lower case, without a dot at its end, that is looked up as it is spelt. */
export function isPublic(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '');
  if (isIPv4(address)) return !local.check(address, 'ipv4');
  if (isIP(address) !== 0) {
    return unicast.check(address, 'ipv6') && !local.check(address, 'ipv6');
  }
  return host.includes('.') && !LOCAL_NAMES.test(host);
}

/** Of an argument that is a host alone. */
export function isPublicText(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 254) return false;
  if (isIP(value) === 6) return !value.includes('%') && !value.includes('.') && isPublic(value);
  const host = value.toLowerCase().replace(/\.$/, '');
  if (!/^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+$/.test(host) || !/^[\x21-\x7e]+$/.test(value))
    return false;
  if (isIPv4(value)) return isPublic(value);
  return (
    URL.canParse(`http://${host}/`) &&
    new URL(`http://${host}/`).hostname === host &&
    isIP(host) === 0 &&
    isPublic(host)
  );
}
