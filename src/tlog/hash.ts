import { sha256 as digest } from '@noble/hashes/sha2.js';
import { concatBytes } from '../encoding.ts';

/** The length of every hash of a tree. */
export const HASH_BYTES = 32;

/** Returns the SHA-256 of bytes, at once: trees of thousands of leaves cannot wait for each. */
export const sha256 = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  digest(bytes) as Uint8Array<ArrayBuffer>;

/** The root of a tree without entries: the hash of nothing. */
export const EMPTY_ROOT: Uint8Array<ArrayBuffer> = /* @__PURE__ */ sha256(
  /* @__PURE__ */ new Uint8Array(),
);

const LEAF = /* @__PURE__ */ Uint8Array.of(0);

/**
 * Returns the hash of an entry as a leaf (RFC 9162 section 2.1.1): SHA-256 of a zero byte and the
 * entry. A checker hashes its bytes as they are, and never serialises them again.
 */
export const leafHash = (entry: Uint8Array): Uint8Array<ArrayBuffer> =>
  sha256(concatBytes(LEAF, entry));

/** Returns the hash of a node: SHA-256 of a byte of one and the hashes of its two halves. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const input = new Uint8Array(1 + 2 * HASH_BYTES);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 1 + HASH_BYTES);
  return sha256(input);
}

/** Returns whether two hashes are equal. Both are public, so the time that it takes may differ. */
export const equalHashes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

/** Returns the hash of consecutive subtrees, larger ones first, as one tree. */
export function foldSubtrees(hashes: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const last = hashes.at(-1);
  if (!last) return EMPTY_ROOT;
  return hashes
    .slice(0, -1)
    .reduceRight<Uint8Array<ArrayBuffer>>(
      (right, left) => nodeHash(left, right),
      last as Uint8Array<ArrayBuffer>,
    );
}
