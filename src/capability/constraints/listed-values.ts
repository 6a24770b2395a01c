import type { PresentConstraint } from './constraint.ts';
import { type ListedValues, listedIn } from './kinds/index.ts';
import { canonicalText } from './normal-form.ts';

/** The list without elements. No kind allows an empty list of values, so it takes two parts. */
export const EMPTY_LIST: PresentConstraint = {
  allOf: [{ count: { max: 0 } }, { every: { exact: '' } }],
};

/** Returns the values that a constraint lists; undefined if it bounds values in another way. */
export function listedValues(constraint: PresentConstraint): ListedValues | undefined {
  if (canonicalText(constraint) === canonicalText(EMPTY_LIST)) return { kind: 'list', values: [] };
  return listedIn(constraint);
}

/** Whether `asked` lists only values that `granted` lists; false if either lists none. */
export function coversListed(granted: PresentConstraint, asked: PresentConstraint): boolean {
  const [outer, inner] = [listedValues(granted), listedValues(asked)];
  return (
    outer !== undefined &&
    outer.kind === inner?.kind &&
    inner.values.every((value) => outer.values.includes(value))
  );
}
