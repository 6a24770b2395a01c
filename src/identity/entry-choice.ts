import type { JsonObject } from '../canonical-json.ts';
import type { OidcIssuer } from './issuer.ts';
import type { UnverifiedJwt } from './unverified.ts';

/**
 * Several entries for one `iss`: two GitHub organisations, or two audiences of one provider.
 *
 * Where a token fitted two entries, the milder one would decide. So entries that share an `iss`
 * must exclude each other, by their audience, a required claim or their subjects, and a token is
 * verified by the rules of the one entry that it can fit.
 */

type Rules = Pick<
  OidcIssuer,
  'audience' | 'requiredClaims' | 'subjects' | 'subjectClaim' | 'jwksUri'
>;

/** Whether no token can fit both. */
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
 * The entry that the token claims to fit, or else the first, by whose rules it is then refused. The
 * claims are unproven: they only choose by whose rules the token is verified, signature and all.
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
