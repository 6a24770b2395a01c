import type { Frontier } from './frontier.ts';
import { foldSubtrees, HASH_BYTES, nodeHash } from './hash.ts';
import { TILE_HASHES, type Tile, tilePath, tileWidth } from './tile.ts';

/**
 * Returns the hashes of a tile, `tile.width` of them in one array of bytes. May also return those
 * of the full tile, which it does if the partial one is gone. Rejects if it has neither.
 */
export type TileReader = (tile: Tile) => Promise<Uint8Array> | Uint8Array;

/** A full subtree: that of the entries from `index · 2^level` up to `(index + 1) · 2^level`. */
interface Subtree {
  readonly level: number;
  readonly index: number;
}

/** Consecutive entries whose subtree is one line of a proof. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Returns the inclusion proof of an entry in the tree of a size, from tiles. What it read is right
 * if `checkInclusion` accepts the proof for a root that is known. Throws a RangeError unless
 * 0 ≤ index < size.
 *
 * @example
 * ```ts
 * import { checkInclusion, encodeTile, leafHash, proveInclusion, rootOf } from 'hewn/tlog';
 *
 * const leaves = ['a', 'b', 'c'].map((text) => leafHash(new TextEncoder().encode(text)));
 * // A log reads `tilePath(tile)` from where its tiles are.
 * const proof = await proveInclusion(2, 3, () => encodeTile(leaves));
 * const leaf = leafHash(new TextEncoder().encode('c'));
 * console.assert(checkInclusion({ index: 2, size: 3, leaf, root: rootOf(leaves) }, proof));
 * ```
 */
export const proveInclusion = (
  index: number,
  size: number,
  read: TileReader,
): Promise<Uint8Array[]> => hashRanges(inclusionRanges(index, size), size, read);

/**
 * Returns the proof that the tree of `size` begins with that of `oldSize`, from tiles. Throws a
 * RangeError unless 0 ≤ oldSize ≤ size.
 */
export const proveConsistency = (
  oldSize: number,
  size: number,
  read: TileReader,
): Promise<Uint8Array[]> => hashRanges(consistencyRanges(oldSize, size), size, read);

/** Returns the frontier of the tree of a size, from its tiles. Its root shows if they are right. */
export async function readFrontier(size: number, read: TileReader): Promise<Frontier> {
  const single = subtreesOf({ from: 0, to: size }).map(({ level, index }) => ({
    from: index * 2 ** level,
    to: (index + 1) * 2 ** level,
  }));
  return { size, hashes: await hashRanges(single, size, read) };
}

/** Returns the inclusion proof of an entry among leaves, given by their hashes. */
export const proveInclusionIn = (index: number, leaves: readonly Uint8Array[]): Uint8Array[] =>
  inclusionRanges(index, leaves.length).map((range) => hashOfRange(range, leaves));

/** Returns the proof that these leaves begin with the first `oldSize` of them. */
export const proveConsistencyIn = (oldSize: number, leaves: readonly Uint8Array[]): Uint8Array[] =>
  consistencyRanges(oldSize, leaves.length).map((range) => hashOfRange(range, leaves));

function inclusionRanges(index: number, size: number): readonly Range[] {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) {
    throw new RangeError(`A tree of ${size} entries has none with the index ${index}.`);
  }
  const ranges: Range[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + largestPowerBelow(to - from);
    if (index < middle) {
      ranges.push({ from: middle, to });
      to = middle;
    } else {
      ranges.push({ from, to: middle });
      from = middle;
    }
  }
  return ranges.reverse();
}

function consistencyRanges(oldSize: number, size: number): readonly Range[] {
  if (
    !Number.isSafeInteger(oldSize) ||
    !Number.isSafeInteger(size) ||
    oldSize < 0 ||
    oldSize > size
  )
    throw new RangeError(`A tree of ${size} entries never had ${oldSize}.`);
  if (oldSize === 0 || oldSize === size) return [];
  const ranges: Range[] = [];
  let [from, to] = [0, size];
  while (to !== oldSize) {
    const middle = from + largestPowerBelow(to - from);
    if (oldSize <= middle) {
      ranges.push({ from: middle, to });
      to = middle;
    } else {
      ranges.push({ from, to: middle });
      from = middle;
    }
  }
  // The checker knows the old root itself; it is not sent.
  if (from > 0) ranges.push({ from, to });
  return ranges.reverse();
}

/** Splits entries into full subtrees, the largest first. */
function subtreesOf({ from, to }: Range): readonly Subtree[] {
  const subtrees: Subtree[] = [];
  for (let at = from; at < to; ) {
    let level = 0;
    while (2 ** (level + 1) <= to - at) level += 1;
    subtrees.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return subtrees;
}

const hashOfRange = ({ from, to }: Range, leaves: readonly Uint8Array[]) =>
  foldSubtrees(
    subtreesOf({ from, to }).map(({ level, index }) =>
      hashOfFull(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)),
    ),
  );

async function hashRanges(
  ranges: readonly Range[],
  size: number,
  read: TileReader,
): Promise<Uint8Array[]> {
  const tiles = new Map<string, Promise<Uint8Array> | Uint8Array>();
  const hashOf = async (subtree: Subtree): Promise<Uint8Array> => {
    const { tile, first, count } = placeOf(subtree, size);
    const path = tilePath(tile);
    const bytes = await (tiles.get(path) ?? read(tile));
    tiles.set(path, bytes);
    if (bytes.length < tile.width * HASH_BYTES)
      throw new Error(`${path} is shorter than its name.`);
    return hashOfFull(
      Array.from({ length: count }, (_, offset) =>
        bytes.slice((first + offset) * HASH_BYTES, (first + offset + 1) * HASH_BYTES),
      ),
    );
  };
  const hashes: Uint8Array[] = [];
  for (const range of ranges) {
    const parts: Uint8Array[] = [];
    for (const subtree of subtreesOf(range)) parts.push(await hashOf(subtree));
    hashes.push(foldSubtrees(parts));
  }
  return hashes;
}

/** Tiles hold every eighth level; the levels between are hashed from the one below. */
const LEVELS_OF_TILE = 8;

/** Returns which tile has the hashes under a subtree, and which of them. */
function placeOf(subtree: Subtree, size: number) {
  const level = Math.floor(subtree.level / LEVELS_OF_TILE);
  const count = 2 ** (subtree.level % LEVELS_OF_TILE);
  const first = subtree.index * count;
  const index = Math.floor(first / TILE_HASHES);
  return {
    tile: { level, index, width: tileWidth(level, index, size) },
    first: first - index * TILE_HASHES,
    count,
  };
}

function hashOfFull(hashes: readonly Uint8Array[]): Uint8Array {
  let row = hashes;
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i + 1 < row.length; i += 2)
      above.push(nodeHash(row[i] as Uint8Array, row[i + 1] as Uint8Array));
    row = above;
  }
  const [root] = row;
  if (!root) throw new RangeError('A subtree has at least one entry.');
  return root;
}

function largestPowerBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}
