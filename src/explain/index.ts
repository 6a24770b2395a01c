/**
 * Why a call was denied, for a person: the checks in order, whose rule, what would have been
 * allowed and the change that would allow it. Pure functions of the denial and of the version that
 * decided; the policy itself is asked. For the issuer and for `hewn token why`.
 */
export { explainDenial } from './explain.ts';
export type { DeniedCall, ExplainedVersion, Explanation, Known } from './explanation.ts';
