/** AuthZEN 1.0: a policy decision point over a verifier, for enforcement points of any maker. */
export type { AuthzenCaller, AuthzenRight, IdentifyCaller } from './callers.ts';
export type { AuthzenDecision } from './decide.ts';
export type { AuthzenEntity } from './entities.ts';
export type {
  AuthzenAction,
  AuthzenMapping,
  AuthzenResource,
  AuthzenSubject,
} from './mapping.ts';
export { type CapabilityOf, createPdp, type Pdp, type PdpOptions } from './pdp.ts';
export type { CandidatePage, CandidateQuery, CandidatesOf } from './search.ts';
