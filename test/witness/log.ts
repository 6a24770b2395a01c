import { ED25519, type SigningKey, sha256, signatureLine, signingKey } from './note.ts';
import { EMPTY_ROOT } from './tree.ts';

/** A log that keeps its entries in memory, as RFC 9162 section 2.1 defines trees and proofs. */
export class MemoryLog {
  readonly origin: string;
  readonly key: SigningKey;
  readonly leaves: readonly Buffer[];

  constructor(origin: string, seed: Uint8Array, entries: readonly string[]) {
    this.origin = origin;
    this.key = signingKey(origin, ED25519, seed);
    this.leaves = entries.map((entry) => sha256(Uint8Array.of(0), entry));
  }

  root(size = this.leaves.length): Buffer {
    return rootOf(this.leaves.slice(0, size));
  }

  /** Returns the checkpoint of a size, with a line of the log. */
  checkpoint(size = this.leaves.length): string {
    return this.sign(textOf(this.origin, size, this.root(size)));
  }

  sign(text: string): string {
    return `${text}\n${signatureLine(this.key, text)}\n`;
  }

  proof(old: number, size = this.leaves.length): readonly string[] {
    if (old === 0 || old >= size) return [];
    return subproof(old, this.leaves.slice(0, size), true).map((hash) => hash.toString('base64'));
  }
}

export const textOf = (origin: string, size: number | string, root: Buffer): string =>
  `${origin}\n${size}\n${root.toString('base64')}\n`;

/** Returns the body of `add-checkpoint`. */
export const requestBody = (
  old: number | string,
  proof: readonly string[],
  checkpoint: string,
): string => [`old ${old}`, ...proof, '', checkpoint].join('\n');

const node = (left: Buffer, right: Buffer): Buffer => sha256(Uint8Array.of(1), left, right);

/** Returns the largest power of two below a number. */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

function rootOf(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves;
  if (!first) return EMPTY_ROOT;
  if (leaves.length === 1) return first;
  const split = splitOf(leaves.length);
  return node(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

/** SUBPROOF of RFC 9162, section 2.1.4.1. */
function subproof(old: number, leaves: readonly Buffer[], isWhole: boolean): readonly Buffer[] {
  if (old === leaves.length) return isWhole ? [] : [rootOf(leaves)];
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return old <= split
    ? [...subproof(old, left, isWhole), rootOf(right)]
    : [...subproof(old - split, right, false), rootOf(left)];
}
