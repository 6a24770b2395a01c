import { type FeedEntry, FeedReplica, type Head } from '../../../src/feed/index.ts';
import { ISSUER, unwrap } from '../fixtures/issuer.ts';
import { deltaOf, entry, feedKeys, headOver, seconds, sign } from '../fixtures/log.ts';

export const LOG = [entry(1), entry(2, { kind: 'block', id: 'ab' }), entry(3), entry(4)];
export const newReplica = (shard = 0) =>
  new FeedReplica({ issuer: ISSUER, feedKey: feedKeys.publicKey, shard });

/** Opens a head at second 0 and applies it, as a client does. */
export async function offer(
  replica: FeedReplica,
  head: Head,
  entries: readonly FeedEntry[],
  snapshot?: Uint8Array<ArrayBuffer>,
) {
  const opened = await replica.open(await sign(head), seconds(0));
  if (!opened.ok) return opened;
  return replica.apply(opened.value, { snapshot, deltas: [deltaOf(entries)] });
}

export async function at(count: number, issued = 0): Promise<FeedReplica> {
  const replica = newReplica();
  unwrap(await offer(replica, await headOver(LOG.slice(0, count), issued), LOG.slice(0, count)));
  return replica;
}

export const refused = (code: string) => ({ ok: false, error: { code } });
