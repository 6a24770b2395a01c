import { type Clock, readClock } from '../../clock.ts';
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

/** For a verifier without a network: a head, its snapshot, and the deltas after it. */
export interface FeedFile {
  readonly head: SignedHead;
  readonly snapshot?: Uint8Array;
  readonly deltas: readonly Uint8Array[];
}

const MARK = utf8('hewn-feed-file-v2\0');

export const encodeFeedFile = ({ head, snapshot, deltas }: FeedFile): Uint8Array<ArrayBuffer> =>
  concatBytes(MARK, packHead(head, snapshot ?? new Uint8Array(), concatBytes(...deltas)));

export type FileError = FeedError | { readonly code: 'file_malformed' };

export interface FileOptions extends ReplicaOptions {
  /** Milliseconds since the epoch. */
  readonly now?: Clock;
  /** Of the file before: an older one is refused. */
  readonly floor?: FeedFloor;
}

const floorOf: Check = (value) => (isFloor(value) ? undefined : 'a floor of a feed');

const OPTIONS: Members<FileOptions> = {
  ...REPLICA_OPTIONS,
  now: optional(callable),
  floor: optional(floorOf),
};

/**
 * Reads a file as the feed of a verifier. It is a copy of the log like any other, held to the same
 * signature, chain and floor; it never gets newer, so the tiers of the verifier say for how long.
 */
export async function openFeedFile(
  bytes: Uint8Array<ArrayBuffer>,
  options: FileOptions,
): Promise<Result<FileFeed, FileError>> {
  const { now = readClock, floor } = readOptions(options, 'openFeedFile', OPTIONS);
  const isMarked = MARK.every((byte, at) => bytes[at] === byte);
  if (!isMarked || bytes.length > FEED_FILE_BYTES_MAX) return refuse({ code: 'file_malformed' });
  const opened = unpackHead(bytes.subarray(MARK.length), 2);
  if (!opened) return refuse({ code: 'file_malformed' });
  const [snapshot = new Uint8Array(), delta = new Uint8Array()] = opened.parts;
  const replica = new FeedReplica(replicaOptions(options));
  if (floor) replica.startAt(floor);
  const head = await replica.open(opened.head, Math.floor(now() / 1000));
  if (!head.ok) return head;
  const update = { snapshot: snapshot.length > 0 ? snapshot : undefined, deltas: [delta] };
  const applied = await replica.apply(head.value, update);
  return applied.ok ? ok(new FileFeed(replica, applied.value)) : applied;
}

export class FileFeed {
  readonly head: Head;
  readonly #replica: FeedReplica;

  constructor(replica: FeedReplica, head: Head) {
    this.head = head;
    this.#replica = replica;
  }

  /** Revoked workflows and blocks. */
  get size(): number {
    return this.#replica.size;
  }

  /** See `FeedReplica`. */
  get ageSecondsMin(): number {
    return this.#replica.ageSecondsMin;
  }

  find(question: FeedQuery): FeedHit | undefined {
    return this.#replica.find(question);
  }

  /** A file has nobody to ask: what must ask is denied. */
  async refresh(): Promise<{ readonly ok: false }> {
    return { ok: false };
  }
}
