import type { Json } from '../../canonical-json.ts';
import type { UnixSeconds } from '../../clock.ts';
import type { Signed } from './signed.ts';
import type { Watermark } from './watermark.ts';

/** A root key whose tokens verifiers accept. */
export interface HeadKey {
  readonly id: number;
  /** 32 bytes in lower-case hex. */
  readonly publicKey: string;
}

/** A position in the log. */
export interface Position {
  readonly epoch: number;
  readonly seq: number;
  /** SHA-256 in lower-case hex: see `chainInput`. */
  readonly chain: string;
}

/** A watermark as a head lists it. */
export interface HeadWatermark extends Watermark {
  /** As in its entry. */
  readonly expires: UnixSeconds;
}

/** Names a snapshot of the epoch, from which a new replica can start. */
export interface SnapshotReference {
  readonly seq: number;
  readonly chain: string;
  /** SHA-256 of its bytes, lower-case hex. */
  readonly hash: string;
  readonly bytes: number;
  /** Number of revoked workflows and blocks. */
  readonly count: number;
}

/**
 * What a head says beyond its fixed members. A head names each extension once, in ascending order,
 * and a head without extensions has no such member: it has the bytes that release 0.2.0 signs.
 */
export interface HeadExtension {
  /** Lower-case letters, digits and underscores, a letter first, at most 64. */
  readonly name: string;
  /** From 1 to 65,535. A new version has another meaning. */
  readonly version: number;
  /**
   * Whether a reader that does not know the name and version must reject the head. It ignores the
   * extension otherwise.
   */
  readonly critical: boolean;
  /** Any JSON. The form depends on name and version. */
  readonly value: Json;
}

/** The signed state of a log: how far it goes, and when that was signed. */
export interface Head extends Position {
  readonly v: 2;
  readonly issuer: string;
  readonly shard: number;
  /**
   * Number of live revocations of workflows and blocks. A verifier rejects a head with more than it
   * can hold before it reads anything else.
   */
  readonly count: number;
  /**
   * When the head was signed. Freshness is judged by it and not by the last change, because a
   * silent log must not look like a healthy one.
   */
  readonly issued_at: UnixSeconds;
  /** When a newer head exists at the latest, for consumers of files, which have no tiers. */
  readonly next_update: UnixSeconds;
  /**
   * All of the issuer's public root keys. A verifier that takes its keys from the feed accepts
   * exactly these, so a head without a key revokes it.
   */
  readonly keys: readonly HeadKey[];
  /**
   * All live watermarks. They apply as soon as the head is opened, even if its entries are lost.
   */
  readonly watermarks: readonly HeadWatermark[];
  readonly snapshot: SnapshotReference | null;
  /** The oldest `seq` of this epoch from which deltas lead to the newest entry. */
  readonly delta_from: number;
  /**
   * Where the epoch before ended; null in the first. A replica beyond this position rejects the
   * head: the entries in between would be undone.
   */
  readonly previous: Position | null;
  /** In ascending order of their names. Absent if there are none, as in heads of release 0.2.0. */
  readonly extensions?: readonly HeadExtension[];
}

/** A head on the wire, not opened yet. */
export type SignedHead = Signed;

/** The position that a replica never goes below, not even after a restart. */
export interface FeedFloor extends Position {
  readonly issued_at: UnixSeconds;
}

/**
 * Returns whether `one` contains everything in `other` and is at least as new. Of two heads of an
 * honest log, this is true of one or the other.
 */
export const isAtLeast = (one: FeedFloor, other: FeedFloor): boolean =>
  one.epoch === other.epoch && one.seq >= other.seq && one.issued_at >= other.issued_at;
