import { ok, type Result, refuse } from '../result.ts';

/** RFC 3986, section 3.2, without user info: a name or an address, and a port. */
const AUTHORITY = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/**
 * The request with the one URL that everyone reads. Some runtimes hand out the target as it came
 * (`/us/../eu`): who parses it sees another path than who slices it, so what is decided would not
 * be what is served. A `Host` with more than a host in it moves the path in the same way, and an
 * empty one makes the first segment the host. Refused is what has no such URL, with the reason.
 */
export function oneRequest(request: Request): Result<Request, string> {
  const { url: text, headers } = request;
  const [, spelled = ''] = /^https?:\/\/([^/?#\\]*)/i.exec(text) ?? [];
  if (!AUTHORITY.test(spelled) || !URL.canParse(text)) {
    return refuse('the URL names no host, or more than a host');
  }
  const host = headers.get('host');
  if (host !== null && !AUTHORITY.test(host)) return refuse('the Host header is no host');
  const url = new URL(text);
  url.hash = '';
  return ok(url.href === text ? request : withBody(request, request.body, url.href));
}

/** The same request with another body, and under another URL where one is passed. */
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
    // What Cloudflare says of a request, for those who read it there.
    ...(cf !== undefined && { cf }),
    ...(body && { body, duplex: 'half' }),
  } as RequestInit);
}
