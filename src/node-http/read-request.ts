import { ok, type Result, refuse } from '../result.ts';
import { bodyOf, type NodeRequest, type RequestBody } from './request-body.ts';

/** Methods that a `Request` cannot have: TRACE echoes credentials, CONNECT opens a tunnel. */
const UNSUPPORTED_METHODS = ['TRACE', 'TRACK', 'CONNECT'];

/**
 * Returns the request in the form of Fetch, or the status if it has no such form. Without `body`,
 * the body stays where it is. `url` is the target, if a router has changed that of the request.
 */
export function readRequest(
  incoming: NodeRequest,
  origin: string,
  body: RequestBody | undefined,
  url = incoming.url ?? '/',
): Result<Request, 400 | 405> {
  const { method = 'GET' } = incoming;
  if (UNSUPPORTED_METHODS.includes(method.toUpperCase())) return refuse(405);
  const target = targetOf(url, origin);
  const headers = headersOf(incoming);
  if (target === undefined || !headers) return refuse(400);
  const hasBody = body && method !== 'GET' && method !== 'HEAD';
  const content = hasBody ? bodyOf(incoming, body, headers) : undefined;
  const init = { method, headers, ...(content && { body: content, duplex: 'half' }) };
  return ok(new Request(target, init as RequestInit));
}

/**
 * Returns the target at this server's own origin. In an absolute target (RFC 9112 section 3.2.2)
 * only the path counts: the client chose the host, as it does in the `Host` header.
 */
function targetOf(url: string, origin: string): string | undefined {
  const isAbsolute = /^https?:\/\//i.test(url);
  if (isAbsolute && !URL.canParse(url)) return undefined;
  const { pathname, search } = isAbsolute ? new URL(url) : { pathname: url, search: '' };
  const target = origin + pathname + search;
  return pathname.startsWith('/') && URL.canParse(target) ? new URL(target).href : undefined;
}

/**
 * Returns the headers as they arrived; undefined if `Headers` cannot hold one. Node's own map drops
 * the second of two equal headers, which the verifier has to see.
 */
function headersOf({ rawHeaders }: NodeRequest): Headers | undefined {
  const headers = new Headers();
  try {
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] ?? '';
      // HTTP/2 has method and path among the headers, as pseudo-headers.
      if (!name.startsWith(':')) headers.append(name, rawHeaders[index + 1] ?? '');
    }
    return headers;
  } catch {
    return undefined;
  }
}
