import { type Report, reportTo } from '../../report.ts';
import type { FeedFloor, Head } from '../format/head.ts';
import { integer, isHash, uint48 } from '../format/shape.ts';
import type { FeedReplica } from './replica.ts';

const FEED_FLOOR_SECONDS = 60; // Between two writes of a floor whose position is the same.

/** Where a verifier keeps the position of its feed across restarts. */
export interface FloorStore {
  /**
   * Returns the floor, or undefined if none was saved. If it throws, the feed stops until it can.
   */
  load(): Promise<FeedFloor | undefined>;
  /**
   * Saves the floor: at every new position and once a minute. If it throws, the old floor stays.
   */
  save(floor: FeedFloor): Promise<void>;
}

/** What this process knows about the store. */
export interface FloorMemory {
  isLoaded?: boolean;
  /** The floor that was written, or is being written. */
  saved?: FeedFloor | undefined;
  /** When the current write began, on the clock of `performance.now()`. */
  writingSince?: number | undefined;
}

const WRITE_MILLISECONDS_MAX = 5_000; // A write never ends if its request ended first.

/**
 * Returns whether a value is a floor. A number as text would compare as false with every position.
 */
export const isFloor = (value: unknown): value is FeedFloor => {
  if (typeof value !== 'object' || value === null) return false;
  const { epoch, seq, chain, issued_at } = value as Readonly<Record<string, unknown>>;
  return integer(1)(epoch) && uint48(0)(seq) && isHash(chain) && uint48(0)(issued_at);
};

/** Loads the floor once. Returns false if it cannot be read: a rollback could then go unnoticed. */
export async function loadFloor(
  replica: FeedReplica,
  store: FloorStore | undefined,
  memory: FloorMemory,
): Promise<boolean> {
  if (!store || memory.isLoaded) return true;
  try {
    const floor = (await store.load()) ?? undefined;
    if (floor !== undefined && !isFloor(floor)) return false;
    if (floor) replica.startAt(floor);
    memory.isLoaded = true;
    return true;
  } catch {
    return false;
  }
}

/**
 * Saves the floor of a head. Writes run one after the other, because a delayed older one would
 * lower the floor. If a write is in progress, that write also saves this floor: requests must not
 * wait for each other's promises (docs/decisions/002-no-promise-across-requests.md).
 */
export async function saveFloor(
  { epoch, seq, chain, issued_at }: Head,
  store: FloorStore | undefined,
  memory: FloorMemory,
  report?: Report,
): Promise<void> {
  const { saved, writingSince = Number.NEGATIVE_INFINITY } = memory;
  const isSame = saved?.epoch === epoch && saved.seq === seq;
  if (!store || (isSame && issued_at - saved.issued_at < FEED_FLOOR_SECONDS)) return;
  if (saved && (saved.epoch > epoch || saved.seq > seq)) return;
  memory.saved = { epoch, seq, chain, issued_at };
  const now = performance.now();
  if (now - writingSince < WRITE_MILLISECONDS_MAX) return;
  memory.writingSince = now;
  let written = saved;
  for (;;) {
    const floor: FeedFloor | undefined = memory.saved;
    if (!floor || floor === written) break;
    try {
      await store.save(floor);
      written = floor;
    } catch (error) {
      // The old floor still applies, and the next refresh tries again.
      memory.saved = written;
      const name = error instanceof Error ? error.name : typeof error;
      reportTo(report, 'feed.floor.unwritten', { error: name });
    }
  }
  if (memory.writingSince === now) memory.writingSince = undefined;
}
