/**
 * Builds block messages from raw parts (schema.proto): symbols are numbers, and nothing is
 * interned, checked or ordered. `symbol(0)` is the first symbol that a token declares.
 */
import { concatBytes } from '../../src/encoding.ts';
import { type Bytes, bytes, int } from './wire.ts';

const FIRST_TOKEN_SYMBOL = 1024;
export const symbol = (declared: number): number => FIRST_TOKEN_SYMBOL + declared;

/** Numbers of a few default symbols. */
export const DEFAULT_SYMBOL = { read: 0, write: 1, resource: 2, operation: 3, right: 4, time: 5 };

export const term = {
  variable: (id: number) => int(1, id),
  integer: (value: number | bigint) => int(2, value),
  string: (id: number | bigint) => int(3, id),
  date: (seconds: number | bigint) => int(4, seconds),
  bytes: (value: Uint8Array) => bytes(5, value),
  bool: (value: boolean) => int(6, value ? 1 : 0),
  set: (...items: readonly Bytes[]) => bytes(7, ...items.map((item) => bytes(1, item))),
  null: () => bytes(8),
  array: (...items: readonly Bytes[]) => bytes(9, ...items.map((item) => bytes(1, item))),
  /** Entries of key and value. A key is `term.mapInteger` or `term.mapString`. */
  map: (...entries: readonly (readonly [Bytes, Bytes])[]) =>
    bytes(10, ...entries.map(([key, value]) => bytes(1, bytes(1, key), bytes(2, value)))),
  mapInteger: (value: number | bigint) => int(1, value),
  mapString: (id: number) => int(2, id),
};

export const predicate = (name: number | bigint, ...terms: readonly Bytes[]): Bytes =>
  concatBytes(int(1, name), ...terms.map((item) => bytes(2, item)));

export const op = {
  value: (value: Bytes) => bytes(1, value),
  unary: (kind: number, externName?: number) =>
    bytes(2, int(1, kind), ...(externName === undefined ? [] : [int(2, externName)])),
  binary: (kind: number, externName?: number) =>
    bytes(3, int(1, kind), ...(externName === undefined ? [] : [int(2, externName)])),
  closure: (params: readonly number[], ...ops: readonly Bytes[]) =>
    bytes(4, ...params.map((param) => int(1, param)), ...ops.map((item) => bytes(2, item))),
};

/** Operators by their numbers on the wire. */
export const UNARY = { negate: 0, parens: 1, length: 2, type: 3, extern: 4 };
export const BINARY = {
  lessThan: 0,
  greaterThan: 1,
  equal: 4,
  contains: 5,
  regex: 8,
  add: 9,
  and: 13,
  or: 14,
  union: 16,
  bitwiseAnd: 17,
  heterogeneousEqual: 21,
  lazyAnd: 23,
  lazyOr: 24,
  all: 25,
  any: 26,
  get: 27,
  tryOr: 29,
};

export const scope = {
  authority: () => int(1, 0),
  previous: () => int(1, 1),
  key: (id: number | bigint) => int(2, id),
};

export type Body = {
  readonly body?: readonly Bytes[];
  readonly expressions?: readonly (readonly Bytes[])[];
  readonly scopes?: readonly Bytes[];
};

export const rule = (head: Bytes, { body = [], expressions = [], scopes = [] }: Body): Bytes =>
  concatBytes(
    bytes(1, head),
    ...body.map((item) => bytes(2, item)),
    ...expressions.map((ops) => bytes(3, ...ops.map((item) => bytes(1, item)))),
    ...scopes.map((item) => bytes(4, item)),
  );

/** `query()`, the head that every implementation writes for a query. */
const QUERY = predicate(27);

export const CHECK_KIND = { if: 0, all: 1, reject: 2 };

/** Without `kind`: `check if`, in the form of datalog 3.0. */
export const check = (queries: readonly Body[], kind?: number): Bytes =>
  concatBytes(
    ...queries.map((query) => bytes(1, rule(QUERY, query))),
    ...(kind === undefined ? [] : [int(2, kind)]),
  );

export type BlockParts = {
  readonly symbols?: readonly (string | Uint8Array)[];
  readonly context?: string;
  /** Omitted from the message if null. */
  readonly version?: number | null;
  readonly facts?: readonly Bytes[];
  readonly rules?: readonly Bytes[];
  readonly checks?: readonly Bytes[];
  readonly scopes?: readonly Bytes[];
  /** Ed25519 keys. */
  readonly publicKeys?: readonly Uint8Array[];
};

export function block(parts: BlockParts): Bytes {
  const { symbols = [], context, version = 3, facts = [], rules = [], checks = [] } = parts;
  return concatBytes(
    ...symbols.map((text) => bytes(1, text)),
    ...(context === undefined ? [] : [bytes(2, context)]),
    ...(version === null ? [] : [int(3, version)]),
    ...facts.map((item) => bytes(4, bytes(1, item))),
    ...rules.map((item) => bytes(5, item)),
    ...checks.map((item) => bytes(6, item)),
    ...(parts.scopes ?? []).map((item) => bytes(7, item)),
    ...(parts.publicKeys ?? []).map((item) => bytes(8, int(1, 0), bytes(2, item))),
  );
}
