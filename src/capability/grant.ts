import { GRANTS_MAX } from '../limits.ts';
import { anything, type Members, optional, optionsFault } from '../options.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type Call, datasetsOf } from './call.ts';
import {
  type ArgumentConstraints,
  type ConstraintError,
  constraintsText,
  parseArgumentConstraints,
} from './constraints/index.ts';
import { type Action, checkDataset, checkTool, covers, isAction, type NameError } from './names.ts';

/**
 * What the policy allowed to a workflow: one tool, one action, one dataset and all that lies below
 * it.
 */
export interface Grant {
  readonly tool: string;
  readonly action: Action;
  readonly dataset: string;
  /** What its arguments may be; without it, anything. Written as checks, and not read back. */
  readonly constraints?: ArgumentConstraints;
}

/** A member that is new here has to be written into the token (authority.ts), too. */
const MEMBERS: Members<Grant> = {
  tool: anything,
  action: anything,
  dataset: anything,
  constraints: optional(anything),
};

export type GrantError = NameError | { readonly code: 'grants_count'; readonly count: number };

export type GrantConstraintError =
  | ConstraintError
  /** Two grants of the tool do not say the same of its arguments. */
  | { readonly code: 'constraints_conflict'; readonly tool: string };

/** The names of a grant; its constraints are read by themselves (`constraintsByTool`). */
export function checkGrant(
  grant: Omit<Grant, 'action'> & { readonly action: string },
): Result<Grant, NameError> {
  const fault = optionsFault(grant, 'grant', MEMBERS);
  if (fault !== undefined) return refuse({ code: 'name_invalid', kind: 'grant', why: fault });
  const tool = checkTool(grant.tool);
  if (!tool.ok) return tool;
  if (!isAction(grant.action)) {
    return refuse({ code: 'name_invalid', kind: 'action', why: 'not one of the four actions' });
  }
  const dataset = checkDataset(grant.dataset);
  if (!dataset.ok) return dataset;
  return ok({ tool: tool.value, action: grant.action, dataset: dataset.value });
}

export function checkGrants(grants: readonly Grant[]): Result<readonly Grant[], GrantError> {
  if (grants.length === 0 || grants.length > GRANTS_MAX) {
    return refuse({ code: 'grants_count', count: grants.length });
  }
  for (const grant of grants) {
    const checked = checkGrant(grant);
    if (!checked.ok) return checked;
  }
  return ok(grants);
}

/**
 * The constraints of each tool that has any. The checks name the tool and not the grant, so every
 * grant of a tool must carry the same ones: two different ones would allow only what meets both,
 * and a grant without any would silently be held to another's.
 */
export function constraintsByTool(
  grants: readonly Grant[],
): Result<ReadonlyMap<string, ArgumentConstraints>, GrantConstraintError> {
  const byTool = new Map<string, ArgumentConstraints>();
  const written = new Map<string, string>();
  for (const { tool, constraints } of grants) {
    const parsed = constraints === undefined ? undefined : parseArgumentConstraints(constraints);
    if (parsed && !parsed.ok) return parsed;
    const text = constraintsText(parsed?.value);
    if ((written.get(tool) ?? text) !== text) return refuse({ code: 'constraints_conflict', tool });
    written.set(tool, text);
    if (parsed) byTool.set(tool, parsed.value);
  }
  return ok(byTool);
}

/**
 * The first dataset of the call that no grant covers, or undefined where every one is covered.
 *
 * Decided once per dataset, in code and over authority facts alone: as a Datalog join,
 * `check all dataset($d), covered($d)` would pass a call whose uncovered dataset has no row.
 */
export const uncoveredDataset = (
  grants: readonly Grant[],
  call: Pick<Call, 'tool' | 'action' | 'dataset'>,
): string | undefined =>
  datasetsOf(call).find(
    (dataset) =>
      !grants.some(
        (grant) =>
          grant.tool === call.tool &&
          grant.action === call.action &&
          covers(grant.dataset, dataset),
      ),
  );
