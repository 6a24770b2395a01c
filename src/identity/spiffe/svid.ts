import { type JWK, jwtVerify } from 'jose';
import type { JsonObject } from '../../canonical-json.ts';
import type { UnixMilliseconds } from '../../clock.ts';
import { CLOCK_SKEW_SECONDS_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { isSingleAudience, readTimes } from '../claims.ts';
import type { Identity, IdentityError } from '../identity.ts';
import { toIdentityError } from '../jose-errors.ts';
import type { UnverifiedJwt } from '../unverified.ts';
import type { Bundle, BundleKey } from './bundle.ts';
import type { SpiffeId } from './id.ts';
import type { BundleSource } from './source.ts';

/** One configured trust domain. */
export interface TrustDomain {
  /** The name of its entry in the configuration. */
  readonly name: string;
  readonly trustDomain: string;
  readonly bundle: BundleSource;
}

export interface SvidInput {
  readonly jwt: string;
  readonly unverified: UnverifiedJwt;
  /**
   * From the unverified `sub`. Its trust domain is `domain`, so a key of `domain` must have signed.
   */
  readonly id: SpiffeId;
  readonly domain: TrustDomain;
  readonly audience: string;
  readonly now: UnixMilliseconds;
}

/** JWT-SVID section 3 allows only these algorithms: no EdDSA, no HMAC. */
const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };
const SVID_ALGORITHMS = new Set([
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...Object.keys(CURVES),
]);
const SVID_HEADERS: readonly string[] = ['alg', 'kid', 'typ'];
const SVID_TYPES: readonly string[] = ['JWT', 'JOSE'];

/**
 * Verifies a JWT-SVID against the bundle of its own trust domain only. The qualified name of the
 * workload is its SPIFFE ID, which already contains the trust domain.
 */
export async function verifySvid(input: SvidInput): Promise<Result<Identity, IdentityError>> {
  const { unverified, id, domain } = input;
  const issuerName = domain.name;
  const fits = checkHeader(unverified, issuerName);
  if (!fits.ok) return fits;
  // An ID without a path names the trust domain itself, not a workload.
  if (id.path === '') {
    return refuse({ code: 'claims_invalid', claim: 'sub', why: 'names no workload', issuerName });
  }
  for (const newer of [false, true]) {
    const bundle = await domain.bundle.current(newer);
    if (!bundle.ok) return refuse({ code: 'keys_unavailable', why: bundle.error, issuerName });
    if (bundle.value.keys.length === 0) return refuse({ code: 'domain_revoked', issuerName });
    const keys = fittingKeys(bundle.value, unverified);
    if (keys.length > 0) return verifyWithOneOf(keys, input);
  }
  return refuse({ code: 'key_unknown', issuerName });
}

function checkHeader(unverified: UnverifiedJwt, issuerName: string): Result<null, IdentityError> {
  if (!SVID_ALGORITHMS.has(unverified.algorithm)) return refuse({ code: 'algorithm_refused' });
  const foreign = unverified.headers.find((name) => !SVID_HEADERS.includes(name));
  if (foreign !== undefined) return refuse({ code: 'header_refused', issuerName });
  const { type } = unverified;
  return type === undefined || SVID_TYPES.includes(type)
    ? ok(null)
    : refuse({ code: 'token_type_refused', issuerName });
}

/** The keys that could have made the signature: matched by type, and by id if the token has one. */
const fittingKeys = ({ keys }: Bundle, unverified: UnverifiedJwt): readonly BundleKey[] =>
  keys.filter((key) => {
    if (unverified.keyId !== undefined && key.kid !== unverified.keyId) return false;
    const curve = CURVES[unverified.algorithm];
    return key.kty === 'EC' ? key.crv === curve : curve === undefined;
  });

async function verifyWithOneOf(
  keys: readonly BundleKey[],
  input: SvidInput,
): Promise<Result<Identity, IdentityError>> {
  const { unverified, domain, audience, now } = input;
  let refusal: IdentityError = { code: 'key_unknown', issuerName: domain.name };
  for (const key of keys) {
    try {
      const { payload } = await jwtVerify(input.jwt, key as JWK, {
        algorithms: [unverified.algorithm],
        audience,
        currentDate: new Date(now),
        clockTolerance: CLOCK_SKEW_SECONDS_MAX,
        requiredClaims: ['exp', 'sub', 'aud'],
      });
      return readSvid(payload as JsonObject, input);
    } catch (error) {
      refusal = toIdentityError(error, domain.name);
      // Another key may verify the signature. Any other fault stays, whatever the key.
      if (refusal.code !== 'signature_invalid' && refusal.code !== 'key_unknown') break;
    }
  }
  return refuse(refusal);
}

function readSvid(payload: JsonObject, input: SvidInput): Result<Identity, IdentityError> {
  const { domain, id, now } = input;
  if (!isSingleAudience(payload)) {
    return refuse({ code: 'audience_mismatch', issuerName: domain.name });
  }
  const times = readTimes(payload, domain.name, now);
  if (!times.ok) return times;
  const trustDomain = `spiffe://${id.trustDomain}`;
  const spiffeId = `${trustDomain}${id.path}`;
  return ok({
    issuerName: domain.name,
    issuer: trustDomain,
    subject: spiffeId,
    qualified: spiffeId,
    expires: times.value,
    claims: {},
  });
}
