import type { Block, Check, Query, Term } from '../biscuit/index.ts';
import { pointerAbove, readPointer } from '../json-pointer.ts';
import { holderOf, stringIn, treeOf } from './expression.ts';
import { isForeign, withoutGuard } from './guard.ts';
import { anythingAt, datasetRoots, missingMember } from './query-forms.ts';
import { boundsOfFacts, type ValueBound, type ValueType } from './value-bound.ts';

/**
 * Something that every allowed call of a tool meets. Bounds are read from the checks of a token to
 * show what its holder may do. They decide nothing: a check in a form that is not known here is
 * left out, so a call that meets all bounds may still be denied, and one that is allowed meets all.
 */
export type ArgumentBound =
  /** The object at the pointer has these members only. */
  | {
      readonly kind: 'members';
      readonly pointer: string;
      readonly names: readonly string[];
      readonly isOptional: boolean;
    }
  /** Nothing is at the pointer. */
  | { readonly kind: 'absent'; readonly pointer: string }
  /** The value at the pointer. `isOptional`: or nothing is there. */
  | {
      readonly kind: 'value';
      readonly pointer: string;
      readonly isOptional: boolean;
      readonly bound: ValueBound;
    }
  /** Each element of the array at the pointer, if an array is there. */
  | { readonly kind: 'elements'; readonly pointer: string; readonly bound: ValueBound }
  /** Each dataset of the call lies at or below one of these. */
  | { readonly kind: 'datasets'; readonly roots: readonly string[] };

/** A bound and the block that has its check. Block 0 is the issuer's. */
export type BlockBound = ArgumentBound & { readonly block: number };

/** Reads the bounds of one tool's calls from the blocks of a verified token. */
export function readArgumentBounds(blocks: readonly Block[], tool: string): readonly BlockBound[] {
  return blocks.flatMap((block, index) =>
    isForeign(block, index)
      ? []
      : ofElementsWithFacts(block.checks.flatMap((check) => boundsOf(check, tool))).map(
          (bound): BlockBound => ({ ...bound, block: index }),
        ),
  );
}

/** A bound as it was read; of elements, with the facts without which an element is not rejected. */
type Read =
  | Exclude<ArgumentBound, { readonly kind: 'elements' }>
  | (Extract<ArgumentBound, { readonly kind: 'elements' }> & { readonly facts: readonly string[] });

function boundsOf(check: Check, tool: string): readonly Read[] {
  const own = withoutGuard(check, tool);
  if (own === undefined) return [];
  if (own.queries.some(({ scopes }) => scopes.length > 0)) return [];
  if (own.kind === 'if') return listOf(requiredBy(own.queries));
  const [query, ...others] = own.queries;
  if (!query || others.length > 0) return [];
  if (own.kind === 'reject') return listOf(rejectedBy(query));
  const roots = datasetRoots(query);
  return roots ? [{ kind: 'datasets', roots }] : [];
}

const listOf = <T>(one: T | undefined): readonly T[] => (one === undefined ? [] : [one]);

/** The last body says what is required. The ones before it match if nothing is there. */
function requiredBy(queries: readonly Query[]): Read | undefined {
  const absent = queries.map(missingMember).filter((member) => member !== undefined);
  const present = queries.filter((query) => missingMember(query) === undefined);
  const isOptional = absent.length > 0;
  const read = present.map(bodyOf);
  const [first] = read;
  const pointer = first?.pointer;
  if (pointer === undefined || !read.every((one) => one?.pointer === pointer)) return undefined;
  // An alternative that matches if something else is missing leaves the value open.
  if (!absent.every((member) => isAtOrAbove(member, pointer))) return undefined;
  if (first?.members) {
    const { members: names } = first;
    // A list of members next to another alternative lists nothing.
    return read.length > 1 ? undefined : { kind: 'members', pointer, names, isOptional };
  }
  const bounds = read.flatMap((one) => listOf(one?.bound));
  if (pointer === '' || bounds.length !== read.length) return undefined;
  const [bound] = bounds;
  const anyOf = bounds.length === 1 && bound ? bound : { anyOf: bounds };
  return { kind: 'value', pointer, isOptional, bound: anyOf };
}

const isAtOrAbove = (member: string, pointer: string): boolean =>
  member !== '' && (member === pointer || pointer.startsWith(`${member}/`));

