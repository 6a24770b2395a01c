import { readBytes } from '../../body.ts';
import type { UnixSeconds } from '../../clock.ts';
import { FEED_DELTA_BYTES_MAX, FEED_DELTA_ENTRIES_MAX, HEAD_BODY_BYTES_MAX } from '../../limits.ts';
import { type Report, reportTo } from '../../report.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { Head } from '../format/head.ts';
import { unpackHead } from '../format/packed-head.ts';
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
import { type RefreshError, reportFailure } from './refresh-error.ts';

const FEED_DELTAS_MAX = 64; // In one catch-up. A replica that is further behind needs a snapshot.
const FEED_DELTAS_WORTH = 4; // Beyond this many, a newer snapshot costs less.
/** Another head is applied a few times a second at most. */
const REREADS_MAX = 3;
const UNWITNESSED_SECONDS_MAX = 5; // The freshness that tier 3 requires.
const FEED_MESSAGE_BYTES_MAX = HEAD_BODY_BYTES_MAX + 4 + FEED_DELTA_BYTES_MAX;

/** A replica, and what is needed to bring it forward. */
export interface ReplicaContext {
  readonly replica: FeedReplica;
  readonly now: () => UnixSeconds;
  readonly store: FloorStore | undefined;
  readonly floor: FloorMemory;
  readonly report: Report | undefined;
}

export interface CatchUpContext extends ReplicaContext {
  readonly fetch: FeedFetch;
  /**
   * Whether a cached head is good enough. A question to the log must not be answered by a cache.
   */
  readonly isPoll: boolean;
  /** Ends every request. */
  readonly signal: AbortSignal;
}

type Answer = Result<Head, RefreshError>;

/** Fetches the newest head and what leads to it, applies both, and reports a failure. */
export async function catchUp(context: CatchUpContext): Promise<Answer> {
  const answer = await fetchAndApply(context);
  const { replica, report, isPoll } = context;
  if (answer.ok) reportUnwitnessed(answer.value, context);
  reportFailure(answer, { report, way: isPoll ? 'poll' : 'question', shard: replica.shard });
  return answer;
}

/**
 * Reports that witnesses do not vouch for an answer, once the head by which to decide has aged.
 * Right after an entry, they have not seen it yet.
 */
function reportUnwitnessed(head: Head, { replica, report, now }: ReplicaContext): void {
  const why = replica.unwitnessed(head);
  const age = replica.trusted ? now() - replica.trusted.issued_at : Number.POSITIVE_INFINITY;
  if (!why || age <= UNWITNESSED_SECONDS_MAX) return;
  reportTo(report, 'feed.unwitnessed', { code: why, shard: replica.shard });
}

/** Applies a message of a socket if it follows the current head, and reports a failure. */
export async function acceptMessage(
  context: ReplicaContext,
  message: Uint8Array<ArrayBuffer>,
): Promise<Answer> {
  const answer = await applyMessage(context, message);
  const { replica, report } = context;
  reportFailure(answer, { report, way: 'socket', shard: replica.shard });
  return answer;
}

async function applyMessage(
  { replica, now, store, floor, report }: ReplicaContext,
  message: Uint8Array<ArrayBuffer>,
): Promise<Answer> {
  const unpacked = message.length <= FEED_MESSAGE_BYTES_MAX && unpackHead(message, 1);
  if (!unpacked) return refuse({ code: 'feed_malformed' });
  if (!(await loadFloor(replica, store, floor))) return refuse({ code: 'floor_unreadable' });
  const head = await replica.open(unpacked.head, now());
  if (!head.ok) return head;
  const applied = await replica.apply(head.value, { deltas: unpacked.parts });
  if (applied.ok && replica.head) await saveFloor(replica.head, store, floor, report);
  return applied;
}

