/**
 * Whether a call that lacks the argument meets a constraint of any form, and whether null does. A
 * file of its own, because kinds of constraint use it as well as whole constraints.
 */

interface Parts {
  readonly absent?: true;
  readonly optional?: object;
  readonly empty?: true;
  readonly orEmpty?: object;
  readonly exact?: unknown;
  readonly allOf?: readonly object[];
  readonly anyOf?: readonly object[];
}

/** Whether a call that lacks the argument meets the constraint. */
export function mayBeMissing(constraint: object): boolean {
  const { absent, optional, empty, orEmpty, allOf, anyOf }: Parts = constraint;
  if (absent || optional || empty || orEmpty) return true;
  return allOf ? allOf.every(mayBeMissing) : anyOf?.some(mayBeMissing) === true;
}

/** Whether null meets one of the parts, as far as their kinds say. */
export const mayBeNull = (parts: readonly object[]): boolean =>
  parts.some(
    ({ empty, orEmpty, exact, anyOf = [] }: Parts) =>
      empty || orEmpty !== undefined || exact === null || mayBeNull(anyOf),
  );
