import { ok, type Result, refuse } from '../../result.ts';
import { UNSEEN } from '../../unseen.ts';

/** One part of a URI template: fixed text, or a value. */
type Part =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'variable';
      readonly name: string;
      /** Whether the value is a path of several segments: `{+name}`. */
      readonly isPath: boolean;
    };

/** A URI template (RFC 6570) of which each URI has one reading only. */
export interface UriTemplate {
  readonly parts: readonly Part[];
  /** The names of its variables, in order. */
  readonly variables: readonly string[];
  readonly pattern: RegExp;
}

const URI_LENGTH_MAX = 2_048;
const VARIABLES_MAX = 16;

const PART = /\{(\+?)([A-Za-z_]\w{0,63})\}|[^{}]+/y;
const SCHEME = /^[a-z][a-z0-9+.-]*:/;
/** Schemes whose host a URL parser rewrites, so that two spellings name one host. */
const HOST_IN_VARIABLE = /^(?:https?|wss?|ftp|file):\/\/[^/]*$/;
/** What a URI may have besides letters, digits and percent signs (RFC 3986 section 2). */
const FIXED_TEXT = /^[\w.~:/?#[\]@!$&'()*+,;=-]+$/;
/** A text that begins with one of these ends a value, which has none of them. */
const ENDS_VALUE = /^[/?#:;,@=&!$()*+[\]]/;

/**
 * Reads a URI template. It may have fixed text, `{name}` for one value, and `{+name}` at its end
 * for a path. Fixed text that no value can contain follows each variable, so that a URI matches in
 * one way only. Other expressions of RFC 6570 are refused.
 */
export function readUriTemplate(template: string): Result<UriTemplate, string> {
  if (template.length > URI_LENGTH_MAX) return refuse('is too long');
  const parts = partsOf(template);
  if (!parts) return refuse('may have fixed text, {name} and, at the end, {+name}');
  const [first] = parts;
  if (first?.kind !== 'text' || !SCHEME.test(first.text)) {
    return refuse('must begin with a scheme in lower case, such as notes:');
  }
  const variables = parts.flatMap((part) => (part.kind === 'variable' ? [part.name] : []));
  if (variables.length > VARIABLES_MAX) return refuse('has too many variables');
  if (new Set(variables).size !== variables.length) return refuse('has a variable twice');
  for (const [index, part] of parts.entries()) {
    const fault = partFault(part, parts[index + 1]);
    if (fault !== undefined) return refuse(fault);
  }
  if (parts.length > 1 && HOST_IN_VARIABLE.test(first.text)) {
    return refuse('must have a fixed host for this scheme: parsers rewrite the host');
  }
  const pattern = parts.map((part) =>
    part.kind === 'text' ? escaped(part.text) : part.isPath ? PATH : VALUE,
  );
  return ok({ parts, variables, pattern: new RegExp(`^${pattern.join('')}$`) });
}

const escaped = (text: string): string => text.replace(/[$()*+.?[\]/-]/g, '\\$&');

function partsOf(template: string): readonly Part[] | undefined {
  const parts: Part[] = [];
  PART.lastIndex = 0;
  while (PART.lastIndex < template.length) {
    const found = PART.exec(template);
    if (!found) return undefined;
    const [text, plus, name] = found;
    parts.push(
      name === undefined
        ? { kind: 'text', text }
        : { kind: 'variable', name, isPath: plus === '+' },
    );
  }
  return parts;
}

function partFault(part: Part, next: Part | undefined): string | undefined {
  if (part.kind === 'text') {
    if (!FIXED_TEXT.test(part.text)) return 'has a character in its fixed text that is not allowed';
    return part.text.split(/[/?#]/).some(isDotSegment) ? 'has a dot segment' : undefined;
  }
  if (!next) return undefined;
  if (part.isPath) return `may have {+${part.name}} only at its end`;
  if (next.kind === 'variable' || !ENDS_VALUE.test(next.text)) {
    return `must have a delimiter such as / after {${part.name}}: a value may contain letters, digits and . _ ~ -`;
  }
  return undefined;
}

/** Values as RFC 6570 expands them: everything but these characters is percent-encoded. */
const VALUE = '((?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+)';
const PATH = "((?:[A-Za-z0-9._~/!$&'()*+,=:@-]|%[0-9A-F]{2})+)";
const KEPT_IN_PATH = /[/!$&'()*+,=:@]/;

/**
 * Returns the values of a template's variables in a URI. Undefined if the URI is not one of the
 * template, or is spelled in another way than the template expands to: a server that decodes it
 * once more, resolves dot segments or ignores case would read another resource.
 */
export function matchUri(
  template: UriTemplate,
  uri: string,
): Readonly<Record<string, string>> | undefined {
  if (uri.length > URI_LENGTH_MAX) return undefined;
  const found = template.pattern.exec(uri);
  if (!found) return undefined;
  const values: Record<string, string> = {};
  for (const [index, name] of template.variables.entries()) {
    const value = decoded(found[index + 1] ?? '');
    if (value === undefined) return undefined;
    values[name] = value;
  }
  return expandUri(template, values) === uri ? values : undefined;
}

/** Returns the URI of the values; undefined if a value has more than one reading in a URI. */
function expandUri(
  { parts }: UriTemplate,
  values: Readonly<Record<string, string>>,
): string | undefined {
  let uri = '';
  for (const part of parts) {
    if (part.kind === 'text') uri += part.text;
    else {
      const value = values[part.name] ?? '';
      if (!hasOneReading(value, part.isPath)) return undefined;
      if (uri.endsWith('/') && value.startsWith('/')) return undefined; // An empty segment.
      uri += encoded(value, part.isPath);
    }
  }
  return uri;
}

function hasOneReading(value: string, isPath: boolean): boolean {
  // Encoded, each of these is text to one server and a delimiter to another.
  if (/[\\%?#;]/.test(value) || UNSEEN.test(value) || /\p{C}/u.test(value)) return false;
  if (value.normalize('NFC') !== value) return false;
  if (!isPath) return value !== '' && !value.includes('/') && !isDotSegment(value);
  const segments = (value.startsWith('/') ? value.slice(1) : value).split('/');
  return segments.every((segment) => segment !== '' && !isDotSegment(segment));
}

const isDotSegment = (segment: string): boolean => segment === '.' || segment === '..';

const encoded = (value: string, isPath: boolean): string =>
  [...value].map((sign) => (isPath && KEPT_IN_PATH.test(sign) ? sign : encodeSign(sign))).join('');

/** `encodeURIComponent` keeps five characters that RFC 6570 encodes. */
const encodeSign = (sign: string): string =>
  encodeURIComponent(sign).replace(
    /[!'()*]/g,
    (kept) => `%${kept.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // Not UTF-8.
  }
}
