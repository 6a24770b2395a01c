/**
 * Which web pages may call the gateway. A page can send requests to any host, also to one on its
 * user's network whose name it rebinds (DNS rebinding), so a request with an `Origin` that the
 * deployment does not list is denied before anything is read.
 */

/** What the `Origin` of a request means. */
export type FromOrigin =
  /** No page sent the request. */
  | { readonly kind: 'none' }
  | { readonly kind: 'allowed'; readonly origin: string }
  | { readonly kind: 'denied' };

export function originOf({ headers }: Request, allowed: readonly string[]): FromOrigin {
  const origin = headers.get('origin');
  if (origin === null) return { kind: 'none' };
  return allowed.includes(origin) ? { kind: 'allowed', origin } : { kind: 'denied' };
}

const HEADERS_MAX = 32;
const PREFLIGHT_SECONDS = '600'; // Chromium keeps an answer for two hours at most.

/** The headers of a response that a page may read. */
const EXPOSED = [
  ...['mcp-session-id', 'www-authenticate', 'dpop-nonce', 'retry-after', 'etag', 'link'],
  ...['location', 'content-location', 'request-id', 'hewn-receipts'],
].join(', ');

/** Answers the question of a browser before it sends a request; undefined for anything else. */
export function answerPreflight(request: Request, from: FromOrigin): Response | undefined {
  const method = request.headers.get('access-control-request-method');
  if (request.method !== 'OPTIONS' || method === null || from.kind !== 'allowed') return undefined;
  if (!/^(?:GET|HEAD|POST|PUT|PATCH|DELETE)$/.test(method)) return undefined;
  const asked = (request.headers.get('access-control-request-headers') ?? '').split(',');
  const names = asked.map((name) => name.trim().toLowerCase()).filter(isHeaderName);
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-origin': from.origin,
      'access-control-allow-methods': method,
      // Which of them reach a server, the transport decides.
      'access-control-allow-headers': names.slice(0, HEADERS_MAX).join(', '),
      'access-control-max-age': PREFLIGHT_SECONDS,
      vary: 'origin, access-control-request-method, access-control-request-headers',
    },
  });
}

const isHeaderName = (name: string): boolean => /^[a-z0-9-]{1,64}$/.test(name);

/** Returns the response as the page may read it. */
export function readableBy(response: Response, from: FromOrigin): Response {
  if (from.kind !== 'allowed') return response;
  const readable = new Response(response.body, response);
  readable.headers.set('access-control-allow-origin', from.origin);
  readable.headers.set('access-control-expose-headers', EXPOSED);
  readable.headers.append('vary', 'origin');
  return readable;
}
