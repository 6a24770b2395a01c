import { type Report, reportTo } from '../../report.ts';
import type { FeedFloor, Head } from '../format/head.ts';
import { integer, isHash, uint48 } from '../format/shape.ts';
import type { FeedReplica } from './replica.ts';

const FEED_FLOOR_SECONDS = 60; // Between writes of a floor whose position is the same.

/** Where a verifier remembers how far its feed was, from one life to the next. */
export interface FloorStore {
  /** Undefined where there is none yet. A throw stops the feed until it can be read. */
  load(): Promise<FeedFloor | undefined>;
  /** Called with every new position, and once a minute; a throw leaves the floor before. */
  save(floor: FeedFloor): Promise<void>;
}

/** What of the store is known in this life. */
export interface FloorMemory {
  isLoaded?: boolean;
  /** What was written, or is about to be. */
  saved?: FeedFloor | undefined;
  /** When the write under way began, on the clock of `performance.now()`. */
  writingSince?: number | undefined;
}

const WRITE_MILLISECONDS_MAX = 5_000; // A write of a request that has ended never does.

/** A number that is a text compares with nothing, and a floor of such holds nothing back. */
export const isFloor = (value: unknown): value is FeedFloor => {
  if (typeof value !== 'object' || value === null) return false;
  const { epoch, seq, chain, issued_at } = value as Readonly<Record<string, unknown>>;
  return integer(1)(epoch) && uint48(0)(seq) && isHash(chain) && uint48(0)(issued_at);
};

/** False where the store cannot be read: then nothing can be compared with it. */
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
 * One write after the other: an older one that came late would lower the floor. A call that finds
 * one under way leaves its floor to that one, and waits for no promise of another request.
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
      // The floor before still stands, and the next refresh tries again.
      memory.saved = written;
      const name = error instanceof Error ? error.name : typeof error;
      reportTo(report, 'feed.floor.unwritten', { error: name });
    }
  }
  if (memory.writingSince === now) memory.writingSince = undefined;
}
