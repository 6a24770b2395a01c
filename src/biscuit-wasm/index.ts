/**
 * The door to the reference implementation of Eclipse Biscuit (`@biscuit-auth/biscuit-wasm`): it
 * signs at the root of trust, evaluates the policy there, and judges our own engine in tests.
 */
export { withBiscuit } from '#biscuit-wasm';
export { type Minted, mint } from './mint.ts';
export { toParameters } from './terms.ts';
