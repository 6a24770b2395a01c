import type { JsonObject } from '../canonical-json.ts';

/**
 * Signature algorithms a foreign issuer may use: RFC 7518 section 3.1 and RFC 8037, asymmetric
 * only. With `none` or HMAC on this list, whoever reads the public key could sign.
 */
export const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** One OpenID provider whose tokens prove a workload or a user. */
export interface OidcIssuer {
  readonly kind?: 'oidc';
  /** What the policy and the log call it: `github`, `local-idp`. */
  readonly name: string;
  /** Compared with `iss` byte for byte. */
  readonly issuer: string;
  /** The only URL that its keys are fetched from; never one that a token names. */
  readonly jwksUri: string;
  /** The one value that `aud` must have. */
  readonly audience: string;
  readonly algorithms: readonly Algorithm[];
  /** Accepted `typ` headers; absent: `JWT`, `at+jwt`, or none at all. */
  readonly tokenTypes?: readonly string[];
  /** Accepts ID tokens, which carry `nonce`, `at_hash` or `c_hash` and were meant for a client. */
  readonly idTokens?: boolean;
  /** The claim that is the subject; absent: `sub`. */
  readonly subjectClaim?: string;
  /** The subjects that count, whole; absent: each one that the issuer names. */
  readonly subjects?: readonly string[];
  /** Claims that a token must have, with exactly these values. */
  readonly requiredClaims?: Readonly<Record<string, string | boolean>>;
  /** The agents that may act for a user of this issuer whose token has no `may_act`. */
  readonly allowedActors?: readonly string[];
  /** The claims that the policy may see, by name; absent: none. */
  readonly claims?: readonly string[];
}

/** One SPIFFE trust domain whose JWT-SVIDs prove a workload. Exactly one of the two bundles. */
export interface SpiffeIssuer {
  readonly kind: 'spiffe';
  readonly name: string;
  /** `acme.example`, as it stands in `spiffe://acme.example/agents/analyst`. */
  readonly trustDomain: string;
  /** The one value that `aud` must have. */
  readonly audience: string;
  /** Where the bundle is fetched from (profile https_web). */
  readonly bundleUri?: string;
  /** The bundle itself. */
  readonly bundle?: JsonObject;
}

/** One client that proves itself with `private_key_jwt`. Exactly one of the two key sets. */
export interface ClientIssuer {
  readonly kind: 'client';
  readonly name: string;
  readonly clientId: string;
  readonly algorithms: readonly Algorithm[];
  readonly jwksUri?: string;
  readonly jwks?: { readonly keys: readonly JsonObject[] };
}

export type IdentityIssuer = OidcIssuer | SpiffeIssuer | ClientIssuer;
