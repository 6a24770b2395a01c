import { ipBits } from '../capability/index.ts';

/** The one bucket of all requests whose source address is not known. */
export const SHARED_SOURCE = 'shared';

/** `6:` and 64 bits; an IPv4 address has 34 signs and stays whole. */
const FAMILY_AND_NETWORK_LENGTH = 66;

/**
 * The source that a request is counted for: the address in the configured header, an IPv6 address
 * by its /64 network, which is what one customer has. Where no header is configured, or a request
 * has no address in it, all share one bucket: a client must not pick its own by what it writes.
 */
export function sourceOf(headers: Headers, header: string | undefined): string {
  const text = header === undefined ? null : headers.get(header);
  // A list of addresses is no address: its first member is the client's own word.
  const bits = text === null ? undefined : ipBits(text.trim());
  return bits?.slice(0, FAMILY_AND_NETWORK_LENGTH) ?? SHARED_SOURCE;
}
