import { pointerTo, readPointer } from '../../../json-pointer.ts';
import { mayBeMissing } from '../may-be-missing.ts';
import { isInside } from '../queries.ts';
import type { Place, ToolChecks } from '../tool-checks.ts';
import { type EachConstraint, membersIn, membersSchema, writeMember } from './each.ts';
import type { ListKind } from './element.ts';
import { never, none } from './kind.ts';

/** What `each` is, for objects that may have other members. */
export const eachHas: ListKind<EachConstraint> = {
  schema: membersSchema,
  write: writeEachHas,
  boundsSink: never, // Members that it does not name may be anything.
  listedValues: none,
  elements: membersIn,
};

/**
 * Each element is an object with these members. A pointer of this depth that ends with the name of
 * a member is that member of an element: one that lies deeper has more segments.
 *
 * ```
 * check if tool($t), $t !== "mail.send" or arg_type("/to", "array");
 * reject if tool("mail.send"), arg_type($p, $y), $p.starts_with("/to/"),
 *   $p.matches("^(?:/[^/]+){2}$"), $y !== "object";
 * reject if tool("mail.send"), arg_members($p, $n), $p.starts_with("/to/"),
 *   $p.matches("^(?:/[^/]+){2}$"), !$n.contains($p + "/address");
 * ```
 */
function writeEachHas(
  checks: ToolChecks,
  { pointer, parameter, absent }: Place,
  all: EachConstraint,
): void {
  const { block } = checks;
  checks.require(...absent, `arg_type(${parameter}, "array")`);
  const inside = isInside(checks, pointer);
  const depth = (readPointer(pointer)?.length ?? 0) + 1;
  const at = (segments: number) => `$p.matches(${block.parameter(`^(?:/[^/]+){${segments}}$`)})`;
  checks.reject(`arg_type($p, $y), ${inside}, ${at(depth)}, $y !== "object"`);
  for (const [name, one] of Object.entries(all)) {
    const end = block.parameter(pointerTo('', name));
    if (!mayBeMissing(one)) {
      checks.reject(`arg_members($p, $n), ${inside}, ${at(depth)}, !$n.contains($p + ${end})`);
    }
    writeMember(checks, `${inside}, ${at(depth + 1)}, $p.ends_with(${end})`, one);
  }
}