interface Body {
  readonly pointer: string;
  readonly bound?: ValueBound;
  /** Of a closed object: the names of its members. */
  readonly members?: readonly string[];
}

/** Reads a body about the value at one pointer. */
function bodyOf(query: Query): Body | undefined {
  const { body } = query;
  const pointer = stringIn(body[0]?.terms[0]);
  if (pointer === undefined) return undefined;
  if (body.some(({ terms }) => stringIn(terms[0]) !== pointer)) return undefined;
  const members = membersOf(query, pointer);
  if (members) return { pointer, members };
  if (body.some(({ name }) => name === 'arg_members')) return undefined;
  return { pointer, bound: boundsOfFacts(query) };
}

/** `arg_members("/a", $n), {"/a/b", "/a/c"}.contains($n)`. */
function membersOf({ body, expressions }: Query, pointer: string): readonly string[] | undefined {
  const [fact, ...others] = body;
  const [expression, ...more] = expressions;
  if (fact?.name !== 'arg_members' || others.length > 0 || !expression || more.length > 0) {
    return undefined;
  }
  const tree = treeOf(expression);
  const [, variable] = fact.terms;
  const held = tree && variable?.kind === 'variable' && holderOf(tree, variable.value);
  const names = held && held.kind === 'set' ? held.value : undefined;
  const members = names?.map((name) => memberNamed(stringIn(name) ?? '', pointer));
  return members?.every((name) => name !== undefined) ? members : undefined;
}

const memberNamed = (member: string, pointer: string): string | undefined =>
  pointerAbove(member) === pointer ? readPointer(member)?.at(-1) : undefined;

/** What no value may be. */
function rejectedBy(query: Query): Read | undefined {
  const pointer = anythingAt(query);
  if (pointer !== undefined) return { kind: 'absent', pointer };
  const place = query.body[0]?.terms[0];
  return place?.kind === 'variable' ? elementsOf(query, place) : undefined;
}

/** `arg_type($p, $y), $p.starts_with("/to/"), $y !== "string"`. */
function elementsOf(query: Query, place: Term & { kind: 'variable' }): Read | undefined {
  const { body, expressions } = query;
  const isSamePlace = body.every(
    ({ terms }) => terms[0]?.kind === 'variable' && terms[0].value === place.value,
  );
  if (!isSamePlace || expressions.length !== 2) return undefined;
  const trees = expressions.map(treeOf);
  const inside = trees.find((tree) => tree?.kind === 'binary' && tree.operator === 'prefix');
  const tested = trees.find((tree) => tree !== inside);
  const below =
    inside?.kind === 'binary' &&
    inside.left.kind === 'term' &&
    inside.left.term.kind === 'variable' &&
    inside.left.term.value === place.value &&
    inside.right.kind === 'term'
      ? stringIn(inside.right.term)
      : undefined;
  if (below === undefined || !below.endsWith('/') || !tested) return undefined;
  const bound = boundsOfFacts(query, { rejects: tested });
  const pointer = below.slice(0, -1);
  if (Object.keys(bound).length === 0 || pointer === '') return undefined;
  return { kind: 'elements', pointer, bound, facts: body.map(({ name }) => name) };
}

/**
 * Leaves out the bounds of elements that may lack the facts of the check: it would not reject
 * them. An example is a list where texts are expected, if nothing says that they are texts.
 */
function ofElementsWithFacts(bounds: readonly Read[]): readonly ArgumentBound[] {
  const types = new Map<string, readonly ValueType[]>();
  for (const one of bounds) {
    if (one.kind === 'elements' && one.bound.types) types.set(one.pointer, one.bound.types);
  }
  return bounds.flatMap((one): readonly ArgumentBound[] => {
    if (one.kind !== 'elements') return [one];
    const { facts, ...bound } = one;
    const known = types.get(one.pointer);
    const have = known?.map((type) => FACTS_OF_TYPE[type] ?? []);
    return one.bound.types || have?.every((names) => facts.every((fact) => names.includes(fact)))
      ? [bound]
      : [];
  });
}

/** What every value of a type has a fact of. */
const FACTS_OF_TYPE: Partial<Readonly<Record<ValueType, readonly string[]>>> = {
  string: ['arg', 'arg_forms', 'arg_length'],
  integer: ['arg', 'arg_micros'],
  number: ['arg_micros'],
  boolean: ['arg'],
};
