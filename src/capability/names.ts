import { utf8 } from '../encoding.ts';
import { AUDIENCE_BYTES_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { UNSEEN } from '../unseen.ts';

const TOOL_NAME_BYTES_MAX = 128;
const DATASET_BYTES_MAX = 512;
const DATASET_SEGMENTS_MAX = 32;
const PATH_BYTES_MAX = 2_048;

/**
 * Names: tools, datasets, actions. They are compared byte for byte, so a name that has two
 * spellings is refused, never repaired: repairing it would let the verifier and the target read
 * two different names.
 */

export const ACTIONS = ['read', 'write', 'delete', 'execute'] as const;
export type Action = (typeof ACTIONS)[number];

export interface NameError {
  readonly code: 'name_invalid';
  /** `grant` stands for the grant as a whole, where it has other members than a grant has. */
  readonly kind: 'tool' | 'action' | 'dataset' | 'audience' | 'method' | 'path' | 'grant';
  /** What was wrong, in words without the name itself. */
  readonly why: string;
}

const invalid = (kind: NameError['kind'], why: string): Result<never, NameError> =>
  refuse({ code: 'name_invalid', kind, why });

export const isAction = (value: unknown): value is Action =>
  (ACTIONS as readonly unknown[]).includes(value);

/**
 * A tool's name: 1 to 128 bytes of visible characters and single inner spaces. Quotes and brackets
 * are allowed, since a name is only ever a parameter and never part of Datalog text; what a reader
 * cannot see (control, format, private use, unassigned, ignorable by default) is not.
 */
export function checkTool(name: string): Result<string, NameError> {
  const unfit = unfitText(name, TOOL_NAME_BYTES_MAX);
  if (unfit) return invalid('tool', unfit);
  if (/^\s|\s$|\s\s/.test(name)) return invalid('tool', 'spaces at an end or in a row');
  if (!ASCII.test(name) && hasHidden(name)) {
    return invalid('tool', 'an invisible character');
  }
  return ok(name);
}

/** The ASCII part of `SEGMENT`, whose tables of Unicode take 2 ms to compile when first used. */
const ASCII_SEGMENT = /^[A-Za-z0-9._\-+@=,()&#!]+(?: [A-Za-z0-9._\-+@=,()&#!]+)*$/;
const SEGMENT = /^[\p{L}\p{M}\p{N}._\-+@=,()&#!]+(?: [\p{L}\p{M}\p{N}._\-+@=,()&#!]+)*$/u;

/**
 * A dataset: slash-separated segments of letters, marks, digits, `. _ - + @ = , ( ) & # !` and
 * single inner spaces. No percent sign, backslash, quote, tilde or colon: each of them means
 * something to some target (an encoded slash, a separator, a trimmed quote, a home, a drive).
 */
export function checkDataset(path: string): Result<string, NameError> {
  const unfit = unfitText(path, DATASET_BYTES_MAX);
  if (unfit) return invalid('dataset', unfit);
  const segments = path.split('/');
  if (segments.length > DATASET_SEGMENTS_MAX) return invalid('dataset', 'too many segments');
  for (const segment of segments) {
    if (segment === '') return invalid('dataset', 'an empty segment');
    if (segment === '.' || segment === '..') return invalid('dataset', 'a dot segment');
    if (ASCII_SEGMENT.test(segment)) continue;
    if (!SEGMENT.test(segment) || UNSEEN.test(segment))
      return invalid('dataset', 'a character outside the set');
  }
  return ok(path);
}

/**
 * An audience: an absolute http(s) URL without user info, query or fragment, in its own spelling.
 */
export function checkAudience(audience: string): Result<string, NameError> {
  const unfit = unfitText(audience, AUDIENCE_BYTES_MAX);
  if (unfit) return invalid('audience', unfit);
  const url = URL.canParse(audience) ? new URL(audience) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return invalid('audience', 'not an http(s) URL');
  if (url.username || url.password || /[?#]/.test(audience)) {
    return invalid('audience', 'user info, a query or a fragment');
  }
  // The parser trims, lower-cases and drops a default port: what it would change has two spellings.
  if (url.href !== audience && url.href !== `${audience}/`) {
    return invalid('audience', 'not in its shortest spelling');
  }
  return ok(audience);
}

export function checkMethod(method: string): Result<string, NameError> {
  const isMethod = typeof method === 'string' && /^[A-Z]{1,16}$/.test(method);
  return isMethod ? ok(method) : invalid('method', 'not an upper-case token');
}

/**
 * A URL path as the target will read it: no dot segment, double or encoded slash, NUL or backslash;
 * no encoded percent sign or overlong UTF-8 either, which a second or a lax decoding makes into
 * one.
 */
export function checkPath(path: string): Result<string, NameError> {
  const unfit = unfitText(path, PATH_BYTES_MAX);
  if (unfit) return invalid('path', unfit);
  if (!path.startsWith('/')) return invalid('path', 'not absolute');
  if (/%(?![0-9A-Fa-f]{2})|%2f|%5c|%00|%2e|%25/i.test(path) || !decodes(path)) {
    return invalid('path', 'an encoded sign');
  }
  if (/[\p{C}\\;?#]/u.test(path)) return invalid('path', 'a character outside the set');
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

/** True where `granted` is `asked` or one of its parents, by whole segments. */
export const covers = (granted: string, asked: string): boolean =>
  asked === granted || asked.startsWith(`${granted}/`);

/** Whether a reader would not see some of it, or take it for something else: spaces but U+0020. */
export const hasHidden = (text: string): boolean =>
  /[\p{C}\p{Zl}\p{Zp}]|[^\S ]/u.test(text) || UNSEEN.test(text);

/** Visible ASCII and spaces: a byte each, well-formed and in NFC whatever it says. */
export const ASCII = /^[ -~]+$/;

function unfitText(text: string, bytesMax: number): string | undefined {
  if (typeof text !== 'string') return 'not a text';
  if (text === '') return 'empty';
  if (text.length <= bytesMax && ASCII.test(text)) return undefined;
  if (text.length > bytesMax || utf8(text).length > bytesMax) return `over ${bytesMax} bytes`;
  if (!text.isWellFormed()) return 'a lone surrogate';
  if (text.normalize('NFC') !== text) return 'not in Unicode form NFC';
  return undefined;
}
