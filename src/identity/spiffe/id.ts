import { utf8 } from '../../encoding.ts';
import { IDENTITY_BYTES_MAX } from '../../limits.ts';

const TRUST_DOMAIN_BYTES_MAX = 255; // SPIFFE-ID section 2.3.

/** A parsed SPIFFE ID. The path starts with `/`, or is empty in the ID of a trust domain. */
export interface SpiffeId {
  readonly trustDomain: string;
  readonly path: string;
}

const TRUST_DOMAIN = /^[a-z0-9._-]+$/;
const SEGMENT = /^[A-Za-z0-9._-]+$/;

export const isTrustDomain = (name: string): boolean =>
  TRUST_DOMAIN.test(name) && name.length <= TRUST_DOMAIN_BYTES_MAX;

/**
 * Parses a SPIFFE ID (SPIFFE-ID section 2); returns undefined for anything else. Does not fold,
 * decode or trim: if an ID had two spellings, code that compares bytes would see two agents.
 */
export function readSpiffeId(text: string): SpiffeId | undefined {
  if (text.length > IDENTITY_BYTES_MAX || utf8(text).length > IDENTITY_BYTES_MAX) return undefined;
  const [, trustDomain = '', path = ''] = /^spiffe:\/\/([^/]*)(.*)$/s.exec(text) ?? [];
  if (!isTrustDomain(trustDomain)) return undefined;
  const segments = path === '' ? [] : path.slice(1).split('/');
  const fit = segments.every(
    (segment) => SEGMENT.test(segment) && segment !== '.' && segment !== '..',
  );
  return fit ? { trustDomain, path } : undefined;
}
