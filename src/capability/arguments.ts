import {
  canonicalJson,
  isJsonObject,
  type Json,
  type JsonObject,
  type JsonScalar,
} from '../canonical-json.ts';
import { utf8 } from '../encoding.ts';
import { ARGUMENT_DEPTH_MAX, ARGUMENT_LEAVES_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { checkPath } from './names.ts';

/**
 * A call's arguments as facts. Everything in them is visible to a check: each leaf under its
 * RFC 6901 pointer with its type, empty containers with theirs, and every number as integer
 * micro-units, so that no bound is evaded by writing 50.000001 or "9000".
 */

export type ArgumentType =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'null'
  | 'array'
  | 'object';

export interface ArgumentLeaf {
  readonly pointer: string;
  readonly type: ArgumentType;
  /** Absent for a number with a fraction and for an empty container. */
  readonly value?: JsonScalar;
  /** The number in millionths, exact. */
  readonly micros?: bigint;
  /** Where the whole string is an absolute URL: as its target will read it. */
  readonly url?: { readonly scheme: string; readonly host: string; readonly path: string };
}

export interface ArgumentError {
  readonly code: 'arguments_invalid';
  /** Where, as an RFC 6901 pointer. */
  readonly pointer: string;
  readonly why: string;
}

const invalid = (pointer: string, why: string): Result<never, ArgumentError> =>
  refuse({ code: 'arguments_invalid', pointer, why });

/** Every leaf of `args`, in document order; refused where one cannot be stated exactly. */
export function argumentLeaves(args: JsonObject): Result<readonly ArgumentLeaf[], ArgumentError> {
  const leaves: ArgumentLeaf[] = [];
  const walk = (value: Json, pointer: string, depth: number): Result<null, ArgumentError> => {
    if (depth > ARGUMENT_DEPTH_MAX) return invalid(pointer, 'nested too deeply');
    const inner = children(value);
    if (!inner || (inner.length === 0 && depth > 0)) {
      if (leaves.length >= ARGUMENT_LEAVES_MAX) return invalid(pointer, 'too many leaves');
      const leaf = argumentLeaf(value, pointer);
      if (!leaf.ok) return leaf;
      leaves.push(leaf.value);
      return ok(null);
    }
    for (const [name, member] of inner) {
      if (!name.isWellFormed()) return invalid(pointer, 'a lone surrogate in a name');
      const walked = walk(member, `${pointer}/${escapePointer(name)}`, depth + 1);
      if (!walked.ok) return walked;
    }
    return ok(null);
  };
  const walked = walk(args, '', 0);
  return walked.ok ? ok(leaves) : walked;
}

/** SHA-256 over the RFC 8785 form of the whole arguments: the default pin of a step. */
export async function argumentsDigest(args: JsonObject): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(canonicalJson(args))));
}

/**
 * A number in millionths, or undefined where it has more than six decimals or leaves 64 bits. Read
 * off the shortest decimal text, which is what JSON carries, so nothing is rounded on the way.
 */
export function toMicros(value: number): bigint | undefined {
  const micros = value * 1_000_000;
  // Of an integer this product is exact as long as it is a safe integer.
  if (Number.isInteger(value) && Number.isSafeInteger(micros)) return BigInt(micros);
  const match = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(String(value));
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = ''] = match;
  const exact = BigInt(`${sign}${whole}${fraction.padEnd(6, '0')}`);
  return exact === BigInt.asIntN(64, exact) ? exact : undefined;
}

function argumentLeaf(value: Json, pointer: string): Result<ArgumentLeaf, ArgumentError> {
  if (typeof value === 'string') return stringLeaf(value, pointer);
  if (typeof value === 'boolean') return ok({ pointer, type: 'boolean', value });
  if (value === null) return ok({ pointer, type: 'null', value });
  if (Array.isArray(value)) return ok({ pointer, type: 'array' });
  if (typeof value === 'object') return ok({ pointer, type: 'object' });
  // A caller without types may hand in what JSON has no form for: it would reach no target.
  if (typeof value !== 'number') return invalid(pointer, 'not a JSON value');
  const micros = toMicros(value);
  if (micros === undefined) return invalid(pointer, 'a number that does not fit 64-bit millionths');
  return Number.isInteger(value)
    ? ok({ pointer, type: 'integer', value: value === 0 ? 0 : value, micros })
    : ok({ pointer, type: 'number', micros });
}

function stringLeaf(value: string, pointer: string): Result<ArgumentLeaf, ArgumentError> {
  if (!value.isWellFormed()) return invalid(pointer, 'a lone surrogate');
  if (!/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(value) || !URL.canParse(value)) {
    return ok({ pointer, type: 'string', value });
  }
  const url = new URL(value);
  // The path is judged as written: the parser has already resolved `..` in `url.pathname`.
  const written = /^[^:]+:\/\/[^/?#\\]*([^?#]*)/.exec(value)?.[1] ?? '';
  if (written !== '' && !checkPath(written).ok) return invalid(pointer, 'an ambiguous URL path');
  const scheme = url.protocol.slice(0, -1);
  const host = url.hostname.replace(/\.$/, '');
  return ok({ pointer, type: 'string', value, url: { scheme, host, path: url.pathname || '/' } });
}

function children(value: Json): readonly (readonly [string, Json])[] | undefined {
  if (Array.isArray(value)) return value.map((item: Json, index) => [String(index), item] as const);
  return isJsonObject(value) ? Object.entries(value) : undefined;
}

/** RFC 6901 section 3. */
const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
