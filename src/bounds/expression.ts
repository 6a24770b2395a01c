import type { BinaryOperator, Expression, Term, UnaryOperator } from '../biscuit/index.ts';
import { toMicros } from '../capability/index.ts';

/** An expression of the stack machine as a tree, so that its shape can be compared. */
export type Tree =
  | { readonly kind: 'term'; readonly term: Term }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: Tree }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Tree;
      readonly right: Tree;
    };

/**
 * Returns the tree of an expression. Undefined for one with a function of the host, or with a
 * closure that has parameters: our own checks have neither.
 */
export function treeOf(expression: Expression): Tree | undefined {
  const stack: Tree[] = [];
  for (const op of expression) {
    if (op.kind === 'value') stack.push({ kind: 'term', term: op.term });
    else if (op.kind === 'closure') {
      // The right side of a lazy operator, which is evaluated only if it is needed.
      const body = op.params.length === 0 ? treeOf(op.ops) : undefined;
      if (!body) return undefined;
      stack.push(body);
    } else if (op.kind === 'unary') {
      const operand = stack.pop();
      if (!operand) return undefined;
      // Parentheses only group.
      stack.push(
        op.operator === 'parens' ? operand : { kind: 'unary', operator: op.operator, operand },
      );
    } else if (op.kind === 'binary') {
      const [right, left] = [stack.pop(), stack.pop()];
      if (!left || !right) return undefined;
      stack.push({ kind: 'binary', operator: op.operator, left, right });
    } else return undefined;
  }
  const [tree, ...others] = stack;
  return others.length === 0 ? tree : undefined;
}

/** Returns the sides of `a || b || c`, from the left. A tree of another kind is its only side. */
export const alternativesOf = (tree: Tree): readonly Tree[] =>
  tree.kind === 'binary' && tree.operator === 'lazyOr'
    ? [...alternativesOf(tree.left), ...alternativesOf(tree.right)]
    : [tree];

/** Returns the constant of `$name OPERATOR constant`; undefined for every other tree. */
export function rightOf(tree: Tree, name: string, operator: BinaryOperator): Term | undefined {
  if (tree.kind !== 'binary' || tree.operator !== operator) return undefined;
  const { left, right } = tree;
  return isVariable(left, name) && right.kind === 'term' && right.term.kind !== 'variable'
    ? right.term
    : undefined;
}

/** Returns the constant of `constant.contains($name)`; undefined for every other tree. */
export function holderOf(tree: Tree, name: string): Term | undefined {
  if (tree.kind !== 'binary' || tree.operator !== 'contains') return undefined;
  const { left, right } = tree;
  return isVariable(right, name) && left.kind === 'term' && left.term.kind !== 'variable'
    ? left.term
    : undefined;
}

const isVariable = (tree: Tree, name: string): boolean =>
  tree.kind === 'term' && tree.term.kind === 'variable' && tree.term.value === name;

export const stringIn = (term: Term | undefined): string | undefined =>
  term?.kind === 'string' ? term.value : undefined;

/** Returns the constant that the variable equals; undefined for every other tree. */
export const equalTo = (tree: Tree, name: string): Term | undefined =>
  rightOf(tree, name, 'equal') ?? rightOf(tree, name, 'heterogeneousEqual');

/**
 * Returns the roots of `$d == "a" || $d.starts_with("a/") || …`: what lies at or below them.
 * Undefined for every other tree.
 */
export function rootsOf(tree: Tree, name: string): readonly string[] | undefined {
  const sides = alternativesOf(tree);
  if (sides.length % 2 === 1) return undefined;
  const roots: string[] = [];
  for (let i = 0; i < sides.length; i += 2) {
    const [same, inside] = [sides[i], sides[i + 1]] as [Tree, Tree];
    const root = stringIn(equalTo(same, name));
    const prefix = stringIn(rightOf(inside, name, 'prefix'));
    if (root === undefined || root === '' || prefix !== `${root}/`) return undefined;
    roots.push(root);
  }
  return roots;
}

/** Returns the number that has exactly these millionths. */
export function unitsIn(term: Term | undefined): number | undefined {
  if (term?.kind !== 'integer') return undefined;
  const units = Number(`${term.value}e-6`);
  return toMicros(units) === BigInt(term.value) ? units : undefined;
}
