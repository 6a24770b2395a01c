import type { UnixSeconds } from '../../../../src/clock.ts';
import { fromUtf8, sameBytes } from '../../../../src/encoding.ts';
import {
  type HeadContent,
  openingLeaf,
  positionLeaf,
  unsignedLeaf,
} from '../../../../src/feed/log/index.ts';
import type { LogEntries } from '../entries.ts';
import { changeAfter } from '../entry-draft.ts';
import { TreeLeaves } from './leaves.ts';

/** The leaf with the index 0 opens the tree, and the next one is about `first`. */
const OPENING_LEAVES = 1;

/**
 * The tree over the positions of a log: one leaf for each `seq`, with everything that heads say at
 * it. So a log with witnesses has one history. It begins when witnesses are configured.
 */
export class LogTree {
  readonly leaves: TreeLeaves;
  readonly #storage: DurableObjectStorage;
  readonly #entries: LogEntries;

  constructor(storage: DurableObjectStorage, entries: LogEntries) {
    this.leaves = new TreeLeaves(storage.sql);
    this.#storage = storage;
    this.#entries = entries;
  }

  /** The `seq` of the leaf with the index 1. Undefined before the tree begins. */
  get first(): number | undefined {
    const opening = this.leaves.at(0);
    return opening && (JSON.parse(fromUtf8(opening) ?? '{}') as { first: number }).first;
  }

  /**
   * Adds the leaf of what a head says now, and returns that. If a head with this `seq` has said
   * something else, appends an entry that stops nothing, so that what changed has a `seq` of its
   * own.
   */
  settle(contentNow: () => HeadContent, now: UnixSeconds): HeadContent {
    return this.#storage.transactionSync(() => {
      if (this.leaves.size === 0) this.leaves.append(openingLeaf(contentNow().seq));
      const first = this.first ?? 0;
      for (;;) {
        const content = contentNow();
        const index = content.seq - first + OPENING_LEAVES;
        const leaf = positionLeaf(content);
        const { size } = this.leaves;
        const known = index === size - 1 ? this.leaves.at(index) : undefined;
        if (known && sameBytes(leaf, known)) return content;
        if (index >= size) {
          this.#fill(index, first);
          this.leaves.append(leaf);
          return content;
        }
        this.#entries.append([changeAfter(content.seq, now)]);
      }
    });
  }

  /** Takes back leaves that a restored log has lost. */
  restore(entries: readonly Uint8Array<ArrayBuffer>[]): void {
    this.#storage.transactionSync(() => {
      for (const entry of entries) this.leaves.append(entry);
    });
  }

  /** Adds leaves for positions at which no head was signed. */
  #fill(index: number, first: number): void {
    for (let next = this.leaves.size; next < index; next++) {
      const seq = first + next - OPENING_LEAVES;
      this.leaves.append(unsignedLeaf(seq, this.#entries.chainAfter(seq) ?? null));
    }
  }
}
