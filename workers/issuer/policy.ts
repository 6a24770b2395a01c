import { type Policy, PolicyInForce } from '../../src/policy/index.ts';
import { POLICY_FILES } from './policy-files.ts';

const inForce = new PolicyInForce((failure) =>
  console.error({ event: 'policy.unavailable', ...failure }),
);

/**
 * The deployed policy: its files are part of the bundle. Undefined, and loudly so each time, where
 * they do not load: without a policy nothing is minted.
 */
export function issuerPolicy(): Policy | undefined {
  if (inForce.policy === undefined) inForce.offer(POLICY_FILES);
  return inForce.policy;
}
