/**
 * Everything that a gateway needs to decide: what the size and the first decision are taken of.
 * How it then answers (messages, challenges, metadata, its own protocol) is not in it.
 */
export { FeedClient } from '../../src/feed/index.ts';
export { createVerifier, readCredentials } from '../../src/verifier/index.ts';
