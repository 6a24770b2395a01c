import type { Json, JsonObject } from '../canonical-json.ts';
import { utf8 } from '../encoding.ts';
import { CLOCK_SKEW_SECONDS_MAX, IDENTITY_BYTES_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Identity, IdentityError } from './identity.ts';
import type { IdentityIssuer } from './issuers.ts';

/**
 * What gives an ID token away, whatever its `typ` says: Entra, Okta and Google write a bare `JWT`.
 * An ID token was made for a client to read, and any client that got one could spend it here.
 */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash'] as const;

/**
 * A logout token or a security event: signed by the same issuer, and proof of nobody's presence.
 */
const EVENT_CLAIM = 'events';

/**
 * The claims of a token whose signature, issuer, audience and times jose has checked, as an
 * identity. What is left is what jose leaves open: a single audience, an `iat` that has come, and
 * the token's kind.
 */
export function readClaims(
  payload: JsonObject,
  issuer: IdentityIssuer,
  now: number,
): Result<Identity, IdentityError> {
  const issuerName = issuer.name;
  // Of several audiences, each could take the token to the others (rfc7523bis: a single value).
  if (Array.isArray(payload.aud) && payload.aud.length !== 1) {
    return refuse({ code: 'audience_mismatch', issuerName });
  }
  const kind = foreignKind(payload, issuer);
  if (kind !== undefined) return refuse({ code: 'token_kind_refused', claim: kind, issuerName });
  const invalid = (claim: string, why: string): Result<never, IdentityError> =>
    refuse({ code: 'claims_invalid', claim, why, issuerName });

  const { exp, iat, sub } = payload;
  if (iat !== undefined) {
    if (typeof iat !== 'number') return invalid('iat', 'not a number');
    if (iat > now / 1000 + CLOCK_SKEW_SECONDS_MAX) {
      return refuse({ code: 'not_yet_valid', issuerName });
    }
  }
  const expires = new Date(typeof exp === 'number' ? exp * 1000 : Number.NaN);
  if (Number.isNaN(expires.getTime())) return invalid('exp', 'not a date');
  if (typeof sub !== 'string') return invalid('sub', 'not a text');
  const qualified = `${issuer.issuer}#${sub}`;
  const unfit = unfitSubject(sub, qualified);
  if (unfit !== undefined) return invalid('sub', unfit);
  return ok({
    ...{ issuerName, issuer: issuer.issuer, subject: sub, qualified, expires },
    claims: visibleClaims(payload, issuer.claims ?? []),
  });
}

function foreignKind(payload: JsonObject, issuer: IdentityIssuer): string | undefined {
  const refused = issuer.idTokens ? [EVENT_CLAIM] : [...ID_TOKEN_CLAIMS, EVENT_CLAIM];
  return refused.find((claim) => Object.hasOwn(payload, claim));
}

/**
 * A subject is compared byte for byte and logged: it must be one text that a reader can see whole.
 */
function unfitSubject(subject: string, qualified: string): string | undefined {
  if (subject === '') return 'empty';
  if (!subject.isWellFormed()) return 'a lone surrogate';
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(subject)) return 'an invisible character';
  return utf8(qualified).length > IDENTITY_BYTES_MAX ? 'too long' : undefined;
}

function visibleClaims(
  payload: JsonObject,
  names: readonly string[],
): Readonly<Record<string, Json>> {
  const shown = names.flatMap((name) => {
    const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
    return value === undefined ? [] : [[name, deepFreeze(value)] as const];
  });
  return Object.freeze(Object.fromEntries(shown));
}

function deepFreeze(value: Json): Json {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  return value;
}
