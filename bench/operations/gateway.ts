/** Everything that a gateway needs to decide: what the size and the first decision are taken of. */
export { FeedClient } from '../../src/feed/index.ts';
export * from '../../src/verifier/index.ts';
