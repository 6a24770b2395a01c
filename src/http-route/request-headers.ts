import { ok, type Result, refuse } from '../result.ts';
import type { HttpRoute } from './route.ts';

const HEADER_CHARACTERS_MAX = 1_024;
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/;

/** Headers that change neither what a call does nor for whom: passed on without being judged. */
const PASSED_ON = [
  ...['accept', 'accept-language', 'idempotency-key', 'prefer', 'range', 'if-range'],
  ...['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'traceparent'],
] as const;

/** What a route may not name: the gateway's own, credentials, and what moves a request. */
const RESERVED = new Set([
  ...['accept-encoding', 'authorization', 'connection', 'content-encoding', 'content-length'],
  ...['content-type', 'cookie', 'cookie2', 'dpop', 'expect', 'forwarded', 'host', 'keep-alive'],
  ...['origin', 'referer', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'via'],
  ...['x-original-url', 'x-rewrite-url', 'x-real-ip', 'x-http-method', 'x-http-method-override'],
  ...['x-method-override', 'mcp-session-id', 'true-client-ip', 'client-ip'],
]);
const RESERVED_START = /^(?:proxy-|sec-|cf-|hewn-|x-hewn-|x-forwarded-|access-control-)/;

/** Whether a route may have the header as an argument, or pass it on. */
export const isHeaderOfRoute = (name: string): boolean =>
  /^[a-z0-9-]{1,64}$/i.test(name) &&
  !RESERVED.has(name.toLowerCase()) &&
  !RESERVED_START.test(name.toLowerCase());

/** Headers by which some servers take a request for one of another method. */
const METHOD_OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override'];

/** Returns a header that asks a server to treat the request as another one. */
export const overridingHeader = (headers: Headers): string | undefined =>
  METHOD_OVERRIDES.find((name) => headers.has(name));

/**
 * Returns the text of a header that is an argument. Refuses a comma: two headers of one name arrive
 * joined by one, and servers take the first or the last of them.
 */
export function readHeaderArgument(text: string): Result<string, string> {
  if (text.length > HEADER_CHARACTERS_MAX) return refuse('too long');
  if (!PLAIN.test(text)) return refuse('must be visible characters of ASCII');
  return text.includes(',') ? refuse('is repeated, or has a comma') : ok(text);
}

/** The preferences of RFC 7240, which say how to answer. */
const ABOUT_THE_ANSWER =
  /^(?:return=(?:minimal|representation)|handling=(?:strict|lenient)|wait=\d{1,5}|respond-async)$/i;

/**
 * Returns the preferences that say only how to answer. With others, a server does something else:
 * some make an update of an insert with `resolution=merge-duplicates`.
 */
function harmlessPreferences(text: string): string {
  const preferences = text.split(',').map((one) => one.trim());
  return preferences.filter((one) => ABOUT_THE_ANSWER.test(one)).join(', ');
}

/** Returns the headers of a request that go on without being judged. */
export function passedOn(route: HttpRoute, received: Headers): Headers {
  const headers = new Headers();
  const listed = route.headers ?? [];
  for (const name of [...PASSED_ON, ...listed]) {
    const value = received.get(name);
    if (value === null || value.length > HEADER_CHARACTERS_MAX || !PLAIN.test(value)) continue;
    headers.set(name, value);
  }
  const prefer = headers.get('prefer');
  if (prefer !== null && !listed.some((name) => name.toLowerCase() === 'prefer')) {
    const harmless = harmlessPreferences(prefer);
    if (harmless === '') headers.delete('prefer');
    else headers.set('prefer', harmless);
  }
  return headers;
}
