import { extensionSequences, extensionVectors } from './extensions.ts';
import { feedKey, ISSUER, NOW, operatorKey, rootKey } from './log.ts';
import { type RecordVector, recordVectors } from './records.ts';
import { sequenceVectors } from './sequences.ts';
import { type HeadVector, headVectors, type KillVector, killVectors } from './statements.ts';
import type { SequenceVector } from './steps.ts';

export type { HeadVector, KillVector, RecordVector, SequenceVector };

/** Good and bad vectors for implementations of docs/reference/feed.md, each with its verdict. */
export interface FeedVectors {
  readonly about: string;
  readonly issuer: string;
  readonly shard: 0;
  /** Unix seconds at which heads and kill statements are judged. */
  readonly now: number;
  /** Ed25519 public keys in hex. */
  readonly feed_key: string;
  readonly operator_key: string;
  /** The root key of every token in the vectors. A watermark may name it. */
  readonly root_key: string;
  readonly records: readonly RecordVector[];
  readonly heads: readonly HeadVector[];
  readonly kills: readonly KillVector[];
  readonly sequences: readonly SequenceVector[];
}

export const feedVectors = async (): Promise<FeedVectors> => ({
  about: 'Vectors of docs/reference/feed.md; written by scripts/make-feed-vectors.ts.',
  issuer: ISSUER,
  shard: 0,
  now: NOW,
  feed_key: feedKey.publicKey,
  operator_key: operatorKey.publicKey,
  root_key: rootKey.publicKey,
  records: recordVectors(),
  heads: [...(await headVectors()), ...(await extensionVectors())],
  kills: await killVectors(),
  sequences: [...(await sequenceVectors()), ...(await extensionSequences())],
});
