/** SPIFFE: parses IDs and trust bundles, and verifies JWT-SVIDs. */
export { readBundle } from './bundle.ts';
export { isTrustDomain, readSpiffeId } from './id.ts';
export { fixedBundle, remoteBundle } from './source.ts';
export { type TrustDomain, verifySvid } from './svid.ts';
