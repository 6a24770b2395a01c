import { coversGrant, type Grant, mergeGrants } from '../capability/index.ts';
import { type Result, refuse } from '../result.ts';
import type { Capability, ObtainError } from './capability.ts';
import { obtainCapability } from './obtain.ts';
import { grantsFault, type ObtainOptions, obtainFault } from './obtain-options.ts';

/** Why there is no wider capability. The current one stays valid. */
export type StepUpError =
  | ObtainError
  /** The policy does not allow everything that was requested. */
  | { readonly code: 'not_granted' }
  /**
   * The capability limits the argument in a form that no value can be added to, such as a pattern.
   * All grants of a tool share their constraints, so nothing was requested.
   */
  | { readonly code: 'constraints_conflict'; readonly tool: string; readonly pointer: string };

export const ANOTHER_WORKFLOW = 'The capability belongs to another workflow.';

/**
 * Requests a capability of the same workflow that has `needed` in addition to the grants of
 * `current`. The policy decides, as for any other mint. Never throws.
 *
 * @example
 * ```ts
 * import { stepUp } from 'hewn/agent';
 *
 * const needed = [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts' }] as const;
 * const options = { issuer, audience, subjectToken, actorToken, task: 'report', fetch };
 * const wider = await stepUp(capability, needed, { ...options, grants: capability.grants });
 * if (!wider.ok) console.error(wider.error.code);
 * ```
 */
export async function stepUp(
  current: Capability,
  needed: readonly Grant[],
  options: ObtainOptions,
): Promise<Result<Capability, StepUpError>> {
  const why = obtainFault(options, 'stepUp') ?? grantsFault(needed, 'stepUp: needed');
  if (why !== undefined) return refuse({ code: 'options_invalid', why });
  const { workflow, task } = current;
  const wider = mergeGrants(current.grants, needed);
  if (!wider.ok) return wider;
  const { grants, wanted } = wider.value;
  const widened = await obtainCapability({ ...options, workflow, task, grants, stepUp: true });
  if (!widened.ok) return widened;
  if (widened.value.workflow !== workflow) {
    return refuse({ code: 'malformed_answer', url: options.issuer, why: ANOTHER_WORKFLOW });
  }
  const isGranted = wanted.every((grant) => isGiven(widened.value.grants, grant));
  return isGranted ? widened : refuse({ code: 'not_granted' });
}

/** Whether a grant was given as requested, or with further constraints that the policy requires. */
const isGiven = (given: readonly Grant[], wanted: Grant): boolean =>
  coversGrant(given, wanted) ||
  given.some((grant) => grant.dataset === wanted.dataset && coversGrant([wanted], grant));
