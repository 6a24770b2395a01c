/**
 * Authentication: verifies tokens of configured OpenID providers, SPIFFE JWT-SVIDs and client
 * assertions, and checks whether a user lets an agent act for them. Decides nothing about
 * permissions.
 */
export {
  type ClientAssertion,
  JWT_BEARER,
  JWT_SPIFFE,
  type ProvenClient,
} from './client-assertion.ts';
export { type ConsentError, checkConsent } from './consent.ts';
export type { Identity, IdentityError, KeysFailure, MayAct } from './identity.ts';
export type {
  Algorithm,
  ClientIssuer,
  IdentityIssuer,
  OidcIssuer,
  SpiffeIssuer,
} from './issuer.ts';
export { type IssuersError, readIssuers } from './issuers.ts';
export type { Fetch } from './keys.ts';
export { resolveIdentity, type Spelled, type SpellingFault } from './spelling.ts';
export { createIdentity, type IdentityOptions, type IdentityVerifier } from './verify.ts';
