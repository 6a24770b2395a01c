/** SPIFFE: parses IDs and trust bundles, and verifies JWT-SVIDs. */
export { readBundle } from './bundle.ts';
export { isTrustDomain, readSpiffeId, type SpiffeId } from './id.ts';
export { type BundleSource, fixedBundle, remoteBundle } from './source.ts';
export { type TrustDomain, verifySvid } from './svid.ts';
