import type { Position } from '../../../src/feed/index.ts';
import type { ArchivedEntry } from './archived-entry.ts';

/** What the log asks of it, by its binding. What each does: see the class. */
export interface FeedArchiveBinding extends Rpc.DurableObjectBranded {
  position(): Position | undefined;
  keep(after: number, end: Position, entries: readonly ArchivedEntry[]): Promise<number>;
  since(seq: number, nowSeconds: number): ArchivedEntry[];
}
