import type { Json, JsonObject } from '../canonical-json.ts';
import type { UnixMilliseconds } from '../clock.ts';
import { utf8 } from '../encoding.ts';
import { CLOCK_SKEW_SECONDS_MAX, IDENTITY_BYTES_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { UNSEEN } from '../unseen.ts';
import { readActors, readMayAct } from './consent.ts';
import type { Identity, IdentityError } from './identity.ts';
import type { OidcIssuer } from './issuer.ts';
import { foreignKind } from './token-kind.ts';

/**
 * Reads an identity from the claims of a token whose signature, issuer, audience and times jose has
 * verified. Checks what jose leaves open (a single audience, an `iat` that is not in the future,
 * the kind of token) and what the configuration requires.
 */
export function readClaims(
  payload: JsonObject,
  issuer: OidcIssuer,
  now: UnixMilliseconds,
): Result<Identity, IdentityError> {
  const issuerName = issuer.name;
  if (!isSingleAudience(payload)) return refuse({ code: 'audience_mismatch', issuerName });
  const kind = foreignKind(payload, { idTokens: issuer.idTokens === true });
  if (kind !== undefined) return refuse({ code: 'token_kind_refused', claim: kind, issuerName });
  const times = readTimes(payload, issuerName, now);
  if (!times.ok) return times;
  const subject = readSubject(payload, issuer);
  if (!subject.ok) return subject;
  for (const [claim, value] of Object.entries(issuer.requiredClaims ?? {})) {
    if (!Object.hasOwn(payload, claim) || payload[claim] !== value) {
      return refuse({ code: 'claim_unlisted', claim, issuerName });
    }
  }
  const mayAct = readMayAct(payload.may_act);
  if (mayAct === 'invalid') {
    return refuse({ code: 'claims_invalid', claim: 'may_act', why: 'names no actor', issuerName });
  }
  const actors = readActors(payload);
  return ok({
    issuerName,
    issuer: issuer.issuer,
    subject: subject.value,
    qualified: `${issuer.issuer}#${subject.value}`,
    expires: times.value,
    claims: visibleClaims(payload, issuer.claims ?? []),
    ...(mayAct && { mayAct }),
    ...(issuer.allowedActors && { allowedActors: issuer.allowedActors }),
    ...(actors.length > 0 && { actors }),
  });
}

/**
 * With several audiences, each of them could replay the token at the others. rfc7523bis requires a
 * single value.
 */
export const isSingleAudience = ({ aud }: JsonObject): boolean =>
  typeof aud === 'string' || (Array.isArray(aud) && aud.length === 1);

/** Returns the expiry. jose accepts an `iat` in the future and an `exp` that no Date can hold. */
export function readTimes(
  { exp, iat }: JsonObject,
  issuerName: string,
  now: UnixMilliseconds,
): Result<Date, IdentityError> {
  if (iat !== undefined) {
    if (typeof iat !== 'number') {
      return refuse({ code: 'claims_invalid', claim: 'iat', why: 'not a number', issuerName });
    }
    if (iat > now / 1000 + CLOCK_SKEW_SECONDS_MAX) {
      return refuse({ code: 'not_yet_valid', issuerName });
    }
  }
  const expires = new Date(typeof exp === 'number' ? exp * 1000 : Number.NaN);
  return Number.isNaN(expires.getTime())
    ? refuse({ code: 'claims_invalid', claim: 'exp', why: 'not a date', issuerName })
    : ok(expires);
}

function readSubject(payload: JsonObject, issuer: OidcIssuer): Result<string, IdentityError> {
  const issuerName = issuer.name;
  const claim = issuer.subjectClaim ?? 'sub';
  const invalid = (why: string): Result<never, IdentityError> =>
    refuse({ code: 'claims_invalid', claim, why, issuerName });
  const subject = Object.hasOwn(payload, claim) ? payload[claim] : undefined;
  if (typeof subject !== 'string') return invalid('not a string');
  const unfit = unfitSubject(subject, `${issuer.issuer}#${subject}`);
  if (unfit !== undefined) return invalid(unfit);
  if (issuer.subjects && !issuer.subjects.includes(subject)) {
    return refuse({ code: 'subject_unlisted', subject, issuerName });
  }
  return ok(subject);
}

/**
 * Returns why a subject is unusable, or undefined. Subjects are compared byte for byte and logged,
 * so a reader must be able to see every character.
 */
export function unfitSubject(subject: string, qualified: string): string | undefined {
  if (subject === '') return 'empty';
  if (!subject.isWellFormed()) return 'a lone surrogate';
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(subject) || UNSEEN.test(subject)) {
    return 'an invisible character';
  }
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
