import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FeedEntry, Head } from '../../../src/feed/index.ts';
import { ISSUER, otherKey, unwrap } from '../fixtures/issuer.ts';
import { entry, headOver, question, seconds, sign, snapshotOf } from '../fixtures/log.ts';
import { at, LOG, newReplica, offer, refused } from './replica-scene.ts';

describe('a replica moves forward', () => {
  test('from nothing, and then by new entries', async () => {
    const replica = await at(2);
    unwrap(await offer(replica, await headOver(LOG, 1), LOG.slice(2)));
    expect(replica.head).toMatchObject({ seq: 4, issued_at: seconds(1) });
    expect(replica.find(question({ workflow: 'wf_3' }))).toEqual({ by: 'workflow', id: 'wf_3' });
  });

  test('with a later head over the same log, and with the same head again', async () => {
    const replica = await at(4);
    unwrap(await offer(replica, await headOver(LOG, 5), []));
    unwrap(await offer(replica, await headOver(LOG, 5), []));
    expect(replica.head?.issued_at).toBe(seconds(5));
  });

  test('and finds a revocation by workflow, ancestor or any block of the chain', async () => {
    const replica = await at(4);
    const other = { workflow: 'wf_other' };
    const find = (changes: Parameters<typeof question>[0]) =>
      replica.find(question({ ...other, ...changes }));
    expect(find({ ancestors: ['wf_0', 'wf_1'] })).toEqual({ by: 'workflow', id: 'wf_1' });
    expect(find({ blocks: ['ff', 'ab'] })).toEqual({ by: 'block', id: 'ab' });
    expect(find({ workflow: '\u00ab', blocks: [] })).toBeUndefined();
    expect(find({ workflow: 'x'.repeat(200), blocks: ['00'.repeat(200)] })).toBeUndefined();
    expect(find({})).toBeUndefined();
  });
});

