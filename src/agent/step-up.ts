import * as v from 'valibot';
import {
  argumentConstraintsSchema,
  checkGrants,
  coversGrant,
  type Grant,
  isAction,
} from '../capability/index.ts';
import { type Result, refuse } from '../result.ts';
import type { Capability, ObtainError } from './capability.ts';
import { mergeGrants } from './merge-grants.ts';
import { obtainCapability } from './obtain.ts';
import { grantsFault, type ObtainOptions, obtainFault } from './obtain-options.ts';

const CHALLENGE_BYTES_MAX = 64 * 1024; // 16 grants of the longest names, twice over.

const details = v.pipe(
  v.array(
    v.object({
      type: v.literal('hewn_task'),
      grants: v.array(
        v.strictObject({
          tool: v.string(),
          action: v.custom<Grant['action']>(isAction),
          dataset: v.string(),
          constraints: v.exactOptional(argumentConstraintsSchema),
        }),
      ),
    }),
  ),
  v.length(1),
);
const challenge = v.union([
  v.pipe(
    v.object({ error: v.object({ data: v.object({ authorization_details: details }) }) }),
    v.transform(({ error }) => error.data.authorization_details),
  ),
  v.pipe(
    v.object({ authorization_details: details }),
    v.transform(({ authorization_details }) => authorization_details),
  ),
]);

/**
 * The grants that a denied call needs, from the body of a verifier's 403; the MCP SDK hands it on
 * as `error.data.text`. Undefined where the body is no challenge.
 */
export function neededGrants(body: string): readonly Grant[] | undefined {
  if (body.length > CHALLENGE_BYTES_MAX) return undefined;
  try {
    const parsed = v.safeParse(challenge, JSON.parse(body));
    const grants = parsed.success ? parsed.output[0]?.grants : undefined;
    return grants && checkGrants(grants).ok ? grants : undefined;
  } catch {
    return undefined;
  }
}

export type StepUpError =
  | ObtainError
  /** The policy does not allow all that was asked for; the capability at hand stays good. */
  | { readonly code: 'not_granted' }
  /**
   * The capability bounds the argument in a form that no value can be added to, such as a pattern.
   * All grants of a tool have the same constraints, so nothing was asked for.
   */
  | { readonly code: 'constraints_conflict'; readonly tool: string; readonly pointer: string };

export const ANOTHER_WORKFLOW = 'It is a capability of another workflow.';

/**
 * Asks the issuer for a capability of the same workflow that has `needed` besides what `held` has.
 * The policy decides, as for any other mint.
 */
export async function stepUp(
  held: Capability,
  needed: readonly Grant[],
  options: ObtainOptions,
): Promise<Result<Capability, StepUpError>> {
  const why = obtainFault(options, 'stepUp') ?? grantsFault(needed, 'stepUp: needed');
  if (why !== undefined) return refuse({ code: 'options_invalid', why });
  const { workflow, task } = held;
  const wider = mergeGrants(held.grants, needed);
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

/** As it was asked for, or with constraints that the policy requires besides. */
const isGiven = (given: readonly Grant[], wanted: Grant): boolean =>
  coversGrant(given, wanted) ||
  given.some((grant) => grant.dataset === wanted.dataset && coversGrant([wanted], grant));
