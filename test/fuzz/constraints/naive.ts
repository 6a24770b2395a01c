/**
 * What constraints mean, said a second time and as plainly as it can be: over the JSON itself, with
 * none of the code under test. Slow, unbounded and without a token.
 */
import { isJsonObject, type Json, type JsonObject } from '../../../src/canonical-json.ts';
import type {
  ArgumentConstraints,
  Constraint,
  Range,
  UrlConstraint,
  ValueConstraint,
} from '../../../src/capability/index.ts';

/** Whether a call of the tool with these arguments is what the constraints allow. */
export function naivelyAllowed(args: JsonObject, rules: ArgumentConstraints): boolean {
  if (!Object.keys(args).every((name) => rules.arguments.includes(name))) return false;
  const entries = Object.entries(rules.constraints).map(
    ([pointer, constraint]) => ({ path: segments(pointer), constraint }) as const,
  );
  return entries.every(
    ({ path, constraint }) =>
      meets('absent' in constraint ? findAnywhere(args, path) : find(args, path), constraint) &&
      path.slice(1).every((_, i) => {
        const holder = find(args, path.slice(0, i + 1));
        const within = entries.filter(
          (other) =>
            !('absent' in other.constraint) &&
            other.path.length > i + 1 &&
            other.path.slice(0, i + 1).join('\0') === path.slice(0, i + 1).join('\0'),
        );
        if (within.length === 0) return true;
        const mayLack = within.every((other) => 'optional' in other.constraint);
        if (holder === undefined) return mayLack && !isMisplaced(args, path.slice(0, i + 1));
        const members = within.map((other) => other.path[i + 1]);
        return isJsonObject(holder) && Object.keys(holder).every((name) => members.includes(name));
      }),
  );
}

const segments = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));

/** Members of objects alone. */
function find(value: Json | undefined, [first, ...rest]: readonly string[]): Json | undefined {
  if (first === undefined) return value;
  return isJsonObject(value) && Object.hasOwn(value, first) ? find(value[first], rest) : undefined;
}

/** Elements of arrays too: what may not be there may not be there as one of them. */
function findAnywhere(
  value: Json | undefined,
  [first, ...rest]: readonly string[],
): Json | undefined {
  if (first === undefined || !Array.isArray(value)) {
    return first === undefined ? value : findAnywhere(find(value, [first]), rest);
  }
  return findAnywhere(Object.entries(value).find(([index]) => index === first)?.[1] as Json, rest);
}

/** Something that is no object stands where one should hold the rest. */
const isMisplaced = (args: JsonObject, path: readonly string[]): boolean =>
  path.some((_, i) => {
    const holder = find(args, path.slice(0, i));
    return holder !== undefined && !isJsonObject(holder);
  });

export function meets(value: Json | undefined, constraint: Constraint): boolean {
  if ('absent' in constraint) return value === undefined;
  if ('optional' in constraint) return value === undefined || meets(value, constraint.optional);
  if (value === undefined) return false;
  if ('present' in constraint) return value !== null;
  if ('allOf' in constraint) return constraint.allOf.every((part) => meets(value, part));
  if ('subsetOf' in constraint) return meets(value, { every: { oneOf: constraint.subsetOf } });
  if ('count' in constraint) return Array.isArray(value) && within(value.length, constraint.count);
  if ('every' in constraint || 'any' in constraint) {
    if (!Array.isArray(value)) return false;
    const items: readonly Json[] = value;
    if (items.some((item) => typeof item === 'object' && item !== null)) return false;
    return 'every' in constraint
      ? items.every((item) => meets(item, constraint.every))
      : items.some((item) => meets(item, constraint.any));
  }
  return meetsValue(value, constraint);
}

function meetsValue(value: Json, constraint: ValueConstraint): boolean {
  if ('exact' in constraint) return value === constraint.exact;
  if ('oneOf' in constraint) return (constraint.oneOf as readonly Json[]).includes(value);
  if ('number' in constraint) return typeof value === 'number' && within(value, constraint.number);
  if ('integer' in constraint)
    return Number.isInteger(value) && within(Number(value), constraint.integer);
  if (typeof value !== 'string') return false;
  if ('length' in constraint) return within([...value].length, constraint.length);
  if ('cidr' in constraint) {
    return [constraint.cidr].flat().some((range) => inRange(value, range));
  }
  if (value.length > 2_048) return false;
  if ('url' in constraint) return meetsUrl(value, constraint.url);
  if ('glob' in constraint) {
    const { glob } = constraint;
    if (glob.startsWith('/') !== value.startsWith('/')) return false;
    return isPath(value) && globs(glob.split('/'), value.split('/'));
  }
  if ('pathBelow' in constraint) return isPath(value) && isBelow(value, constraint.pathBelow);
  if (value.normalize('NFC') !== value || [...value].some(isHidden)) return false;
  if ('prefix' in constraint) return value.slice(0, constraint.prefix.length) === constraint.prefix;
  if ('suffix' in constraint) return value.endsWith(constraint.suffix);
  // The patterns of the tests mean the same to this engine.
  return new RegExp(`^(?:${constraint.matches})$`, 'u').test(value);
}

