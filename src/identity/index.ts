/**
 * Authentication: verifies tokens of configured OpenID providers, SPIFFE JWT-SVIDs and client
 * assertions, and checks whether a user lets an agent act for them. Decides nothing about
 * permissions.
 */
export {
  type ClientAssertion,
  JWT_BEARER,
  JWT_SPIFFE,
} from './client-assertion.ts';
export { type ConsentError, checkConsent } from './consent.ts';
export type { Identity, IdentityError } from './identity.ts';
export type {
  ClientIssuer,
  IdentityIssuer,
  OidcIssuer,
  SpiffeIssuer,
} from './issuer.ts';
export { ENTRY_SCHEMAS, readIssuers } from './issuers.ts';
export { probeIssuer } from './probe.ts';

export { resolveIdentity, type SpellingFault } from './spelling.ts';
export { createIdentity } from './verify.ts';
