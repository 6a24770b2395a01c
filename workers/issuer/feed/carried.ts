import type { FeedEntry } from '../../../src/feed/index.ts';

/**
 * By what a verifier that starts anew learns of an entry: a part of the snapshot, or the head. A
 * kind that is new does not compile until it is here, and would be lost with the next snapshot.
 */
export const CARRIED: Readonly<
  Record<FeedEntry['kind'], 'revoked' | 'stops' | 'head' | 'nothing'>
> = {
  workflow: 'revoked',
  block: 'revoked',
  suspension: 'stops',
  resumption: 'stops',
  watermark: 'head',
  denial: 'head',
  // Each takes something out of the head, and leaves nothing to be learned.
  withdrawal: 'nothing',
  lift: 'nothing',
};
