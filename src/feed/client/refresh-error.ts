import { type Report, reportTo } from '../../report.ts';
import type { Result } from '../../result.ts';
import type { Head } from '../format/head.ts';
import type { FeedError } from '../replica/errors.ts';

/** Why a refresh did not bring the replica forward. */
export type RefreshError =
  | FeedError
  | { readonly code: 'feed_unreachable'; readonly why: string }
  | { readonly code: 'feed_malformed' }
  /** The saved floor cannot be read, so a rollback could go unnoticed. */
  | { readonly code: 'floor_unreadable' };

/** How a head arrived or failed to arrive. These names are in the log events. */
type Way = 'question' | 'poll' | 'socket';

export interface FailureContext {
  /** Defaults to the console. */
  readonly report: Report | undefined;
  readonly way: Way;
  readonly shard: number;
}

/** A poll answered by a cache, or a message that a refresh overtook, is behind by no more. */
const BEHIND_SECONDS_MAX = 5;

/** No head was rejected: the log was not reached, something else answered, or a disk failed. */
const NOT_REACHED: readonly RefreshError['code'][] = [
  'feed_unreachable',
  'feed_malformed',
  'floor_unreadable',
];

/**
 * Reports a failure to bring the replica forward. A rejected head has its own event and is never
 * reported as an outage: a fork or a rollback is an attack or a restore, and someone must look.
 */
export function reportFailure(
  answer: Result<Head, RefreshError>,
  { report, way, shard }: FailureContext,
): void {
  if (answer.ok || isExpected(answer.error, way)) return;
  const { error } = answer;
  const event = NOT_REACHED.includes(error.code) ? 'feed.failed' : 'feed.refused';
  reportTo(report, event, { ...error, way, shard });
}

function isExpected(error: RefreshError, way: Way): boolean {
  switch (error.code) {
    case 'head_rollback':
      return way !== 'question' && error.isOlder && error.seconds <= BEHIND_SECONDS_MAX;
    // A log that cannot continue from a subscriber's position sends its head and no records.
    case 'entries_gap':
    case 'feed_moved':
      return way === 'socket';
    default:
      return false;
  }
}
