import { describe, expect, test } from 'vitest';
import type { FeedEntry } from '../../../src/feed/index.ts';
import { unwrap } from '../fixtures/issuer.ts';
import { entry, headOver, question, seconds, sign, snapshotOf } from '../fixtures/log.ts';
import { at, LOG, newReplica, offer, refused } from './replica-scene.ts';

describe('a new epoch', () => {
  const end = async (count: number) => {
    const { epoch, seq, chain } = await headOver(LOG.slice(0, count), 0);
    return { epoch, seq, chain };
  };
  const second = async (count: number, live: readonly FeedEntry[], log: readonly FeedEntry[]) => {
    const previous = await end(count);
    const start = { epoch: 2, previous };
    const { bytes, reference } = await snapshotOf(live, start);
    const { chain } = await headOver([], 0, start);
    const snapshot = { ...reference, seq: count, chain };
    return { bytes, head: await headOver(log, 1, { ...start, snapshot }) };
  };

  test('starts from its snapshot and keeps earlier revocations', async () => {
    const replica = await at(4);
    const { bytes, head } = await second(4, [entry(9)], [entry(5)]);
    unwrap(await offer(replica, head, [entry(5)], bytes));
    for (const workflow of ['wf_1', 'wf_9', 'wf_5']) {
      expect(replica.find(question({ workflow }))).toMatchObject({ id: workflow });
    }
  });

  test('does not start from its entries alone', async () => {
    const { head } = await second(4, [entry(9)], [entry(5)]);
    for (const replica of [newReplica(), await at(4)]) {
      expect(await offer(replica, head, [entry(5)])).toMatchObject(refused('entries_gap'));
    }
  });

  test('is rejected if it forgets known entries', async () => {
    const replica = await at(4);
    const { bytes, head } = await second(3, LOG.slice(0, 3), [entry(4, { id: 'x' }), entry(5)]);
    expect(await offer(replica, head, [entry(4, { id: 'x' }), entry(5)], bytes)).toMatchObject(
      refused('head_epoch'),
    );
  });

  test('is rejected if it names another end of the epoch before', async () => {
    const replica = await at(4);
    const { bytes, head } = await second(4, LOG, [entry(5)]);
    const forked = { ...head, previous: { epoch: 1, seq: 4, chain: '0'.repeat(64) } };
    expect(await offer(replica, forked, [entry(5)], bytes)).toMatchObject(refused('head_fork'));
  });

  test('is never left for an older one', async () => {
    const replica = await at(4);
    const { bytes, head } = await second(4, LOG, [entry(5)]);
    unwrap(await offer(replica, head, [entry(5)], bytes));
    const back = await headOver([...LOG, entry(5), entry(6)], 2);
    expect(await offer(replica, back, [entry(6)])).toMatchObject(refused('head_rollback'));
  });
});

describe('a suspended workflow', () => {
  const suspended = entry(5, { kind: 'suspension', id: 'wf_1' });
  const resumed = entry(6, { kind: 'resumption', id: 'wf_1', gen: 2 });
  const child = question({ workflow: 'wf_child', ancestors: ['wf_1'] });
  const log = LOG.slice(1).map((one, index) => ({ ...one, seq: index + 1 }));
  const all = [...log, { ...suspended, seq: 4 }, { ...resumed, seq: 5 }];

  test('is stopped with its children, and its old tokens stay dead after it resumes', async () => {
    const replica = newReplica();
    unwrap(await offer(replica, await headOver(all.slice(0, 4), 0), all.slice(0, 4)));
    for (const one of [question(), child, question({ gen: 9 })]) {
      expect(replica.find(one)).toEqual({ by: 'suspension', id: 'wf_1' });
    }
    unwrap(await offer(replica, await headOver(all, 1), all.slice(4)));
    expect(replica.find(question())).toEqual({ by: 'generation', id: 'wf_1', genMin: 2 });
    expect(replica.find(question({ gen: 2 }))).toBeUndefined();
    expect(replica.find(child)).toBeUndefined();
  });

  test('is stopped for a verifier that starts from a snapshot', async () => {
    const { bytes, reference: snapshot } = await snapshotOf(all);
    const replica = newReplica();
    unwrap(await offer(replica, await headOver(all, 0, { snapshot }), [], bytes));
    expect(replica.find(question())).toMatchObject({ by: 'generation' });
    expect(replica.find(question({ gen: 2 }))).toBeUndefined();
  });

  test('does not resume after a revocation', async () => {
    const revoked = [...all, entry(6, { id: 'wf_1' })];
    const replica = newReplica();
    unwrap(await offer(replica, await headOver(revoked, 0), revoked));
    expect(replica.find(question({ gen: 2 }))).toEqual({ by: 'workflow', id: 'wf_1' });
  });
});

describe('a watermark', () => {
  const mark = { scope: 'owner', value: 'team:growth', before: seconds(1) } as const;
  const watermarks = [{ ...mark, expires: seconds(100) }];

  test('applies with the head alone, before any entry has arrived', async () => {
    const replica = newReplica();
    unwrap(await replica.open(await sign(await headOver(LOG, 0, { watermarks })), seconds(0)));
    expect(replica.find(question())).toEqual({ by: 'watermark', ...mark });
  });

  test.each([
    ['all', ''],
    ['issuer_key', question().issuerKey],
    ['agent', question().agent],
    ['subject', question().subject],
    ['owner', question().owner],
    ['audience', question().audience],
    ['tool', 'crm.update'],
  ])('on %s stops earlier tokens of its scope, and no others', async (scope, value) => {
    const log = [entry(1, { kind: 'watermark', scope, value, before: seconds(0) + 1 })];
    const replica = newReplica();
    unwrap(await offer(replica, await headOver(log, 0), log));
    expect(replica.find(question())).toMatchObject({ by: 'watermark', scope, value });
    expect(replica.find(question({ issuedAt: new Date(seconds(1) * 1000) }))).toBeUndefined();
    const foreign = { issuerKey: 'x', agent: 'x', subject: 'x', owner: 'x', audience: 'x' };
    const other = replica.find(question({ ...foreign, grants: [] }));
    expect(other?.by).toBe(scope === 'all' ? 'watermark' : undefined);
  });

  test('is not weakened by a second watermark of the same scope', async () => {
    const both = [{ ...mark, before: seconds(-1), expires: seconds(5) }, ...watermarks];
    for (const order of [both, both.toReversed()]) {
      const replica = newReplica();
      unwrap(await offer(replica, await headOver([], 0, { watermarks: order }), []));
      unwrap(await offer(replica, await headOver([], 0, { watermarks: [] }), []));
      expect(replica.find(question())).toMatchObject({ before: seconds(1) });
    }
  });
});
