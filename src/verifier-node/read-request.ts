import { ok, type Result, refuse } from '../result.ts';
import { bodyOf, type Incoming, type IncomingBody } from './request-body.ts';

/** Methods that a `Request` cannot have: TRACE repeats credentials, CONNECT asks for a tunnel. */
const UNSUPPORTED = ['TRACE', 'TRACK', 'CONNECT'];

/** The request, or the status of what cannot be one. */
export function readIncoming(
  incoming: Incoming,
  origin: string,
  body: IncomingBody,
): Result<Request, 400 | 405> {
  const { method = 'GET', url = '/' } = incoming;
  if (UNSUPPORTED.includes(method.toUpperCase())) return refuse(405);
  const target = targetOf(url, origin);
  const headers = headersOf(incoming);
  if (target === undefined || !headers) return refuse(400);
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const content = hasBody ? bodyOf(incoming, body, headers) : undefined;
  const init = { method, headers, ...(content && { body: content, duplex: 'half' }) };
  return ok(new Request(target, init as RequestInit));
}

/**
 * The target at this server's own origin. An absolute one (RFC 9112 section 3.2.2) counts by its
 * path: the host in it is the client's word, as that of the `Host` header is.
 */
function targetOf(url: string, origin: string): string | undefined {
  const isAbsolute = /^https?:\/\//i.test(url);
  if (isAbsolute && !URL.canParse(url)) return undefined;
  const { pathname, search } = isAbsolute ? new URL(url) : { pathname: url, search: '' };
  const target = origin + pathname + search;
  return pathname.startsWith('/') && URL.canParse(target) ? new URL(target).href : undefined;
}

/**
 * As they came: Node's own map drops the second of two headers, which is for the verifier to see.
 * Undefined where one cannot stand in a `Headers`.
 */
function headersOf({ rawHeaders }: Incoming): Headers | undefined {
  const headers = new Headers();
  try {
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const name = rawHeaders[at] ?? '';
      // HTTP/2 has method and path among the headers, under names that are none.
      if (!name.startsWith(':')) headers.append(name, rawHeaders[at + 1] ?? '');
    }
    return headers;
  } catch {
    return undefined;
  }
}
