import type { DenialCode } from './denials.ts';
import type { VerifierDenialCode } from './verifier-denials.ts';

/**
 * The codes that a wider capability of the same workflow can resolve. The denial then names the
 * grants to request.
 */
export const STEP_UP_CODES = [
  'no_grant',
  'constraint_failed',
] as const satisfies readonly VerifierDenialCode[];

/**
 * Whether `code` is one of `codes`. Use it for a code from outside: a stored record, or the answer
 * of another release, may carry one that this release does not know.
 */
export const isOneOfCodes = <Code extends DenialCode>(
  codes: readonly Code[],
  code: string | undefined,
): code is Code => (codes as readonly (string | undefined)[]).includes(code);
