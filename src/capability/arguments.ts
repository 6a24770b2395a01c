import {
  canonicalJson,
  isJsonObject,
  type Json,
  type JsonObject,
  type JsonScalar,
} from '../canonical-json.ts';
import { utf8 } from '../encoding.ts';
import { EACH_ELEMENT, pointerTo, readPointer } from '../json-pointer.ts';
import { ARGUMENT_DEPTH_MAX, POINTER_BYTES_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { readText, type TextReading } from './text-reading.ts';

// Of one call. Each leaf has up to nine facts, which every check of the token may read.
export const ARGUMENT_LEAVES_MAX = 128;
export const ARGUMENT_CONTAINERS_MAX = 128; // Arrays and objects that are not empty.

/**
 * The arguments of a call as data for facts. Checks see everything in them: each value under its
 * RFC 6901 pointer with its type, each object with the pointers of its members, each array with its
 * length, and each number in integer millionths. A bound can therefore not be evaded by writing
 * 50.000001 or "9000", by leaving the argument out, or by putting it one level deeper.
 */

/** The type of a value in the arguments. An integer is a number without a fraction: 1.0 is one. */
export type ArgumentType =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'null'
  | 'array'
  | 'object'
  /** Not read: whatever the caller has declared to be content. */
  | 'content';

/** One value in the arguments: a leaf, an array, an object, or the whole. */
export interface ArgumentNode {
  /** RFC 6901; empty for the whole. */
  readonly pointer: string;
  readonly type: ArgumentType;
  /** Absent for a number with a fraction, and for an array or object. */
  readonly value?: JsonScalar;
  /** Of a number: its exact value in millionths. */
  readonly micros?: bigint;
  /** For a string: how its target will read it. */
  readonly text?: TextReading;
  /** Of an object: the pointers of its members. */
  readonly members?: readonly string[];
  /** Of an array: the number of its elements. */
  readonly count?: number;
}

/** Arguments that cannot be stated exactly as facts. */
export interface ArgumentError {
  readonly code: 'arguments_invalid';
  /** RFC 6901. */
  readonly pointer: string;
  readonly why: string;
}

const invalid = (pointer: string, why: string): Result<never, ArgumentError> =>
  refuse({ code: 'arguments_invalid', pointer, why });

/**
 * Returns every value in `args`: the whole first, and each container before its contents. Arguments
 * with a value that cannot be stated exactly are refused.
 *
 * `content` are pointers to values that are not read, in which `*` is every element of an array.
 * Such a value is only there: no check can allow it by what it is.
 */
export function argumentNodes(
  args: JsonObject,
  content: readonly string[] = [],
): Result<readonly ArgumentNode[], ArgumentError> {
  // A JSON body may also be an array or a string, which no check could see as an object.
  if (!isJsonObject(args)) return invalid('', 'not an object');
  const nodes: ArgumentNode[] = [];
  let leaves = 0;
  let containers = 0;
  const walk = (value: Json, pointer: string, depth: number, below: Paths): Walked => {
    if (depth > ARGUMENT_DEPTH_MAX) return invalid(pointer, 'nested too deeply');
    if (below.some(({ length }) => length === 0)) {
      if (++leaves > ARGUMENT_LEAVES_MAX) return invalid(pointer, 'too many leaves');
      nodes.push({ pointer, type: 'content' });
      return isJson(value, depth) ? ok(null) : invalid(pointer, 'not a JSON value');
    }
    const inner = children(value, pointer);
    if (inner && inner.length > 0) containers++;
    else if (depth > 0) leaves++;
    // Each part of a container has at least one leaf, so the size is checked before the parts.
    if (leaves + (inner?.length ?? 0) > ARGUMENT_LEAVES_MAX) {
      return invalid(pointer, 'too many leaves');
    }
    if (containers > ARGUMENT_CONTAINERS_MAX) return invalid(pointer, 'too many containers');
    const node = inner ? ok(containerNode(value, pointer, inner)) : leafNode(value, pointer);
    if (!node.ok) return node;
    nodes.push(node.value);
    for (const [innerPointer, member, segment] of inner ?? []) {
      if (!innerPointer.isWellFormed()) return invalid(pointer, 'a lone surrogate in a name');
      // A long name is repeated in the pointer of everything below it.
      if (isLong(innerPointer)) return invalid(pointer, 'a name that is too long');
      const next = below.filter(([first]) => first === segment).map(([, ...rest]) => rest);
      const walked = walk(member, innerPointer, depth + 1, next);
      if (!walked.ok) return walked;
    }
    return ok(null);
  };
  const walked = walk(
    args,
    '',
    0,
    content.map((pointer) => readPointer(pointer) ?? ['']),
  );
  return walked.ok ? ok(nodes) : walked;
}

type Paths = readonly (readonly string[])[];
type Walked = Result<null, ArgumentError>;

/** Whether content is a JSON value that every reader reads alike, at a depth that is allowed. */
function isJson(value: Json, depth: number): boolean {
  if (depth > ARGUMENT_DEPTH_MAX) return false;
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'boolean' || value === null) return true;
  if (Array.isArray(value)) return Array.from(value).every((item) => isJson(item, depth + 1));
  return (
    isJsonObject(value) &&
    Object.entries(value).every(([name, item]) => name.isWellFormed() && isJson(item, depth + 1))
  );
}

