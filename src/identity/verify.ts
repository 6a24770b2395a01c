import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { JsonObject } from '../canonical-json.ts';
import { CLOCK_SKEW_SECONDS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { readClaims } from './claims.ts';
import type { Identity, IdentityError } from './identity.ts';
import type { IdentityIssuer } from './issuers.ts';
import { type Fetch, KeysUnavailable, remoteKeys } from './keys.ts';
import { readUnverified, type UnverifiedJwt } from './unverified.ts';

export interface IdentityOptions {
  /** How keys are fetched; the platform's `fetch` by default. */
  readonly fetch?: Fetch;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface IdentityVerifier {
  /** Who the JWT speaks for. Says nothing of what they may do, nor whether it was used before. */
  verify(jwt: string): Promise<Result<Identity, IdentityError>>;
}

/**
 * `typ` is checked for what it says, not for being there: many providers leave it out. The default
 * still shuts out DPoP proofs, logout tokens and id-jags, which name themselves.
 */
const TOKEN_TYPES_DEFAULT = ['jwt', 'at+jwt'];

interface Known {
  readonly issuer: IdentityIssuer;
  readonly keys: JWTVerifyGetKey;
}

/** Verifies the JWTs of the configured issuers. Make one and keep it: it holds their keys. */
export function createIdentity(
  issuers: readonly IdentityIssuer[],
  options: IdentityOptions = {},
): IdentityVerifier {
  const now = options.now ?? Date.now;
  const fetchKeys: Fetch = options.fetch ?? ((url, init) => fetch(url, init));
  const known = new Map<string, Known>(
    issuers.map((issuer) => [
      issuer.issuer,
      { issuer, keys: remoteKeys(issuer.jwksUri, fetchKeys, now) },
    ]),
  );
  return { verify: (jwt) => verify(jwt, known, now()) };
}

async function verify(
  jwt: string,
  known: ReadonlyMap<string, Known>,
  now: number,
): Promise<Result<Identity, IdentityError>> {
  const unverified = readUnverified(jwt);
  if (!unverified.ok) return unverified;
  // Before any issuer is looked up: no configuration makes `none` or a shared secret acceptable.
  if (/^(?:none$|hs)/i.test(unverified.value.algorithm)) {
    return refuse({ code: 'algorithm_refused' });
  }
  // The unproven `iss` only chooses whose keys must have signed; jose compares it again.
  const found = known.get(unverified.value.issuer);
  if (!found) return refuse({ code: 'issuer_unknown' });
  const { issuer, keys } = found;
  const fits = checkHeader(unverified.value, issuer);
  if (!fits.ok) return fits;
  try {
    const { payload } = await jwtVerify(jwt, keys, {
      algorithms: [...issuer.algorithms],
      issuer: issuer.issuer,
      audience: issuer.audience,
      currentDate: new Date(now),
      clockTolerance: CLOCK_SKEW_SECONDS_MAX,
      requiredClaims: ['exp', 'sub', 'aud'],
    });
    return readClaims(payload as JsonObject, issuer, now);
  } catch (error) {
    return refuse(toIdentityError(error, issuer.name));
  }
}

function checkHeader(
  unverified: UnverifiedJwt,
  issuer: IdentityIssuer,
): Result<null, IdentityError> {
  const algorithms: readonly string[] = issuer.algorithms;
  if (!algorithms.includes(unverified.algorithm)) return refuse({ code: 'algorithm_refused' });
  const accepted = issuer.tokenTypes?.map(mediaType) ?? TOKEN_TYPES_DEFAULT;
  const { type } = unverified;
  const fits = type === undefined ? !issuer.tokenTypes : accepted.includes(mediaType(type));
  return fits ? ok(null) : refuse({ code: 'token_type_refused', issuerName: issuer.name });
}

/** RFC 7515 section 4.1.9: media types, without regard to case and with `application/` implied. */
const mediaType = (type: string): string => type.toLowerCase().replace(/^application\//, '');

/** What jose throws, as a reason. Its messages may quote a claim, so none is passed on. */
function toIdentityError(error: unknown, issuerName: string): IdentityError {
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
