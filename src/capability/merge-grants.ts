import { canonicalJson, type Json } from '../canonical-json.ts';
import { ok, type Result, refuse } from '../result.ts';
import {
  type ArgumentConstraints,
  type Constraint,
  constraintsText,
  uniteConstraints,
} from './constraints/index.ts';
import { coversGrant } from './covers-grant.ts';
import type { Grant } from './grant.ts';

/** No one constraint of a tool expresses both what it has and what a call needs. */
export interface GrantConflict {
  readonly code: 'constraints_conflict';
  readonly tool: string;
  /** RFC 6901 pointer of the argument; empty if no single argument is at fault. */
  readonly pointer: string;
}

/** The grants of a wider capability. */
export interface MergedGrants {
  /** Every grant that the wider capability needs. */
  readonly grants: readonly Grant[];
  /** Those of them that `needed` became. */
  readonly wanted: readonly Grant[];
}

/**
 * Merges the grants of a capability with those that a call needs. All grants of a tool share their
 * constraints, so the constraints of a tool in both are widened by the values that the call needs.
 */
export function mergeGrants(
  current: readonly Grant[],
  needed: readonly Grant[],
): Result<MergedGrants, GrantConflict> {
  const byTool = new Map(current.map(({ tool, constraints }) => [tool, constraints] as const));
  for (const grant of needed) {
    const { tool } = grant;
    const united = byTool.has(tool)
      ? unite(tool, byTool.get(tool), grant.constraints)
      : ok(grant.constraints);
    if (!united.ok) return united;
    byTool.set(tool, united.value);
  }
  const widened = current.map((grant) => withConstraints(grant, byTool.get(grant.tool)));
  const wanted = needed.map((grant) => withConstraints(grant, byTool.get(grant.tool)));
  const stuck = needed.find(
    (grant, index) =>
      grant.constraints !== undefined &&
      !coversGrant(current, grant) &&
      coversGrant(current, wanted[index] ?? grant) &&
      isUnchanged(current, grant.tool, byTool.get(grant.tool)),
  );
  // The constraints deny the call in a form that no value can be added to.
  if (stuck) return refuse(conflictOf(stuck, byTool.get(stuck.tool)));
  const added = wanted.filter((grant) => !coversGrant(widened, grant));
  return ok({ grants: [...widened, ...distinct(added)], wanted });
}

/** The grants that a call needs have no constraints if its tool has no sink. */
function unite(
  tool: string,
  current: ArgumentConstraints | undefined,
  needed: ArgumentConstraints | undefined,
): Result<ArgumentConstraints | undefined, GrantConflict> {
  if (current === undefined || needed === undefined) return ok(current);
  const united = uniteConstraints(current, needed);
  if (united.ok) return united;
  return refuse({ code: 'constraints_conflict', tool, pointer: united.error.pointer });
}

/** Names the first argument whose constraint differs from what the call needs. */
function conflictOf(
  { tool, constraints }: Grant,
  current: ArgumentConstraints | undefined,
): GrantConflict {
  const conflict = Object.entries(constraints?.constraints ?? {}).find(([pointer, needed]) => {
    const own = current?.constraints[pointer];
    return own && textOf(own) !== textOf(needed);
  });
  return { code: 'constraints_conflict', tool, pointer: conflict?.[0] ?? '' };
}

const textOf = (constraint: Constraint): string => canonicalJson(constraint as unknown as Json);

const withConstraints = (
  { constraints: _, ...grant }: Grant,
  constraints: ArgumentConstraints | undefined,
): Grant => ({ ...grant, ...(constraints && { constraints }) });

const isUnchanged = (
  current: readonly Grant[],
  tool: string,
  constraints: ArgumentConstraints | undefined,
): boolean =>
  current.some((grant) => grant.tool === tool) &&
  current.every(
    (grant) =>
      grant.tool !== tool || constraintsText(grant.constraints) === constraintsText(constraints),
  );

const distinct = (grants: readonly Grant[]): readonly Grant[] =>
  grants.filter((grant, index) => !coversGrant(grants.slice(0, index), grant));
