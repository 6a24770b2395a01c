import { concatBytes } from '../../../../src/encoding.ts';
import {
  encodeBundle,
  HASH_BYTES,
  leafHash,
  readBundlePath,
  readTilePath,
  rootOf,
  TILE_HASHES,
  type TileReader,
  tileWidth,
} from '../../../../src/tlog/index.ts';

/** A page for the archive. A leaf has about 600 bytes. */
export const LEAVES_PAGE = 512;

/** The leaves of a tree and their hashes, as rows. */
export class TreeLeaves {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  get size(): number {
    const { last } = this.#sql.exec('SELECT MAX(number) AS last FROM leaf').one();
    return last === null ? 0 : Number(last) + 1;
  }

  /** Returns a leaf, or undefined if the tree has no such one. */
  at(number: number): Uint8Array<ArrayBuffer> | undefined {
    return this.page(number, 1)[0];
  }

  /** Returns leaves from `number` on. */
  page(number: number, limit = LEAVES_PAGE): readonly Uint8Array<ArrayBuffer>[] {
    return this.#sql
      .exec('SELECT entry FROM leaf WHERE number >= ? ORDER BY number LIMIT ?', number, limit)
      .toArray()
      .map(({ entry }) => new Uint8Array(entry as ArrayBuffer));
  }

  /** Appends a leaf with what it completes. The caller has a transaction. */
  append(entry: Uint8Array<ArrayBuffer>): void {
    const number = this.size;
    this.#sql.exec('INSERT INTO leaf (number, entry) VALUES (?, ?)', number, entry);
    this.#appendHash(0, number, leafHash(entry));
  }

  /** Reads the hashes of a tile: at least those of its width, if the tree has them. */
  readonly readTile: TileReader = ({ level, index, width }) =>
    this.#hashes(level, index).slice(0, width * HASH_BYTES);

  /** Returns the tile or the bundle at a path, if the tree of `size` leaves has it. */
  part(path: string, size: number): Uint8Array<ArrayBuffer> | undefined {
    const bundle = readBundlePath(path);
    const { level, index, width } = readTilePath(path) ?? {
      level: 0,
      index: 0,
      width: 0,
      ...bundle,
    };
    if (width === 0 || tileWidth(level, index, size) < width) return undefined;
    if (bundle) return encodeBundle(this.page(index * TILE_HASHES, width));
    return this.#hashes(level, index).slice(0, width * HASH_BYTES);
  }

  #appendHash(level: number, number: number, hash: Uint8Array): void {
    const tile = Math.floor(number / TILE_HASHES);
    const hashes = concatBytes(this.#hashes(level, tile), hash);
    this.#sql.exec(
      `INSERT INTO tile (level, number, hashes) VALUES (?, ?, ?)
       ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes`,
      ...[level, tile, hashes],
    );
    if (hashes.length < TILE_HASHES * HASH_BYTES) return;
    const all = Array.from({ length: TILE_HASHES }, (_, index) =>
      hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
    );
    this.#appendHash(level + 1, tile, rootOf(all));
  }

  #hashes(level: number, number: number): Uint8Array<ArrayBuffer> {
    const [row] = this.#sql
      .exec('SELECT hashes FROM tile WHERE level = ? AND number = ?', level, number)
      .toArray();
    return row ? new Uint8Array(row.hashes as ArrayBuffer) : new Uint8Array();
  }
}
