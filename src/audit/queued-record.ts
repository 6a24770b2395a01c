import { isWithin, type UnixMilliseconds } from '../clock.ts';
import type { VerifierRecord } from './kinds/index.ts';

/**
 * How long a batch may wait to grow. The log pays for each batch, and an isolate that ends in the
 * meantime loses the records of reads; those of writes are sent at once.
 */
export const COLLECTED_MILLISECONDS = 2_000;

/** A record in an outbox. */
export interface QueuedRecord {
  record: VerifierRecord;
  /** How long after `addedAt` the outcome may still be added to the record. */
  readonly openMilliseconds: number;
  readonly addedAt: UnixMilliseconds;
  /** Others may join it for a while before it is sent. */
  readonly canWait: boolean;
  closedAt?: UnixMilliseconds;
  /** It was in a batch. The log may have it and accepts no second version. */
  isFixed: boolean;
  /** `written` by a `log_only` batch; `done` by a full one. */
  fate: 'waiting' | 'written' | 'done' | 'lost';
}

/** Returns whether the outcome may still be added to the record. */
export const isOpen = (
  { addedAt, openMilliseconds, closedAt, isFixed }: QueuedRecord,
  now: UnixMilliseconds,
): boolean => closedAt === undefined && !isFixed && isWithin(addedAt, now, openMilliseconds);

/**
 * Returns how many milliseconds after it was added a record is sent at the latest: it waits for its
 * outcome, and for others to be sent with it.
 */
export function dueAfter(queued: QueuedRecord): number {
  const { addedAt, openMilliseconds, closedAt, canWait } = queued;
  const open = closedAt === undefined ? openMilliseconds : closedAt - addedAt;
  return canWait ? Math.max(open, COLLECTED_MILLISECONDS) : open;
}

/** Returns whether a record is of a call that was not made. */
export const isDenial = (record: VerifierRecord): boolean =>
  record.event === 'decision' && !record.allowed;
