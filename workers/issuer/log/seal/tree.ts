import { toHex } from '../../../../src/encoding.ts';
import {
  EMPTY_FRONTIER,
  encodeTile,
  extendFrontier,
  frontierRoot,
  rootOf,
  TILE_HASHES,
  type Tile,
} from '../../../../src/tlog/index.ts';

/** The hashes of the partial tiles at the right edge, from level 1 on, where bundles are full. */
export type Edge = readonly (readonly Uint8Array[])[];

/** A full tile, and its hashes. */
export interface FullTile extends Omit<Tile, 'width'> {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * The part of a tree that is not in full bundles: the edge below `floor`, and the hashes of the
 * entries from there on. Everything that a round signs or writes follows from it.
 */
export class Tree {
  readonly floor: number;
  readonly #leaves: readonly Uint8Array[];
  readonly #edge: Edge;
  /** The edge after the last full bundle. */
  readonly #newEdge: Uint8Array[][];
  /** The tiles that each bundle completed, by its number. */
  readonly #completed = new Map<number, readonly FullTile[]>();
  readonly #roots = new Map<number, string>();

  constructor(floor: number, edge: Edge, leaves: readonly Uint8Array[]) {
    this.floor = floor;
    this.#edge = edge;
    this.#leaves = leaves;
    this.#newEdge = edge.map((hashes) => [...hashes]);
    for (let end = TILE_HASHES; end <= leaves.length; end += TILE_HASHES) {
      const bundle = (floor + end) / TILE_HASHES - 1;
      const tile = leaves.slice(end - TILE_HASHES, end);
      this.#completed.set(bundle, this.#complete(bundle, tile));
    }
  }

  get size(): number {
    return this.floor + this.#leaves.length;
  }

  get edge(): Edge {
    return this.#edge;
  }

  /** Returns the root of the first `size` entries in lower-case hex, from the floor on. */
  rootAt(size: number): string {
    const known = this.#roots.get(size);
    if (known !== undefined) return known;
    // Behind the full bundles, whose hashes are known, there is little to add.
    const [from, edge] =
      size >= this.#full ? [this.#full, this.#newEdge] : [this.floor, this.#edge];
    const hashes = edge.toReversed().flatMap((row) => extendFrontier(EMPTY_FRONTIER, row).hashes);
    const added = this.#leaves.slice(from - this.floor, size - this.floor);
    const root = toHex(frontierRoot(extendFrontier({ size: from, hashes }, added)));
    this.#roots.set(size, root);
    return root;
  }

  /** Returns the tree with further entries, by their hashes. */
  with(leaves: readonly Uint8Array[]): Tree {
    return new Tree(this.floor, this.#edge, this.#leaves.concat(leaves));
  }

  /** Returns the tree whose full bundles below `floor` are in the archive. */
  from(floor: number): Tree {
    const inBundles = this.#leaves.slice(0, floor - this.floor);
    const before = floor === this.#full ? this : new Tree(this.floor, this.#edge, inBundles);
    return new Tree(floor, before.#newEdge, this.#leaves.slice(floor - this.floor));
  }

  /** How many entries are in bundles that are full. */
  get #full(): number {
    return this.size - (this.size % TILE_HASHES);
  }

  /** Returns the full tiles that end with a bundle, lowest level first. */
  completedBy(bundle: number): readonly FullTile[] {
    return this.#completed.get(bundle) ?? [];
  }

  /** Returns the hashes of a tile as far as this part of the tree has them. */
  tile({ level, index, width }: Tile): Uint8Array<ArrayBuffer> | undefined {
    for (const tiles of this.#completed.values()) {
      const full = tiles.find((one) => one.level === level && one.index === index);
      if (full) return full.bytes;
    }
    const rowSize = Math.floor(this.size / TILE_HASHES ** level);
    const first = rowSize - (rowSize % TILE_HASHES);
    if (index * TILE_HASHES !== first) return undefined;
    const row =
      level === 0 ? this.#leaves.slice(first - this.floor) : (this.#newEdge[level - 1] ?? []);
    return row.length < width ? undefined : encodeTile(row.slice(0, width));
  }

  #complete(bundle: number, leaves: readonly Uint8Array[]): readonly FullTile[] {
    const tiles: FullTile[] = [];
    let hashes = leaves;
    for (let [level, index] = [0, bundle]; ; level++, index = Math.floor(index / TILE_HASHES)) {
      tiles.push({ level, index, bytes: encodeTile(hashes) });
      this.#newEdge[level] ??= [];
      const row = this.#newEdge[level] ?? [];
      row.push(rootOf(hashes));
      if (row.length < TILE_HASHES) return tiles;
      this.#newEdge[level] = [];
      hashes = row;
    }
  }
}
