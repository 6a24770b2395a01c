/**
 * The codes of denials and failures, and everything that follows from a code alone: status,
 * message, advice.
 */
export {
  codesCountedAs,
  DENIALS,
  type DenialCode,
} from './denials.ts';
export type { DenialAdvice, DenialEntry, DenialError } from './entry.ts';
export { GATEWAY_ADVICE } from './gateway-advice.ts';
export {
  GATEWAY_DENIALS,
  type GatewayDenialCode,
  type GatewayDenialEntry,
} from './gateway-denials.ts';
export { isOperatorStop } from './operator-stops.ts';
export { isOneOfCodes, STEP_UP_CODES } from './step-up-codes.ts';
export { UPSTREAM_FAILURES, type UpstreamFailureCode } from './upstream-failures.ts';
export { VERIFIER_ADVICE } from './verifier-advice.ts';
export { VERIFIER_DENIALS, type VerifierDenialCode } from './verifier-denials.ts';
