import type { Query } from '../biscuit/index.ts';
import { pointerAbove } from '../json-pointer.ts';
import { rightOf, rootsOf, stringIn, treeOf } from './expression.ts';

/** Queries in the forms that `writeCaveats` and the compiler of constraints have. */

/** Returns the roots of `dataset($d), $d == "a" || $d.starts_with("a/")`. */
export function datasetRoots({ body, expressions, scopes }: Query): readonly string[] | undefined {
  const [fact, ...facts] = body;
  const [expression, ...others] = expressions;
  const [variable, ...terms] = fact?.terms ?? [];
  if (fact?.name !== 'dataset' || variable?.kind !== 'variable' || !expression) return undefined;
  if (facts.length + others.length + terms.length + scopes.length > 0) return undefined;
  const tree = treeOf(expression);
  return tree && rootsOf(tree, variable.value);
}

/**
 * Returns `/a/b` of the query `arg_members("/a", $n), !$n.contains("/a/b")`, which matches if
 * nothing is at that pointer.
 */
export function missingMember({ body, expressions, scopes }: Query): string | undefined {
  const [fact, ...facts] = body;
  const [expression, ...others] = expressions;
  const [holder, names] = fact?.terms ?? [];
  if (fact?.name !== 'arg_members' || names?.kind !== 'variable' || !expression) return undefined;
  if (facts.length + others.length + scopes.length > 0) return undefined;
  const tree = treeOf(expression);
  if (tree?.kind !== 'unary' || tree.operator !== 'negate') return undefined;
  const member = stringIn(rightOf(tree.operand, names.value, 'contains'));
  return member !== undefined && stringIn(holder) === pointerAbove(member) ? member : undefined;
}

/** Returns `/x` of `arg_type("/x", $y)`: it matches if anything is there. */
export function anythingAt({ body, expressions, scopes }: Query): string | undefined {
  const [fact, ...facts] = body;
  const [place, type] = fact?.terms ?? [];
  if (fact?.name !== 'arg_type' || type?.kind !== 'variable') return undefined;
  return facts.length + expressions.length + scopes.length === 0 ? stringIn(place) : undefined;
}
