import type { UnixSeconds } from '../../clock.ts';
import type { AttachedLeaf } from '../../provenance/index.ts';
import { fittingLeaves, type KeptReceipt, keepNewest } from '../../receipts/index.ts';

/**
 * The receipts that the agent of one workflow keeps: as many as its gateway would. Nothing in them
 * is verified here: a verifier that gets them checks each of them.
 */
export class AgentReceipts {
  #kept: readonly KeptReceipt[] = [];
  #isDropped = false;

  get isEmpty(): boolean {
    return this.#kept.length === 0;
  }

  /** Keeps the newest receipts. */
  add(receipts: readonly KeptReceipt[], now: UnixSeconds): void {
    if (!this.#isDropped && receipts.length > 0) this.#kept = keepNewest(this.#kept, receipts, now);
  }

  /**
   * Returns the leaves of these values that have not expired: the newest of each value first, so
   * that what exceeds a bound is an older leaf of a value that has one already.
   */
  async leavesOf(
    values: readonly (string | number)[],
    now: UnixSeconds,
  ): Promise<readonly AttachedLeaf[]> {
    this.#kept = keepNewest(this.#kept, [], now);
    const leaves = await fittingLeaves(this.#kept, values);
    const newest = new Map(leaves.toReversed().map((leaf) => [leaf.value, leaf]));
    const first = new Set(newest.values());
    return [
      ...leaves.filter((leaf) => first.has(leaf)),
      ...leaves.filter((leaf) => !first.has(leaf)),
    ];
  }

  /** Forgets everything: the workflow has ended. */
  drop(): void {
    this.#isDropped = true;
    this.#kept = [];
  }
}
