import {
  bundlePath,
  decodeTile,
  encodeBundle,
  encodeTile,
  leafHash,
  rootOf,
  TILE_HASHES,
  type Tile,
  tilePath,
  tilesCompletedAt,
} from '../../../src/tlog/index.ts';
import type { Archive } from './archive.ts';

/** Returns the path of a full bundle in the archive, by month so that a month can be deleted. */
const pathOfBundle = (month: string, index: number): string =>
  `m/${month}/${bundlePath({ index, width: TILE_HASHES }).replace(/^tile\//, '')}`;

/** Returns the month of a time, `yyyy-mm`. */
export const monthOf = (at: number): string => new Date(at).toISOString().slice(0, 7);

/** Returns the objects that a full bundle adds: the bundle, and the tiles that it completes. */
export async function objectsOf(
  archive: Archive,
  index: number,
  month: string,
  entries: readonly Uint8Array[],
): Promise<readonly (readonly [path: string, bytes: Uint8Array<ArrayBuffer>])[]> {
  const tiles: [string, Uint8Array<ArrayBuffer>][] = [];
  let hashes: readonly Uint8Array[] = entries.map(leafHash);
  for (const tile of tilesCompletedAt((index + 1) * TILE_HASHES)) {
    if (tile.level > 0) hashes = [...(await rootsBelow(archive, tile)), rootOf(hashes)];
    tiles.push([tilePath(tile), encodeTile(hashes)]);
  }
  return [[pathOfBundle(month, index), encodeBundle(entries)], ...tiles];
}

/** Returns the hashes of a tile but the last, whose own tile is not in the archive yet. */
const rootsBelow = (archive: Archive, { level, index }: Tile): Promise<Uint8Array[]> =>
  rootsOf(archive, level - 1, index * TILE_HASHES, TILE_HASHES - 1);

/** Returns the roots of consecutive full tiles. */
async function rootsOf(
  archive: Archive,
  level: number,
  first: number,
  count: number,
): Promise<Uint8Array[]> {
  const roots: Uint8Array[] = [];
  for (let index = first; index < first + count; index++) {
    const path = tilePath({ level, index, width: TILE_HASHES });
    const stored = await archive.get(path);
    const hashes = stored && decodeTile(stored.bytes);
    if (hashes?.length !== TILE_HASHES) throw new Error(`the archive lacks ${path}`);
    roots.push(rootOf(hashes));
  }
  return roots;
}

/** Returns the hashes of the partial tiles from level 1 on, of a tree of full bundles. */
export async function edgeAt(archive: Archive, floor: number): Promise<Uint8Array[][]> {
  const edge: Uint8Array[][] = [];
  let level = 0;
  for (let row = floor / TILE_HASHES; row > 0; row = Math.floor(row / TILE_HASHES)) {
    const count = row % TILE_HASHES;
    edge.push(await rootsOf(archive, level, row - count, count));
    level += 1;
  }
  return edge;
}

/** Returns each month with the number of its first bundle, from the paths of bundles in order. */
export function monthsOf(paths: readonly string[]): [month: string, firstBundle: number][] {
  const months: [string, number][] = [];
  for (const path of paths) {
    const month = path.split('/')[1] ?? '';
    if (month !== months.at(-1)?.[0]) months.push([month, bundleOf(path)]);
  }
  return months;
}

/** Returns the number of a bundle, from its path. */
export const bundleOf = (path: string): number =>
  Number((path.split('/entries/')[1] ?? '').replaceAll(/[x/]/g, ''));

/** Yields the paths of the full bundles after one of them, in the order of the log. */
export async function* bundlesAfter(archive: Archive, after: string): AsyncGenerator<string> {
  let last = after;
  for (;;) {
    const { paths, isWhole } = await archive.list('m/', last === '' ? undefined : last);
    for (const path of paths) if (/^m\/[^/]+\/entries\//.test(path)) yield path;
    last = paths.at(-1) ?? last;
    if (isWhole) return;
  }
}
