/** Policy as code, evaluated at every mint: facts in, granted grants or reasons for refusal out. */
export type { Claims } from './claims.ts';
export { PolicyInForce } from './in-force.ts';
export { likely } from './likely.ts';
export { findPolicyFaults, type LoadOptions, loadPolicy } from './load.ts';
export { datasetFault, issuerFault, type KnownNames, toolFault } from './names.ts';
export type {
  GrantExplanation,
  NearRule,
  OpenSink,
  Policy,
  PolicyDecision,
  PolicyError,
  PolicyFile,
  PolicyInput,
  Principal,
  RefusalReason,
} from './policy.ts';
