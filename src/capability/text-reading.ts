import { ok, type Result, refuse } from '../result.ts';
import { ipBits } from './ip-address.ts';
import { ASCII, checkPath, checkPlainDataset, hasHidden } from './names.ts';
import { isPublicHost, isPublicHostText } from './public-host.ts';
import { readQuery } from './query-reading.ts';

export const ARGUMENT_FACTS_MAX = 10; // Of one leaf. A text that is a URL brings the most.
const ARGUMENT_FORM_UNITS_MAX = 2_048; // A longer text is content, not a destination.

/**
 * How the target of a call reads a text. A text has a form only if every reader reads it in the
 * same way. A text with two readings has no form, and meets no constraint on that form.
 */

/**
 * - `text`: in Unicode form NFC, on one line, without invisible characters (unseen.ts) and without
 *   spaces other than U+0020.
 * - `path`: segments as in the name of a dataset, with or without a leading slash: no `..`, `.` or
 *   empty segment, no percent sign, backslash, colon, tilde or quote.
 * - `url`: absolute, with a scheme of known port, in ASCII, without user info. Its host is spelt as
 *   it is looked up (no octal address, no percent-encoding), except for case and one trailing dot.
 * - `ip`: an address that `ipBits` accepts.
 * - `query`: of the form `url`, with a query that `readQuery` accepts.
 * - `public`: of the form `url`, or a host alone, and the host is public (public-host.ts).
 */
export type TextForm = 'text' | 'path' | 'url' | 'ip' | 'query' | 'public';

export interface UrlReading {
  readonly scheme: string;
  /** In lower case, without a trailing dot. */
  readonly host: string;
  /** Absent if the scheme has no known port. */
  readonly port?: number;
  readonly path: string;
  /** For the form `query`: the result of `readQuery`. */
  readonly query?: string;
}

/** How every target reads a text. */
export interface TextReading {
  /** In code points. */
  readonly length: number;
  readonly forms: readonly TextForm[];
  /** Present if the text starts like an absolute URL, even if it lacks the form `url`. */
  readonly url?: UrlReading;
  /** Present with the form `ip`: the result of `ipBits`. */
  readonly ip?: string;
}

export const SCHEME_PORTS = { http: 80, https: 443, ws: 80, wss: 443, ftp: 21 } as const;
export type Scheme = keyof typeof SCHEME_PORTS;

/**
 * Returns how every target reads a text, which must be well-formed. A URL with an ambiguous path is
 * refused; the error says why.
 */
export function readText(text: string): Result<TextReading, string> {
  const url = readUrl(text);
  if (!url.ok) return url;
  // A surrogate pair is one code point.
  const length = text.length - (text.match(/[\uD800-\uDBFF]/g)?.length ?? 0);
  const ip = ipBits(text);
  const forms: TextForm[] = [];
  let query: string | undefined;
  if (text.length <= ARGUMENT_FORM_UNITS_MAX) {
    if (isPlain(text)) forms.push('text');
    if (isPathText(text)) forms.push('path');
    if (ip !== undefined) forms.push('ip');
    if (url.value && isSpeltAs(text, url.value)) {
      forms.push('url');
      query = readQuery(text);
      if (query !== undefined) forms.push('query');
      if (isPublicHost(url.value.host)) forms.push('public');
    } else if (isPublicHostText(text, ip)) forms.push('public');
  }
  return ok({
    length,
    forms,
    ...(url.value && { url: { ...url.value, ...(query !== undefined && { query }) } }),
    ...(ip !== undefined && { ip }),
  });
}

/**
 * Returns whether a text has a form, in which every target reads it alike. An index checks it
 * before it stores a text, if a scope should filter by its prefix.
 */
export function hasForm(text: string, form: TextForm): boolean {
  const read = typeof text === 'string' && text.isWellFormed() ? readText(text) : undefined;
  return read?.ok === true && read.value.forms.includes(form);
}

/**
 * Whether every reader sees the text alike: `é` has two spellings, one of which starts with `e`.
 */
export const isPlain = (text: string): boolean =>
  ASCII.test(text) || (text.normalize('NFC') === text && !hasHidden(text));

export const isPathText = (text: string): boolean =>
  checkPlainDataset(text.startsWith('/') ? text.slice(1) : text).ok;

function readUrl(text: string): Result<UrlReading | undefined, string> {
  if (!/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text) || !URL.canParse(text)) return ok(undefined);
  const url = new URL(text);
  // The path is checked as written, because `url.pathname` has `..` already resolved.
  const written = /^[^:]+:\/\/[^/?#\\]*([^?#]*)/.exec(text)?.[1] ?? '';
  if (written !== '' && !checkPath(written).ok) return refuse('an ambiguous URL path');
  const scheme = url.protocol.slice(0, -1);
  const host = url.hostname.replace(/\.$/, '');
  const known = Object.hasOwn(SCHEME_PORTS, scheme) ? SCHEME_PORTS[scheme as Scheme] : undefined;
  const port = url.port === '' ? known : Number(url.port);
  return ok({ scheme, host, path: url.pathname || '/', ...(port !== undefined && { port }) });
}

// RFC 3986 at its strictest: a slash before any query or fragment (`https://a?@b` can reach either
// host), and no character that only a lenient parser accepts.
const URL_FORM =
  /^([a-z]+):\/\/((?:[a-z0-9_-]+\.)*[a-z0-9_-]+\.?|\[[0-9a-f:]+\])(?::(?:0|[1-9]\d{0,4}))?(?:\/[\w.~!$&'()*+,;=:@%/-]*(?:\?[\w.~!$&'()*+,;=:@%/?-]*)?(?:#[\w.~!$&'()*+,;=:@%/?-]*)?)?$/i;

function isSpeltAs(text: string, url: UrlReading): boolean {
  const [, scheme = '', host = ''] = URL_FORM.exec(text) ?? [];
  return (
    Object.hasOwn(SCHEME_PORTS, scheme.toLowerCase()) &&
    host.toLowerCase().replace(/\.$/, '') === url.host
  );
}
