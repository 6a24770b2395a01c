import type { Predicate } from '../biscuit/index.ts';
import type { Statement } from './statements.ts';

/**
 * Every owner that a policy can state, where all of them stand in it as texts. Undefined where a
 * rule takes an owner from a request: then any text may be one.
 */
export function ownersOf(statements: readonly Statement[]): readonly string[] | undefined {
  const terms = statements
    .flatMap(headOf)
    .filter(({ name }) => name === 'owner')
    .flatMap((head) => head.terms);
  const owners = terms.flatMap((term) => (term.kind === 'string' ? [term.value] : []));
  return owners.length === terms.length ? [...new Set(owners)] : undefined;
}

function headOf(statement: Statement): readonly Predicate[] {
  if (statement.kind === 'fact') return [statement.value];
  return statement.kind === 'rule' ? [statement.value.head] : [];
}
