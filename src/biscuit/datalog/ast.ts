/**
 * Datalog of Eclipse Biscuit v3 as plain, immutable data. The parser creates it, the wire format
 * carries it, the printer writes it, and the evaluator reads it (SPECIFICATIONS.md, "Logic
 * language").
 *
 * Every term has the same two properties, so that the evaluator's inner loops see one object shape.
 */

/** Signed 64-bit. A safe integer is always a `number`; only a larger one is a `bigint`. */
export type Int64 = number | bigint;

/** `value` is the name without `$`. */
export type VariableTerm = { readonly kind: 'variable'; readonly value: string };
/** A signed 64-bit integer. */
export type IntegerTerm = { readonly kind: 'integer'; readonly value: Int64 };
/** A string. */
export type StringTerm = { readonly kind: 'string'; readonly value: string };
/**
 * Seconds since 1970-01-01T00:00:00Z, unsigned 64-bit; a `bigint` only beyond the safe integers.
 */
export type DateTerm = { readonly kind: 'date'; readonly value: Int64 };
/** A byte string, written `hex:…` in Datalog text. */
export type BytesTerm = { readonly kind: 'bytes'; readonly value: Uint8Array };
/** A boolean. */
export type BoolTerm = { readonly kind: 'bool'; readonly value: boolean };
/** The null value. */
export type NullTerm = { readonly kind: 'null'; readonly value: null };
/**
 * No two items are equal. The order does not affect the value; it is the order of printing. The
 * reference sorts by type, then by value, and strings by their number in the symbol table.
 */
export type SetTerm = { readonly kind: 'set'; readonly value: readonly Term[] };
/** An ordered list of terms. */
export type ArrayTerm = { readonly kind: 'array'; readonly value: readonly Term[] };
/** No two keys are equal. The order is the order of printing (integers before strings). */
export type MapTerm = { readonly kind: 'map'; readonly value: readonly MapEntry[] };

/** A key of a map: an integer or a string. */
export type MapKey = IntegerTerm | StringTerm;
/** One entry of a map. */
export type MapEntry = { readonly key: MapKey; readonly value: Term };

/** A value or a variable of Datalog. */
export type Term =
  | VariableTerm
  | IntegerTerm
  | StringTerm
  | DateTerm
  | BytesTerm
  | BoolTerm
  | NullTerm
  | SetTerm
  | ArrayTerm
  | MapTerm;

/** A name with terms, such as `right("file1", "read")`. */
export type Predicate = { readonly name: string; readonly terms: readonly Term[] };

/** A predicate without variables. */
export type Fact = Predicate;

/** The index is the number on the wire (`OpUnary.Kind`); `extern` takes the place of `Ffi`. */
export const UNARY_OPERATORS = ['negate', 'parens', 'length', 'type', 'extern'] as const;

/** The index is the number on the wire (`OpBinary.Kind`); `extern` takes the place of `Ffi`. */
export const BINARY_OPERATORS = [
  'lessThan',
  'greaterThan',
  'lessOrEqual',
  'greaterOrEqual',
  'equal',
  'contains',
  'prefix',
  'suffix',
  'regex',
  'add',
  'sub',
  'mul',
  'div',
  'and',
  'or',
  'intersection',
  'union',
  'bitwiseAnd',
  'bitwiseOr',
  'bitwiseXor',
  'notEqual',
  'heterogeneousEqual',
  'heterogeneousNotEqual',
  'lazyAnd',
  'lazyOr',
  'all',
  'any',
  'get',
  'extern',
  'tryOr',
] as const;

/** An operator with one operand, such as `negate` for `!`. */
export type UnaryOperator = Exclude<(typeof UNARY_OPERATORS)[number], 'extern'>;
/** An operator with two operands, such as `lessThan` for `<`. */
export type BinaryOperator = Exclude<(typeof BINARY_OPERATORS)[number], 'extern'>;

/** One instruction of the stack machine (SPECIFICATIONS.md, "Execution"). */
export type Op =
  | { readonly kind: 'value'; readonly term: Term }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator }
  /**
   * A call of a host function: `$a.extern::name()` (arity 1) or `$a.extern::name($b)` (arity 2).
   */
  | { readonly kind: 'extern'; readonly arity: 1 | 2; readonly name: string }
  | { readonly kind: 'closure'; readonly params: readonly string[]; readonly ops: Expression };

/** Instructions in postfix order. */
export type Expression = readonly Op[];

/** The signature algorithms of Biscuit v3: Ed25519, and ECDSA over P-256. */
export type KeyAlgorithm = 'ed25519' | 'secp256r1';

/** `bytes`: 32 for Ed25519, 33 (compressed SEC 1) for P-256. */
export type PublicKey = { readonly algorithm: KeyAlgorithm; readonly bytes: Uint8Array };

/** A scope: whose facts a rule or a check may read. */
export type Scope =
  | { readonly kind: 'authority' }
  | { readonly kind: 'previous' }
  | { readonly kind: 'publicKey'; readonly key: PublicKey };

/** A body without a head: one alternative of a check or a policy. */
export type Query = {
  readonly body: readonly Predicate[];
  readonly expressions: readonly Expression[];
  /** If empty, the default of the enclosing block applies. */
  readonly scopes: readonly Scope[];
};

/** A rule. It derives one fact, its head, from each match of its body. */
export type Rule = Query & { readonly head: Predicate };

/**
 * `if`: some query matches. `all`: there is a match, and every match passes. `reject`: none
 * matches.
 */
export type CheckKind = 'if' | 'all' | 'reject';

/** A check: it fails unless its queries match as its kind demands. */
export type Check = { readonly kind: CheckKind; readonly queries: readonly Query[] };

/** A policy of an authorizer: the first one that matches decides. */
export type Policy = { readonly kind: 'allow' | 'deny'; readonly queries: readonly Query[] };

/** One block of a token as Datalog. */
export type Block = {
  readonly facts: readonly Fact[];
  readonly rules: readonly Rule[];
  readonly checks: readonly Check[];
  /** The default of the block's rules and checks. If empty: the authority block. */
  readonly scopes: readonly Scope[];
  readonly context?: string;
  /** The block version on the wire, 3 to 6. Absent on a block that was not read from a token. */
  readonly version?: number;
};

/** The parsed source of an authorizer: a verifier's own facts, rules, checks and policies. */
export type AuthorizerSource = {
  readonly facts: readonly Fact[];
  readonly rules: readonly Rule[];
  readonly checks: readonly Check[];
  readonly policies: readonly Policy[];
  readonly scopes: readonly Scope[];
};
