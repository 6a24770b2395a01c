import type { Query, Term } from '../biscuit/index.ts';
import type { JsonScalar } from '../canonical-json.ts';
import {
  alternativesOf,
  equalTo,
  holderOf,
  rightOf,
  rootsOf,
  stringIn,
  type Tree,
  treeOf,
  unitsIn,
} from './expression.ts';

/** What is known of a value. A value of a type that a member is not about meets that member. */
export interface ValueBound {
  /** `number` includes integers. */
  readonly types?: readonly ValueType[];
  /** It is one of these. */
  readonly values?: readonly JsonScalar[];
  readonly isNotNull?: true;
  readonly min?: number;
  readonly max?: number;
  /** Of a text, in code points. */
  readonly lengthMin?: number;
  readonly lengthMax?: number;
  /** Of an array. */
  readonly countMin?: number;
  readonly countMax?: number;
  readonly start?: string;
  readonly end?: string;
  /** A pattern of the engine, which the whole text matches. */
  readonly pattern?: string;
  /** The text is one of these paths, or lies below one. */
  readonly below?: readonly string[];
  /** Of a URL. With a leading dot, it includes every host below. */
  readonly host?: string;
  /** It meets one of these at least. */
  readonly anyOf?: readonly ValueBound[];
}

export type ValueType = 'string' | 'integer' | 'number' | 'boolean' | 'null' | 'array' | 'object';

/**
 * Reads what a body requires of the value at its pointer. With `rejects`, a value with the body's
 * facts is denied unless it makes that expression false, and a value without them is not denied.
 */
export function boundsOfFacts(
  { body, expressions }: Query,
  { rejects }: { readonly rejects?: Tree } = {},
): ValueBound {
  const variables = new Map<string, string>();
  let bound: ValueBound = {};
  for (const { name, terms } of body) {
    const [, value] = terms;
    if (!value) continue;
    if (value.kind === 'variable') variables.set(name, value.value);
    if (!rejects) bound = both(bound, ofFact(name, value));
  }
  const trees = rejects ? [negated(rejects)] : expressions.map(treeOf);
  for (const tree of trees.flatMap(conjunctsOf)) {
    bound = both(bound, ofExpression(tree, variables));
  }
  return bound;
}

const TEXT_FACTS: readonly string[] = [
  ...['arg_length', 'arg_forms', 'arg_ip'],
  ...['arg_scheme', 'arg_host', 'arg_port', 'arg_path'],
];

/** Only a value of some type has the fact, or a fact with this value. */
function ofFact(name: string, value: Term): ValueBound {
  if (TEXT_FACTS.includes(name)) return { types: ['string'] };
  if (name === 'arg_count') return { types: ['array'] };
  if (name === 'arg_micros') {
    const units = unitsIn(value);
    return { types: ['number'], ...(units !== undefined && { values: [units] }) };
  }
  if (name === 'arg_type') {
    const type = typeIn(value);
    return type ? { types: [type] } : {};
  }
  const scalar = name === 'arg' ? scalarIn(value) : undefined;
  return scalar === undefined ? {} : { values: [scalar] };
}

function negated(tree: Tree): Tree | undefined {
  if (tree.kind === 'unary' && tree.operator === 'negate') return tree.operand;
  if (tree.kind !== 'binary') return undefined;
  const { operator } = tree;
  if (operator === 'notEqual') return { ...tree, operator: 'equal' };
  return operator === 'heterogeneousNotEqual'
    ? { ...tree, operator: 'heterogeneousEqual' }
    : undefined;
}

const conjunctsOf = (tree: Tree | undefined): readonly Tree[] => {
  if (!tree) return [];
  if (tree.kind !== 'binary' || tree.operator !== 'lazyAnd') return [tree];
  return [...conjunctsOf(tree.left), ...conjunctsOf(tree.right)];
};

type Reader = (tree: Tree, variable: string) => ValueBound | undefined;

/** What an expression says about the fact of that name. */
const READERS: Readonly<Record<string, Reader>> = {
  arg: (tree, variable) =>
    listOfValues(tree, variable, scalarIn) ?? ofText(tree, variable) ?? ofPath(tree, variable),
  arg_micros: (tree, variable) =>
    listOfValues(tree, variable, unitsIn) ??
    range(tree, variable, unitsIn, (min, max) => ({ ...min, ...max })),
  arg_length: (tree, variable) =>
    range(tree, variable, countIn, ({ min }, { max }) => ({
      ...(min !== undefined && { lengthMin: min }),
      ...(max !== undefined && { lengthMax: max }),
    })),
  arg_count: (tree, variable) =>
    range(tree, variable, countIn, ({ min }, { max }) => ({
      ...(min !== undefined && { countMin: min }),
      ...(max !== undefined && { countMax: max }),
    })),
  arg_type: ofType,
  arg_host: ofHost,
};

