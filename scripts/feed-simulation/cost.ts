import type { Requests } from './load.ts';
import { total } from './load.ts';
import { entriesPerSecond, type FeedScale } from './scale.ts';

/**
 * Cloudflare's prices for Durable Objects in dollars, ignoring what a plan includes
 * (docs/explanation/scale.md).
 */
const REQUEST = 0.15e-6;
const ROW_WRITTEN = 1e-6;
const GIGABYTE_SECOND = 12.5e-6;

const MONTH_SECONDS = 30 * 86_400;
const OBJECT_GIGABYTES = 0.128;
/**
 * Rows written for one entry: its row and two indexes in the log, the position of the log, its row
 * and index in the archive, the position of the archive, the deletion of all but the positions, and
 * the alarms of both.
 */
const ROWS_OF_ENTRY = 14;

export interface Cost {
  readonly requests: number;
  readonly rows: number;
  readonly duration: number;
}

/** Returns the cost of a month of 30 days, for all logs, their archives and the relays. */
export function costOf(scale: FeedScale, requests: Requests, relayed: number): Cost {
  const { shards, relays } = scale;
  const entries = entriesPerSecond(scale);
  // The archive receives each entry. A head is stamped on request, at most once a second.
  const perSecond = shards * (total(requests) + entries + relayed);
  const rows = shards * (entries * ROWS_OF_ENTRY + Math.min(1, requests.heads));
  const objects = 2 * shards + relays;
  return {
    requests: perSecond * MONTH_SECONDS * REQUEST,
    rows: rows * MONTH_SECONDS * ROW_WRITTEN,
    duration: objects * OBJECT_GIGABYTES * MONTH_SECONDS * GIGABYTE_SECOND,
  };
}
