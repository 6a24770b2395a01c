import { type Report, reportTo } from '../../report.ts';
import type { Result } from '../../result.ts';
import type { Head } from '../format/head.ts';
import type { FeedError } from '../replica/errors.ts';

/** Why a question to the log did not bring the replica forward. */
export type RefreshError =
  | FeedError
  | { readonly code: 'feed_unreachable'; readonly why: string }
  | { readonly code: 'feed_malformed' }
  /** What a past life held cannot be read, so nothing can be compared with it. */
  | { readonly code: 'floor_unreadable' };

/** The way by which something of the log came, or did not. */
export type FeedWay = 'question' | 'poll' | 'socket';

export interface FailureContext {
  /** The console without it. */
  readonly report: Report | undefined;
  readonly way: FeedWay;
  readonly shard: number;
}

/** A cache on the way of a poll, and a socket that a question overtook, are behind by no more. */
const BEHIND_SECONDS_MAX = 5;

/** Nothing was refused: the log was not reached, or something else answered, or our own disk. */
const NOT_REACHED: readonly RefreshError['code'][] = [
  'feed_unreachable',
  'feed_malformed',
  'floor_unreadable',
];

/**
 * Reports what did not bring the replica forward. A head that is refused is never told as a log
 * that is away: a fork or a rollback is an attack or a restore, and somebody has to look.
 */
export function reportFailure(
  answer: Result<Head, RefreshError>,
  { report, way, shard }: FailureContext,
): void {
  if (answer.ok || isUsual(answer.error, way)) return;
  const { error } = answer;
  const event = NOT_REACHED.includes(error.code) ? 'feed.failed' : 'feed.refused';
  reportTo(report, event, { ...error, way, shard });
}

function isUsual(error: RefreshError, way: FeedWay): boolean {
  switch (error.code) {
    case 'head_rollback':
      return way !== 'question' && error.isOlder && error.seconds <= BEHIND_SECONDS_MAX;
    // A log that cannot go on from where a subscriber is sends its head and no records.
    case 'entries_gap':
    case 'feed_moved':
      return way === 'socket';
    default:
      return false;
  }
}
