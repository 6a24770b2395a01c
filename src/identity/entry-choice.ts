import type { JsonObject } from '../canonical-json.ts';
import type { OidcIssuer } from './issuer.ts';
import type { UnverifiedJwt } from './unverified.ts';

/**
 * Several entries can share one `iss`: two GitHub organisations, or two audiences of one provider.
 *
 * If a token matched two entries, the weaker one would decide. So entries that share an `iss` must
 * exclude each other by audience, a required claim or subjects, and a token is verified by the
 * rules of the only entry that it can match.
 */

type Rules = Pick<
  OidcIssuer,
  'audience' | 'requiredClaims' | 'subjects' | 'subjectClaim' | 'jwksUri'
>;

/** Returns whether no token can match both entries. */
export function excludeEachOther(one: Rules, other: Rules): boolean {
  if (one.audience !== other.audience) return true;
  const [claims, otherClaims] = [one.requiredClaims ?? {}, other.requiredClaims ?? {}];
  const differ = Object.keys(claims).some(
    (claim) => Object.hasOwn(otherClaims, claim) && claims[claim] !== otherClaims[claim],
  );
  if (differ) return true;
  if (!one.subjects || !other.subjects) return false;
  if ((one.subjectClaim ?? 'sub') !== (other.subjectClaim ?? 'sub')) return false;
  const { subjects } = other;
  return !one.subjects.some((subject) => subjects.includes(subject));
}

/**
 * Chooses the entry that the token claims to match, or the first one, whose rules then refuse it.
 * The claims are not verified yet: they only select the rules by which the token is verified.
 */
export function entryFor(
  { claims }: UnverifiedJwt,
  entries: readonly OidcIssuer[],
): OidcIssuer | undefined {
  return entries.find((entry) => fits(claims, entry)) ?? entries[0];
}

function fits(claims: JsonObject, entry: OidcIssuer): boolean {
  const { aud } = claims;
  const audience = Array.isArray(aud) ? aud[0] : aud;
  if (audience !== entry.audience) return false;
  const required = Object.entries(entry.requiredClaims ?? {});
  const hasAll = required.every(
    ([claim, value]) => Object.hasOwn(claims, claim) && claims[claim] === value,
  );
  const claim = entry.subjectClaim ?? 'sub';
  const subject = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  const isListed =
    !entry.subjects || (typeof subject === 'string' && entry.subjects.includes(subject));
  return hasAll && isListed;
}
