import type { JsonScalar } from '../../canonical-json.ts';
import type { PresentConstraint } from './constraint.ts';
import { textOf } from './parts.ts';

/** No list of values may be empty: so no element, and none that could be another. */
export const EMPTY_LIST: PresentConstraint = {
  allOf: [{ count: { max: 0 } }, { every: { exact: '' } }],
};

/** The values that a constraint lists, and whether they are those of one value or of a list. */
export function setOf(
  constraint: PresentConstraint,
): { readonly kind: 'value' | 'list'; readonly values: readonly JsonScalar[] } | undefined {
  if ('exact' in constraint) return { kind: 'value', values: [constraint.exact] };
  if ('oneOf' in constraint) return { kind: 'value', values: constraint.oneOf };
  if ('subsetOf' in constraint) return { kind: 'list', values: constraint.subsetOf };
  return textOf(constraint) === textOf(EMPTY_LIST) ? { kind: 'list', values: [] } : undefined;
}

/** Whether `asked` lists no value that `held` does not list; false where either lists none. */
export function isWithinSet(held: PresentConstraint, asked: PresentConstraint): boolean {
  const [own, theirs] = [setOf(held), setOf(asked)];
  return (
    own !== undefined &&
    own.kind === theirs?.kind &&
    theirs.values.every((value) => own.values.includes(value))
  );
}
