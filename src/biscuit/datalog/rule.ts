import type { Rule } from './ast.ts';

/** Every variable of the head stands in a predicate of the body, not only inside a collection. */
export function headIsBound({ head, body }: Rule): boolean {
  return head.terms.every(
    (term) =>
      term.kind !== 'variable' ||
      body.some(({ terms }) =>
        terms.some((other) => other.kind === 'variable' && other.value === term.value),
      ),
  );
}
