import type { ConditionExplanation, NearRule, Policy, PolicyInput } from '../policy/index.ts';
import { type Names, principalOf } from './principal.ts';
import type { RecordedRequest } from './recorded-request.ts';

/**
 * Returns what a policy decides a recorded request by. Records have no claims of identities, so the
 * input has none. Undefined if an issuer that the record names is not configured any more.
 */
export function inputOf(
  { agent, user, task, audience, stepUp, at, outcomes }: RecordedRequest,
  names: Names,
): PolicyInput | undefined {
  const workload = principalOf(agent, names);
  const person = user === undefined ? undefined : principalOf(user, names);
  if (!workload || (user !== undefined && !person) || outcomes.length === 0) return undefined;
  return {
    workload,
    ...(person && { user: person }),
    task,
    audience,
    now: new Date(at),
    ...(stepUp && { stepUp }),
    requests: outcomes.map(({ grant }) => grant),
  };
}

/** A condition that reads a claim. */
const READS_CLAIM = /\b(?:workload|user)_claim\(/;

/**
 * Returns whether a refusal could be due to the claims that records lack: the nearest rule has a
 * condition on a claim that does not hold.
 */
export const lacksClaims = (near: NearRule | undefined): boolean =>
  near?.conditions.some((one) => one.outcome !== 'matched' && readsClaim(one)) === true;

const readsClaim = ({ text, statedBy = [] }: ConditionExplanation): boolean =>
  READS_CLAIM.test(text) || statedBy.some(({ conditions }) => conditions.some(readsClaim));

/** Returns the same for one of the grants that a request is about. */
export function dependsOnClaims(policy: Policy, input: PolicyInput, index: number): boolean {
  const { decided, nearest = [] } = policy.explain(input)[index] ?? {};
  return decided?.granted === false && nearest.some(lacksClaims);
}
