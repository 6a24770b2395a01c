import { ok, type Result, refuse } from '../result.ts';
import { unfitSubject } from './claims.ts';
import type { IdentityIssuer } from './issuer.ts';
import { readSpiffeId } from './spiffe/index.ts';

/** Why no configured issuer proves an identity of this spelling. */
export type SpellingFault =
  /** Neither a SPIFFE ID nor an issuer and a subject with `#` between them. */
  | { readonly code: 'spelling_unknown' }
  /** `issuer` is what stands before the `#`, or the trust domain. */
  | { readonly code: 'issuer_unconfigured'; readonly issuer: string }
  | { readonly code: 'subject_unfit'; readonly issuer: string; readonly why: string };

/** What a person may write an identity as, and how tokens and the feed spell it. */
export interface Spelled {
  /** As `Identity.qualified`: what tokens, records and watermarks have. */
  readonly qualified: string;
  /** The configured name of its issuer. */
  readonly issuerName: string;
}

/**
 * Resolves an identity as policies, cases and `hewn policy explain` write it (`local-idp#alice`),
 * as records do (`https://idp.example#alice`), or a SPIFFE ID (also after a name and `#`). Accepts
 * only what a configured issuer can prove: a misspelt name would stop no token, without a word.
 * `self` is our own issuer, which names its clients.
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
  // Several may share an issuer, each with subjects of its own.
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
      : unfit('not the id of this client');
  }
  const qualified = `${entry.issuer}#${subject}`;
  const why = unfitSubject(subject, qualified);
  if (why !== undefined) return unfit(why);
  if (entry.subjects && !entry.subjects.includes(subject)) return unfit('not one of its subjects');
  return ok({ qualified, issuerName });
}
