import type { UnixMilliseconds } from '../../clock.ts';
import { concatBytes, fromHex, toHex } from '../../encoding.ts';
import type { AuditRecord } from '../kinds/index.ts';
import type { RecordFilter } from './filter.ts';
import { TAG_BYTES, type Tag, type Tagger, tagsOf, type WantedTags } from './tags.ts';

/** What the index knows of one bundle of entries. */
export interface IndexBlock {
  /** The number of the bundle: its entries are those from 256 times this. */
  readonly bundle: number;
  /** The times of its oldest and its newest record. */
  readonly oldest: UnixMilliseconds;
  readonly newest: UnixMilliseconds;
  readonly tags: ReadonlySet<Tag>;
}

/** Returns what the index knows of a bundle with these records, of which there is at least one. */
export function blockOf(
  bundle: number,
  records: readonly AuditRecord[],
  tagger: Tagger,
): IndexBlock {
  const times = records.map(({ at }) => at);
  const tags = new Set(records.flatMap((record) => [...tagsOf(record, tagger)]));
  return { bundle, oldest: Math.min(...times), newest: Math.max(...times), tags };
}

/** Returns whether a bundle can have a record that is looked for. */
export const mayHave = (
  { oldest, newest, tags }: IndexBlock,
  { from, until }: Pick<RecordFilter, 'from' | 'until'>,
  wanted: readonly WantedTags[],
): boolean =>
  (from === undefined || newest >= from) &&
  (until === undefined || oldest < until) &&
  wanted.every((alternatives) => alternatives.some((tag) => tags.has(tag)));

/** Returns a block with everything of two blocks of one bundle. */
export const mergeBlocks = (a: IndexBlock, b: IndexBlock): IndexBlock => ({
  bundle: a.bundle,
  oldest: Math.min(a.oldest, b.oldest),
  newest: Math.max(a.newest, b.newest),
  tags: new Set([...a.tags, ...b.tags]),
});

const VERSION = 1;
const HEADER_BYTES = 4 + 8 + 8 + 4;

/**
 * Returns blocks as bytes: a byte with the version, then for each block the bundle (u32), the two
 * times (f64), the number of tags (u32), and the tags in their order.
 */
export function writeBlocks(blocks: readonly IndexBlock[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [Uint8Array.of(VERSION)];
  for (const { bundle, oldest, newest, tags } of blocks) {
    const header = new DataView(new ArrayBuffer(HEADER_BYTES));
    header.setUint32(0, bundle);
    header.setFloat64(4, oldest);
    header.setFloat64(12, newest);
    header.setUint32(20, tags.size);
    const sorted = [...tags].sort().map((tag) => fromHex(tag) ?? new Uint8Array(TAG_BYTES));
    parts.push(new Uint8Array(header.buffer), ...sorted);
  }
  return concatBytes(...parts);
}

/**
 * Returns the blocks of `writeBlocks`; undefined for bytes of another form. The bundles are then
 * read without an index.
 */
export function readBlocks(bytes: Uint8Array): readonly IndexBlock[] | undefined {
  if (bytes[0] !== VERSION) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks: IndexBlock[] = [];
  for (let at = 1; at < bytes.length; ) {
    if (at + HEADER_BYTES > bytes.length) return undefined;
    const count = view.getUint32(at + 20);
    const end = at + HEADER_BYTES + count * TAG_BYTES;
    if (end > bytes.length) return undefined;
    const tags = new Set<Tag>();
    for (let tag = at + HEADER_BYTES; tag < end; tag += TAG_BYTES) {
      tags.add(toHex(bytes.subarray(tag, tag + TAG_BYTES)));
    }
    blocks.push({
      bundle: view.getUint32(at),
      oldest: view.getFloat64(at + 4),
      newest: view.getFloat64(at + 12),
      tags,
    });
    at = end;
  }
  return blocks;
}
