import type { Block, Check, Query } from '../biscuit/index.ts';
import { rightOf, stringIn, treeOf } from './expression.ts';

/**
 * Whether a block has what our own code never writes, and what may give a check another meaning
 * than its text has: rules, scopes, or facts that stand for those of a call.
 */
export const isForeign = ({ facts, rules, scopes }: Block, index: number): boolean =>
  rules.length > 0 ||
  scopes.length > 0 ||
  (index > 0 ? facts.length > 0 : facts.some(({ name }) => isOfCall(name)));

const isOfCall = (fact: string): boolean => fact === 'dataset' || isOfArguments(fact);

/** Whether facts of this name are about the arguments of a call. */
export const isOfArguments = (fact: string): boolean => /^arg(?:s_sha256|_|$)/.test(fact);

/**
 * Returns the check without the part that lets calls of other tools pass. Undefined if it binds
 * only another tool.
 */
export function withoutGuard(check: Check, tool: string): Check | undefined {
  const { kind, queries } = check;
  const [first, ...others] = queries;
  if (!first) return check;
  if (kind === 'reject') {
    const [fact, ...facts] = first.body;
    const named = fact?.name === 'tool' ? stringIn(fact.terms[0]) : undefined;
    if (named === undefined || others.length > 0) return check;
    return named === tool ? { kind, queries: [{ ...first, body: facts }] } : undefined;
  }
  const named = kind === 'if' ? toolOfGuard(first) : undefined;
  if (named === undefined) return check;
  return named === tool ? { kind, queries: others } : undefined;
}

/** `tool($t), $t !== "bank.send"`. */
function toolOfGuard({ body, expressions, scopes }: Query): string | undefined {
  const [fact, ...facts] = body;
  const [expression, ...others] = expressions;
  const [variable] = fact?.terms ?? [];
  if (fact?.name !== 'tool' || variable?.kind !== 'variable' || !expression) return undefined;
  if (facts.length + others.length + scopes.length > 0) return undefined;
  const tree = treeOf(expression);
  return tree && stringIn(rightOf(tree, variable.value, 'notEqual'));
}
