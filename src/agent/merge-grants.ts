import { canonicalJson, type Json } from '../canonical-json.ts';
import {
  type ArgumentConstraints,
  type Constraint,
  constraintsText,
  coversGrant,
  type Grant,
  uniteConstraints,
} from '../capability/index.ts';
import { ok, type Result, refuse } from '../result.ts';

export interface GrantConflict {
  readonly code: 'constraints_conflict';
  readonly tool: string;
  /** Empty where no single argument is at fault. */
  readonly pointer: string;
}

export interface Widened {
  /** All that the wider capability shall have. */
  readonly grants: readonly Grant[];
  /** Of them, what `needed` comes to. */
  readonly wanted: readonly Grant[];
}

/**
 * The grants `held` and `needed` in one capability. All grants of a tool have the same constraints,
 * so those of a tool in both are widened by the values that the call needs, for each of its grants.
 */
export function mergeGrants(
  held: readonly Grant[],
  needed: readonly Grant[],
): Result<Widened, GrantConflict> {
  const byTool = new Map(held.map(({ tool, constraints }) => [tool, constraints] as const));
  for (const grant of needed) {
    const { tool } = grant;
    const united = byTool.has(tool)
      ? unite(tool, byTool.get(tool), grant.constraints)
      : ok(grant.constraints);
    if (!united.ok) return united;
    byTool.set(tool, united.value);
  }
  const widened = held.map((grant) => bounded(grant, byTool.get(grant.tool)));
  const wanted = needed.map((grant) => bounded(grant, byTool.get(grant.tool)));
  const stuck = needed.find(
    (grant, index) =>
      grant.constraints !== undefined &&
      !coversGrant(held, grant) &&
      coversGrant(held, wanted[index] ?? grant) &&
      isUnchanged(held, grant.tool, byTool.get(grant.tool)),
  );
  // What it has bounds the call in a form that takes no further value.
  if (stuck) return refuse(conflictOf(stuck, byTool.get(stuck.tool)));
  const added = wanted.filter((grant) => !coversGrant(widened, grant));
  return ok({ grants: [...widened, ...distinct(added)], wanted });
}

/** What a denied call needs says nothing of constraints where its tool has no sink. */
function unite(
  tool: string,
  held: ArgumentConstraints | undefined,
  needed: ArgumentConstraints | undefined,
): Result<ArgumentConstraints | undefined, GrantConflict> {
  if (held === undefined || needed === undefined) return ok(held);
  const united = uniteConstraints(held, needed);
  if (united.ok) return united;
  return refuse({ code: 'constraints_conflict', tool, pointer: united.error.pointer });
}

/** The first argument that is bounded otherwise than the call needs. */
function conflictOf(
  { tool, constraints }: Grant,
  held: ArgumentConstraints | undefined,
): GrantConflict {
  const pointer = Object.entries(constraints?.constraints ?? {}).find(([at, needed]) => {
    const own = held?.constraints[at];
    return own && textOf(own) !== textOf(needed);
  });
  return { code: 'constraints_conflict', tool, pointer: pointer?.[0] ?? '' };
}

const textOf = (constraint: Constraint): string => canonicalJson(constraint as unknown as Json);

const bounded = (
  { constraints: _, ...grant }: Grant,
  constraints: ArgumentConstraints | undefined,
): Grant => ({ ...grant, ...(constraints && { constraints }) });

const isUnchanged = (
  held: readonly Grant[],
  tool: string,
  constraints: ArgumentConstraints | undefined,
): boolean =>
  held.some((grant) => grant.tool === tool) &&
  held.every(
    (grant) =>
      grant.tool !== tool || constraintsText(grant.constraints) === constraintsText(constraints),
  );

const distinct = (grants: readonly Grant[]): readonly Grant[] =>
  grants.filter((grant, index) => !coversGrant(grants.slice(0, index), grant));
