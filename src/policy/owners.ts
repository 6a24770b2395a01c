import type { Predicate } from '../biscuit/index.ts';
import type { Statement } from './statements.ts';

/**
 * Returns every owner that a policy can state, if all of them are literals. Undefined if a rule
 * takes an owner from the request: then any string can be one.
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
