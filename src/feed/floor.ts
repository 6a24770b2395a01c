import { FEED_FLOOR_SECONDS } from '../limits.ts';
import type { FeedFloor, Head } from './head.ts';
import type { FeedReplica } from './replica.ts';

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
  saved?: FeedFloor | undefined;
  /** One write after the other: an older one that came late would lower the floor. */
  writing?: Promise<void>;
}

/** False where the store cannot be read: then nothing can be compared with it. */
export async function loadFloor(
  replica: FeedReplica,
  store: FloorStore | undefined,
  memory: FloorMemory,
): Promise<boolean> {
  if (!store || memory.isLoaded) return true;
  try {
    const floor = await store.load();
    if (floor) replica.startAt(floor);
    memory.isLoaded = true;
    return true;
  } catch {
    return false;
  }
}

export async function saveFloor(
  { epoch, seq, chain, issued_at }: Head,
  store: FloorStore | undefined,
  memory: FloorMemory,
): Promise<void> {
  const { saved } = memory;
  const isSame = saved?.epoch === epoch && saved.seq === seq;
  if (!store || (isSame && issued_at - saved.issued_at < FEED_FLOOR_SECONDS)) return;
  if (saved && (saved.epoch > epoch || saved.seq > seq)) return;
  const floor = { epoch, seq, chain, issued_at };
  memory.saved = floor;
  const write = async () => {
    try {
      await store.save(floor);
    } catch {
      // The floor before still stands, and the next refresh tries again.
      if (memory.saved === floor) memory.saved = saved;
    }
  };
  memory.writing = (memory.writing ?? Promise.resolve()).then(write);
  await memory.writing;
}
