import { readBytes } from '../../body.ts';
import type { Clock } from '../../clock.ts';
import { FEED_DELTA_BYTES_MAX, FEED_DELTA_ENTRIES_MAX, HEAD_BODY_BYTES_MAX } from '../../limits.ts';
import type { Report } from '../../report.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { Head } from '../format/head.ts';
import {
  deltaPath,
  type FeedFetch,
  headPath,
  polledHeadPath,
  snapshotPath,
} from '../format/paths.ts';
import { parseJson } from '../format/shape.ts';
import { type FloorMemory, type FloorStore, loadFloor, saveFloor } from '../replica/floor.ts';
import type { FeedReplica } from '../replica/replica.ts';
import type { FeedUpdate } from '../replica/update.ts';
import type { RefreshError } from './refresh-error.ts';
import { reportFailure } from './refresh-error.ts';

const FEED_DELTAS_MAX = 64; // In one go; whoever is further behind starts from a snapshot.
const FEED_DELTAS_WORTH = 4; // Beyond so many, a newer snapshot costs less.

export interface CatchUpContext {
  readonly replica: FeedReplica;
  readonly fetch: FeedFetch;
  /** Whether a head from a cache will do, as for a poll; a question to the log is never one. */
  readonly isPoll: boolean;
  /** Ends every request. */
  readonly signal: AbortSignal;
  /** Unix seconds. */
  readonly now: Clock;
  readonly store: FloorStore | undefined;
  readonly floor: FloorMemory;
  readonly report: Report | undefined;
}

const MOVES_MAX = 3; // Something else is applied a few times a second at most.

/** Asks for the newest head, and for what leads to it, and reports what fails. */
export async function catchUp(feed: CatchUpContext): Promise<Result<Head, RefreshError>> {
  const answer = await refreshFrom(feed);
  const { replica, report, isPoll } = feed;
  reportFailure(answer, { report, way: isPoll ? 'poll' : 'question', shard: replica.shard });
  return answer;
}

async function refreshFrom(feed: CatchUpContext): Promise<Result<Head, RefreshError>> {
  const { replica, store, floor, now } = feed;
  const before = replica.head;
  if (!(await loadFloor(replica, store, floor))) return refuse({ code: 'floor_unreadable' });
  const path = (feed.isPoll ? polledHeadPath : headPath)(replica.shard);
  const body = await get(feed, path, HEAD_BODY_BYTES_MAX);
  if (!body.ok) return body;
  const wire = parseJson(body.value);
  if (wire === undefined) return refuse({ code: 'feed_malformed' });
  const head = await replica.open(wire, now());
  if (!head.ok) return orOvertaken(feed, before, head);
  let held: Head | undefined;
  let reached: Result<Head, RefreshError>;
  // A poll or a message may be applied between. Each brings the replica forward, so this ends.
  for (let moves = 0; ; moves += 1) {
    held = replica.head;
    reached = await reach(feed, head.value);
    if (reached.ok || replica.head === held || moves >= MOVES_MAX) break;
  }
  if (reached.ok) await saveFloor(reached.value, store, floor, feed.report);
  return orOvertaken(feed, before, reached);
}

/**
 * The same, or what is held where that came while this question was under way and has all that the
 * refused answer has: the log signed it later, so it answers the question as well.
 */
function orOvertaken(
  { replica }: CatchUpContext,
  before: Head | undefined,
  answer: Result<Head, RefreshError>,
): Result<Head, RefreshError> {
  const { head } = replica;
  const isOlder = !answer.ok && answer.error.code === 'head_rollback' && answer.error.isOlder;
  return isOlder && head && head !== before ? ok(head) : answer;
}

/** By deltas from what is held; by the snapshot where there are none, or too many. */
async function reach(feed: CatchUpContext, head: Head): Promise<Result<Head, RefreshError>> {
  const { snapshot } = head;
  const before = feed.replica.head;
  const held = before?.epoch === head.epoch ? before.seq : -1;
  const behind = (snapshot?.seq ?? 0) - held;
  const isFar = held < head.delta_from || behind > FEED_DELTAS_WORTH * FEED_DELTA_ENTRIES_MAX;
  if (!snapshot || !isFar) {
    const followed = await follow(feed, head, Math.max(held, 0));
    if (followed.ok || !snapshot || behind <= 0) return followed;
  }
  const bytes = await get(feed, snapshotPath(head.shard, head.epoch, snapshot), snapshot.bytes);
  return bytes.ok ? follow(feed, head, snapshot.seq, bytes.value) : bytes;
}

async function follow(
  feed: CatchUpContext,
  head: Head,
  from: number,
  snapshot?: FeedUpdate['snapshot'],
): Promise<Result<Head, RefreshError>> {
  const deltas: Uint8Array<ArrayBuffer>[] = [];
  for (let at = from; at < head.seq; ) {
    if (deltas.length >= FEED_DELTAS_MAX) {
      return refuse({ code: 'feed_over_limit', limit: 'deltas' });
    }
    // To the next full thousand, so that all who follow ask for the same ones.
    const next = (Math.floor(at / FEED_DELTA_ENTRIES_MAX) + 1) * FEED_DELTA_ENTRIES_MAX;
    const to = Math.min(next, head.seq);
    const path = deltaPath(head.shard, head.epoch, at, to);
    const delta = await get(feed, path, FEED_DELTA_BYTES_MAX);
    if (!delta.ok) return delta;
    deltas.push(delta.value);
    at = to;
  }
  return feed.replica.apply(head, { snapshot, deltas });
}

async function get(
  { fetch, signal }: CatchUpContext,
  path: string,
  bytesMax: number,
): Promise<Result<Uint8Array<ArrayBuffer>, RefreshError>> {
  try {
    const response = await fetch(path, { signal });
    if (!response.ok) {
      await response.body?.cancel(); // An unread body holds its connection.
      return refuse({ code: 'feed_unreachable', why: `HTTP ${response.status}` });
    }
    const body = await readBytes(response, bytesMax);
    return body.ok ? body : refuse({ code: 'feed_malformed' });
  } catch (error) {
    const why = error instanceof Error ? error.name : 'error';
    return refuse({ code: 'feed_unreachable', why });
  }
}
