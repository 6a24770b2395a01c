import { concatBytes } from '../encoding.ts';
import { HASH_BYTES } from './hash.ts';

/** The hashes of a full tile, and the entries of a full bundle. */
export const TILE_HASHES = 256;

/** Sizes of logs are below 2^53, which level 6 covers; the format ends at 63. */
const LEVEL_MAX = 63;

/**
 * A tile of a tree, as c2sp.org/tlog-tiles cuts it: the hashes of `width` consecutive subtrees of
 * 256^level entries each, from `256 · index` on.
 */
export interface Tile {
  readonly level: number;
  readonly index: number;
  /** 256, or fewer for a partial tile at the right edge. */
  readonly width: number;
}

/** A full bundle of entries, or a partial one at the right edge. */
export interface Bundle {
  readonly index: number;
  readonly width: number;
}

/** Returns the path of a tile: `tile/0/x001/234` or, if it is partial, `tile/0/005.p/17`. */
export const tilePath = ({ level, index, width }: Tile): string =>
  `tile/${level}/${numbered(index, width)}`;

/** Returns the path of a bundle of entries: `tile/entries/005`. */
export const bundlePath = ({ index, width }: Bundle): string =>
  `tile/entries/${numbered(index, width)}`;

const NUMBER = /^((?:x\d{3}\/)*)(\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/**
 * Returns the tile that a path names; undefined if it names none. Every tile has one spelling, so
 * nothing is cached or stored twice.
 */
export function readTilePath(path: string): Tile | undefined {
  const [, level = '', number = ''] = /^tile\/(0|[1-9]\d?)\/(.+)$/.exec(path) ?? [];
  const place = level !== '' && Number(level) <= LEVEL_MAX ? readNumber(number) : undefined;
  return place && { level: Number(level), ...place };
}

/** Returns the bundle that a path names; undefined if it names none. */
export function readBundlePath(path: string): Bundle | undefined {
  const [, number] = /^tile\/entries\/(.+)$/.exec(path) ?? [];
  return number === undefined ? undefined : readNumber(number);
}

function numbered(index: number, width: number): string {
  let text = String(index % 1_000).padStart(3, '0');
  for (let rest = Math.floor(index / 1_000); rest > 0; rest = Math.floor(rest / 1_000))
    text = `x${String(rest % 1_000).padStart(3, '0')}/${text}`;
  return width === TILE_HASHES ? text : `${text}.p/${width}`;
}

function readNumber(text: string): Bundle | undefined {
  const [, groups = '', last, partial = String(TILE_HASHES)] = NUMBER.exec(text) ?? [];
  if (last === undefined) return undefined;
  const index = Number(groups.replaceAll(/[x/]/g, '') + last);
  const width = Number(partial);
  const isOneSpelling = Number.isSafeInteger(index) && numbered(index, width) === text;
  return isOneSpelling && width <= TILE_HASHES ? { index, width } : undefined;
}

/**
 * Returns how many hashes a tile has in the tree of a size: 256, fewer at the right edge, and 0 or
 * less beyond it. Of a bundle, with level 0, how many entries.
 */
export const tileWidth = (level: number, index: number, size: number): number =>
  Math.min(TILE_HASHES, Math.floor(size / TILE_HASHES ** level) - index * TILE_HASHES);

/**
 * Returns the full tiles that end with the entry before `size`, lowest level first: what a log
 * writes after a bundle is full. Empty unless `size` is a multiple of 256.
 */
export function tilesCompletedAt(size: number): readonly Tile[] {
  const tiles: Tile[] = [];
  let rest = size;
  for (let level = 0; rest > 0 && rest % TILE_HASHES === 0; level++) {
    rest /= TILE_HASHES;
    tiles.push({ level, index: rest - 1, width: TILE_HASHES });
  }
  return tiles;
}

/** Returns hashes as the bytes of a tile. */
export const encodeTile = (hashes: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  concatBytes(...hashes);

/**
 * Returns the hashes of a tile; undefined if its bytes are not of 1 to 256 hashes. `rootOf` those
 * of a full tile is one hash of the level above.
 */
export function decodeTile(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const width = bytes.length / HASH_BYTES;
  if (!Number.isInteger(width) || width < 1 || width > TILE_HASHES) return undefined;
  return Array.from({ length: width }, (_, index) =>
    bytes.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  );
}

const LENGTH_BYTES = 2;
/** What the length in a bundle can express. */
export const ENTRY_BYTES_MAX = 65_535;

/** Returns entries as a bundle: each after its length, two bytes, big-endian. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const parts = entries.flatMap((entry) => {
    if (entry.length > ENTRY_BYTES_MAX) {
      throw new RangeError(`An entry of ${entry.length} bytes does not fit a bundle.`);
    }
    return [Uint8Array.of(entry.length >> 8, entry.length), entry];
  });
  return concatBytes(...parts);
}

/** Returns the entries of a bundle; undefined if its bytes do not end with an entry. */
export function decodeBundle(bytes: Uint8Array): readonly Uint8Array<ArrayBuffer>[] | undefined {
  const entries: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < bytes.length; ) {
    const begin = at + LENGTH_BYTES;
    if (begin > bytes.length) return undefined;
    const end = begin + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
    if (end > bytes.length) return undefined;
    entries.push(bytes.slice(begin, end) as Uint8Array<ArrayBuffer>);
    at = end;
  }
  return entries;
}
