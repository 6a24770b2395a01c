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
 * Chooses the entry that the token claims to match. A token that matches no entry is refused by the
 * rules of the chosen one: preferably of an entry that only does not list the subject, because the
 * operator may want to add it. The claims are not verified yet: they only select the rules by which
 * the token is verified.
 */
export function entryFor(
  { claims }: UnverifiedJwt,
  entries: readonly OidcIssuer[],
): OidcIssuer | undefined {
  const fitting = entries.filter((entry) => fits(claims, entry));
  return fitting.find((entry) => isListed(claims, entry)) ?? fitting[0] ?? entries[0];
}

function fits(claims: JsonObject, { audience, requiredClaims = {} }: OidcIssuer): boolean {
  const { aud } = claims;
  if ((Array.isArray(aud) ? aud[0] : aud) !== audience) return false;
  return Object.entries(requiredClaims).every(
    ([claim, value]) => Object.hasOwn(claims, claim) && claims[claim] === value,
  );
}

function isListed(claims: JsonObject, { subjects, subjectClaim = 'sub' }: OidcIssuer): boolean {
  const subject = Object.hasOwn(claims, subjectClaim) ? claims[subjectClaim] : undefined;
  return !subjects || (typeof subject === 'string' && subjects.includes(subject));
}
