import type { Rule } from './ast.ts';

/**
 * Returns whether every variable of the head occurs in a predicate of the body, not only inside a
 * collection.
 */
export function headIsBound({ head, body }: Rule): boolean {
  const bound = new Set<string>();
  for (const { terms } of body)
    for (const term of terms) if (term.kind === 'variable') bound.add(term.value);
  return head.terms.every((term) => term.kind !== 'variable' || bound.has(term.value));
}
