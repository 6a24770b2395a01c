import { fromUtf8 } from '../../../../src/encoding.ts';
import { decodeBundle, TILE_HASHES } from '../../../../src/tlog/index.ts';
import type { Archive } from '../../archive/archive.ts';
import { entriesPath, monthOfBundle } from './paths.ts';
import { Stopped, type View } from './view.ts';

/**
 * Returns the ids of the entries from `from` on that a log's own rows can be about: those below the
 * size that it had. A log that was restored to a point in time had given these indexes to rows.
 */
export async function readIds(
  archive: Archive,
  { tree, entries, months }: View,
  from: number,
  size: number,
): Promise<readonly string[]> {
  const end = Math.min(Math.max(size, from), tree.size);
  const ids: string[] = [];
  for (let index = from; index < Math.min(end, tree.floor); ) {
    const bundle = Math.floor(index / TILE_HASHES);
    const month = monthOfBundle(months, bundle) ?? '';
    const stored = await archive.get(entriesPath(month, bundle));
    const read = stored && decodeBundle(stored.bytes);
    if (!read) throw new Stopped('torn', `the archive lacks bundle ${bundle}`);
    const first = index - bundle * TILE_HASHES;
    const some = read.slice(first, Math.min(TILE_HASHES, end - bundle * TILE_HASHES));
    ids.push(...some.map(idOf));
    index += some.length;
  }
  const first = Math.max(from, tree.floor);
  if (end > first) ids.push(...entries.slice(first - tree.floor, end - tree.floor).map(idOf));
  return ids;
}

function idOf(entry: Uint8Array<ArrayBuffer>): string {
  const read: unknown = JSON.parse(fromUtf8(entry) ?? 'null');
  return String((Object(read) as { readonly id?: unknown }).id);
}
