import type { IRequest } from 'itty-router';
import { FILES } from '#console';
import type { IssuerRouter } from '../platform/router.ts';

/** Where the console is: its index, and its files below. */
const CONSOLE_PATH = '/console';

const INDEX = 'index.html';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
};

/**
 * Nothing in the page parses HTML, so Trusted Types allow no policy at all. The page talks to the
 * issuer that served it and to nothing else, and no page can frame it.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** The headers of every file of the console, and of the redirects to it. */
export const CONSOLE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'camera=(), geolocation=(), microphone=(), publickey-credentials-get=(self), publickey-credentials-create=(self)',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  // A browser that kept the page of an older release would ask for what is no longer there.
  'cache-control': 'no-cache',
};

/** Mounts the console. Its files are a part of the Worker, so they are of the same release. */
export function mountConsole(router: IssuerRouter): void {
  // The router matches both spellings, and relative addresses need the one with the slash.
  mount(router, CONSOLE_PATH, ({ url }) =>
    new URL(url).pathname === CONSOLE_PATH
      ? new Response(null, {
          status: 308,
          headers: Object.assign({ location: `${CONSOLE_PATH}/` }, CONSOLE_HEADERS),
        })
      : fileResponse(INDEX, FILES[INDEX] ?? ''),
  );
  for (const [name, content] of Object.entries(FILES)) {
    if (name !== INDEX) {
      mount(router, `${CONSOLE_PATH}/${name}`, () => fileResponse(name, content));
    }
  }
}

/** HEAD is answered as GET, without the content (RFC 9110 section 9.3.2). */
function mount(router: IssuerRouter, path: string, answer: (request: IRequest) => Response): void {
  router.get(path, answer);
  router.head(path, (request: IRequest) => {
    const { status, headers } = answer(request);
    return new Response(null, { status, headers });
  });
}

function fileResponse(name: string, content: string): Response {
  const type = MEDIA_TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
  return new Response(content, {
    headers: Object.assign({ 'content-type': type }, CONSOLE_HEADERS),
  });
}
