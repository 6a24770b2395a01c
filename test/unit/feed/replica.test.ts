import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FeedEntry, FeedReplica, type Head } from '../../../src/feed/index.ts';
import { ISSUER, issuerKey, must, otherKey } from '../fixtures/issuer.ts';
import { entry, feedKeys, headOver, seconds, sign } from '../fixtures/log.ts';

const LOG = [entry(1), entry(2, { kind: 'block', id: 'ab' }), entry(3), entry(4)];
const newReplica = () => new FeedReplica(ISSUER, feedKeys.publicKey);

/** Opens at second 0 and applies: the two steps that a client takes. */
async function offer(replica: FeedReplica, head: Head, entries: readonly FeedEntry[]) {
  const opened = await replica.open(await sign(head), seconds(0));
  return opened.ok ? replica.apply(opened.value, entries) : opened;
}

async function at(count: number, issued = 0): Promise<FeedReplica> {
  const replica = newReplica();
  must(await offer(replica, await headOver(LOG.slice(0, count), issued), LOG.slice(0, count)));
  return replica;
}

describe('a replica goes forward', () => {
  test('from nothing, and on by what is new', async () => {
    const replica = await at(2);
    must(await offer(replica, await headOver(LOG, 1), LOG.slice(2)));
    expect(replica.head).toMatchObject({ seq: 4, issued_at: seconds(1) });
    expect(replica.find(['wf_3'], [])).toEqual(LOG[2]);
  });

  test('by a later head over the same log, and by the same head again', async () => {
    const replica = await at(4);
    must(await offer(replica, await headOver(LOG, 5), []));
    must(await offer(replica, await headOver(LOG, 5), []));
    expect(replica.head?.issued_at).toBe(seconds(5));
  });

  test('to a higher epoch, keeping what the lower one revoked', async () => {
    const replica = await at(4);
    const restored = [entry(1, { id: 'wf_new' })];
    must(await offer(replica, await headOver(restored, 1, { epoch: 2 }), restored));
    for (const id of ['wf_1', 'wf_new']) expect(replica.find([id], [])).toMatchObject({ id });
  });

  test('and finds by workflow, by ancestor and by any block of the chain', async () => {
    const replica = await at(4);
    expect(replica.find(['wf_other', 'wf_1'], [])?.seq).toBe(1);
    expect(replica.find(['wf_other'], ['ff', 'ab'])?.seq).toBe(2);
    expect(replica.find(['ab'], ['wf_1'])).toBeUndefined(); // A kind is not the other kind.
    expect(replica.find([], [])).toBeUndefined();
  });
});

test('a foreign list of keys under another signature changes nothing', async () => {
  const replica = await at(4);
  const forger = (await crypto.subtle.generateKey('Ed25519', true, ['sign'])) as CryptoKeyPair;
  const foreign = await headOver(LOG, 1, { keys: [otherKey] });
  const forged = await sign(foreign, forger.privateKey);
  const honest = await sign(await headOver(LOG, 1));
  const spliced = { payload: forged.payload, signature: honest.signature };
  for (const wire of [forged, spliced]) {
    expect(await replica.open(wire, seconds(1))).toEqual({
      ...{ ok: false, error: { code: 'head_signature' } },
    });
  }
  expect(replica.keys).toEqual([issuerKey]);
  must(await offer(replica, foreign, []));
  expect(replica.keys).toEqual([otherKey]);
});

