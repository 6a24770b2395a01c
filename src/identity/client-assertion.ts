import { createLocalJWKSet, type JWK, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { JsonObject } from '../canonical-json.ts';
import type { UnixMilliseconds, UnixSeconds } from '../clock.ts';
import { CLOCK_SKEW_SECONDS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { isSingleAudience, readTimes } from './claims.ts';
import type { Identity, IdentityError } from './identity.ts';
import type { ClientIssuer, IdentityIssuer } from './issuer.ts';
import { toIdentityError } from './jose-errors.ts';
import { type KeySource, remoteKeys } from './keys.ts';
import { mediaType, type UnverifiedJwt } from './unverified.ts';

const ASSERTION_SECONDS_MAX = 300; // Replays are stored for as long, plus the clock skew.
const JTI_LENGTH_MAX = 256;

/** RFC 7523 section 2.2. */
export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** draft-ietf-oauth-spiffe-client-auth. */
export const JWT_SPIFFE = 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe';

/** The client assertion parameters of a request. */
export interface ClientAssertion {
  readonly type: typeof JWT_BEARER | typeof JWT_SPIFFE;
  readonly jwt: string;
  /** The parameter `client_id`, if the request has one. */
  readonly clientId?: string;
}

export interface ProvenClient {
  readonly identity: Identity;
  /** A value to accept only once, and how long the caller must store it to detect a replay. */
  readonly once?: { readonly id: string; readonly expires: UnixSeconds };
}

export interface AssertionClient {
  readonly entry: ClientIssuer;
  readonly keys: JWTVerifyGetKey;
}

/** Returns the configured clients by id. Keys come from the configuration, never from a header. */
export const assertionClients = (
  entries: readonly IdentityIssuer[],
  source: KeySource,
): ReadonlyMap<string, AssertionClient> =>
  new Map(
    entries.flatMap((entry) => {
      if (entry.kind !== 'client') return [];
      const { jwks, jwksUri = '', clientId } = entry;
      const keys = jwks
        ? createLocalJWKSet({ keys: jwks.keys as unknown as JWK[] })
        : remoteKeys(jwksUri, source);
      return [[clientId, { entry, keys }]];
    }),
  );

/** rfc7523bis defines a `typ` of its own, which few clients send yet. */
const ASSERTION_TYPES = ['jwt', 'client-authentication+jwt'];

/**
 * Verifies a client assertion (RFC 7523 section 3). Its audience must be our issuer identifier, as
 * rfc7523bis requires. We do not accept the URL of the token endpoint: a malicious server that
 * claims our endpoint as its own could collect such an assertion and replay it here.
 */
export async function verifyPrivateKeyJwt(input: {
  readonly jwt: string;
  readonly unverified: UnverifiedJwt;
  readonly client: AssertionClient;
  readonly self: string;
  readonly now: UnixMilliseconds;
}): Promise<Result<ProvenClient, IdentityError>> {
  const { jwt, unverified, client, self, now } = input;
  const { name: issuerName, clientId } = client.entry;
  const algorithms: readonly string[] = client.entry.algorithms;
  if (!algorithms.includes(unverified.algorithm)) return refuse({ code: 'algorithm_refused' });
  const { type } = unverified;
  if (type !== undefined && !ASSERTION_TYPES.includes(mediaType(type))) {
    return refuse({ code: 'token_type_refused', issuerName });
  }
  try {
    const { payload } = await jwtVerify(jwt, client.keys, {
      algorithms: [...algorithms],
      issuer: clientId,
      subject: clientId,
      audience: self,
      currentDate: new Date(now),
      clockTolerance: CLOCK_SKEW_SECONDS_MAX,
      requiredClaims: ['exp', 'jti', 'aud'],
    });
    const once = readOnce(payload as JsonObject, client.entry, now);
    if (!once.ok) return once;
    const qualified = `${self}#${clientId}`;
    return ok({
      identity: { issuerName, issuer: self, subject: clientId, qualified, claims: {} },
      once: once.value,
    });
  } catch (error) {
    return refuse(toIdentityError(error, issuerName));
  }
}

/** Reads what makes an assertion usable only once: a `jti` and an expiry in the near future. */
function readOnce(
  payload: JsonObject,
  { name: issuerName, clientId }: ClientIssuer,
  now: UnixMilliseconds,
): Result<{ id: string; expires: number }, IdentityError> {
  if (!isSingleAudience(payload)) return refuse({ code: 'audience_mismatch', issuerName });
  const times = readTimes(payload, issuerName, now);
  if (!times.ok) return times;
  const { jti } = payload;
  if (typeof jti !== 'string' || jti === '' || jti.length > JTI_LENGTH_MAX) {
    return refuse({
      code: 'claims_invalid',
      claim: 'jti',
      why: `not a string of 1 to ${JTI_LENGTH_MAX} characters`,
      issuerName,
    });
  }
  // We store the `jti` until the assertion expires, so a distant expiry would fill the store.
  const expires = Math.ceil(times.value.getTime() / 1000) + CLOCK_SKEW_SECONDS_MAX;
  if (expires > now / 1000 + ASSERTION_SECONDS_MAX + 2 * CLOCK_SKEW_SECONDS_MAX) {
    return refuse({
      code: 'claims_invalid',
      claim: 'exp',
      why: `more than ${ASSERTION_SECONDS_MAX} s ahead`,
      issuerName,
    });
  }
  // As JSON, so that no client can choose a `jti` that collides with another client's.
  return ok({ id: JSON.stringify([clientId, jti]), expires });
}
