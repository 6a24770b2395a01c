import {
  type Action,
  type ArgumentConstraints,
  encodeDatasetSegment,
  type Grant,
  type NameError,
  type ValueConstraint,
} from '../capability/index.ts';
import { isReading, type Permission, type PermissionGrant } from '../operators/index.ts';
import { ok, type Result, refuse } from '../result.ts';

/** The longest life of an operator capability: a shift and its hand-over, not a standing key. */
export const OPERATOR_CAPABILITY_SECONDS_MAX = 12 * 3_600;

/** The owners or tools of one grant. Half a token must hold all of them. */
export const LIMITS_PER_GRANT_MAX = 16;

/** `anyOf` has at most four kinds: one lists the exact names, so three are left for patterns. */
const TOOL_PATTERNS_PER_GRANT_MAX = 3;

/** Everything that is some owner's, and everything that is no owner's alone. */
const EVERYTHING = 'owners';

/** The part of the issuer that accepts operator capabilities. No gateway has this audience. */
export const adminAudience = (issuer: string): string => `${issuer}/admin`;

/** The tool that stands for a permission. */
export const permissionTool = (permission: Permission): string => `hewn/admin/${permission}`;

export const permissionAction = (permission: Permission): Action =>
  isReading(permission) ? 'read' : 'execute';

/** The dataset that stands for an owner, or without one for everything. */
export const ownerDataset = (owner?: string): Result<string, NameError> =>
  owner === undefined ? ok(EVERYTHING) : encodeDatasetSegment(EVERYTHING, owner);

/** Why the grants of an operator are not written: a name has no spelling, or there are too many. */
export type PermissionGrantError =
  | { readonly code: 'owner_unfit'; readonly owner: string }
  | { readonly code: 'limits_count' }
  | { readonly code: 'permission_twice'; readonly permission: Permission };

/**
 * Returns the grants of a token for the permissions of an operator. A limit to tools becomes a
 * constraint on the argument `tool`, so that an order which is about no tool is outside of it.
 */
export function grantsOf(
  grants: readonly PermissionGrant[],
): Result<readonly Grant[], PermissionGrantError> {
  const written: Grant[] = [];
  const seen = new Set<Permission>();
  for (const { permission, owners, tools } of grants) {
    // Two grants of a permission would allow the owners of one with the tools of the other.
    if (seen.has(permission)) return refuse({ code: 'permission_twice', permission });
    seen.add(permission);
    const constraints = tools && toolConstraints(tools);
    if (!isBounded(owners) || (tools && !constraints)) return refuse({ code: 'limits_count' });
    for (const owner of owners ?? [undefined]) {
      const dataset = ownerDataset(owner);
      if (!dataset.ok) return refuse({ code: 'owner_unfit', owner: owner ?? '' });
      written.push({
        tool: permissionTool(permission),
        action: permissionAction(permission),
        dataset: dataset.value,
        ...(constraints && { constraints }),
      });
    }
  }
  return ok(written);
}

const isBounded = (names: readonly string[] | undefined): boolean =>
  names === undefined || (names.length > 0 && names.length <= LIMITS_PER_GRANT_MAX);

/** Undefined for more names than a token has room for. */
function toolConstraints(tools: readonly string[]): ArgumentConstraints | undefined {
  const patterns = tools.filter((tool) => tool.endsWith('/*'));
  const exact = tools.filter((tool) => !tool.endsWith('/*'));
  if (!isBounded(tools) || patterns.length > TOOL_PATTERNS_PER_GRANT_MAX) return undefined;
  const kinds: ValueConstraint[] = [
    ...(exact.length > 0 ? [{ oneOf: exact }] : []),
    ...patterns.map((pattern) => ({ glob: `${pattern.slice(0, -1)}**` })),
  ];
  const [only] = kinds;
  const constraint = kinds.length === 1 && only ? only : ({ anyOf: kinds } as ValueConstraint);
  return { arguments: ['tool'], constraints: { '/tool': constraint } };
}
