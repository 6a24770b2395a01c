/** Policy as code, evaluated at every mint: facts in, granted grants or reasons for refusal out. */
export { checkVersion, type VersionFault } from './check-version.ts';
export type { Claims } from './claims.ts';
export { PolicyInForce, type PolicyLoadFailure } from './in-force.ts';
export { findPolicyFaults, type LoadOptions, loadPolicy } from './load.ts';
export { datasetFault, issuerFault, type KnownNames, toolFault } from './names.ts';
export type {
  ConditionExplanation,
  GrantExplanation,
  GrantedGrant,
  NearRule,
  OpenSink,
  Policy,
  PolicyDecision,
  PolicyError,
  PolicyFile,
  PolicyInput,
  PolicyRule,
  PolicyWarning,
  Principal,
  RefusalReason,
  RefusedGrant,
  RuleAt,
} from './policy.ts';
