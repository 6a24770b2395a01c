/**
 * The reference implementation of Eclipse Biscuit (`@biscuit-auth/biscuit-wasm`). In the issuer it
 * checks a part of the tokens that our own engine signs, and signs in its place after a mismatch.
 * In tests it is what our own engine is compared with.
 */
export { withBiscuit } from '#biscuit-wasm';
export { findMintFault } from './check.ts';
export { type Minted, mint } from './mint.ts';
export { toParameters } from './terms.ts';
