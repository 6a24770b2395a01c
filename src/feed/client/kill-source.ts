import { readBytes } from '../../body.ts';
import { KILL_BODY_BYTES_MAX } from '../../limits.ts';
import { type Report, reportTo } from '../../report.ts';
import { readKills } from '../format/kill-statement.ts';
import { parseJson } from '../format/shape.ts';
import type { FeedReplica } from '../replica/replica.ts';

const FEED_KILL_FETCH_MILLISECONDS_MAX = 1_000; // A first decision may wait for it.

/** Where kill statements come from: a JSON list of them, at any host. */
export interface KillSource {
  /** Public half of the operator's offline key. */
  readonly key: CryptoKey;
  /** Absent: they come by `addKills` alone. */
  readonly fetch?: (init: { signal: AbortSignal }) => Promise<Response>;
}

/**
 * Asks once, and puts in force what is there. A source that does not answer changes nothing: what
 * was in force stays so, and the feed does not wait for it.
 */
export async function askForKills(
  replica: FeedReplica,
  issuer: string,
  { key, fetch }: KillSource,
  report?: Report,
): Promise<void> {
  const failed = (why: string) =>
    reportTo(report, 'feed.kills.failed', { why, shard: replica.shard });
  if (!fetch) return;
  try {
    const signal = AbortSignal.timeout(FEED_KILL_FETCH_MILLISECONDS_MAX);
    const response = await fetch({ signal });
    if (!response.ok) {
      failed(`HTTP ${response.status}`);
      return void (await response.body?.cancel());
    }
    const body = await readBytes(response, KILL_BODY_BYTES_MAX);
    const list = body.ok ? parseJson(body.value) : undefined;
    if (Array.isArray(list)) await addKills(replica, issuer, key, list);
    else failed('not a list of statements');
  } catch (error) {
    // Unreachable: the next turn asks again.
    failed(error instanceof Error ? error.name : typeof error);
  }
}

/** How many statements of the list are in force now. */
export async function addKills(
  replica: FeedReplica,
  issuer: string,
  key: CryptoKey,
  list: unknown,
): Promise<number> {
  const kills = await readKills(list, { issuer, key });
  for (const kill of kills) replica.kill(kill);
  return kills.length;
}
