import { readBytes } from '../../body.ts';
import { importPublicKey } from '../../import-public-key.ts';
import { KILL_BODY_BYTES_MAX } from '../../limits.ts';
import type { PublicKeyInput } from '../../public-key.ts';
import { type Report, reportTo } from '../../report.ts';
import { readKills } from '../format/kill-statement.ts';
import { parseJson } from '../format/shape.ts';
import type { FeedReplica } from '../replica/replica.ts';

const FEED_KILL_FETCH_MILLISECONDS_MAX = 1_000; // A first decision may wait this long.

/** Where kill statements come from: a JSON list on any host. */
export interface KillSource {
  /** The public half of the operator's offline key. */
  readonly key: PublicKeyInput;
  /** Fetches the list. Without it, statements arrive through `FeedClient.addKills` only. */
  readonly fetch?: (init: { signal: AbortSignal }) => Promise<Response>;
}

/**
 * Fetches the list once and applies its statements. A source that does not answer changes nothing:
 * earlier statements stay in force, and the feed does not wait.
 */
export async function fetchKills(
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
    // The next poll tries again.
    failed(error instanceof Error ? error.name : typeof error);
  }
}

/** Applies the valid statements of a list, and returns their number. */
export async function addKills(
  replica: FeedReplica,
  issuer: string,
  key: PublicKeyInput,
  list: unknown,
): Promise<number> {
  const kills = await readKills(list, { issuer, key: await importPublicKey(key) });
  for (const kill of kills) replica.kill(kill);
  return kills.length;
}
