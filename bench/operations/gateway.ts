/**
 * Everything that a gateway needs to decide: what the size and the first decision are taken of.
 * What it says beside its decision (challenges, metadata, its own protocol) is not in it.
 */
export { FeedClient } from '../../src/feed/index.ts';
export { createVerifier, readCredentials, toWire } from '../../src/verifier/index.ts';