/** Longer than the pointer of a constraint can be (json-pointer.ts). */
const isLong = (pointer: string): boolean =>
  pointer.length > POINTER_BYTES_MAX || utf8(pointer).length > POINTER_BYTES_MAX;

/** Returns the SHA-256 of the RFC 8785 form of the arguments, which pins a step to them. */
export async function argumentsDigest(args: JsonObject): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(canonicalJson(args))));
}

/**
 * Returns a number in millionths, or undefined if it has more than six decimals or does not fit 64
 * bits. It is read from the shortest decimal text, which is what JSON carries, so nothing is
 * rounded.
 */
export function toMicros(value: number): bigint | undefined {
  const micros = value * 1_000_000;
  // The product of an integer is exact if it is a safe integer.
  if (Number.isInteger(value) && Number.isSafeInteger(micros)) return BigInt(micros);
  const match = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(String(value));
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = ''] = match;
  const exact = BigInt(`${sign}${whole}${fraction.padEnd(6, '0')}`);
  return exact === BigInt.asIntN(64, exact) ? exact : undefined;
}

function leafNode(value: Json, pointer: string): Result<ArgumentNode, ArgumentError> {
  if (typeof value === 'string') return textNode(value, pointer);
  if (typeof value === 'boolean') return ok({ pointer, type: 'boolean', value });
  if (value === null) return ok({ pointer, type: 'null', value });
  // A JavaScript caller may pass a value that JSON cannot represent.
  if (typeof value !== 'number') return invalid(pointer, 'not a JSON value');
  const micros = toMicros(value);
  if (micros === undefined) return invalid(pointer, 'a number that does not fit 64-bit millionths');
  return Number.isInteger(value)
    ? ok({ pointer, type: 'integer', value: value === 0 ? 0 : value, micros })
    : ok({ pointer, type: 'number', micros });
}

function textNode(value: string, pointer: string): Result<ArgumentNode, ArgumentError> {
  if (!value.isWellFormed()) return invalid(pointer, 'a lone surrogate');
  const text = readText(value);
  if (!text.ok) return invalid(pointer, text.error);
  return ok({ pointer, type: 'string', value, text: text.value });
}

/** `segment` is that of a pattern: `*` for every element of an array. */
type Children = readonly (readonly [pointer: string, value: Json, segment: string])[];

function containerNode(value: Json, pointer: string, inner: Children): ArgumentNode {
  return Array.isArray(value)
    ? { pointer, type: 'array', count: inner.length }
    : { pointer, type: 'object', members: inner.map(([member]) => member) };
}

function children(value: Json, pointer: string): Children | undefined {
  if (Array.isArray(value)) {
    // `map` would skip the holes of a list, which JSON writes as null.
    return Array.from(
      value,
      (item: Json, index) => [pointerTo(pointer, index), item, EACH_ELEMENT] as const,
    );
  }
  if (!isJsonObject(value)) return undefined;
  // A member that is named * is not an element of an array.
  return Object.entries(value).map(([name, member]) => {
    const segment = name === EACH_ELEMENT ? '' : name;
    return [pointerTo(pointer, name), member, segment] as const;
  });
}
