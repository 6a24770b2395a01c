import type { Json } from '../canonical-json.ts';

/** Who a verified token speaks for. */
export interface Identity {
  /** The configured name of the issuer. */
  readonly issuerName: string;
  /** `iss`; `spiffe://` and the trust domain; or our own issuer, for a client. */
  readonly issuer: string;
  readonly subject: string;
  /**
   * `issuer#subject`, so that no issuer can assert another's subject, or the SPIFFE ID. The issuer
   * has no `#`, which keeps the first one the divider whatever the subject holds.
   */
  readonly qualified: string;
  /**
   * As the token says; may lie in the past by the allowed clock skew. Absent for a client, which is
   * its registered key: the end of an assertion is the end of that proof alone.
   */
  readonly expires?: Date;
  /**
   * The claims that the issuer's configuration shows to the policy, frozen through and through.
   */
  readonly claims: Readonly<Record<string, Json>>;
  /** Who the token itself lets act for its subject (RFC 8693 section 4.4). */
  readonly mayAct?: MayAct;
  /** Who the operator lets act for the subjects of this issuer. */
  readonly allowedActors?: readonly string[];
  /** Who acted before, newest first: for the record, never for a decision. */
  readonly actors?: readonly string[];
}

export interface MayAct {
  readonly sub: string;
  readonly iss?: string;
}

/**
 * Why a token proves nobody. No error carries a byte or a claim of the token, but for a subject
 * that was verified and is not listed: it belongs into the issuer's own log and into no answer.
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
      /** A token of another kind: `claim` is the one that gives it away. */
      | { readonly code: 'token_kind_refused'; readonly claim: string }
      /** A header parameter that a JWT-SVID must not have. */
      | { readonly code: 'header_refused' }
      /** The trust domain's bundle has no key left. */
      | { readonly code: 'domain_revoked' }
      /**
       * Not one of the configured `subjects`; a verified one, which the operator may want to list.
       */
      | { readonly code: 'subject_unlisted'; readonly subject: string }
      /** Not the configured value of a required claim. */
      | { readonly code: 'claim_unlisted'; readonly claim: string }
    ) & { readonly issuerName: string });

/** Why an issuer's keys could not be had. The fault is the issuer's or the network's. */
export type KeysFailure =
  | 'network'
  | 'timeout'
  | 'redirected'
  | 'status'
  | 'too_large'
  | 'not_a_key_set'
  /** Another request is fetching them: one stranger's token causes one fetch, and so do sixty. */
  | 'refreshing'
  /** A bundle older than the one at hand. */
  | 'sequence_went_back';
