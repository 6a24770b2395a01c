/**
 * Policy as code, evaluated at every mint: facts in; permitted grants or the reasons against out.
 */
export type { Claims } from './claims.ts';
export { PolicyInForce } from './in-force.ts';
export { loadPolicy } from './load.ts';
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
  Principal,
  RefusalReason,
  RefusedGrant,
  RuleAt,
} from './policy.ts';
