import {
  argumentNodes,
  callFacts,
  REQUEST_FACTS,
  uncoveredDataset,
  type VerifiedCapability,
} from '../capability/index.ts';
import type { UnixMilliseconds } from '../clock.ts';
import type { About, Permission } from '../operators/index.ts';
import { ownerDataset, permissionAction, permissionTool } from './vocabulary.ts';

/** An order, as the checks of a capability see it. */
export interface Order {
  readonly permission: Permission;
  /** Without it, the answer is whether the capability allows the permission for anything at all. */
  readonly about?: About | undefined;
  readonly now: UnixMilliseconds;
}

/**
 * Returns whether every block of an operator capability allows an order. Its signatures, its
 * audience, its holder and its revocation were checked before.
 */
export function allowsOrder(token: VerifiedCapability, { permission, about, now }: Order): boolean {
  const { authority, holder } = token;
  const call = { tool: permissionTool(permission), action: permissionAction(permission) };
  const known = { ...call, ...(holder !== undefined && { holder }) };
  if (about === undefined) return mayAllow(token, known, now);
  const dataset = ownerDataset(about.owner);
  const nodes = argumentNodes(about.tool === undefined ? {} : { tool: about.tool });
  // An owner or a tool whose name has no spelling is no limit of any capability.
  if (!dataset.ok || !nodes.ok) return false;
  const whole = { ...known, dataset: [dataset.value], nodes: nodes.value };
  const failed = token.failedChecks(callFacts(new Date(now), authority.audience, whole));
  return (
    failed.ok &&
    failed.value.length === 0 &&
    uncoveredDataset(authority.grants, { ...call, dataset: dataset.value }) === undefined
  );
}

/** A check that also reads what an order is about is undecided until that is known. */
function mayAllow(
  token: VerifiedCapability,
  known: { readonly tool: string; readonly action: ReturnType<typeof permissionAction> },
  now: UnixMilliseconds,
): boolean {
  const { grants, audience } = token.authority;
  if (!grants.some(({ tool, action }) => tool === known.tool && action === known.action)) {
    return false;
  }
  const failed = token.failedChecks(callFacts(new Date(now), audience, known));
  const decided = [...REQUEST_FACTS, 'tool', 'action'];
  return (
    failed.ok && failed.value.every(({ facts }) => facts.some((fact) => !decided.includes(fact)))
  );
}
