import type { UnixSeconds } from '../clock.ts';
import type { Permission } from './permissions.ts';
import { ROLES, type Role, rolesWith } from './roles.ts';

/** To which owners and tools a permission is limited. An absent member limits nothing. */
export interface Limits {
  readonly owners?: readonly string[];
  /** Names of tools; one that ends in `/*` stands for all below it. */
  readonly tools?: readonly string[];
}

/** The claims of a person that rules may read: texts by the name of the claim. */
export type OperatorClaims = Readonly<Record<string, readonly string[]>>;

export interface RoleGrant extends Limits {
  readonly role: Role;
}

/** One permission of an operator capability. */
export interface PermissionGrant extends Limits {
  readonly permission: Permission;
}

/** From where an order came. */
export type OperatorSource = 'console' | 'cli' | 'api';

/** An operator capability that a request came with: for records, and what its blocks allow. */
export interface PresentedCapability {
  readonly id: string;
  /** The revocation ids of its blocks, authority block first. */
  readonly blocks: readonly string[];
  /** Through whose keys it went, in order. It is empty if its first holder has it. */
  readonly hops: readonly CapabilityHop[];
  /**
   * Returns whether its blocks, and the person who made it, allow an order today. Without `about`,
   * whether they allow the permission for anything at all.
   */
  readonly allows: (permission: Permission, about: About | undefined) => boolean;
}

/** One hand-over of a capability, as `Hop` of hewn/capability. */
export interface CapabilityHop {
  readonly by: string;
  readonly to: string;
  readonly name?: string;
}

/** The sender of a request to the admin API. */
export interface Operator {
  /**
   * As records have it: `corp#alice` for a person of the provider `corp`, `operator` for the
   * operator credential, `auditor` for that of the auditor. A capability has the name of the
   * operator who minted it.
   */
  readonly name: string;
  readonly kind: 'session' | 'access' | 'capability' | 'credential';
  readonly roles: readonly RoleGrant[];
  /**
   * What an operator capability was minted for. Its blocks may narrow it further, so this only says
   * what it does not allow.
   */
  readonly grants?: readonly PermissionGrant[];
  /** Set if the request came with an operator capability. */
  readonly capability?: PresentedCapability;
  readonly source: OperatorSource;
  /**
   * What the provider said about a person who is signed in. An operator without it is a credential
   * or a capability, and can be no second person.
   */
  readonly person?: { readonly provider: string; readonly claims: OperatorClaims };
  /** When the session or the capability ends. */
  readonly endsAt?: UnixSeconds;
}

/**
 * What an order is about. An absent member means that the order is not about one owner or one tool,
 * so that a limited role does not allow it.
 */
export interface About {
  readonly owner?: string;
  readonly tool?: string;
}

/** Why an order is refused: the roles that would allow it. */
export interface RoleNeeded {
  readonly needs: readonly Role[];
}

/**
 * Returns whether an operator has a permission, for what an order is about. Without `about`, the
 * answer is whether the operator has it for anything at all.
 */
export function may(operator: Operator, permission: Permission, about?: About): true | RoleNeeded {
  const isGranted = limitsOf(operator, permission).some(
    (limits) => about === undefined || covers(limits, about),
  );
  const isAllowed = isGranted && (operator.capability?.allows(permission, about) ?? true);
  return isAllowed ? true : { needs: rolesWith(permission) };
}

/**
 * Returns whether an operator may pass a permission on. The permission and `delegate` must each
 * cover all of it, and a capability passes nothing on this way: it is narrowed and handed on.
 */
export function mayDelegate(operator: Operator, grant: PermissionGrant): true | RoleNeeded {
  const isAllowed =
    operator.capability === undefined &&
    grant.permission !== 'delegate' &&
    [grant.permission, 'delegate' as const].every((permission) =>
      limitsOf(operator, permission).some((limits) => coversLimits(limits, grant)),
    );
  return isAllowed ? true : { needs: rolesWith(grant.permission) };
}

const coversLimits = (limits: Limits, { owners, tools }: Limits): boolean =>
  (limits.owners === undefined ||
    (owners?.every((one) => limits.owners?.includes(one)) ?? false)) &&
  (limits.tools === undefined ||
    (tools?.every((one) => limits.tools?.some((each) => isTool(each, one))) ?? false));

/** Returns the limits under which an operator has a permission: none if it is not held. */
export function limitsOf(operator: Operator, permission: Permission): readonly Limits[] {
  const byRole = operator.roles.filter(({ role }) =>
    ROLES[role].permissions.some((each) => each === permission),
  );
  const byGrant = (operator.grants ?? []).filter((grant) => grant.permission === permission);
  return [...byRole, ...byGrant].map(({ owners, tools }) => ({
    ...(owners && { owners }),
    ...(tools && { tools }),
  }));
}

const covers = ({ owners, tools }: Limits, { owner, tool }: About): boolean =>
  (owners === undefined || (owner !== undefined && owners.includes(owner))) &&
  (tools === undefined || (tool !== undefined && tools.some((each) => isTool(each, tool))));

/** `mcp/files/*` stands for every tool below it. */
const isTool = (pattern: string, tool: string): boolean =>
  pattern.endsWith('/*') ? tool.startsWith(pattern.slice(0, -1)) : pattern === tool;

/** What an operator may do at all, for a page that has to know which buttons to offer. */
export type Powers = Readonly<Partial<Record<Permission, true | Limits>>>;

/**
 * Returns what an operator may do. Limits of several roles are joined, so a page may offer a little
 * more than a route allows, and never less.
 */
export function powersOf(operator: Operator, permissions: readonly Permission[]): Powers {
  const entries = permissions.flatMap((permission) => {
    const limits = limitsOf(operator, permission);
    return may(operator, permission) !== true ? [] : [[permission, joined(limits)] as const];
  });
  return Object.fromEntries(entries);
}

function joined(limits: readonly Limits[]): true | Limits {
  const union = (names: readonly (readonly string[] | undefined)[]) =>
    names.includes(undefined) ? undefined : [...new Set(names.flatMap((each) => each ?? []))];
  const owners = union(limits.map((each) => each.owners));
  const tools = union(limits.map((each) => each.tools));
  if (!owners && !tools) return true;
  return { ...(owners && { owners }), ...(tools && { tools }) };
}
