import type { JsonScalar } from '../../../canonical-json.ts';
import { matchingBody } from '../queries.ts';
import type { Place, ToolChecks } from '../tool-checks.ts';
import type { ElementConstraint, ListKind } from './element.ts';
import { type AnyKind, type AnyValueKind, type ConstraintAuthor, kindIn } from './kind.ts';
import { LIST_KINDS, type ListConstraint } from './list-kinds.ts';
import type { Range } from './range.ts';
import { conditionOf, VALUE_KINDS, type ValueConstraint } from './value-kinds.ts';

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
    const body = matchingBody(place.parameter, [conditionOf(part, checks.block)]);
    checks.require(...place.absent, body);
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

/** The name of the kind and what an element has to meet, if the constraint has one inside. */
export function elementIn(
  part: object,
): readonly [name: string, element: ElementConstraint] | undefined {
  const [kind, value] = kindIn(LISTS, part) ?? [];
  const element = kind?.element(value as never);
  return element && [Object.keys(part)[0] ?? '', element];
}
