import { sha256 } from './note.ts';

export const EMPTY_ROOT = sha256('');
export const HASH_BYTES = 32;

const node = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Uint8Array.of(1), left, right);

/**
 * Returns whether a proof leads from a tree of `size1` leaves to one of `size2` (RFC 9162, section
 * 2.1.4.2, whose steps are numbered here).
 */
export function isConsistent(
  [size1, root1]: readonly [bigint, Buffer],
  [size2, root2]: readonly [bigint, Buffer],
  proof: readonly Buffer[],
): boolean {
  if (size1 > size2) return false;
  if (size1 === size2) return proof.length === 0 && root1.equals(root2);
  // The empty tree is consistent with every tree.
  if (size1 === 0n) return proof.length === 0;
  if (proof.length === 0) return false; // 1.
  const isPowerOfTwo = (size1 & (size1 - 1n)) === 0n;
  const path = isPowerOfTwo ? [root1, ...proof] : proof; // 2.
  let [first, second] = [size1 - 1n, size2 - 1n]; // 3.
  while ((first & 1n) === 1n) [first, second] = [first >> 1n, second >> 1n]; // 4.
  let [hash1, hash2] = [path[0] ?? EMPTY_ROOT, path[0] ?? EMPTY_ROOT]; // 5.
  for (const hash of path.slice(1)) {
    if (second === 0n) return false; // 6 a.
    if ((first & 1n) === 1n || first === second) {
      [hash1, hash2] = [node(hash, hash1), node(hash, hash2)]; // 6 b, i and ii.
      while ((first & 1n) === 0n && first !== 0n) [first, second] = [first >> 1n, second >> 1n];
    } else {
      hash2 = node(hash2, hash); // 6 b, "otherwise".
    }
    [first, second] = [first >> 1n, second >> 1n]; // 6 c.
  }
  return hash1.equals(root1) && hash2.equals(root2) && second === 0n; // 7.
}
