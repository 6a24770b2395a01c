import { errors } from 'jose';
import type { IdentityError } from './identity.ts';
import { KeysUnavailable } from './keys.ts';

/** Maps an error of jose to a refusal. Its messages can quote a claim, so they are dropped. */
export function toIdentityError(error: unknown, issuerName: string): IdentityError {
  if (error instanceof KeysUnavailable) {
    return { code: 'keys_unavailable', why: error.why, issuerName };
  }
  if (error instanceof errors.JWTExpired) return { code: 'expired', issuerName };
  if (error instanceof errors.JWTClaimValidationFailed) return claimError(error, issuerName);
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return { code: 'signature_invalid', issuerName };
  }
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) {
    return { code: 'jwt_malformed' };
  }
  // No key, several keys, or one that cannot be used: too short, on another curve, or not a key.
  // WebCrypto and jose report these as TypeError or DOMException. The key set comes from an
  // external party, so none of these is a bug of ours.
  const unusable = [errors.JOSEError, TypeError, DOMException].some(
    (type) => error instanceof type,
  );
  if (unusable) return { code: 'key_unknown', issuerName };
  throw error;
}

function claimError(error: errors.JWTClaimValidationFailed, issuerName: string): IdentityError {
  const { claim, reason } = error;
  const present = reason === 'check_failed';
  if (claim === 'aud') return { code: 'audience_mismatch', issuerName };
  if (claim === 'nbf' && present) return { code: 'not_yet_valid', issuerName };
  const why = reason === 'missing' ? 'missing' : 'not of its type';
  return { code: 'claims_invalid', claim, why, issuerName };
}
