/**
 * The reference implementation of Eclipse Biscuit (`@biscuit-auth/biscuit-wasm`). It signs tokens
 * in the issuer, evaluates the policy there, and is what tests compare our own engine with.
 */
export { withBiscuit } from '#biscuit-wasm';
export { mint } from './mint.ts';
export { toParameters } from './terms.ts';
