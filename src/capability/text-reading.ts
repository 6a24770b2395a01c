import { ok, type Result, refuse } from '../result.ts';
import { ipBits } from './ip-address.ts';
import { ASCII, checkDataset, checkPath, hasHidden } from './names.ts';

export const ARGUMENT_FACTS_MAX = 8; // Of one leaf: a text that is a URL brings the most.
const ARGUMENT_FORM_UNITS_MAX = 2_048; // A longer text is content, not where something goes.

/**
 * How a text is read by the target that it goes to. A form is claimed only where every reader reads
 * the text in the same way; a text with two readings has none, and no constraint on that form can
 * be met by it.
 */

/**
 * - `text`: in Unicode form NFC, on one line, without characters that a reader cannot see or takes
 *   for others (unseen.ts; spaces but U+0020).
 * - `path`: segments as a dataset has them, with or without a slash in front: no `..`, `.` or empty
 *   segment, no percent sign, backslash, colon, tilde or quote.
 * - `url`: absolute, of a scheme with a known port, in ASCII, without user info; its host is spelt
 *   as it is looked up (no octal address, no percent-encoding), but for case and one dot behind it.
 * - `ip`: an address that `ipBits` reads.
 */
export type TextForm = 'text' | 'path' | 'url' | 'ip';

export interface UrlReading {
  readonly scheme: string;
  /** Lower case, without a dot behind it. */
  readonly host: string;
  /** Absent for a scheme without a known port. */
  readonly port?: number;
  readonly path: string;
}

export interface TextReading {
  /** In code points. */
  readonly length: number;
  readonly forms: readonly TextForm[];
  /** For whatever starts like an absolute URL, of the form `url` or not. */
  readonly url?: UrlReading;
  /** For the form `ip`: as `ipBits` writes it. */
  readonly ip?: string;
}

export const SCHEME_PORTS = { http: 80, https: 443, ws: 80, wss: 443, ftp: 21 } as const;
export type Scheme = keyof typeof SCHEME_PORTS;

/** `text` has no lone surrogate. Refused, in words, where it is a URL with an ambiguous path. */
export function readText(text: string): Result<TextReading, string> {
  const url = readUrl(text);
  if (!url.ok) return url;
  // Two units of a pair are one code point.
  const length = text.length - (text.match(/[\uD800-\uDBFF]/g)?.length ?? 0);
  const ip = ipBits(text);
  const forms: TextForm[] = [];
  if (text.length <= ARGUMENT_FORM_UNITS_MAX) {
    if (isPlain(text)) forms.push('text');
    if (isPathText(text)) forms.push('path');
    if (url.value && spellsItsUrl(text, url.value)) forms.push('url');
    if (ip !== undefined) forms.push('ip');
  }
  return ok({
    length,
    forms,
    ...(url.value && { url: url.value }),
    ...(ip !== undefined && { ip }),
  });
}

/** What every reader sees the same way: `é` has two spellings, and one of them starts with `e`. */
export const isPlain = (text: string): boolean =>
  ASCII.test(text) || (text.normalize('NFC') === text && !hasHidden(text));

export const isPathText = (text: string): boolean =>
  checkDataset(text.startsWith('/') ? text.slice(1) : text).ok;

function readUrl(text: string): Result<UrlReading | undefined, string> {
  if (!/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text) || !URL.canParse(text)) return ok(undefined);
  const url = new URL(text);
  // The path is judged as written: the parser has already resolved `..` in `url.pathname`.
  const written = /^[^:]+:\/\/[^/?#\\]*([^?#]*)/.exec(text)?.[1] ?? '';
  if (written !== '' && !checkPath(written).ok) return refuse('an ambiguous URL path');
  const scheme = url.protocol.slice(0, -1);
  const host = url.hostname.replace(/\.$/, '');
  const known = Object.hasOwn(SCHEME_PORTS, scheme) ? SCHEME_PORTS[scheme as Scheme] : undefined;
  const port = url.port === '' ? known : Number(url.port);
  return ok({ scheme, host, path: url.pathname || '/', ...(port !== undefined && { port }) });
}

// RFC 3986 in its strictest: a slash before any query or fragment (`https://a?@b` goes to either),
// and no sign that only a lenient parser takes.
const URL_FORM =
  /^([a-z]+):\/\/((?:[a-z0-9_-]+\.)*[a-z0-9_-]+\.?|\[[0-9a-f:]+\])(?::(?:0|[1-9]\d{0,4}))?(?:\/[\w.~!$&'()*+,;=:@%/-]*(?:\?[\w.~!$&'()*+,;=:@%/?-]*)?(?:#[\w.~!$&'()*+,;=:@%/?-]*)?)?$/i;

function spellsItsUrl(text: string, url: UrlReading): boolean {
  const [, scheme = '', host = ''] = URL_FORM.exec(text) ?? [];
  return (
    Object.hasOwn(SCHEME_PORTS, scheme.toLowerCase()) &&
    host.toLowerCase().replace(/\.$/, '') === url.host
  );
}
