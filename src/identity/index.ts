/**
 * Who is calling: tokens of configured OpenID providers, verified, and nothing about permission.
 */
export type { Identity, IdentityError, KeysFailure } from './identity.ts';
export { type Algorithm, type IdentityIssuer, type IssuersError, readIssuers } from './issuers.ts';
export type { Fetch } from './keys.ts';
export { createIdentity, type IdentityOptions, type IdentityVerifier } from './verify.ts';
