import { describe, expect, test } from 'vitest';
import { FeedReplica, type Head, type Position } from '../../../src/feed/index.ts';
import {
  chainInput,
  encodeEntry,
  encodeSnapshot,
  type LiveRevocation,
} from '../../../src/feed/log/index.ts';
import { ISSUER, unwrap } from '../fixtures/issuer.ts';
import {
  deltaOf,
  entry,
  feedKeys,
  headOver,
  question,
  SALT,
  seconds,
  sha256,
  sign,
  snapshotOf,
} from '../fixtures/log.ts';

const newReplica = () => new FeedReplica({ issuer: ISSUER, feedKey: feedKeys.publicKey });
const FULL = 2 ** 20;

function* revocations(count: number): Generator<LiveRevocation> {
  for (let n = 0; n < count; n++) {
    yield { kind: 'workflow', id: `wf_${n}`, expires: seconds(3_600 + 60 * (n % 60)) };
  }
}

/** A head over a snapshot of `count` entries only, at `seq` 1,000. */
async function snapshotHead(count: number, stops = 0) {
  const suspensions = Array.from({ length: stops }, (_, n) => ({
    kind: 'suspension' as const,
    id: `wf_s${n}`,
    seq: 1 + n,
    at: seconds(0),
    expires: seconds(3_600),
  }));
  const bytes = encodeSnapshot({ revoked: revocations(count), stops: suspensions }, SALT);
  if (!bytes) throw new Error('two ids of the test have one fingerprint');
  const head = await headOver([], 0, { seq: 1_000 });
  const { seq, chain } = head;
  const hash = await sha256(bytes);
  const snapshot = { seq, chain, hash, bytes: bytes.length, count };
  return { bytes, head: { ...head, snapshot } };
}

async function started(count: number, stops = 0) {
  const { bytes, head } = await snapshotHead(count, stops);
  const replica = newReplica();
  const opened = unwrap(await replica.open(await sign(head), seconds(0)));
  return { replica, head, applied: await replica.apply(opened, { snapshot: bytes, deltas: [] }) };
}

describe('a replica', () => {
  test('holds 2^20 revocations, and finds them and nothing else', async () => {
    const { replica, head, applied } = await started(FULL);
    unwrap(applied);
    expect(replica.size).toBe(FULL);
    for (let n = 0; n < FULL; n += 997) {
      expect(replica.find(question({ workflow: `wf_${n}` }))?.by).toBe('workflow');
      expect(replica.find(question({ workflow: `wf_x${n}` }))).toBeUndefined();
    }
    // One more is rejected completely: a dropped revocation would let a token live.
    const more = entry(1_001, { id: 'wf_more' });
    const chain = await sha256(chainInput(head.chain, encodeEntry(more)));
    const next = { ...head, seq: 1_001, chain };
    const opened = unwrap(await replica.open(await sign(next), seconds(0)));
    expect(await replica.apply(opened, { deltas: [deltaOf([more])] })).toMatchObject({
      error: { code: 'feed_over_limit', limit: 'revoked' },
    });
    expect(replica.head).toEqual(head);
  });

  test('rejects more suspensions than it can hold', async () => {
    unwrap((await started(1, 2 ** 16)).applied);
    expect((await started(1, 2 ** 16 + 1)).applied).toMatchObject({
      error: { code: 'feed_over_limit', limit: 'stops' },
    });
  });

  test('keeps the revocations of nine epochs, and rejects a tenth while all of them live', async () => {
    const replica = newReplica();
    let previous: Position | null = null;
    const enter = async (epoch: number) => {
      const start: Partial<Head> = { epoch, previous };
      const { bytes, reference } = await snapshotOf([entry(1, { id: `wf_${epoch}` })], start);
      const { seq, chain } = await headOver([], 0, start);
      const head = await headOver([], 0, { ...start, snapshot: { ...reference, seq, chain } });
      const opened = unwrap(await replica.open(await sign(head), seconds(0)));
      const applied = await replica.apply(opened, { snapshot: bytes, deltas: [] });
      if (applied.ok) previous = { epoch, seq, chain };
      return applied;
    };
    for (let epoch = 1; epoch <= 9; epoch++) unwrap(await enter(epoch));
    expect(await enter(10)).toMatchObject({ error: { code: 'feed_over_limit', limit: 'epochs' } });
    for (let epoch = 1; epoch <= 9; epoch++) {
      expect(replica.find(question({ workflow: `wf_${epoch}` }))).toBeDefined();
    }
  });
});