async function fetchAndApply(context: CatchUpContext): Promise<Answer> {
  const { replica, store, floor, now } = context;
  const before = replica.head;
  if (!(await loadFloor(replica, store, floor))) return refuse({ code: 'floor_unreadable' });
  const path = (context.isPoll ? polledHeadPath : headPath)(replica.shard);
  const body = await get(context, path, HEAD_BODY_BYTES_MAX);
  if (!body.ok) return body;
  const wire = parseJson(body.value);
  if (wire === undefined) return refuse({ code: 'feed_malformed' });
  const head = await replica.open(wire, now());
  if (!head.ok) return orOvertaken(context, before, head);
  let start: Head | undefined;
  let reached: Answer;
  // A poll or a message may be applied in between. Each brings the replica forward, so this ends.
  for (let rereads = 0; ; rereads += 1) {
    start = replica.head;
    reached = await reach(context, head.value);
    if (reached.ok || replica.head === start || rereads >= REREADS_MAX) break;
  }
  if (reached.ok && replica.head) await saveFloor(replica.head, store, floor, context.report);
  return orOvertaken(context, before, reached);
}

/**
 * Returns the answer, or the current head if it overtook a rejected answer: if it was applied while
 * this request ran and has everything in the answer. The log signed it later, so it also answers
 * this request.
 */
function orOvertaken(
  { replica }: CatchUpContext,
  before: Head | undefined,
  answer: Answer,
): Answer {
  const { head } = replica;
  const isOlder = !answer.ok && answer.error.code === 'head_rollback' && answer.error.isOlder;
  return isOlder && head && head !== before ? ok(head) : answer;
}

/** Follows deltas from the current head. Uses the snapshot if deltas are missing or too many. */
async function reach(context: CatchUpContext, head: Head): Promise<Answer> {
  const { snapshot } = head;
  const { head: before, position } = context.replica;
  // What came before the witnesses saw it leads on, unless another history follows.
  if (position !== before && position?.epoch === head.epoch && position.seq <= head.seq) {
    const followed = await follow(context, head, position.seq);
    if (followed.ok) return followed;
  }
  const currentSeq = before?.epoch === head.epoch ? before.seq : -1;
  const behind = (snapshot?.seq ?? 0) - currentSeq;
  const isFar = currentSeq < head.delta_from || behind > FEED_DELTAS_WORTH * FEED_DELTA_ENTRIES_MAX;
  if (!snapshot || !isFar) {
    const followed = await follow(context, head, Math.max(currentSeq, 0));
    if (followed.ok || !snapshot || behind <= 0) return followed;
  }
  const bytes = await get(context, snapshotPath(head.shard, head.epoch, snapshot), snapshot.bytes);
  return bytes.ok ? follow(context, head, snapshot.seq, bytes.value) : bytes;
}

async function follow(
  context: CatchUpContext,
  head: Head,
  start: number,
  snapshot?: FeedUpdate['snapshot'],
): Promise<Answer> {
  const deltas: Uint8Array<ArrayBuffer>[] = [];
  for (let from = start; from < head.seq; ) {
    if (deltas.length >= FEED_DELTAS_MAX) {
      return refuse({ code: 'feed_over_limit', limit: 'deltas' });
    }
    // Up to the next multiple of the limit, so all verifiers request the same deltas.
    const next = (Math.floor(from / FEED_DELTA_ENTRIES_MAX) + 1) * FEED_DELTA_ENTRIES_MAX;
    const to = Math.min(next, head.seq);
    const path = deltaPath(head.shard, head.epoch, from, to);
    const delta = await get(context, path, FEED_DELTA_BYTES_MAX);
    if (!delta.ok) return delta;
    deltas.push(delta.value);
    from = to;
  }
  return context.replica.apply(head, { snapshot, deltas });
}

async function get(
  { fetch, signal }: CatchUpContext,
  path: string,
  bytesMax: number,
): Promise<Result<Uint8Array<ArrayBuffer>, RefreshError>> {
  try {
    const response = await fetch(path, { signal });
    if (!response.ok) {
      await response.body?.cancel(); // An unread body would block its connection.
      return refuse({ code: 'feed_unreachable', why: `HTTP ${response.status}` });
    }
    const body = await readBytes(response, bytesMax);
    return body.ok ? body : refuse({ code: 'feed_malformed' });
  } catch (error) {
    const why = error instanceof Error ? error.name : 'error';
    return refuse({ code: 'feed_unreachable', why });
  }
}
