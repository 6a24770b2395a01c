/** The trust feed: the signed log of what a verifier must know and cannot read from a token. */
export { FeedClient, type FeedFetch, type FeedOptions, type RefreshError } from './client.ts';
export { CHAIN_START, chainInput, type FeedEntry } from './entry.ts';
export { type Head, type HeadKey, openHead, type SignedHead, signHead } from './head.ts';
export { type FeedError, FeedReplica } from './replica.ts';
