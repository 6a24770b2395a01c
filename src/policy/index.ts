/**
 * Policy as code, evaluated at every mint: facts in; permitted grants or the reasons against out.
 */
export { loadPolicy } from './load.ts';
export type {
  GrantedGrant,
  Policy,
  PolicyDecision,
  PolicyError,
  PolicyFile,
  PolicyInput,
  Principal,
  RefusalReason,
  RefusedGrant,
} from './policy.ts';
