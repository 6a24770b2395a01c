import { anything, type Members, optional, optionsFault } from '../options.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type Call, datasetsOf } from './call.ts';
import {
  type ArgumentConstraints,
  type ConstraintError,
  constraintsText,
  parseArgumentConstraints,
} from './constraints/index.ts';
import { isGrantCount } from './grant-reads.ts';
import { type Action, checkDataset, checkTool, covers, isAction, type NameError } from './names.ts';

/**
 * What the policy allows a workflow: one tool, one action, and one dataset with everything below
 * it.
 */
export interface Grant {
  readonly tool: string;
  readonly action: Action;
  readonly dataset: string;
  /**
   * What the arguments may be; anything if absent. They become checks of the token, and are not
   * read back from it.
   */
  readonly constraints?: ArgumentConstraints;
}

/** A new member must also be written into the token (write-authority.ts). */
const MEMBERS: Members<Grant> = {
  tool: anything,
  action: anything,
  dataset: anything,
  constraints: optional(anything),
};

/** Why grants are refused. There are 1 to 32 of them, where reads of one dataset count as one. */
export type GrantError = NameError | { readonly code: 'grants_count'; readonly count: number };

/** Why the constraints of grants are refused. */
export type GrantConstraintError =
  | ConstraintError
  /** Two grants of the tool have different constraints. */
  | { readonly code: 'constraints_conflict'; readonly tool: string };

/** Checks the names of a grant. Its constraints are parsed separately (`constraintsByTool`). */
export function checkGrant(
  grant: Omit<Grant, 'action'> & { readonly action: string },
): Result<Grant, NameError> {
  const fault = optionsFault(grant, 'grant', MEMBERS);
  if (fault !== undefined) return refuse({ code: 'name_invalid', kind: 'grant', why: fault });
  const tool = checkTool(grant.tool);
  if (!tool.ok) return tool;
  if (!isAction(grant.action)) {
    return refuse({
      code: 'name_invalid',
      kind: 'action',
      why: 'not one of read, write, delete and execute',
    });
  }
  const dataset = checkDataset(grant.dataset);
  if (!dataset.ok) return dataset;
  return ok({ tool: tool.value, action: grant.action, dataset: dataset.value });
}

/**
 * Checks the number of grants and their names. The constraints are not parsed.
 *
 * @example
 * ```ts
 * import { checkGrants } from 'hewn/capability';
 *
 * const checked = checkGrants([
 *   { tool: 'crm.search', action: 'read', dataset: 'crm/contacts' },
 * ]);
 * if (!checked.ok) throw new Error(checked.error.code);
 * ```
 */
export function checkGrants(grants: readonly Grant[]): Result<readonly Grant[], GrantError> {
  if (!isGrantCount(grants)) {
    return refuse({ code: 'grants_count', count: grants.length });
  }
  for (const grant of grants) {
    const checked = checkGrant(grant);
    if (!checked.ok) return checked;
  }
  return ok(grants);
}

/**
 * Returns the constraints of each tool that has any.
 *
 * Checks name the tool and not the grant, so all grants of a tool must have the same constraints.
 * Two different sets would allow only what meets both, and a grant without constraints would
 * silently be held to those of another.
 */
export function constraintsByTool(
  grants: readonly Grant[],
): Result<ReadonlyMap<string, ArgumentConstraints>, GrantConstraintError> {
  const byTool = new Map<string, ArgumentConstraints>();
  const texts = new Map<string, string>();
  for (const { tool, constraints } of grants) {
    const parsed = constraints === undefined ? undefined : parseArgumentConstraints(constraints);
    if (parsed && !parsed.ok) return parsed;
    const text = constraintsText(parsed?.value);
    if ((texts.get(tool) ?? text) !== text) return refuse({ code: 'constraints_conflict', tool });
    texts.set(tool, text);
    if (parsed) byTool.set(tool, parsed.value);
  }
  return ok(byTool);
}

/**
 * Returns the first dataset of the call that no grant covers, or undefined if all are covered.
 *
 * This is decided in code, for each dataset, from facts of the authority block only. As a Datalog
 * join, `check all dataset($d), covered($d)` would pass a call whose uncovered dataset has no row.
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

/**
 * Returns the datasets that the grants of one tool and action name: each with everything below it.
 */
export const grantedDatasets = (
  grants: readonly Grant[],
  { tool, action }: Pick<Call, 'tool' | 'action'>,
): readonly string[] =>
  grants
    .filter((grant) => grant.tool === tool && grant.action === action)
    .map(({ dataset }) => dataset);
