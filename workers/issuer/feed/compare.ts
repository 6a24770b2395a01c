import type { Position } from '../../../src/feed/index.ts';

/** How a log stands to its archive when it starts. */
export type ArchiveComparison =
  /** The archive has all, or will once it is given what is new. */
  | { readonly kind: 'whole' }
  /** The log was taken back: the archive goes on where it ends, or tells another story. */
  | { readonly kind: 'restored'; readonly end: Position; readonly lostAfter: number };

/**
 * `chainAt` is the log's own chain after an entry; undefined where that entry has been purged.
 *
 * What was restored must never go on under the same epoch: it would give out sequence numbers that
 * verifiers already hold for other entries.
 */
export function compareWithArchive(
  log: Position,
  archive: Position | undefined,
  chainAt: (seq: number) => string | undefined,
): ArchiveComparison {
  if (!archive) return { kind: 'whole' };
  const restored = (end: Position, lostAfter: number): ArchiveComparison => ({
    kind: 'restored',
    end,
    lostAfter,
  });
  if (archive.epoch > log.epoch) return restored(archive, sharedUpTo(log, archive));
  // The archive was left behind by an epoch that it was never told of: it can say nothing of it.
  if (archive.epoch < log.epoch) return { kind: 'whole' };
  if (archive.seq > log.seq) return restored(archive, sharedUpTo(log, archive));
  const chain = archive.seq === log.seq ? log.chain : chainAt(archive.seq);
  if (chain === undefined || chain === archive.chain) return { kind: 'whole' };
  // As far, and different: entries were written after a restore and before this comparison.
  return restored(log, 0);
}

const sharedUpTo = (log: Position, archive: Position): number => Math.min(log.seq, archive.seq);
