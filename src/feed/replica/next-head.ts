import type { UnixSeconds } from '../../clock.ts';
import { importPublicKey, listKeys } from '../../import-public-key.ts';
import { FEED_REVOKED_MAX, HEAD_FUTURE_SECONDS_MAX } from '../../limits.ts';
import type { PublicKeyInput } from '../../public-key.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type FeedFloor, type Head, isAtLeast } from '../format/head.ts';
import { openHead } from '../format/read-head.ts';
import type { FeedError } from './errors.ts';

/** What a head must match and follow. */
export interface Expected {
  readonly issuer: string;
  readonly shard: number;
  readonly feedKey: PublicKeyInput | readonly PublicKeyInput[];
  /** The current position, or the one before a restart. */
  readonly floor: FeedFloor | undefined;
}

/** Opens a head, and checks that it may follow the current one. */
export async function openNextHead(
  wire: unknown,
  { issuer, shard, feedKey, floor }: Expected,
  now: UnixSeconds,
): Promise<Result<Head, FeedError>> {
  const keys = await Promise.all(listKeys(feedKey).map(importPublicKey));
  const opened = await openHead(wire, keys);
  if (!opened.ok) return opened;
  const head = opened.value;
  if (head.issuer !== issuer) return refuse({ code: 'head_issuer' });
  if (head.shard !== shard) return refuse({ code: 'head_shard' });
  const ahead = head.issued_at - now;
  // A head from the future would stay fresh until its time comes.
  if (ahead > HEAD_FUTURE_SECONDS_MAX) return refuse({ code: 'head_from_future', seconds: ahead });
  const refusal = refusalAfter(floor, head);
  if (refusal) return refuse(refusal);
  const isOver = Math.max(head.count, head.snapshot?.count ?? 0) > FEED_REVOKED_MAX;
  return isOver ? refuse({ code: 'feed_over_limit', limit: 'revoked' }) : ok(head);
}

/**
 * Returns why a head may not follow. Neither position nor time may go back, and one position has
 * one chain.
 */
export function refusalAfter(floor: FeedFloor | undefined, next: Head): FeedError | undefined {
  if (!floor) return undefined;
  const positions = { held: positionOf(floor), offered: positionOf(next) };
  if (next.epoch < floor.epoch || next.seq < floor.seq || next.issued_at < floor.issued_at) {
    return {
      code: 'head_rollback',
      ...positions,
      isOlder: isAtLeast(floor, next),
      seconds: floor.issued_at - next.issued_at,
    };
  }
  // If both name the same position, they must name the same chain.
  const shared = next.epoch === floor.epoch ? next : next.previous;
  if (!shared) return undefined;
  if (shared.epoch < floor.epoch || shared.seq < floor.seq)
    return { code: 'head_epoch', ...positions };
  const isSamePosition = shared.epoch === floor.epoch && shared.seq === floor.seq;
  return isSamePosition && shared.chain !== floor.chain
    ? { code: 'head_fork', ...positions }
    : undefined;
}

const positionOf = ({ epoch, seq, issued_at }: FeedFloor): string => `${epoch}.${seq}.${issued_at}`;
