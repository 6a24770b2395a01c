import type { Signed } from './signed.ts';
import type { Watermark } from './watermark.ts';

/** A root key under which the issuer's tokens count: its id, and 32 bytes in lower-case hex. */
export interface HeadKey {
  readonly id: number;
  readonly publicKey: string;
}

/** A point of the log. */
export interface Position {
  readonly epoch: number;
  readonly seq: number;
  /** Lower-case hex: see `chainInput`. */
  readonly chain: string;
}

export interface HeadWatermark extends Watermark {
  /** Unix seconds, as its entry says. */
  readonly expires: number;
}

/** A snapshot to start from, of this epoch. */
export interface SnapshotReference {
  readonly seq: number;
  readonly chain: string;
  /** SHA-256 of its bytes, lower-case hex. */
  readonly hash: string;
  readonly bytes: number;
  /** Revoked workflows and blocks in it. */
  readonly count: number;
}

/** The newest statement of the feed: how far the log goes, and when its keeper last said so. */
export interface Head extends Position {
  readonly v: 2;
  readonly issuer: string;
  readonly shard: number;
  /** Live revocations of workflows and blocks: more than a verifier can hold is refused unread. */
  readonly count: number;
  /**
   * Unix seconds. Freshness is this, not "something changed": silence must not look like health.
   */
  readonly issued_at: number;
  /** Unix seconds by which there is a newer head, for whoever keeps files and has no tiers. */
  readonly next_update: number;
  /**
   * The issuer's public root keys, whole: a verifier that takes its keys from the feed counts these
   * and no others, so a key that is left out is taken back.
   */
  readonly keys: readonly HeadKey[];
  /** All that are live: whoever has the head has them, also where no entry comes through. */
  readonly watermarks: readonly HeadWatermark[];
  readonly snapshot: SnapshotReference | null;
  /** The oldest `seq` of this epoch from which there are deltas up to the newest. */
  readonly delta_from: number;
  /** Where the epoch before ended; null in the first. Whoever is beyond it does not follow. */
  readonly previous: Position | null;
}

export type SignedHead = Signed;

/** The point below which a replica never goes, also in its next life. */
export interface FeedFloor extends Position {
  /** Unix seconds. */
  readonly issued_at: number;
}

/** Whether `one` has all that `other` has, and is as new: an honest log gives out no third case. */
export const isAtLeast = (one: FeedFloor, other: FeedFloor): boolean =>
  one.epoch === other.epoch && one.seq >= other.seq && one.issued_at >= other.issued_at;
