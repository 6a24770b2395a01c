import { ok, type Result, refuse } from '../result.ts';
import { unfitSubject } from './claims.ts';
import type { IdentityIssuer } from './issuer.ts';
import { readSpiffeId } from './spiffe/index.ts';

/** Why a name does not resolve to an identity of a configured issuer. */
export type SpellingFault =
  /** Neither a SPIFFE ID nor `issuer#subject`. */
  | { readonly code: 'spelling_unknown' }
  /** `issuer` is the part before `#`, or the trust domain. */
  | { readonly code: 'issuer_unconfigured'; readonly issuer: string }
  | { readonly code: 'subject_unfit'; readonly issuer: string; readonly why: string };

/** A name that a person typed, resolved to the form that tokens and the feed use. */
export interface Spelled {
  /** `Identity.qualified`, as tokens, records and watermarks contain it. */
  readonly qualified: string;
  /** The configured name of its issuer. */
  readonly issuerName: string;
}

/**
 * Resolves an identity as written in policies and `hewn policy explain` (`local-idp#alice`), in
 * records (`https://idp.example#alice`), or as a SPIFFE ID, with or without `name#` in front.
 * Accepts only identities that a configured issuer can prove: a revocation of a misspelt name would
 * silently stop nothing. `self` is our own issuer, which names its clients.
 */
export function resolveIdentity(
  text: string,
  issuers: readonly IdentityIssuer[],
  self: string,
): Result<Spelled, SpellingFault> {
  if (text.startsWith('spiffe://')) return resolveSpiffe(text, issuers);
  const divider = text.indexOf('#');
  if (divider < 0) return refuse({ code: 'spelling_unknown' });
  const [issuer, subject] = [text.slice(0, divider), text.slice(divider + 1)];
  const named = issuers.filter(
    (entry) =>
      entry.name === issuer ||
      ('issuer' in entry && entry.issuer === issuer) ||
      (entry.kind === 'client' && self === issuer),
  );
  let fault: SpellingFault = { code: 'issuer_unconfigured', issuer };
  // Several entries may share an issuer, each with its own subjects.
  for (const entry of named) {
    const resolved = resolveUnder(entry, subject, self);
    if (resolved.ok) return resolved;
    fault = resolved.error;
  }
  return refuse(fault);
}

function resolveSpiffe(
  text: string,
  issuers: readonly IdentityIssuer[],
  issuerName?: string,
): Result<Spelled, SpellingFault> {
  const id = readSpiffeId(text);
  if (!id) {
    const [, issuer = text] = /^spiffe:\/\/([^/]*)/.exec(text) ?? [];
    return refuse({ code: 'subject_unfit', issuer, why: 'not a SPIFFE ID' });
  }
  const domain = issuers.find(
    (entry) =>
      entry.kind === 'spiffe' &&
      entry.trustDomain === id.trustDomain &&
      (issuerName === undefined || entry.name === issuerName),
  );
  return domain
    ? ok({ qualified: text, issuerName: domain.name })
    : refuse({ code: 'issuer_unconfigured', issuer: id.trustDomain });
}

function resolveUnder(
  entry: IdentityIssuer,
  subject: string,
  self: string,
): Result<Spelled, SpellingFault> {
  const { name: issuerName } = entry;
  const unfit = (why: string) =>
    refuse({ code: 'subject_unfit', issuer: issuerName, why } as const);
  if (entry.kind === 'spiffe') return resolveSpiffe(subject, [entry], issuerName);
  if (entry.kind === 'client') {
    return subject === entry.clientId
      ? ok({ qualified: `${self}#${subject}`, issuerName })
      : unfit('not the client_id of this client');
  }
  const qualified = `${entry.issuer}#${subject}`;
  const why = unfitSubject(subject, qualified);
  if (why !== undefined) return unfit(why);
  if (entry.subjects && !entry.subjects.includes(subject)) return unfit('not one of its subjects');
  return ok({ qualified, issuerName });
}
