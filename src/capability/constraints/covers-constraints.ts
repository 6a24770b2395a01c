import { coversOrigin } from '../../provenance/index.ts';
import type { ArgumentConstraints, Constraint, PresentConstraint } from './constraint.ts';
import {
  type EachConstraint,
  eachIn,
  type MemberConstraint,
  type MembersIn,
  orEmptyIn,
} from './kinds/index.ts';
import { coversListed } from './listed-values.ts';
import { mayBeMissing, mayBeNull } from './may-be-missing.ts';
import { allowsAnyValue, allowsOnlyScalars, canonicalText, normalForm } from './normal-form.ts';
import { originsIn } from './origins-in.ts';
import { isAbsent, mayLack, memberOf, type Shape, shapeOf } from './shape.ts';

/**
 * Returns whether `asked` allows only calls that `granted` allows.
 *
 * Closed objects are compared by what their constraints mean together. A single value is compared
 * by form: `asked` must repeat every part of `granted`, or list only values that `granted` lists. A
 * prefix of a prefix is therefore not covered, although it is narrower.
 */
export function coversConstraints(
  granted: ArgumentConstraints | undefined,
  asked: ArgumentConstraints | undefined,
): boolean {
  if (granted === undefined) return true;
  if (asked === undefined) return false;
  return coversShape(
    shapeOf(granted.constraints, granted.arguments),
    shapeOf(asked.constraints, asked.arguments),
  );
}

function coversShape(granted: Shape, asked: Shape): boolean {
  if (granted.kind === 'any') return true;
  if (asked.kind === 'any') return false;
  if (mayLack(asked) && !mayLack(granted)) return false;
  if (isAbsent(asked)) return true;
  if (granted.kind === 'value') {
    if (asked.kind === 'value') return coversValue(granted.constraint, asked.constraint);
    // An object is a value that is not null.
    return asked.closed && allowsAnyValue(granted.constraint);
  }
  if (asked.kind === 'value') return !granted.closed && allowsOnlyScalars(asked.constraint);
  if (granted.closed && !asked.closed) return false;
  const names = new Set([...granted.members.keys(), ...asked.members.keys()]);
  return [...names].every((name) => coversShape(memberOf(granted, name), memberOf(asked, name)));
}

function coversValue(granted: Constraint, asked: Constraint): boolean {
  if (canonicalText(granted) === canonicalText(asked)) return true;
  const [outer, inner] = [normalForm(granted), normalForm(asked)];
  if (!outer || !inner) return false;
  return outer.parts.every(
    (part) => impliesPresent(part, inner.parts) || inner.parts.some((one) => coversPart(part, one)),
  );
}

/** Whether every value that meets `asked` meets `granted`. Of alternatives, each must. */
function coversPart(granted: PresentConstraint, asked: PresentConstraint): boolean {
  if (canonicalText(granted) === canonicalText(asked) || coversListed(granted, asked)) return true;
  if (coversFrom(granted, asked)) return true;
  const [list, askedList] = [orEmptyIn(granted), orEmptyIn(asked)];
  if (list) return 'empty' in asked || coversPart(list, askedList ?? asked);
  if (askedList) return false;
  if ('anyOf' in asked) return asked.anyOf.every((one) => coversPart(granted, one));
  if ('anyOf' in granted) return granted.anyOf.some((one) => coversPart(one, asked));
  const [outer, inner] = [eachIn(granted), eachIn(asked)];
  return outer !== undefined && inner !== undefined && coversEach(outer, inner);
}

/** Of one value, or of each element of a list. A listed value is an origin of its own. */
function coversFrom(granted: PresentConstraint, asked: PresentConstraint): boolean {
  const [outer, inner] = [originsIn(granted), originsIn(asked)];
  return (
    outer !== undefined &&
    inner !== undefined &&
    outer.isList === inner.isList &&
    inner.origins.every((one) => outer.origins.some((wide) => coversOrigin(wide, one)))
  );
}

/** By member, as objects are: in closed ones no member may be new, and none may be missing. */
function coversEach(granted: MembersIn, asked: MembersIn): boolean {
  if (granted.closed && !asked.closed) return false;
  const names = new Set([...Object.keys(granted.members), ...Object.keys(asked.members)]);
  return [...names].every((name) => {
    const [outer, inner] = [memberIn(granted.members, name), memberIn(asked.members, name)];
    if (!outer) return !granted.closed;
    if (!inner) return asked.closed && mayBeMissing(outer);
    if (mayBeMissing(inner) && !mayBeMissing(outer)) return false;
    return coversValue(outer, inner);
  });
}

const memberIn = (members: EachConstraint, name: string): MemberConstraint | undefined =>
  Object.hasOwn(members, name) ? members[name] : undefined;

/** `present` is any value but null, which every other part implies, unless one means null. */
const impliesPresent = (part: PresentConstraint, others: readonly PresentConstraint[]): boolean =>
  'present' in part && !mayBeNull(others);