describe('a replica starts from a snapshot', () => {
  const scene = async () => {
    const { bytes, reference: snapshot } = await snapshotOf(LOG.slice(0, 3));
    return { bytes, head: await headOver(LOG, 0, { snapshot }), snapshot };
  };

  test('and continues from it', async () => {
    const { bytes, head } = await scene();
    const replica = newReplica();
    unwrap(await offer(replica, head, LOG.slice(3), bytes));
    expect(replica.size).toBe(4);
    for (const workflow of ['wf_1', 'wf_3', 'wf_4']) {
      expect(replica.find(question({ workflow }))).toEqual({ by: 'workflow', id: workflow });
    }
    const hit = replica.find(question({ workflow: 'wf_0', blocks: ['ab'] }));
    expect(hit).toEqual({ by: 'block', id: 'ab' });
  });

  test.each<[string, (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>, string]>([
    ['cut short', (bytes) => bytes.slice(0, -1), 'bytes'],
    ['with a byte more', (bytes) => Uint8Array.of(...bytes, 0), 'bytes'],
    ['with a bit flipped', (bytes) => bytes.with(30, (bytes[30] ?? 0) ^ 1), 'hash'],
  ])('but not from a snapshot %s', async (_, change, why) => {
    const { bytes, head } = await scene();
    const replica = newReplica();
    expect(await offer(replica, head, LOG.slice(3), change(bytes))).toMatchObject({
      error: { code: 'snapshot_invalid', why },
    });
    expect(replica.head).toBeUndefined();
    unwrap(await offer(replica, head, LOG.slice(3), bytes));
  });

  test('but not from a snapshot that lacks known revocations', async () => {
    const replica = await at(4);
    const { bytes, reference } = await snapshotOf([LOG[3] ?? entry(4)]);
    const { chain } = await headOver(LOG, 0);
    const head = await headOver(LOG, 1, { snapshot: { ...reference, chain } });
    expect(await offer(replica, head, [], bytes)).toMatchObject({
      error: { code: 'snapshot_invalid', why: 'shrunken' },
    });
    expect(replica.find(question())).toBeDefined();
  });
});

test('a foreign list of keys with another signature changes nothing', async () => {
  const replica = await at(4);
  const forger = (await crypto.subtle.generateKey('Ed25519', true, ['sign'])) as CryptoKeyPair;
  const foreign = await headOver(LOG, 1, { keys: [otherKey] });
  const forged = await sign(foreign, forger.privateKey);
  const honest = await sign(await headOver(LOG, 1));
  const spliced = { payload: forged.payload, signature: honest.signature };
  for (const wire of [forged, spliced]) {
    expect(await replica.open(wire, seconds(1))).toEqual(refused('head_signature'));
  }
  unwrap(await offer(replica, foreign, []));
  expect(replica.head?.keys).toEqual([otherKey]);
});

describe('a replica rejects', () => {
  const inTheWay = entry(2, { id: 'cd' });
  test.each<[string, () => Promise<Head>, readonly FeedEntry[], string]>([
    ['an older head', () => headOver(LOG.slice(0, 1), 0), [], 'head_rollback'],
    ['the same log with an earlier time', () => headOver(LOG.slice(0, 2), -1), [], 'head_rollback'],
    ['a fork at the same position', () => headOver([entry(1), inTheWay], 1), [], 'head_fork'],
    [
      'a fork further on',
      () => headOver([entry(1), inTheWay, entry(3)], 1),
      [entry(3)],
      'chain_mismatch',
    ],
    ['a lower epoch', () => headOver(LOG, 1, { epoch: 0 }), LOG, 'head_malformed'],
    ['another issuer', () => headOver(LOG, 1, { issuer: `${ISSUER}/` }), [], 'head_issuer'],
    ['another shard', () => headOver(LOG, 1, { shard: 1 }), [], 'head_shard'],
    ['a head from the future', () => headOver(LOG, 61), LOG.slice(2), 'head_from_future'],
    [
      'more than it can hold',
      () => headOver(LOG, 1, { count: 2 ** 20 + 1 }),
      LOG.slice(2),
      'feed_over_limit',
    ],
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
    const before = replica.head;
    expect(await offer(replica, await head(), entries)).toMatchObject(refused(code));
    expect(replica.head).toBe(before);
    expect(replica.size).toBe(2);
  });

  test('a head that was overtaken between opening and applying', async () => {
    const replica = await at(4, 0);
    const early = unwrap(await replica.open(await sign(await headOver(LOG, 1)), seconds(5)));
    unwrap(await offer(replica, await headOver(LOG, 5), []));
    expect(await replica.apply(early, { deltas: [] })).toMatchObject(refused('head_rollback'));
    expect(replica.head?.issued_at).toBe(seconds(5));
  });

  test('the entries of another shard', async () => {
    const replica = newReplica(1);
    const foreign = await headOver(LOG, 0);
    const head = { ...(await headOver(LOG, 0, { shard: 1 })), chain: foreign.chain };
    expect(await offer(replica, head, LOG)).toMatchObject(refused('chain_mismatch'));
  });

  test('a head below the floor of a previous process', async () => {
    const replica = newReplica();
    const { epoch, seq, chain, issued_at } = await headOver(LOG, 0);
    replica.startAt({ epoch, seq, chain, issued_at });
    const older = await headOver(LOG.slice(0, 3), 0);
    expect(await offer(replica, older, LOG.slice(0, 3))).toMatchObject(refused('head_rollback'));
    expect(await offer(replica, await headOver(LOG, -1), LOG)).toMatchObject(
      refused('head_rollback'),
    );
    unwrap(await offer(replica, await headOver(LOG, 0), LOG));
  });

  test('no head that is 60 s ahead, because clocks may differ by that much', async () => {
    expect((await offer(newReplica(), await headOver([], 60), [])).ok).toBe(true);
  });
});

describe('a revocation', () => {
  test('is forgotten only after every token that it stops has ended', async () => {
    const log = [entry(1, { expires: seconds(10) })];
    const replica = newReplica();
    unwrap(await offer(replica, await headOver(log, 10), log));
    expect(replica.size).toBe(1);
    const later = await replica.open(await sign(await headOver(log, 180)), seconds(180));
    unwrap(await replica.apply(unwrap(later), { deltas: [] }));
    expect(replica.size).toBe(0);
  });

  test('is not shortened by a second entry for the same id', async () => {
    const log = [entry(1), entry(2, { id: 'wf_1', expires: seconds(10) })];
    const replica = newReplica();
    unwrap(await offer(replica, await headOver(log, 11), log));
    expect(replica.find(question())).toBeDefined();
  });
});

test('is permanent, whatever is offered in whatever order', async () => {
  const offered = fc.record({
    count: fc.nat(4),
    from: fc.nat(4),
    epoch: fc.constantFrom(1, 2),
    issued: fc.integer({ min: -5, max: 5 }),
    forked: fc.boolean(),
    shuffled: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(offered, { maxLength: 12 }), async (offers) => {
      const replica = newReplica();
      const revoked = new Set<FeedEntry>();
      for (const { count, from, epoch, issued, forked, shuffled } of offers) {
        const before = replica.head;
        const log = LOG.slice(0, count).map((each) => (forked ? { ...each, at: 0 } : each));
        const sent = shuffled ? log.slice(from).reverse() : log.slice(from);
        const done = await offer(replica, await headOver(log, issued, { epoch }), sent);
        if (done.ok) for (const each of sent) revoked.add(each);
        for (const each of revoked) {
          if (!('id' in each)) continue;
          const asked = { workflow: each.id, blocks: [each.id] };
          expect(replica.find(question(asked))).toMatchObject({ by: each.kind });
        }
        if (!before || !replica.head) continue;
        expect(replica.head.epoch).toBeGreaterThanOrEqual(before.epoch);
        expect(replica.head.seq).toBeGreaterThanOrEqual(before.seq);
      }
    }),
    { numRuns: 150, seed: 3 },
  );
});
