import { EMPTY_ROOT, equalHashes, HASH_BYTES, nodeHash } from './hash.ts';

/** What an inclusion proof has to show. */
export interface Inclusion {
  /** Of the entry, 0 for the first. */
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly root: Uint8Array;
}

/**
 * Returns whether `proof` shows that the tree of this size and root has this leaf at this index
 * (RFC 9162 section 2.1.3.2). The proof begins with the leaf's sibling. Accepts any values and
 * never throws.
 *
 * @example
 * ```ts
 * import { checkInclusion, leafHash, proveInclusionIn, rootOf } from 'hewn/tlog';
 *
 * const leaves = ['a', 'b', 'c'].map((text) => leafHash(new TextEncoder().encode(text)));
 * const leaf = leafHash(new TextEncoder().encode('b'));
 * const claim = { index: 1, size: 3, leaf, root: rootOf(leaves) };
 * console.assert(checkInclusion(claim, proveInclusionIn(1, leaves)));
 * console.assert(!checkInclusion({ ...claim, index: 0 }, proveInclusionIn(1, leaves)));
 * ```
 */
export function checkInclusion(claim: Inclusion, proof: readonly Uint8Array[]): boolean {
  const { index, size, leaf, root } = claim;
  if (!isSize(index) || !isSize(size) || index >= size) return false;
  if (!areHashes([leaf, root, ...proof])) return false;
  const walk = { node: index, last: size - 1 };
  let hash = leaf;
  for (const sibling of proof) {
    if (walk.last === 0) return false;
    if (walk.node % 2 === 1 || walk.node === walk.last) {
      hash = nodeHash(sibling, hash);
      // A node at the right edge without a sibling is its own parent.
      while (walk.node % 2 === 0 && walk.node !== 0) rise(walk);
    } else hash = nodeHash(hash, sibling);
    rise(walk);
  }
  // Otherwise a proof that stops early would pass for another root.
  return walk.last === 0 && equalHashes(hash, root);
}

/** Two sizes of one log, with their roots. */
export interface Growth {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * Returns whether `proof` shows that the tree of `size` begins with the tree of `oldSize` (RFC 9162
 * section 2.1.4.2). An empty tree is the beginning of every tree, and its root is `EMPTY_ROOT`.
 * Accepts any values and never throws.
 */
export function checkConsistency(growth: Growth, proof: readonly Uint8Array[]): boolean {
  const { oldSize, oldRoot, size, root } = growth;
  if (!isSize(oldSize) || !isSize(size) || oldSize > size) return false;
  if (!areHashes([oldRoot, root, ...proof])) return false;
  if (oldSize === 0 && !equalHashes(oldRoot, EMPTY_ROOT)) return false;
  if (oldSize === size) return proof.length === 0 && equalHashes(oldRoot, root);
  if (oldSize === 0 || proof.length === 0) return oldSize === 0 && proof.length === 0;
  // The proof does not carry the old root if that is a node of the new tree.
  const [first, ...path] = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof;
  if (!first) return false;
  const walk = { node: oldSize - 1, last: size - 1 };
  while (walk.node % 2 === 1) rise(walk);
  let [before, after] = [first, first];
  for (const sibling of path) {
    if (walk.last === 0) return false;
    if (walk.node % 2 === 1 || walk.node === walk.last) {
      before = nodeHash(sibling, before);
      after = nodeHash(sibling, after);
      while (walk.node % 2 === 0 && walk.node !== 0) rise(walk);
    } else after = nodeHash(after, sibling);
    rise(walk);
  }
  return walk.last === 0 && equalHashes(before, oldRoot) && equalHashes(after, root);
}

/** A node on the way up, and the last node of its level. */
interface Walk {
  node: number;
  last: number;
}

/** Divides instead of shifting: shifts would cut sizes at 32 bits. */
function rise(walk: Walk): void {
  walk.node = Math.floor(walk.node / 2);
  walk.last = Math.floor(walk.last / 2);
}

const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

const areHashes = (hashes: readonly Uint8Array[]): boolean =>
  hashes.every((hash) => hash.length === HASH_BYTES);

function isPowerOfTwo(size: number): boolean {
  let rest = size;
  while (rest % 2 === 0) rest /= 2;
  return rest === 1;
}
