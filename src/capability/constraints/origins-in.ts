import { type ValueOrigin, valueOrigin } from '../../provenance/index.ts';
import type { PresentConstraint } from './constraint.ts';
import { listedValues } from './listed-values.ts';

/** Where a value, or each element of a list, may come from. */
export interface OriginsIn {
  readonly isList: boolean;
  readonly origins: readonly ValueOrigin[];
}

/**
 * Returns the origins of a constraint that allows exactly what comes from them. Undefined for any
 * other constraint, among them lists with a boolean or null.
 */
export function originsIn(constraint: PresentConstraint): OriginsIn | undefined {
  if ('from' in constraint) return { isList: false, origins: constraint.from };
  if ('every' in constraint && 'from' in constraint.every) {
    return { isList: true, origins: constraint.every.from };
  }
  const inside = 'every' in constraint ? (constraint.every as PresentConstraint) : constraint;
  const listed = listedValues(inside);
  const isList = 'every' in constraint || listed?.kind === 'list';
  if (listed === undefined || ('every' in constraint && listed.kind === 'list')) return undefined;
  const origins = listed.values.flatMap((value) =>
    typeof value === 'string' || typeof value === 'number' ? [valueOrigin(value)] : [],
  );
  return origins.length === listed.values.length ? { isList, origins } : undefined;
}
