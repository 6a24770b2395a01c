/**
 * The IPv4 networks that no public server has, and the IPv6 networks of the same kind inside the
 * global unicast network: the IANA registries of special-purpose addresses.
 */
export const SPECIAL_RANGES = [
  '0.0.0.0/8', // This network
  '10.0.0.0/8', // Private
  '100.64.0.0/10', // Carrier-grade NAT
  '127.0.0.0/8', // Loopback
  '169.254.0.0/16', // Link-local, and the metadata services of clouds
  '172.16.0.0/12', // Private
  '192.0.0.0/24', // Protocol assignments
  '192.0.2.0/24', // Documentation
  '192.88.99.0/24', // 6to4 relays, deprecated
  '192.168.0.0/16', // Private
  '198.18.0.0/15', // Benchmarks
  '198.51.100.0/24', // Documentation
  '203.0.113.0/24', // Documentation
  '224.0.0.0/4', // Multicast
  '240.0.0.0/4', // Reserved, and broadcast
  '2001::/23', // Protocol assignments, Teredo among them
  '2001:db8::/32', // Documentation
  '2002::/16', // 6to4: leads to an IPv4 address
  '3fff::/20', // Documentation
] as const;

/** All else in IPv6 is special: loopback, link-local, unique local, 64:ff9b::/96, multicast. */
export const UNICAST_IPV6 = '2000::/3';

/** Names that resolve on a local network only, or to a metadata service; their subdomains too. */
export const SPECIAL_NAMES = [
  'localhost',
  'local',
  'internal',
  'home.arpa',
  'in-addr.arpa',
  'ip6.arpa',
  'intranet',
  'corp',
  'home',
  'lan',
  'private',
  'localdomain',
  'metadata.goog',
  'metadata.packet.net',
  'metadata.platformequinix.com',
] as const;
