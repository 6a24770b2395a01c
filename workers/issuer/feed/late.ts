import { type EntryDraft, stopKey } from './entry-draft.ts';

/**
 * The place of a suspension that a resumption comes too late for: of the same generation, or of a
 * later one. Written after it, a resumption that was delayed on its way would undo it.
 */
export function suspendedSince(sql: SqlStorage, order: EntryDraft): number | undefined {
  if (order.kind !== 'resumption') return undefined;
  const key = stopKey(order.id);
  const [row] = sql
    .exec(
      // Digits come next, and the colon follows them.
      "SELECT seq, ordered FROM entry WHERE ordered >= ? AND ordered < ? AND kind = 'suspension'",
      key,
      `${key}:`,
    )
    .toArray()
    .filter(({ ordered }) => Number.parseInt(String(ordered).slice(key.length), 10) >= order.gen);
  return row && Number(row.seq);
}
