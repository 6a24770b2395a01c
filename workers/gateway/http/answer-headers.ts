import type { HttpRoute } from '../../../src/catalogue/index.ts';

/** Headers of an answer that an agent receives. Cookies, challenges and CORS are not among them. */
const PASSED_ON = [
  ...['content-type', 'content-language', 'content-disposition', 'content-range', 'content-digest'],
  ...['accept-ranges', 'allow', 'deprecation', 'etag', 'last-modified', 'preference-applied'],
  ...['retry-after', 'sunset', 'vary', 'warning', 'traceparent', 'request-id', 'x-request-id'],
  ...['ratelimit', 'ratelimit-policy', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'],
  ...['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'idempotency-replayed'],
] as const;

const VALUE_CHARACTERS_MAX = 2_048;

/** Where an API is, and where the agent finds it. */
export interface ApiPlace {
  readonly upstream: URL;
  /** The URL that the request was sent to, which relative ones are relative to. */
  readonly request: URL;
  /** `/http/<server>` */
  readonly gateway: string;
}

/** Returns the headers of an answer that are passed on, with URLs of the API at the gateway. */
export function answerHeaders(
  { status, headers: received }: Response,
  { answerHeaders: listed = [] }: HttpRoute,
  place: ApiPlace,
): Headers {
  const headers = new Headers({
    // The answer depends on the token, and was allowed once.
    'cache-control': 'no-store',
    // The document would have the gateway's origin.
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'proxy-status': `hewn; received-status=${status}`,
  });
  for (const name of [...PASSED_ON, ...listed]) {
    const value = received.get(name);
    if (value !== null && value.length <= VALUE_CHARACTERS_MAX) headers.set(name, value);
  }
  for (const name of ['location', 'content-location'] as const) {
    const moved = atGateway(received.get(name), place);
    if (moved !== undefined) headers.set(name, moved);
  }
  const link = linksAtGateway(received.get('link'), place);
  if (link !== '') headers.set('link', link);
  return headers;
}

/**
 * Returns a URL of the API as the agent reaches it. Undefined for any other URL: it names a host
 * behind the gateway, or leads the agent away from it.
 */
function atGateway(
  location: string | null,
  { upstream, request, gateway }: ApiPlace,
): string | undefined {
  if (location === null || location.length > VALUE_CHARACTERS_MAX) return undefined;
  const url = URL.parse(location, request);
  if (url?.origin !== upstream.origin || url.username !== '' || url.password !== '') {
    return undefined;
  }
  const root = upstream.pathname.replace(/\/$/, '');
  if (url.pathname !== root && !url.pathname.startsWith(`${root}/`)) return undefined;
  return `${gateway}${url.pathname.slice(root.length)}${url.search}`;
}

/** One link of a `Link` header (RFC 8288) with its parameters. */
const LINK = /<([^<>]*)>((?:\s*;\s*[\w*-]+\s*(?:=\s*(?:"[^"<>]*"|[^\s",;<>]+))?)*)/g;

function linksAtGateway(link: string | null, place: ApiPlace): string {
  if (link === null || link.length > 2 * VALUE_CHARACTERS_MAX) return '';
  const links: string[] = [];
  for (const [, target = '', parameters = ''] of link.matchAll(LINK)) {
    const moved = atGateway(target, place);
    if (moved !== undefined) links.push(`<${moved}>${parameters}`);
  }
  return links.join(', ');
}
