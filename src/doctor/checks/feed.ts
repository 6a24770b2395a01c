import { toSeconds } from '../../clock.ts';
import { fromHex } from '../../encoding.ts';
import { FeedClient } from '../../feed/index.ts';
import { STATUS_SHARDS_MAX } from '../../limits.ts';
import type { Check, IssuerStatus, Observation, Site } from '../examine.ts';

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
    const [heads, status] = await Promise.all([
      Promise.all(Array.from({ length: shards }, (_, shard) => observe(site, feedKey, shard))),
      site.status(),
    ]);
    // Without the credential of an operator, the witnesses are not known.
    const feed = status.ok ? status.value.feed : [];
    return [...heads, ...feed.flatMap(observeTree)];
  },
};

/**
 * Observes what the witnesses have cosigned. A code that this release does not know is shown as it
 * is.
 */
function observeTree({ shard, state }: IssuerStatus['feed'][number]): readonly Observation[] {
  const tree = state?.tree;
  if (!tree) return [];
  const subject = `witnesses of shard ${shard}`;
  if (tree.faults.length === 0) {
    const names = tree.witnesses.map(({ name }) => name).join(', ');
    return [{ subject, status: 'ok', detail: `${names}: seen ${tree.seen_at ?? 'never'}` }];
  }
  return tree.faults.map((fault) => {
    if (fault === 'stopped') {
      const detail = `no checkpoint is signed: ${tree.stopped ?? 'unknown'}`;
      return { subject, status: 'fail', detail, advice: FORK_ADVICE };
    }
    if (fault === 'quorum_missing') {
      const detail = 'too few have seen the newest head: verifiers that demand them deny writes';
      return { subject, status: 'fail', detail, advice: WITNESS_ADVICE };
    }
    const whys = tree.witnesses.flatMap(({ name, fault: why }) =>
      tree.silent.includes(name) ? [why === undefined ? name : `${name} (${why})`] : [],
    );
    const detail = fault === 'witness_silent' ? `not cosigned by ${whys.join(', ')}` : fault;
    return { subject, status: 'warn', detail, advice: WITNESS_ADVICE };
  });
}

const WITNESS_ADVICE =
  'See whether the witnesses answer: the log of the issuer has the reasons as feed.witness.failed.';
const FORK_ADVICE =
  'A witness has seen another history of the feed: the key that signs the logs may be stolen, or the log was restored without its archive. The log of the issuer has feed.witness.forked.';

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
