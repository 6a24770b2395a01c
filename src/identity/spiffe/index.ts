/** SPIFFE: the syntax of its IDs, trust bundles, and JWT-SVIDs verified against them. */
export { readBundle } from './bundle.ts';
export { isTrustDomain, readSpiffeId, type SpiffeId } from './id.ts';
export { type BundleSource, fixedBundle, remoteBundle } from './source.ts';
export { type TrustDomain, verifySvid } from './svid.ts';
