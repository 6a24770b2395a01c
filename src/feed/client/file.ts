import { type Clock, readClock, readSeconds } from '../../clock.ts';
import { concatBytes, utf8 } from '../../encoding.ts';
import { FEED_FILE_BYTES_MAX } from '../../limits.ts';
import { type Check, callable, type Members, optional, readOptions } from '../../options.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { FeedFloor, Head, SignedHead } from '../format/head.ts';
import { packHead, unpackHead } from '../format/packed-head.ts';
import type { FeedError } from '../replica/errors.ts';
import { isFloor } from '../replica/floor.ts';
import {
  type FeedHit,
  type FeedQuery,
  FeedReplica,
  REPLICA_OPTIONS,
  type ReplicaOptions,
  replicaOptions,
} from '../replica/replica.ts';

/** A feed for a verifier without a network: a head, its snapshot, and the deltas after it. */
export interface FeedFile {
  readonly head: SignedHead;
  readonly snapshot?: Uint8Array;
  readonly deltas: readonly Uint8Array[];
}

const MARK = utf8('hewn-feed-file-v2\0');

/** Encodes a feed as the bytes of a file; see docs/reference/feed.md, "Messages and files". */
export const encodeFeedFile = ({ head, snapshot, deltas }: FeedFile): Uint8Array<ArrayBuffer> =>
  concatBytes(MARK, packHead(head, snapshot ?? new Uint8Array(), concatBytes(...deltas)));

/** Why a file is rejected. */
export type FileError = FeedError | { readonly code: 'file_malformed' };

/** How a file is checked. */
export interface FileOptions extends ReplicaOptions {
  /** Defaults to the wall clock. */
  readonly now?: Clock;
  /** The floor of the previous file. An older file is rejected. */
  readonly floor?: FeedFloor;
}

const floorOf: Check = (value) => (isFloor(value) ? undefined : 'a floor of a feed');

const OPTIONS: Members<FileOptions> = {
  ...REPLICA_OPTIONS,
  now: optional(callable),
  floor: optional(floorOf),
};

/**
 * Opens a file as the feed of a verifier. The file is checked like any other copy of the log:
 * signature, chain and floor. It never gets newer, so the tiers of the verifier decide for how long
 * it is good.
 *
 * @example
 * ```ts
 * import { openFeedFile } from 'hewn/feed';
 *
 * const opened = await openFeedFile(new Uint8Array(), { issuer, feedKey });
 * if (!opened.ok) console.log(opened.error.code); // file_malformed
 * ```
 */
export async function openFeedFile(
  bytes: Uint8Array<ArrayBuffer>,
  options: FileOptions,
): Promise<Result<FileFeed, FileError>> {
  const { now = readClock, floor } = readOptions(options, 'openFeedFile', OPTIONS);
  const isMarked = MARK.every((byte, index) => bytes[index] === byte);
  if (!isMarked || bytes.length > FEED_FILE_BYTES_MAX) return refuse({ code: 'file_malformed' });
  const unpacked = unpackHead(bytes.subarray(MARK.length), 2);
  if (!unpacked) return refuse({ code: 'file_malformed' });
  const [snapshot = new Uint8Array(), delta = new Uint8Array()] = unpacked.parts;
  const replica = new FeedReplica(replicaOptions(options));
  if (floor) replica.startAt(floor);
  const head = await replica.open(unpacked.head, readSeconds(now));
  if (!head.ok) return head;
  const update = { snapshot: snapshot.length > 0 ? snapshot : undefined, deltas: [delta] };
  const applied = await replica.apply(head.value, update);
  if (!applied.ok) return applied;
  const why = replica.unwitnessed(applied.value);
  if (why) return refuse({ code: 'head_unwitnessed', why });
  return ok(new FileFeed(replica, replica.trusted ?? applied.value));
}

/** The feed of a file. Made by `openFeedFile`. */
export class FileFeed {
  readonly head: Head;
  readonly #replica: FeedReplica;

  constructor(replica: FeedReplica, head: Head) {
    this.head = head;
    this.#replica = replica;
  }

  /** The number of revoked workflows and blocks. */
  get size(): number {
    return this.#replica.size;
  }

  /** The minimum age of the head in seconds, whatever the wall clock says. */
  get ageSecondsMin(): number {
    return this.#replica.ageSecondsMin;
  }

  /** Returns what stops a token or its call, or undefined if nothing does. */
  find(query: FeedQuery): FeedHit | undefined {
    return this.#replica.find(query);
  }

  /** Always fails, because a file has no log to ask. A call that must ask is denied. */
  async refresh(): Promise<{ readonly ok: false }> {
    return { ok: false };
  }
}