describe('a replica refuses', () => {
  test.each<[string, () => Promise<Head>, readonly FeedEntry[], string]>([
    ['an older head', () => headOver(LOG.slice(0, 1), 0), [], 'head_rollback'],
    ['the same log said earlier', () => headOver(LOG.slice(0, 2), -1), [], 'head_rollback'],
    [
      'a fork at the same position',
      () => headOver([entry(1), entry(2, { id: 'cd' })], 1),
      [],
      'head_rollback',
    ],
    ['a lower epoch', () => headOver(LOG, 1, { epoch: 0 }), LOG, 'head_malformed'],
    ['another issuer', () => headOver(LOG, 1, { issuer: `${ISSUER}/` }), [], 'head_issuer'],
    ['a head from the future', () => headOver(LOG, 61), LOG.slice(2), 'head_from_future'],
    ['a gap', () => headOver(LOG, 1), [entry(4)], 'entries_gap'],
    ['entries in another order', () => headOver(LOG, 1), [entry(4), entry(3)], 'entries_gap'],
    ['an entry twice', () => headOver(LOG, 1), [entry(3), entry(3)], 'entries_gap'],
    ['too few entries', () => headOver(LOG, 1), [entry(3)], 'entries_gap'],
    ['too many entries', () => headOver(LOG.slice(0, 3), 1), [entry(3), entry(4)], 'entries_gap'],
    [
      'an entry that was changed',
      () => headOver(LOG, 1),
      [entry(3), entry(4, { id: 'x' })],
      'chain_mismatch',
    ],
    [
      'an entry whose expiry was changed',
      () => headOver(LOG, 1),
      [entry(3), entry(4, { expires: seconds(0) })],
      'chain_mismatch',
    ],
  ])('%s, and keeps its last good state', async (_, head, entries, code) => {
    const replica = await at(2);
    const held = replica.head;
    expect(await offer(replica, await head(), entries)).toMatchObject({
      ok: false,
      error: { code },
    });
    expect(replica.head).toBe(held);
    expect(replica.size).toBe(2);
  });

  test('a head that was overtaken between opening and applying', async () => {
    const replica = await at(4, 0);
    const early = must(await replica.open(await sign(await headOver(LOG, 1)), seconds(5)));
    must(await offer(replica, await headOver(LOG, 5), []));
    expect(await replica.apply(early, [])).toMatchObject({ error: { code: 'head_rollback' } });
    expect(replica.head?.issued_at).toBe(seconds(5));
  });

  test('but takes a head 60 s ahead, which clocks may be apart', async () => {
    expect((await offer(newReplica(), await headOver([], 60), [])).ok).toBe(true);
  });
});

describe('what is revoked', () => {
  test('is forgotten only after no token is left to hit', async () => {
    const log = [entry(1, { expires: seconds(10) })];
    const replica = newReplica();
    must(await offer(replica, await headOver(log, 10), log));
    expect(replica.size).toBe(1);
    must(await offer(replica, await headOver(log, 11), []));
    expect(replica.size).toBe(0);
  });

  test('is not shortened by a second entry of the same id', async () => {
    const log = [entry(1), entry(2, { id: 'wf_1', expires: seconds(10) })];
    const replica = newReplica();
    must(await offer(replica, await headOver(log, 11), log));
    expect(replica.find(['wf_1'], [])).toBeDefined();
  });

  test('invariant 3: stays revoked, whatever is offered in whatever order', async () => {
    const offered = fc.record({
      ...{ count: fc.nat(4), from: fc.nat(4), epoch: fc.constantFrom(1, 2) },
      ...{ issued: fc.integer({ min: -5, max: 5 }), forked: fc.boolean(), shuffled: fc.boolean() },
    });
    await fc.assert(
      fc.asyncProperty(fc.array(offered, { maxLength: 12 }), async (offers) => {
        const replica = newReplica();
        const revoked = new Set<string>();
        for (const { count, from, epoch, issued, forked, shuffled } of offers) {
          const before = replica.head;
          const log = LOG.slice(0, count).map((each) => (forked ? { ...each, at: 0 } : each));
          const sent = shuffled ? log.slice(from).reverse() : log.slice(from);
          const done = await offer(replica, await headOver(log, issued, { epoch }), sent);
          if (done.ok) for (const { kind, id } of sent) revoked.add(`${kind}:${id}`);
          for (const name of revoked) {
            const [kind = '', id = ''] = name.split(':');
            expect(replica.find([id], kind === 'block' ? [id] : [])).toBeDefined();
          }
          if (!before || !replica.head) continue;
          expect(order(replica.head)).toBeGreaterThanOrEqual(order(before));
        }
      }),
      { numRuns: 150, seed: 3 },
    );
  });
});

/** Epoch first, then position: neither may fall. */
const order = ({ epoch, seq }: Head): number => epoch * 1_000 + seq;
