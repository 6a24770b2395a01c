import { fromBase64Url, toBase64Url } from '../encoding.ts';
import type { AttachedLeaf } from '../provenance/index.ts';
import { CALL_LEAVES_MAX, CALL_RECEIPTS_MAX } from './bounds.ts';
import type { IssuedReceipt } from './issue.ts';
import { saltsOf } from './leaf.ts';

/** A receipt that someone keeps: its agent, its gateway or the object of its workflow. */
export type KeptReceipt = Pick<IssuedReceipt, 'receipt' | 'seed' | 'leaves' | 'exp' | 'named'>;

/**
 * Returns the leaves that fit a call: those whose value is one of its arguments, exactly, the
 * newest receipt first. `values` are the texts and numbers in its arguments.
 */
export async function fittingLeaves(
  kept: readonly KeptReceipt[],
  values: readonly (string | number)[],
): Promise<readonly AttachedLeaf[]> {
  const wanted = new Set(values);
  const fitting: AttachedLeaf[] = [];
  let receipts = 0;
  for (const { receipt, seed, leaves } of kept.toReversed()) {
    const indices = leaves.flatMap(({ value }, index) => (wanted.has(value) ? [index] : []));
    const bytes = indices.length > 0 ? fromBase64Url(seed) : undefined;
    if (!bytes) continue;
    if (receipts === CALL_RECEIPTS_MAX) break;
    receipts += 1;
    const salts = await saltsOf(bytes);
    for (const index of indices) {
      const leaf = leaves[index];
      if (!leaf || fitting.length === CALL_LEAVES_MAX) return fitting;
      fitting.push({ receipt, index, ...leaf, salt: toBase64Url(await salts(index)) });
    }
  }
  return fitting;
}
