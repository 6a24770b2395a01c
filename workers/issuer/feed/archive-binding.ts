import type { UnixSeconds } from '../../../src/clock.ts';
import type { FeedEntry, Position } from '../../../src/feed/index.ts';
import type { HeadKeysState } from './keys/state.ts';

/** An entry as the log and the archive store it. */
export interface ArchivedEntry {
  readonly seq: number;
  /** The key of its draft: see `draftKey`. */
  readonly ordered: string;
  readonly kind: FeedEntry['kind'];
  readonly expires: UnixSeconds;
  readonly record: Uint8Array<ArrayBuffer>;
  /** The hash chain after it. */
  readonly chain: string;
}

/** The catalogue that a log names, as the log and the archive store it. */
export interface KeptCatalogue {
  /** Counts the changes, from 1. Of two, the higher one is newer. */
  readonly change: number;
  /** SHA-256 of its text, in lower-case hex. */
  readonly hash: string;
  readonly at: UnixSeconds;
}

/** The keys that a log names, as the log and the archive store them. */
export interface KeptHeadKeys {
  /** Counts the changes, from 1. Of two, the higher one is newer. */
  readonly change: number;
  readonly lists: HeadKeysState;
  readonly at: UnixSeconds;
}

/** What a log asks of its archive. The class documents each method. */
export interface FeedArchiveBinding extends Rpc.DurableObjectBranded {
  position(): Position | undefined;
  keep(after: number, end: Position, entries: readonly ArchivedEntry[]): Promise<number>;
  since(seq: number, now: UnixSeconds): ArchivedEntry[];
  catalogue(): KeptCatalogue | undefined;
  keepCatalogue(catalogue: KeptCatalogue): number;
  headKeys(): KeptHeadKeys | undefined;
  keepHeadKeys(keys: KeptHeadKeys): number;
  leafCount(): number;
  leaves(from: number): readonly Uint8Array<ArrayBuffer>[];
  keepLeaves(from: number, entries: readonly Uint8Array<ArrayBuffer>[]): number | undefined;
}
