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
