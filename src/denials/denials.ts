import type { DenialEntry } from './entry.ts';
import { GATEWAY_DENIALS, type GatewayDenialCode } from './gateway-denials.ts';
import { VERIFIER_DENIALS, type VerifierDenialCode } from './verifier-denials.ts';

/** Every stable code with which a verifier or the gateway denies a call. */
export type DenialCode = VerifierDenialCode | GatewayDenialCode;

export const DENIALS: Readonly<Record<DenialCode, DenialEntry>> = {
  ...VERIFIER_DENIALS,
  ...GATEWAY_DENIALS,
};

/** The codes that the deviation rules count in this way. */
export const codesCountedAs = (deviation: DenialEntry['deviation']): readonly DenialCode[] =>
  (Object.keys(DENIALS) as DenialCode[]).filter((code) => DENIALS[code].deviation === deviation);

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
