import { toSeconds } from '../../clock.ts';
import { fromHex } from '../../encoding.ts';
import { FeedClient } from '../../feed/index.ts';
import { STATUS_SHARDS_MAX } from '../../limits.ts';
import type { Check, Observation, Site } from '../examine.ts';

/** A head that a running issuer signs for the question is new. */
const AGE_SECONDS_MAX = 15;

export const feedCheck: Check = {
  name: 'feed',
  advice: 'Run hewn feed status. Verifiers deny writes while they get no valid head.',
  run: async (site) => {
    const raw = fromHex(site.feedPublicKey ?? '');
    if (raw?.length !== 32) {
      const detail = 'this machine does not have the public feed key';
      const advice = 'State feedPublicKey in hewn.toml, or run the command where the key file is.';
      return [{ subject: 'feed', status: 'skip', detail, advice }];
    }
    const feedKey = await crypto.subtle.importKey('raw', raw, 'Ed25519', true, ['verify']);
    const shards = Math.min(site.environment.issuer.feedShards ?? 1, STATUS_SHARDS_MAX);
    return Promise.all(Array.from({ length: shards }, (_, shard) => observe(site, feedKey, shard)));
  },
};

async function observe(
  { issuer, fetch: fetching, now }: Site,
  feedKey: Parameters<typeof crypto.subtle.verify>[1],
  shard: number,
): Promise<Observation> {
  const subject = `shard ${shard}`;
  const client = new FeedClient({
    issuer,
    feedKey,
    shard,
    now: () => now().getTime(),
    report: () => undefined, // The answer is the report.
    fetch: (path, init) => fetching(`${issuer}${path}`, { ...init, redirect: 'error' }),
  });
  const head = await client.refresh();
  if (!head.ok) return { subject, status: 'fail', detail: `no valid head: ${head.error.code}` };
  const { epoch, seq, issued_at, count } = head.value;
  const age = Math.max(0, toSeconds(now().getTime()) - issued_at);
  const detail = `position ${epoch}.${seq}, ${count} revoked, signed ${age} s ago`;
  return { subject, status: age > AGE_SECONDS_MAX ? 'warn' : 'ok', detail };
}
