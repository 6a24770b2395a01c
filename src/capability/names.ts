import { utf8 } from '../encoding.ts';
import { AUDIENCE_BYTES_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { UNSEEN } from '../unseen.ts';
import { isEncodedSegment, isPlainSegment } from './dataset-segment.ts';

// Long enough for a SPIFFE-qualified tool or a deep path, short enough for a log line.
const TOOL_NAME_BYTES_MAX = 128;
const DATASET_BYTES_MAX = 512;
const DATASET_SEGMENTS_MAX = 32;
const PATH_BYTES_MAX = 2_048;

/**
 * Names of tools, datasets and actions. They are compared byte for byte, so a name with two
 * spellings is refused and never repaired. After a repair, the verifier and the target would read
 * two different names.
 */

/** Everything that a tool can do to a dataset. */
export const ACTIONS = ['read', 'write', 'delete', 'execute'] as const;
/** What a tool does to a dataset. */
export type Action = (typeof ACTIONS)[number];

/** A name that is not valid. */
export interface NameError {
  readonly code: 'name_invalid';
  /** `grant` is the grant as a whole, if it has an unknown member. */
  readonly kind: 'tool' | 'action' | 'dataset' | 'audience' | 'method' | 'path' | 'grant';
  /** What is wrong, without the name itself. */
  readonly why: string;
}

const invalid = (kind: NameError['kind'], why: string): Result<never, NameError> =>
  refuse({ code: 'name_invalid', kind, why });

/** Returns whether a value is one of `ACTIONS`. */
export const isAction = (value: unknown): value is Action =>
  (ACTIONS as readonly unknown[]).includes(value);

/**
 * Checks the name of a tool: 1 to 128 bytes of visible characters and single inner spaces.
 *
 * Quotes and brackets are allowed, since a name is always a parameter and never part of Datalog
 * text. Invisible characters (control, format, private use, unassigned, ignorable by default) are
 * not.
 */
export function checkTool(name: string): Result<string, NameError> {
  const fault = textFault(name, TOOL_NAME_BYTES_MAX);
  if (fault) return invalid('tool', fault);
  if (/^\s|\s$|\s\s/.test(name)) return invalid('tool', 'leading, trailing or repeated spaces');
  if (!ASCII.test(name) && hasHidden(name)) {
    return invalid('tool', 'an invisible character');
  }
  return ok(name);
}

/**
 * Checks the name of a dataset: slash-separated segments of letters, marks, digits,
 * `. _ - + @ = , ( ) & # !` and single inner spaces. Any other character is written as an escape,
 * which has one spelling (`encodeDatasetName`): `a:b` is `a~3A~b`.
 *
 * A percent sign, backslash, quote, tilde or colon is refused, because it has a meaning to some
 * targets: an encoded slash, a separator, a quote to trim, a home directory, a drive.
 */
export const checkDataset = (name: string): Result<string, NameError> =>
  checkSegments(name, (segment) => isPlainSegment(segment) || isEncodedSegment(segment));

/**
 * Checks the name of a dataset that has no escapes. A text that was not encoded is checked by this,
 * so that it is never taken for the encoded form of another.
 */
export const checkPlainDataset = (name: string): Result<string, NameError> =>
  checkSegments(name, isPlainSegment);

function checkSegments(
  name: string,
  isSegment: (segment: string) => boolean,
): Result<string, NameError> {
  const fault = textFault(name, DATASET_BYTES_MAX);
  if (fault) return invalid('dataset', fault);
  const segments = name.split('/');
  if (segments.length > DATASET_SEGMENTS_MAX) return invalid('dataset', 'too many segments');
  for (const segment of segments) {
    if (segment === '') return invalid('dataset', 'an empty segment');
    if (segment === '.' || segment === '..') return invalid('dataset', 'a dot segment');
    if (!isSegment(segment)) return invalid('dataset', 'a character that is not allowed');
  }
  return ok(name);
}

/**
 * Checks an audience: an absolute http(s) URL without user info, query or fragment, in its shortest
 * spelling.
 */
export function checkAudience(audience: string): Result<string, NameError> {
  const fault = textFault(audience, AUDIENCE_BYTES_MAX);
  if (fault) return invalid('audience', fault);
  const url = URL.canParse(audience) ? new URL(audience) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return invalid('audience', 'not an http(s) URL');
  if (url.username || url.password || /[?#]/.test(audience)) {
    return invalid('audience', 'user info, a query or a fragment');
  }
  // The parser trims, lower-cases and drops a default port. A URL that it changes has two
  // spellings.
  if (url.href !== audience && url.href !== `${audience}/`) {
    return invalid('audience', 'not in its shortest spelling');
  }
  return ok(audience);
}

/** Checks an HTTP method: 1 to 16 upper-case letters. */
export function checkMethod(method: string): Result<string, NameError> {
  const isMethod = typeof method === 'string' && /^[A-Z]{1,16}$/.test(method);
  return isMethod ? ok(method) : invalid('method', 'not an upper-case token');
}

/**
 * Checks that every target reads a URL path alike: no dot segment, double or encoded slash, NUL or
 * backslash. Encoded percent signs and overlong UTF-8 are refused too, because a second or a lax
 * decoding turns them into one of these.
 */
export function checkPath(path: string): Result<string, NameError> {
  const fault = textFault(path, PATH_BYTES_MAX);
  if (fault) return invalid('path', fault);
  if (!path.startsWith('/')) return invalid('path', 'not absolute');
  if (/%(?![0-9A-Fa-f]{2})|%2f|%5c|%00|%2e|%25/i.test(path) || !decodes(path)) {
    return invalid(
      'path',
      'an encoded slash, backslash, dot, NUL or percent sign, or invalid encoding',
    );
  }
  if (/[\p{C}\\;?#]/u.test(path)) return invalid('path', 'a character that is not allowed');
  if (/\/\.{0,2}(?=\/)|\/\.{1,2}$/.test(path)) return invalid('path', 'an empty or dot segment');
  return ok(path);
}

function decodes(path: string): boolean {
  try {
    return decodeURIComponent(path) !== '';
  } catch {
    return false;
  }
}

/** Returns whether `granted` is `asked` or one of its parents, by whole segments. */
export const covers = (granted: string, asked: string): boolean =>
  asked === granted || asked.startsWith(`${granted}/`);

/** Returns whether a text has a character that is invisible, or a space other than U+0020. */
export const hasHidden = (text: string): boolean =>
  /[\p{C}\p{Zl}\p{Zp}]|[^\S ]/u.test(text) || UNSEEN.test(text);

/** Visible ASCII and spaces: one byte per character, always well-formed and in NFC. */
export const ASCII = /^[ -~]+$/;

/** Returns what is wrong with a text, or undefined. */
function textFault(text: string, bytesMax: number): string | undefined {
  if (typeof text !== 'string') return 'not a string';
  if (text === '') return 'empty';
  if (text.length <= bytesMax && ASCII.test(text)) return undefined;
  if (text.length > bytesMax || utf8(text).length > bytesMax)
    return `longer than ${bytesMax} bytes`;
  if (!text.isWellFormed()) return 'a lone surrogate';
  if (text.normalize('NFC') !== text) return 'not in Unicode form NFC';
  return undefined;
}
