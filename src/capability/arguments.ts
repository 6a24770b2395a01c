import {
  canonicalJson,
  isJsonObject,
  type Json,
  type JsonObject,
  type JsonScalar,
} from '../canonical-json.ts';
import { utf8 } from '../encoding.ts';
import { pointerTo } from '../json-pointer.ts';
import { ARGUMENT_DEPTH_MAX, POINTER_BYTES_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { readText, type TextReading } from './text-reading.ts';

export const ARGUMENT_LEAVES_MAX = 128;
export const ARGUMENT_CONTAINERS_MAX = 128; // Arrays and objects that are not empty.

/**
 * A call's arguments as facts. Everything in them is visible to a check: each value under its
 * RFC 6901 pointer with its type, each object with the pointers of its members, each array with its
 * length, and every number as integer micro-units, so that no bound is evaded by writing 50.000001
 * or "9000", by leaving the argument out, or by putting it one level deeper.
 */

export type ArgumentType =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'null'
  | 'array'
  | 'object';

/** One value in the arguments: a leaf, an array, an object, or the whole. */
export interface ArgumentNode {
  /** Empty for the whole. */
  readonly pointer: string;
  readonly type: ArgumentType;
  /** Absent for a number with a fraction and for an array or object. */
  readonly value?: JsonScalar;
  /** Of a number: in millionths, exact. */
  readonly micros?: bigint;
  /** Of a text: as its target will read it. */
  readonly text?: TextReading;
  /** Of an object: the pointers of its members. */
  readonly members?: readonly string[];
  /** Of an array: the number of its elements. */
  readonly count?: number;
}

export interface ArgumentError {
  readonly code: 'arguments_invalid';
  /** Where, as an RFC 6901 pointer. */
  readonly pointer: string;
  readonly why: string;
}

const invalid = (pointer: string, why: string): Result<never, ArgumentError> =>
  refuse({ code: 'arguments_invalid', pointer, why });

/**
 * Every value in `args`, the whole first, each container before what is in it; refused where one
 * cannot be stated exactly.
 */
export function argumentNodes(args: JsonObject): Result<readonly ArgumentNode[], ArgumentError> {
  // A body of JSON may be a list or a text: to a handler it is no object, and to no check one.
  if (!isJsonObject(args)) return invalid('', 'not an object');
  const nodes: ArgumentNode[] = [];
  let leaves = 0;
  let containers = 0;
  const walk = (value: Json, pointer: string, depth: number): Result<null, ArgumentError> => {
    if (depth > ARGUMENT_DEPTH_MAX) return invalid(pointer, 'nested too deeply');
    const inner = children(value, pointer);
    if (inner && inner.length > 0) containers++;
    else if (depth > 0) leaves++;
    // Whatever lies in a container brings a leaf at least, so its size is judged before its parts.
    if (leaves + (inner?.length ?? 0) > ARGUMENT_LEAVES_MAX) {
      return invalid(pointer, 'too many leaves');
    }
    if (containers > ARGUMENT_CONTAINERS_MAX) return invalid(pointer, 'too many containers');
    const node = inner ? ok(containerNode(value, pointer, inner)) : leafNode(value, pointer);
    if (!node.ok) return node;
    nodes.push(node.value);
    for (const [innerPointer, member] of inner ?? []) {
      if (!innerPointer.isWellFormed()) return invalid(pointer, 'a lone surrogate in a name');
      // It stands in front of all that lies below: one long name would be said a hundred times.
      if (isLong(innerPointer)) return invalid(pointer, 'a name too long');
      const walked = walk(member, innerPointer, depth + 1);
      if (!walked.ok) return walked;
    }
    return ok(null);
  };
  const walked = walk(args, '', 0);
  return walked.ok ? ok(nodes) : walked;
}

/** Longer than a constraint could point (json-pointer.ts). */
const isLong = (pointer: string): boolean =>
  pointer.length > POINTER_BYTES_MAX || utf8(pointer).length > POINTER_BYTES_MAX;

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

function leafNode(value: Json, pointer: string): Result<ArgumentNode, ArgumentError> {
  if (typeof value === 'string') return textNode(value, pointer);
  if (typeof value === 'boolean') return ok({ pointer, type: 'boolean', value });
  if (value === null) return ok({ pointer, type: 'null', value });
  // A caller without types may hand in what JSON has no form for: it would reach no target.
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

type Children = readonly (readonly [pointer: string, value: Json])[];

function containerNode(value: Json, pointer: string, inner: Children): ArgumentNode {
  return Array.isArray(value)
    ? { pointer, type: 'array', count: inner.length }
    : { pointer, type: 'object', members: inner.map(([member]) => member) };
}

function children(value: Json, pointer: string): Children | undefined {
  if (Array.isArray(value)) {
    // Not `map`, which leaves out the holes of a list that JSON would write as null.
    return Array.from(value, (item: Json, index) => [pointerTo(pointer, index), item] as const);
  }
  if (!isJsonObject(value)) return undefined;
  return Object.entries(value).map(([name, member]) => [pointerTo(pointer, name), member] as const);
}
