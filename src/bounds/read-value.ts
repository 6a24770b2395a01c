import type { Expression, Query, Term } from '../biscuit/index.ts';
import type { JsonScalar } from '../canonical-json.ts';
import type { PresentConstraint } from '../capability/index.ts';
import { pointersAround } from '../json-pointer.ts';
import { holderOf, rightOf, rootsOf, stringIn, treeOf, unitsIn } from './expression.ts';
import { missingMember } from './query-forms.ts';

/**
 * The constraint on one scalar that a body of a check requires, as constraints/compile.ts wrote it.
 */
export interface ReadValue {
  readonly pointer: string;
  readonly constraint: PresentConstraint;
}

/**
 * Reads a body that requires something of the value at one pointer. Undefined for a body that the
 * constraint kinds below do not write, whatever it means: nothing is guessed.
 */
export function readValue({ body, expressions, scopes }: Query): ReadValue | undefined {
  const [first] = body;
  const pointer = stringIn(first?.terms[0]);
  if (pointer === undefined || pointer === '' || scopes.length > 0) return undefined;
  const facts = new Map<string, Term>();
  for (const { name, terms } of body) {
    const [place, value] = terms;
    if (terms.length !== 2 || stringIn(place) !== pointer || facts.has(name)) return undefined;
    if (value === undefined) return undefined;
    facts.set(name, value);
  }
  const constraint = READERS.map((read) => read(facts, expressions)).find((it) => it !== undefined);
  return constraint && { pointer, constraint };
}

/**
 * Returns whether `queries` match if nothing is at the pointer: one for each object above it, the
 * outermost first, as `ToolChecks.absence` writes them.
 */
export function isAbsence(queries: readonly Query[], pointer: string): boolean {
  const places = [pointer, ...pointersAround(pointer)].reverse();
  return (
    queries.length === places.length &&
    queries.every((query, index) => missingMember(query) === places[index])
  );
}

type Facts = ReadonlyMap<string, Term>;
type Reader = (facts: Facts, expressions: readonly Expression[]) => PresentConstraint | undefined;

const READERS: readonly Reader[] = [
  readExact,
  readListed,
  readRange,
  readAffix,
  readPath,
  readPresent,
];

/** `arg("/x", "GB1")`, or `arg_micros("/x", 5000000)`. */
function readExact(facts: Facts, expressions: readonly Expression[]) {
  if (facts.size !== 1 || expressions.length > 0) return undefined;
  const value = facts.get('arg');
  if (value?.kind === 'string' || value?.kind === 'bool' || value?.kind === 'null') {
    return { exact: value.value };
  }
  const units = unitsIn(facts.get('arg_micros'));
  return units === undefined ? undefined : { exact: units };
}

/** `arg("/x", $v), ["GB1", "GB2"].contains($v)`, or the same of `arg_micros`. */
function readListed(facts: Facts, expressions: readonly Expression[]) {
  const [expression, ...others] = expressions;
  if (facts.size !== 1 || expression === undefined || others.length > 0) return undefined;
  const list = (name: string) => {
    const variable = variableIn(facts, name);
    const tree = treeOf(expression);
    const held = variable !== undefined && tree ? holderOf(tree, variable) : undefined;
    return held?.kind === 'array' ? held.value : undefined;
  };
  const texts = list('arg')?.map(stringIn);
  if (texts?.every((text) => text !== undefined)) return listed(texts);
  const numbers = list('arg_micros')?.map(unitsIn);
  return numbers?.every((number) => number !== undefined) ? listed(numbers) : undefined;
}

const listed = <T extends JsonScalar>(oneOf: readonly T[]) =>
  oneOf.length === 0 ? undefined : ({ oneOf } as unknown as PresentConstraint);

/** `arg_micros("/x", $m), $m >= 0, $m <= 5000000`, with `arg_type("/x", "integer")` or without. */
function readRange(facts: Facts, expressions: readonly Expression[]) {
  const isInteger = stringIn(facts.get('arg_type')) === 'integer';
  if (facts.has('arg_type') && !isInteger) return undefined;
  const variable = variableIn(facts, 'arg_micros');
  const known = Number(isInteger) + Number(variable !== undefined);
  if (known === 0 || facts.size !== known) return undefined;
  const range: { min?: number; max?: number } = {};
  for (const expression of expressions) {
    const tree = treeOf(expression);
    if (!tree || variable === undefined) return undefined;
    const [min, max] = (['greaterOrEqual', 'lessOrEqual'] as const).map((operator) =>
      unitsIn(rightOf(tree, variable, operator)),
    );
    if (min !== undefined && range.min === undefined) range.min = min;
    else if (max !== undefined && range.max === undefined) range.max = max;
    else return undefined;
  }
  return isInteger ? { integer: range } : { number: range };
}

/** `arg_forms("/x", $f), arg("/x", $v), $f.contains("text"), $v.starts_with("GB")`. */
function readAffix(facts: Facts, expressions: readonly Expression[]) {
  const formed = readFormed(facts, expressions, 'text');
  const tree = formed && treeOf(formed.expression);
  if (!formed || !tree) return undefined;
  const prefix = stringIn(rightOf(tree, formed.variable, 'prefix'));
  if (prefix !== undefined) return { prefix };
  const suffix = stringIn(rightOf(tree, formed.variable, 'suffix'));
  return suffix === undefined ? undefined : { suffix };
}

/** `…, $f.contains("path"), $v == "a" || $v.starts_with("a/")`. */
function readPath(facts: Facts, expressions: readonly Expression[]) {
  const formed = readFormed(facts, expressions, 'path');
  const tree = formed && treeOf(formed.expression);
  if (!formed || !tree) return undefined;
  const [root, ...others] = rootsOf(tree, formed.variable) ?? [];
  if (root !== undefined) return others.length === 0 ? { pathBelow: root } : undefined;
  const start = stringIn(rightOf(tree, formed.variable, 'prefix'));
  return start === '/' ? { pathBelow: '/' } : undefined;
}

/** `arg_type("/x", $y), $y !== "null"`. */
function readPresent(facts: Facts, expressions: readonly Expression[]) {
  const variable = variableIn(facts, 'arg_type');
  const [expression, ...others] = expressions;
  if (variable === undefined || facts.size !== 1 || !expression || others.length > 0) {
    return undefined;
  }
  const tree = treeOf(expression);
  const other = tree && stringIn(rightOf(tree, variable, 'notEqual'));
  return other === 'null' ? ({ present: true } as const) : undefined;
}

/** The text and the expression about it, of text that must have a form. */
function readFormed(facts: Facts, expressions: readonly Expression[], form: 'text' | 'path') {
  const [forms, variable] = [variableIn(facts, 'arg_forms'), variableIn(facts, 'arg')];
  const [first, expression, ...others] = expressions;
  if (facts.size !== 2 || forms === undefined || variable === undefined) return undefined;
  if (!first || !expression || others.length > 0) return undefined;
  const tree = treeOf(first);
  const required = tree && stringIn(rightOf(tree, forms, 'contains'));
  return required === form ? { variable, expression } : undefined;
}

const variableIn = (facts: Facts, name: string): string | undefined => {
  const term = facts.get(name);
  return term?.kind === 'variable' ? term.value : undefined;
};
