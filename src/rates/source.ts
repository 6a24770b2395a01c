import { ipBits } from '../capability/index.ts';

/** The bucket that all requests without a known source address share. */
export const SHARED_SOURCE = 'shared';

/** `6:` and 64 bits. An IPv4 address has 34 characters and is kept whole. */
const FAMILY_AND_NETWORK_LENGTH = 66;

/**
 * Returns the source that a request counts for: the address in the configured header. An IPv6
 * address counts by its /64 network, which is what one customer has. Requests share one bucket if
 * no header is configured or it holds no address: a client must not choose its own bucket.
 */
export function sourceOf(headers: Headers, header: string | undefined): string {
  const text = header === undefined ? null : headers.get(header);
  // A list of addresses is not an address: the client itself wrote its first member.
  const bits = text === null ? undefined : ipBits(text.trim());
  return bits?.slice(0, FAMILY_AND_NETWORK_LENGTH) ?? SHARED_SOURCE;
}
