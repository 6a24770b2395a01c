import type { Json } from '../canonical-json.ts';

/** The workload, user or client that a verified token represents. */
export interface Identity {
  /** The configured name of the issuer. */
  readonly issuerName: string;
  /** `iss`; `spiffe://` and the trust domain; or our own issuer, for a client. */
  readonly issuer: string;
  readonly subject: string;
  /**
   * The SPIFFE ID, or `issuer#subject`, so that no issuer can assert another issuer's subject. An
   * issuer contains no `#`, so the first one is the separator even if the subject contains more.
   */
  readonly qualified: string;
  /**
   * The `exp` of the token; up to the allowed clock skew in the past. Absent for a client, whose
   * identity is its registered key: an assertion's expiry ends that one proof only.
   */
  readonly expires?: Date;
  /** The claims that the issuer's configuration exposes to the policy, deeply frozen. */
  readonly claims: Readonly<Record<string, Json>>;
  /** The actor that the token itself allows for its subject (RFC 8693 section 4.4). */
  readonly mayAct?: MayAct;
  /** The actors that the operator allows for subjects of this issuer. */
  readonly allowedActors?: readonly string[];
  /** Earlier actors, newest first. Recorded only; they never decide anything. */
  readonly actors?: readonly string[];
}

export interface MayAct {
  readonly sub: string;
  readonly iss?: string;
}

/**
 * Why a token was rejected. No error contains a claim or any byte of the token, with one exception:
 * a verified subject that is not listed. That one belongs in the issuer's own log, not in a
 * response.
 */
export type IdentityError =
  | { readonly code: 'jwt_too_large' }
  | { readonly code: 'jwt_malformed' }
  | { readonly code: 'algorithm_refused' }
  | { readonly code: 'issuer_unknown' }
  | ((
      | { readonly code: 'token_type_refused' }
      | { readonly code: 'keys_unavailable'; readonly why: KeysFailure }
      | { readonly code: 'key_unknown' }
      | { readonly code: 'signature_invalid' }
      | { readonly code: 'audience_mismatch' }
      | { readonly code: 'expired' }
      | { readonly code: 'not_yet_valid' }
      | { readonly code: 'claims_invalid'; readonly claim: string; readonly why: string }
      /** A token of another kind, recognised by `claim`. */
      | { readonly code: 'token_kind_refused'; readonly claim: string }
      /** A header parameter that a JWT-SVID must not have. */
      | { readonly code: 'header_refused' }
      /** The trust domain's bundle has no key left. */
      | { readonly code: 'domain_revoked' }
      /** A verified subject outside the configured `subjects`; the operator may want to add it. */
      | { readonly code: 'subject_unlisted'; readonly subject: string }
      /** A required claim is missing or has another value. */
      | { readonly code: 'claim_unlisted'; readonly claim: string }
    ) & { readonly issuerName: string });

/** Why an issuer's keys are unavailable. The cause is the issuer or the network. */
export type KeysFailure =
  | 'network'
  | 'timeout'
  | 'redirected'
  | 'status'
  | 'too_large'
  | 'not_a_key_set'
  /** Another request is already fetching them. Sixty unknown tokens trigger one fetch. */
  | 'refreshing'
  /** The fetched bundle is older than the cached one. */
  | 'sequence_went_back';
