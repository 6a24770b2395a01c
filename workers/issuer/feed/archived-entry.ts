import type { FeedEntry } from '../../../src/feed/index.ts';

/** An entry as the archive keeps it. */
export interface ArchivedEntry {
  readonly seq: number;
  readonly ordered: string;
  readonly kind: FeedEntry['kind'];
  readonly expires: number;
  readonly record: Uint8Array<ArrayBuffer>;
  readonly chain: string;
}
