import { concatBytes } from '../encoding.ts';
import { foldSubtrees, HASH_BYTES, nodeHash } from './hash.ts';

/**
 * What a log keeps of its tree to go on: the hashes of the full subtrees along the right edge, from
 * the largest to the smallest, one for each bit of the size that is set. A million entries leave at
 * most 20.
 */
export interface Frontier {
  readonly size: number;
  readonly hashes: readonly Uint8Array[];
}

/** The frontier of a tree without entries. */
export const EMPTY_FRONTIER: Frontier = { size: 0, hashes: [] };

/**
 * Returns the frontier after further leaves, given by their hashes in order.
 *
 * @example
 * ```ts
 * import { EMPTY_FRONTIER, extendFrontier, frontierRoot, leafHash } from 'hewn/tlog';
 *
 * const entries = ['hewn record 0', 'hewn record 1'].map((text) => new TextEncoder().encode(text));
 * const frontier = extendFrontier(EMPTY_FRONTIER, entries.map(leafHash));
 * const root = Buffer.from(frontierRoot(frontier)).toString('hex');
 * console.assert(root.startsWith('df392c57c1025252'));
 * ```
 */
export function extendFrontier(frontier: Frontier, leaves: readonly Uint8Array[]): Frontier {
  const hashes = [...frontier.hashes];
  let { size } = frontier;
  for (const leaf of leaves) {
    let whole = leaf;
    // Each trailing one of the size is a full subtree that the new one completes to the next.
    for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = hashes.pop();
      if (left) whole = nodeHash(left, whole);
    }
    hashes.push(whole);
    size += 1;
  }
  return { size, hashes };
}

/** Returns the root of the tree whose right edge this is. */
export const frontierRoot = ({ hashes }: Frontier): Uint8Array<ArrayBuffer> => foldSubtrees(hashes);

/** Returns the root of the tree over leaves, given by their hashes. */
export const rootOf = (leaves: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  frontierRoot(extendFrontier(EMPTY_FRONTIER, leaves));

/** Returns the hashes of a frontier as bytes, to be stored beside its size. */
export const encodeFrontier = ({ hashes }: Frontier): Uint8Array<ArrayBuffer> =>
  concatBytes(...hashes);

/** Returns a frontier from its size and bytes; undefined if the bytes are not of this size. */
export function decodeFrontier(size: number, bytes: Uint8Array): Frontier | undefined {
  if (!Number.isSafeInteger(size) || size < 0) return undefined;
  if (bytes.length !== HASH_BYTES * subtreesOf(size)) return undefined;
  const hashes = Array.from({ length: bytes.length / HASH_BYTES }, (_, index) =>
    bytes.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  );
  return { size, hashes };
}

/** The ones of a size, in binary. */
function subtreesOf(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
