import { FEED_REVOKED_MAX, HEAD_FUTURE_SECONDS_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type FeedFloor, type Head, isAtLeast } from '../format/head.ts';
import { openHead } from '../format/read-head.ts';
import type { FeedError } from './errors.ts';

export interface Expected {
  readonly issuer: string;
  readonly shard: number;
  readonly feedKey: CryptoKey | readonly CryptoKey[];
  /** What is held, or was in the life before. */
  readonly floor: FeedFloor | undefined;
}

/** Opens a head, and says whether it may follow what is held. */
export async function openNextHead(
  wire: unknown,
  { issuer, shard, feedKey, floor }: Expected,
  nowSeconds: number,
): Promise<Result<Head, FeedError>> {
  const opened = await openHead(wire, feedKey);
  if (!opened.ok) return opened;
  const head = opened.value;
  if (head.issuer !== issuer) return refuse({ code: 'head_issuer' });
  if (head.shard !== shard) return refuse({ code: 'head_shard' });
  const ahead = head.issued_at - nowSeconds;
  // A head from the future would stay fresh for ever.
  if (ahead > HEAD_FUTURE_SECONDS_MAX) return refuse({ code: 'head_from_future', seconds: ahead });
  const refusal = refusalAfter(floor, head);
  if (refusal) return refuse(refusal);
  const isOver = Math.max(head.count, head.snapshot?.count ?? 0) > FEED_REVOKED_MAX;
  return isOver ? refuse({ code: 'feed_over_limit', limit: 'revoked' }) : ok(head);
}

/** Why a head may not follow; neither position nor time goes back, and a position has one chain. */
export function refusalAfter(floor: FeedFloor | undefined, next: Head): FeedError | undefined {
  if (!floor) return undefined;
  const said = { held: positionOf(floor), offered: positionOf(next) };
  if (next.epoch < floor.epoch || next.seq < floor.seq || next.issued_at < floor.issued_at) {
    return {
      code: 'head_rollback',
      ...said,
      isOlder: isAtLeast(floor, next),
      seconds: floor.issued_at - next.issued_at,
    };
  }
  // Where both name one point of the log, they name one chain.
  const meeting = next.epoch === floor.epoch ? next : next.previous;
  if (!meeting) return undefined;
  if (meeting.epoch < floor.epoch || meeting.seq < floor.seq)
    return { code: 'head_epoch', ...said };
  const isOnePoint = meeting.epoch === floor.epoch && meeting.seq === floor.seq;
  return isOnePoint && meeting.chain !== floor.chain ? { code: 'head_fork', ...said } : undefined;
}

const positionOf = ({ epoch, seq, issued_at }: FeedFloor): string => `${epoch}.${seq}.${issued_at}`;
