import { type ValueOrigin, valueOrigin } from '../../provenance/index.ts';
import type { Constraint, PresentConstraint } from './constraint.ts';
import { eachIn, type MemberConstraint, orEmptyIn } from './kinds/index.ts';
import { listedValues } from './listed-values.ts';
import { allowsOnlyNothing } from './nothing.ts';

type Part = Exclude<Constraint, { readonly absent: true }> | MemberConstraint;

/**
 * Returns where the value of an argument may come from, as far as its constraint says so: lists of
 * origins, each of which every allowed value meets. Values that the constraint lists are origins of
 * their own. `member` is the member of objects in a list, if the question is about that.
 *
 * Empty if some allowed value may come from anywhere.
 */
export function originsAllowed(
  constraint: Constraint,
  member?: string,
): readonly (readonly ValueOrigin[])[] {
  if ('absent' in constraint) return [[]];
  return ofPart(constraint, member);
}

function ofPart(part: Part, member: string | undefined): readonly (readonly ValueOrigin[])[] {
  if ('optional' in part) return ofPart(part.optional, member);
  if ('allOf' in part) return part.allOf.flatMap((one: Part) => ofPart(one, member));
  const list = orEmptyIn(part);
  if (list) return ofPart(list, member);
  const each = eachIn(part);
  if (each) {
    const { members } = each;
    if (member === undefined || !Object.hasOwn(members, member)) return [];
    const inside = members[member];
    return inside === undefined ? [] : ofPart(inside, undefined);
  }
  if (member !== undefined) return [];
  if ('every' in part) return ofPart(part.every, undefined);
  if ('from' in part) return [part.from];
  if (allowsOnlyNothing(part as Constraint)) return [[]];
  if ('anyOf' in part) {
    const lists = part.anyOf.map((one) => ofPart(one, undefined));
    // One list of each alternative: together they say where every value comes from.
    const firsts = lists.flatMap(([first]) => (first === undefined ? [] : [first]));
    return firsts.length === lists.length ? [firsts.flat()] : [];
  }
  const values = listedValues(part as PresentConstraint)?.values;
  if (!values?.every((value) => typeof value === 'string' || typeof value === 'number')) return [];
  return [values.map(valueOrigin)];
}
