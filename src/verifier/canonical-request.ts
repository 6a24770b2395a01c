import { ok, type Result, refuse } from '../result.ts';

/** RFC 3986 section 3.2 without user info: a name or an address, and a port. */
const AUTHORITY = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/**
 * Returns the request with a URL that everyone reads in the same way, or why there is no such URL.
 *
 * Some runtimes pass the target on as it arrived (`/us/../eu`). Code that parses it then sees
 * another path than code that slices it, and the handler would serve something else than was
 * decided. A `Host` header that is more than a host moves the path in the same way, and an empty
 * one turns the first segment into the host.
 */
export function canonicalRequest(request: Request): Result<Request, string> {
  const { url: text, headers } = request;
  const [, authority = ''] = /^https?:\/\/([^/?#\\]*)/i.exec(text) ?? [];
  if (!AUTHORITY.test(authority) || !URL.canParse(text)) {
    return refuse('the URL names no host, or more than a host');
  }
  const host = headers.get('host');
  if (host !== null && !AUTHORITY.test(host)) return refuse('the Host header is not a host');
  const url = new URL(text);
  url.hash = '';
  return ok(url.href === text ? request : withBody(request, request.body, url.href));
}

/** Returns the same request with another body and, if one is passed, another URL. */
export function withBody(
  request: Request,
  body: ReadableStream | null,
  url: string = request.url,
): Request {
  const { method, headers, redirect, signal, cf } = request as Request & { readonly cf?: unknown };
  return new Request(url, {
    method,
    headers,
    redirect,
    signal,
    // Cloudflare's description of the request, for handlers that read it.
    ...(cf !== undefined && { cf }),
    ...(body && { body, duplex: 'half' }),
  } as RequestInit);
}
