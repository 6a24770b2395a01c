import { describe, expect, test } from 'vitest';
import {
  AT,
  deltaOf,
  entryAt,
  feedKey,
  headOf,
  ISSUER,
  questionOf,
  revocations,
  signed,
  snapshotOf,
  workflowId,
} from '../../../bench/feed/content.ts';
import { FeedReplica } from '../../../src/feed/index.ts';
import { decodeRecords } from '../../../src/feed/log/index.ts';
import { unwrap } from '../fixtures/issuer.ts';

/** The bench of the feed measures the bytes that verifiers read. Its times are not tested. */

test.each([1, 100, 1_024])('a delta of %i stopped workflows is 45 bytes for each', (count) => {
  const delta = deltaOf(0, count);
  expect(delta.length).toBe(45 * count);
  expect(decodeRecords(delta)?.length).toBe(count);
});

test.each([1_000, 20_000])(
  'a snapshot of %i is 25 bytes, 8 for each of 60 minutes, 8 for each entry',
  (count) => {
    expect(snapshotOf(revocations(count)).length).toBe(25 + 8 * 60 + 8 * count);
  },
);

describe('a head', () => {
  const bytes = async (of: Parameters<typeof headOf>[0]) =>
    JSON.stringify(await signed(headOf(of))).length;

  test('measures the same bytes whatever the log contains, except for the digits of its numbers', async () => {
    const snapshot = (count: number) => ({ bytes: snapshotOf(revocations(count)), count });
    const [small, large] = [
      await bytes({ snapshot: snapshot(1_000) }),
      await bytes({ snapshot: snapshot(20_000) }),
    ];
    expect(large - small).toBeLessThan(16);
  });

  test('is under 24 KiB with the maximum number of keys and watermarks', async () => {
    expect(await bytes({ keys: 16, watermarks: 64 })).toBeLessThan(24 * 1024);
  });
});

test('a replica applies a snapshot and a delta, and finds half of the ids that the bench looks up', async () => {
  const count = 2_000;
  const snapshot = snapshotOf(revocations(count));
  const delta = [1, 2, 3].map((seq) => entryAt(count + seq));
  const replica = new FeedReplica({ issuer: ISSUER, feedKey });
  const wire = await signed(headOf({ snapshot: { bytes: snapshot, count }, delta }));
  const head = unwrap(await replica.open(wire, AT));
  unwrap(await replica.apply(head, { snapshot, deltas: [deltaOf(count, count + 3)] }));
  expect(replica.size).toBe(count + 3);
  const found = (index: number) => replica.find(questionOf(workflowId(index))) !== undefined;
  expect([0, 1_999, 2_001, 2_003].map(found)).toEqual([true, true, true, true]);
  expect([2_004, 9_999].map(found)).toEqual([false, false]);
});