function ofExpression(tree: Tree, variables: ReadonlyMap<string, string>): ValueBound {
  for (const [name, variable] of variables) {
    const bound = Object.hasOwn(READERS, name) ? READERS[name]?.(tree, variable) : undefined;
    if (bound) return bound;
  }
  return {};
}

/** `["a", "b"].contains($v)`, or `$v == "a"`. */
function listOfValues<T extends JsonScalar>(
  tree: Tree,
  variable: string,
  read: (term: Term) => T | undefined,
): ValueBound | undefined {
  const held = holderOf(tree, variable);
  const one = equalTo(tree, variable);
  const terms = held?.kind === 'array' || held?.kind === 'set' ? held.value : one && [one];
  const values = terms?.map(read);
  return values?.every((value) => value !== undefined) ? { values } : undefined;
}

function ofText(tree: Tree, variable: string): ValueBound | undefined {
  const start = stringIn(rightOf(tree, variable, 'prefix'));
  if (start !== undefined) return { start };
  const end = stringIn(rightOf(tree, variable, 'suffix'));
  if (end !== undefined) return { end };
  const whole = /^\^\(\?:(.*)\)\$$/s.exec(stringIn(rightOf(tree, variable, 'regex')) ?? '');
  return whole?.[1] === undefined ? undefined : { pattern: whole[1] };
}

function ofPath(tree: Tree, variable: string): ValueBound | undefined {
  const below = rootsOf(tree, variable);
  return below && { below };
}

function range(
  tree: Tree,
  variable: string,
  read: (term: Term) => number | undefined,
  write: (min: { min?: number }, max: { max?: number }) => ValueBound,
): ValueBound | undefined {
  const [min, max] = (['greaterOrEqual', 'lessOrEqual'] as const).map((operator) => {
    const term = rightOf(tree, variable, operator);
    return term && read(term);
  });
  if (min === undefined && max === undefined) return undefined;
  return write(min === undefined ? {} : { min }, max === undefined ? {} : { max });
}

function ofType(tree: Tree, variable: string): ValueBound | undefined {
  const other = rightOf(tree, variable, 'notEqual');
  if (other) return stringIn(other) === 'null' ? { isNotNull: true } : undefined;
  const held = holderOf(tree, variable);
  const one = equalTo(tree, variable);
  const terms = held?.kind === 'array' || held?.kind === 'set' ? held.value : one && [one];
  const types = terms?.map(typeIn);
  return types?.every((type) => type !== undefined) ? { types } : undefined;
}

/** `$h == "a"`, or `$h == "a" || $h.ends_with(".a")`. */
function ofHost(tree: Tree, variable: string): ValueBound | undefined {
  const [same, below, ...others] = alternativesOf(tree);
  const host = same && stringIn(equalTo(same, variable));
  if (host === undefined || others.length > 0) return undefined;
  if (!below) return { host };
  const end = stringIn(rightOf(below, variable, 'suffix'));
  return end === `.${host}` ? { host: end } : undefined;
}

function scalarIn(term: Term): JsonScalar | undefined {
  if (term.kind === 'string' || term.kind === 'bool' || term.kind === 'null') return term.value;
  return countIn(term);
}

const countIn = (term: Term): number | undefined =>
  term.kind === 'integer' && Number.isSafeInteger(Number(term.value))
    ? Number(term.value)
    : undefined;

const TYPES: readonly string[] = 'string integer number boolean null array object'.split(' ');

const typeIn = (term: Term): ValueType | undefined =>
  term.kind === 'string' && TYPES.includes(term.value) ? (term.value as ValueType) : undefined;

/** Joins what two parts of one body say. Where both say something of one kind, one is enough. */
function both(one: ValueBound, other: ValueBound): ValueBound {
  const types = one.types && other.types ? narrower(one.types, other.types) : undefined;
  return { ...other, ...one, ...(types && { types }) };
}

const narrower = (one: readonly ValueType[], other: readonly ValueType[]): readonly ValueType[] =>
  one.length < other.length || (one.length === other.length && one.includes('integer'))
    ? one
    : other;
