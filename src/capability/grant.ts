import { GRANTS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type Action, checkDataset, checkTool, covers, isAction, type NameError } from './names.ts';

/**
 * What the policy allowed to a workflow: one tool, one action, one dataset and all that lies below
 * it.
 */
export interface Grant {
  readonly tool: string;
  readonly action: Action;
  readonly dataset: string;
}

export type GrantError = NameError | { readonly code: 'grants_count'; readonly count: number };

export function checkGrant(grant: {
  readonly tool: string;
  readonly action: string;
  readonly dataset: string;
}): Result<Grant, NameError> {
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
 * The first dataset of the call that no grant covers, or undefined where every one is covered.
 *
 * Decided once per dataset, in code and over authority facts alone: as a Datalog join,
 * `check all dataset($d), covered($d)` would pass a call whose uncovered dataset has no row.
 */
export const uncoveredDataset = (
  grants: readonly Grant[],
  call: { readonly tool: string; readonly action: Action; readonly datasets: readonly string[] },
): string | undefined =>
  call.datasets.find(
    (dataset) =>
      !grants.some(
        (grant) =>
          grant.tool === call.tool &&
          grant.action === call.action &&
          covers(grant.dataset, dataset),
      ),
  );
