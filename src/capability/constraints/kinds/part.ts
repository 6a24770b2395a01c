import type { JsonScalar } from '../../../canonical-json.ts';
import { matchingBody } from '../queries.ts';
import type { Place, ToolChecks } from '../tool-checks.ts';
import type { EachConstraint } from './each.ts';
import type { ElementConstraint, ListKind } from './element.ts';
import { type AnyKind, type AnyValueKind, type ConstraintAuthor, kindIn } from './kind.ts';
import { LIST_KINDS, type ListConstraint } from './list-kinds.ts';
import { orEmptyIn } from './or-empty.ts';
import type { Range } from './range.ts';
import { alternativesOf, VALUE_KINDS, type ValueConstraint } from './value-kinds.ts';

/** A constraint of one of the two tables: on a value or on a list. */
export type PartConstraint = ValueConstraint | ListConstraint;

type AnyListKind = Omit<ListKind<never>, 'schema'> & AnyKind;

const VALUES: Readonly<Record<string, AnyValueKind>> = VALUE_KINDS;
const LISTS: Readonly<Record<string, AnyListKind>> = LIST_KINDS;
const PARTS: Readonly<Record<string, AnyKind>> = { ...VALUES, ...LISTS };

export const isValueConstraint = (constraint: object): constraint is ValueConstraint =>
  kindIn(VALUES, constraint) !== undefined;

/** Writes the checks of a parsed constraint. */
export function writePart(checks: ToolChecks, place: Place, part: PartConstraint): void {
  if (isValueConstraint(part)) {
    const conditions = alternativesOf(part, checks.block);
    const bodies = conditions.map((condition) => matchingBody(place.parameter, [condition]));
    checks.require(...place.absent, ...bodies);
    return;
  }
  const [kind, value] = kindIn(LISTS, part) ?? [];
  if (kind === undefined) throw new Error('a constraint of an unknown kind');
  kind.write(checks, place, value as never);
}

/** Like `boundsSink`: false for whatever is not known to bound. */
export function partBoundsSink(part: object, author: ConstraintAuthor): boolean {
  const [kind, value] = kindIn(PARTS, part) ?? [];
  return kind?.boundsSink(value as never, author) === true;
}

/** The values that a constraint lists, and whether they are those of one value or of a list. */
export interface ListedValues {
  readonly kind: 'value' | 'list';
  readonly values: readonly JsonScalar[];
}

export function listedIn(part: object): ListedValues | undefined {
  const [kind, value] = kindIn(PARTS, part) ?? [];
  const values = kind?.listedValues(value as never);
  return values && { kind: isValueConstraint(part) ? 'value' : 'list', values };
}

/** The numbers that a constraint allows, if it is a range of numbers. */
export function numberRangeOf(part: object): Range | undefined {
  const [kind, value] = kindIn(VALUES, part) ?? [];
  return kind?.numberRange(value as never);
}

/** What is inside a constraint on an array, and where, as in `every` or `each.sku`. */
export function elementsIn(
  part: object,
): readonly (readonly [where: readonly string[], element: ElementConstraint])[] {
  const [kind, value] = kindIn(LISTS, part) ?? [];
  const [name = ''] = Object.keys(part);
  return (kind?.elements(value as never) ?? []).map(([where, element]) => [
    where === '' ? [name] : [name, where],
    element,
  ]);
}

/** Constraints on members of the objects in an array, and whether the objects have no others. */
export interface MembersIn {
  readonly members: EachConstraint;
  readonly closed: boolean;
}

export function eachIn(part: object): MembersIn | undefined {
  if ('each' in part) return { members: part.each as EachConstraint, closed: true };
  if ('eachHas' in part) return { members: part.eachHas as EachConstraint, closed: false };
  const list = orEmptyIn(part);
  return list && eachIn(list);
}
