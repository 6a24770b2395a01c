import type { UnixSeconds } from '../clock.ts';
import type { KeptReceipt } from './attach.ts';
import { KEPT_BYTES_MAX, KEPT_LEAVES_MAX } from './bounds.ts';

/** Returns what is kept after further receipts: the newest that have not expired, in order. */
export function keepNewest(
  kept: readonly KeptReceipt[],
  added: readonly KeptReceipt[],
  now: UnixSeconds,
): readonly KeptReceipt[] {
  const known = new Map([...kept, ...added].map((one) => [one.receipt, one]));
  const living = [...known.values()].filter(({ exp }) => exp > now);
  let leaves = 0;
  let bytes = 0;
  const newest = living.toReversed().filter((one) => {
    leaves += one.leaves.length;
    bytes += sizeOf(one);
    return leaves <= KEPT_LEAVES_MAX && bytes <= KEPT_BYTES_MAX;
  });
  return newest.toReversed();
}

const sizeOf = (receipt: KeptReceipt): number => JSON.stringify(receipt).length;
