import { errors } from 'jose';
import type { IdentityError } from './identity.ts';
import { KeysUnavailable } from './keys.ts';

/** What jose throws, as a reason. Its messages may quote a claim, so none is passed on. */
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
  // No key, several keys, or one that cannot be used: too short, of another curve, not a key at
  // all. WebCrypto and jose say the last with TypeError and DOMException, and the key set is a
  // stranger's.
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
