import type { UnixSeconds } from '../../../src/clock.ts';
import type { FeedEntry, Position } from '../../../src/feed/index.ts';

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

/** What a log asks of its archive. The class documents each method. */
export interface FeedArchiveBinding extends Rpc.DurableObjectBranded {
  position(): Position | undefined;
  keep(after: number, end: Position, entries: readonly ArchivedEntry[]): Promise<number>;
  since(seq: number, now: UnixSeconds): ArchivedEntry[];
}