/** By the platform's properties, where the code under test has a list of its own. */
const isHidden = (c: string): boolean =>
  /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u.test(c)
    ? c !== ' '
    : ['\u2800', '\u2d7f', '\ufffc', '\u{13441}', '\u{13442}', '\u{16fe4}', '\u{1d159}'].includes(
        c,
      );

const within = (value: number, { min, max }: Range): boolean =>
  (min === undefined || value >= min) && (max === undefined || value <= max);

const isBelow = (path: string, root: string): boolean =>
  root === '/' ? path.startsWith('/') : path === root || path.startsWith(`${root}/`);

function isPath(text: string): boolean {
  const parts = (text.startsWith('/') ? text.slice(1) : text).split('/');
  return (
    text.normalize('NFC') === text &&
    new TextEncoder().encode(text.replace(/^\//, '')).length <= 512 &&
    parts.length <= 32 &&
    parts.every(
      (part) =>
        part !== '' &&
        part !== '.' &&
        part !== '..' &&
        part.trim() === part &&
        !part.includes('  ') &&
        ![...part].some((c) => c !== ' ' && isHidden(c)) &&
        [...part].every(
          (c) => c === ' ' || /[\p{L}\p{M}\p{N}]/u.test(c) || '._-+@=,()&#!'.includes(c),
        ),
    )
  );
}

/** Segment by segment; both lists start with an empty one where the paths are absolute. */
function globs([first, ...rest]: readonly string[], [head, ...tail]: readonly string[]): boolean {
  if (first === undefined) return head === undefined;
  if (first === '**') {
    return (
      globs(rest, head === undefined ? [] : [head, ...tail]) ||
      (head !== undefined && globs([first, ...rest], tail))
    );
  }
  return head !== undefined && stars(first, head) && globs(rest, tail);
}

function stars(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern.startsWith('*')) {
    return stars(pattern.slice(1), text) || (text !== '' && stars(pattern, text.slice(1)));
  }
  return pattern[0] === text[0] && stars(pattern.slice(1), text.slice(1));
}

const PORTS: Readonly<Record<string, string>> = {
  http: '80',
  https: '443',
  ws: '80',
  wss: '443',
  ftp: '21',
};

function meetsUrl(
  text: string,
  { schemes, host, hostSuffix, port, pathBelow }: UrlConstraint,
): boolean {
  const parts = /^(\w+):\/\/([^/?#@\\]*?)(?::(\d+))?(\/[^?#]*)?(\?[^#]*)?(#.*)?$/.exec(text);
  if (
    !parts ||
    !/^[!#-;=?-Z[\]_a-z~]*$/.test(text) ||
    /[[\]]/.test(text.replace(/^\w+:\/\/\[[^\]]*\]/, ''))
  )
    return false;
  const [, scheme = '', name = '', written, path, query, fragment] = parts;
  const known = scheme.toLowerCase();
  if (path === undefined && (query !== undefined || fragment !== undefined)) return false;
  if (/:$/.test(name) || fragment?.slice(1).includes('#')) return false;
  if (written !== undefined && !/^(?:0|[1-9]\d{0,4})$/.test(written)) return false;
  const looked = name.toLowerCase().replace(/\.$/, '');
  const isHost = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(looked) || looked.startsWith('[');
  if (!isHost || !URL.canParse(text) || new URL(text).hostname.replace(/\.$/, '') !== looked)
    return false;
  const defaults = schemes.map((each) => PORTS[each]);
  const sent = written ?? PORTS[known];
  return (
    (schemes as readonly string[]).includes(known) &&
    (host === undefined
      ? looked === hostSuffix || looked.endsWith(`.${hostSuffix}`)
      : looked === host) &&
    (port === undefined ? defaults.includes(sent) : sent === String(port)) &&
    (pathBelow === undefined || isBelow(new URL(text).pathname, pathBelow))
  );
}

/** By numbers, where the code under test goes by texts of bits. */
function inRange(text: string, range: string): boolean {
  const [address = '', length = ''] = range.split('/');
  const [value, base] = [toNumber(text), toNumber(address)];
  if (!value || !base || value.width !== base.width) return false;
  const rest = BigInt(base.width - Number(length));
  return value.number >> rest === base.number >> rest;
}

function toNumber(text: string): { readonly width: number; readonly number: bigint } | undefined {
  const octets = text.split('.');
  if (octets.length === 4) {
    if (
      !octets.every(
        (octet) => /^\d+$/.test(octet) && String(Number(octet)) === octet && Number(octet) < 256,
      )
    ) {
      return undefined;
    }
    return { width: 32, number: octets.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n) };
  }
  const sides = text.split('::').map((side) => (side === '' ? [] : side.split(':')));
  const groups = sides.flat();
  if (sides.length > 2 || !groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)))
    return undefined;
  if (sides.length === 1 ? groups.length !== 8 : groups.length > 7) return undefined;
  const zeros = Array<string>(8 - groups.length).fill('0');
  const all = [...(sides[0] ?? []), ...zeros, ...(sides[1] ?? [])];
  const number = all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
  return number >> 32n === 0xffffn ? undefined : { width: 128, number };
}
