import { FEED_DELTA_BYTES_MAX, HEAD_BODY_BYTES_MAX } from '../../limits.ts';
import { type Result, refuse } from '../../result.ts';
import type { Head } from '../format/head.ts';
import { unpackHead } from '../format/packed-head.ts';
import { loadFloor, saveFloor } from '../replica/floor.ts';
import type { CatchUpContext } from './catch-up.ts';
import type { RefreshError } from './refresh-error.ts';
import { reportFailure } from './refresh-error.ts';

const FEED_MESSAGE_BYTES_MAX = HEAD_BODY_BYTES_MAX + 4 + FEED_DELTA_BYTES_MAX;

type Accepting = Omit<CatchUpContext, 'fetch' | 'signal' | 'isPoll'>;

/** Applies a message where it follows what is held, and refuses it where it does not. */
export async function acceptMessage(
  feed: Accepting,
  message: Uint8Array<ArrayBuffer>,
): Promise<Result<Head, RefreshError>> {
  const answer = await accept(feed, message);
  const { replica, report } = feed;
  reportFailure(answer, { report, way: 'socket', shard: replica.shard });
  return answer;
}

async function accept(
  { replica, now, store, floor, report }: Accepting,
  message: Uint8Array<ArrayBuffer>,
): Promise<Result<Head, RefreshError>> {
  const opened = message.length <= FEED_MESSAGE_BYTES_MAX && unpackHead(message, 1);
  if (!opened) return refuse({ code: 'feed_malformed' });
  if (!(await loadFloor(replica, store, floor))) return refuse({ code: 'floor_unreadable' });
  const head = await replica.open(opened.head, now());
  if (!head.ok) return head;
  const applied = await replica.apply(head.value, { deltas: opened.parts });
  if (applied.ok) await saveFloor(applied.value, store, floor, report);
  return applied;
}
