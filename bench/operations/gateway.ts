/**
 * Everything that a gateway needs to decide. Its size and its first decision are measured. What a
 * gateway needs to answer (messages, challenges, metadata, its own protocol) is left out.
 */
export { FeedClient } from '../../src/feed/index.ts';
export { createVerifier, readCredentials } from '../../src/verifier/index.ts';
