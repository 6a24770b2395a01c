import type { JsonScalar } from '../../canonical-json.ts';
import { type Constraint, type PresentConstraint, readText } from '../../capability/index.ts';
import type { ColumnForm, ReadColumn } from './columns.ts';

/**
 * What a bound means for the values of one column: a union that every target expresses or refuses.
 * `none`: no value of this column meets it.
 */
export type AllowedValues =
  | { readonly kind: 'none' }
  | { readonly kind: 'null' }
  /** One of these values, all of the column's type. */
  | { readonly kind: 'values'; readonly values: readonly JsonScalar[] }
  | {
      readonly kind: 'range';
      readonly isInteger: boolean;
      readonly min?: number;
      readonly max?: number;
    }
  | { readonly kind: 'affix'; readonly side: 'start' | 'end'; readonly text: string }
  | { readonly kind: 'path'; readonly root: string }
  /** Any value but null. */
  | { readonly kind: 'present' }
  | { readonly kind: 'any'; readonly of: readonly AllowedValues[] }
  /** There is no exact form. */
  | { readonly kind: 'inexpressible'; readonly why: string };

const NONE: AllowedValues = { kind: 'none' };

/** Returns which values of a column meet a bound, or why that cannot be said. */
export function allowedValues(
  constraint: Constraint | undefined,
  column: ReadColumn,
): AllowedValues {
  if (constraint === undefined)
    return inexpressible('its check is in a form that is not read back');
  if ('absent' in constraint) return NONE;
  // The column is always there, and a null is a value.
  return allowedPresent('optional' in constraint ? constraint.optional : constraint, column);
}

function allowedPresent(constraint: PresentConstraint, column: ReadColumn): AllowedValues {
  const { type } = column;
  if ('exact' in constraint) {
    return constraint.exact === null ? { kind: 'null' } : listed([constraint.exact], type);
  }
  if ('oneOf' in constraint) return listed(constraint.oneOf, type);
  if ('number' in constraint || 'integer' in constraint) {
    if (type !== 'number') return NONE;
    const isInteger = 'integer' in constraint;
    return { kind: 'range', isInteger, ...(isInteger ? constraint.integer : constraint.number) };
  }
  if ('prefix' in constraint || 'suffix' in constraint) {
    if (type !== 'text') return NONE;
    if (!holds(column, ['text', 'path'])) return inexpressible('the column has no form text');
    return 'prefix' in constraint
      ? { kind: 'affix', side: 'start', text: constraint.prefix }
      : { kind: 'affix', side: 'end', text: constraint.suffix };
  }
  if ('pathBelow' in constraint) {
    if (type !== 'text') return NONE;
    if (!holds(column, ['path'])) return inexpressible('the column has no form path');
    return { kind: 'path', root: constraint.pathBelow };
  }
  if ('anyOf' in constraint) {
    const of = constraint.anyOf
      .map((one) => allowedPresent(one, column))
      .filter(({ kind }) => kind !== 'none');
    const [first = NONE, ...others] = of;
    const stuck = of.find(({ kind }) => kind === 'inexpressible');
    return stuck ?? (others.length === 0 ? first : { kind: 'any', of });
  }
  if ('present' in constraint) {
    const isKnown = type !== 'text' || holds(column, ['text', 'path']);
    return isKnown ? { kind: 'present' } : inexpressible('the column has no form text');
  }
  return inexpressible('a constraint of this kind is not read back');
}

const inexpressible = (why: string): AllowedValues => ({ kind: 'inexpressible', why });

const holds = ({ form }: ReadColumn, forms: readonly ColumnForm[]): boolean =>
  form !== undefined && forms.includes(form);

/** A value that no call could have, such as an ambiguous URL, is left out. */
function listed(values: readonly JsonScalar[], type: ReadColumn['type']): AllowedValues {
  const wanted = type === 'text' ? 'string' : type;
  const possible = values.filter(
    (value) => typeof value === wanted && (typeof value !== 'string' || readText(value).ok),
  );
  return possible.length === 0 ? NONE : { kind: 'values', values: possible };
}
