import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../../../canonical-json.ts';
import { pointerTo, readPointer } from '../../../json-pointer.ts';
import { CONSTRAINT_MEMBERS_MAX } from '../limits.ts';
import { mayBeMissing } from '../may-be-missing.ts';
import { isMemberName } from '../member-name.ts';
import { isInside, rejectUnlessMet } from '../queries.ts';
import type { Place, ToolChecks } from '../tool-checks.ts';
import {
  conditionsOf,
  ELEMENT_SCHEMAS,
  type ElementConstraint,
  elementBoundsSink,
  type ListKind,
} from './element.ts';
import { none } from './kind.ts';
import { oneKind } from './schemas.ts';

/** What a member that is there must be: a scalar in any case. */
export type PresentMember = ElementConstraint | { readonly present: true };

/** A constraint on one member of the objects in an array. */
export type MemberConstraint = PresentMember | { readonly optional: PresentMember };

/** By the names of the members. */
export type EachConstraint = Readonly<Record<string, MemberConstraint>>;

const PRESENT = { ...ELEMENT_SCHEMAS, present: v.literal(true) };
const member = oneKind({ ...PRESENT, optional: oneKind(PRESENT) });

/** Not valibot's `record`, which drops members with names such as `constructor`. */
export const membersSchema = v.pipe(
  v.custom<JsonObject>(isJsonObject, 'not an object'),
  v.rawTransform<JsonObject, EachConstraint>(({ dataset, addIssue, NEVER }) => {
    const entries = Object.entries(dataset.value);
    const isFit = entries.length > 0 && entries.length <= CONSTRAINT_MEMBERS_MAX;
    if (!isFit || !entries.every(([name]) => isMemberName(name))) {
      addIssue({ message: `not 1 to ${CONSTRAINT_MEMBERS_MAX} names of members` });
      return NEVER;
    }
    for (const [name, value] of entries) {
      const parsed = v.safeParse(member, value, { abortEarly: true });
      if (parsed.success) continue;
      addIssue({ message: `${name}: ${parsed.issues[0].message}` });
      return NEVER;
    }
    return dataset.value as unknown as EachConstraint;
  }),
) as v.GenericSchema<unknown, EachConstraint>;

export const each: ListKind<EachConstraint> = {
  schema: membersSchema,
  write: writeEach,
  boundsSink: (all, author) => Object.values(all).every((one) => memberBoundsSink(one, author)),
  listedValues: none,
  elements: membersIn,
};

/** The constraints on members, by name. */
export function membersIn(all: EachConstraint): ReturnType<ListKind<EachConstraint>['elements']> {
  return Object.entries(all).flatMap(([name, one]) => {
    const present = presentOf(one);
    return 'present' in present ? [] : [[name, present] as const];
  });
}

const presentOf = (one: MemberConstraint): PresentMember =>
  'optional' in one ? one.optional : one;

/** Like `boundsSink`, for one member. */
export function memberBoundsSink(
  one: MemberConstraint,
  author: Parameters<typeof elementBoundsSink>[1],
): boolean {
  const present = presentOf(one);
  return !('present' in present) && elementBoundsSink(present, author);
}

/**
 * Only the array itself, objects in it, and scalars in these may be there:
 *
 * ```
 * check if tool($t), $t !== "shop.order" or arg_type("/items", "array");
 * reject if tool("shop.order"), arg_type($p, $y), $p.starts_with("/items/"), $y !== "object",
 *   !($p.ends_with("/sku") || $p.ends_with("/count"));
 * reject if tool("shop.order"), arg_members($p, $n), $p.starts_with("/items/"),
 *   !$p.matches("^(?:/[^/]+){2}$") || !$n.contains($p + "/sku");
 * ```
 *
 * Then each pointer that ends with the name of a member is that member of an element.
 */
function writeEach(
  checks: ToolChecks,
  { pointer, parameter, absent }: Place,
  all: EachConstraint,
): void {
  const { block } = checks;
  checks.require(...absent, `arg_type(${parameter}, "array")`);
  const inside = isInside(checks, pointer);
  const entries = Object.entries(all).map(([name, one]) => {
    const end = block.parameter(pointerTo('', name));
    return { end, one, ends: `$p.ends_with(${end})` };
  });
  const known = entries.map(({ ends }) => ends).join(' || ');
  checks.reject(`arg_type($p, $y), ${inside}, $y !== "object", !(${known})`);
  const depth = (readPointer(pointer)?.length ?? 0) + 1;
  const faults = [
    `!$p.matches(${block.parameter(`^(?:/[^/]+){${depth}}$`)})`,
    ...entries
      .filter(({ one }) => !mayBeMissing(one))
      .map(({ end }) => `!$n.contains($p + ${end})`),
  ];
  checks.reject(`arg_members($p, $n), ${inside}, ${faults.join(' || ')}`);
  for (const { one, ends } of entries) writeMember(checks, `${inside}, ${ends}`, one);
}

/** `place` are expressions over `$p` that only the pointers of this member meet. */
export function writeMember(checks: ToolChecks, place: string, one: MemberConstraint): void {
  const present = presentOf(one);
  if ('present' in present) {
    checks.reject(`arg_type($p, $y), ${place}, ["null", "array", "object"].contains($y)`);
  } else rejectUnlessMet(checks, place, conditionsOf(present, checks.block));
}
