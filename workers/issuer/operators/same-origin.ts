/**
 * Whether a request that a browser authenticated by itself comes from our own page. A cookie, and
 * the assertion that Cloudflare Access adds, are sent with requests of any page. Browsers state the
 * origin of a request that changes something, and where any request comes from (Fetch, "Origin";
 * Fetch Metadata).
 *
 * The origin is compared with the configured one: a host that resolves to this machine would pass a
 * comparison with the request's own host.
 */
export function isFromOwnPage(
  { method, headers }: Pick<Request, 'method' | 'headers'>,
  issuer: string,
): boolean {
  const site = headers.get('sec-fetch-site');
  const origin = headers.get('origin');
  const isOwn = origin === new URL(issuer).origin;
  if (method === 'GET' || method === 'HEAD') {
    return (
      (origin === null || isOwn) && (site === null || site === 'same-origin' || site === 'none')
    );
  }
  if (!isOwn || (site !== null && site !== 'same-origin')) return false;
  // A form can send neither JSON nor, in a browser without Fetch Metadata, a request with an origin
  // that is ours.
  const type = headers.get('content-type');
  return type === null || /^application\/json(?:\s*;.*)?$/i.test(type);
}
