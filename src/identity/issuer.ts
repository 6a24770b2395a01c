import type { JsonObject } from '../canonical-json.ts';

/**
 * Signature algorithms that an external issuer may use (RFC 7518 section 3.1, RFC 8037). Asymmetric
 * only: with `none` or HMAC in this list, anyone who knows the public key could forge tokens.
 */
export const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** One OpenID provider whose tokens identify a workload or a user. */
export interface OidcIssuer {
  readonly kind?: 'oidc';
  /** The name used in policies and logs, such as `github` or `local-idp`. */
  readonly name: string;
  /** Compared with `iss` byte for byte. */
  readonly issuer: string;
  /** The only URL that its keys are fetched from. A URL named in a token is never used. */
  readonly jwksUri: string;
  /** The one value that `aud` must have. */
  readonly audience: string;
  readonly algorithms: readonly Algorithm[];
  /** Accepted `typ` headers. Default: `JWT`, `at+jwt`, or no `typ`. */
  readonly tokenTypes?: readonly string[];
  /** Accepts ID tokens, which have `nonce`, `at_hash` or `c_hash` and are intended for a client. */
  readonly idTokens?: boolean;
  /** The claim that holds the subject. Default: `sub`. */
  readonly subjectClaim?: string;
  /** Accepted subjects, matched whole. Default: every subject of this issuer. */
  readonly subjects?: readonly string[];
  /** Claims that a token must have, with exactly these values. */
  readonly requiredClaims?: Readonly<Record<string, string | boolean>>;
  /** The agents that may act for a user of this issuer whose token has no `may_act`. */
  readonly allowedActors?: readonly string[];
  /** Names of the claims that the policy may read. Default: none. */
  readonly claims?: readonly string[];
}

/**
 * One SPIFFE trust domain whose JWT-SVIDs identify a workload. Exactly one of `bundleUri` and
 * `bundle` is set.
 */
export interface SpiffeIssuer {
  readonly kind: 'spiffe';
  readonly name: string;
  /** Such as `acme.example` in `spiffe://acme.example/agents/analyst`. */
  readonly trustDomain: string;
  /** The one value that `aud` must have. */
  readonly audience: string;
  /** Where the bundle is fetched from (profile https_web). */
  readonly bundleUri?: string;
  /** The bundle itself. */
  readonly bundle?: JsonObject;
}

/**
 * One client that authenticates with `private_key_jwt`. Exactly one of `jwksUri` and `jwks` is set.
 */
export interface ClientIssuer {
  readonly kind: 'client';
  readonly name: string;
  readonly clientId: string;
  readonly algorithms: readonly Algorithm[];
  readonly jwksUri?: string;
  readonly jwks?: { readonly keys: readonly JsonObject[] };
}

export type IdentityIssuer = OidcIssuer | SpiffeIssuer | ClientIssuer;
