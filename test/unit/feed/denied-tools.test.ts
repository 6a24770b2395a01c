import { describe, expect, test } from 'vitest';
import {
  type FeedEntry,
  FeedReplica,
  type HeadWatermark,
  NEVER_EXPIRES,
  WATERMARK_SCOPES,
} from '../../../src/feed/index.ts';
import { encodeEntry } from '../../../src/feed/log/index.ts';
import { ISSUER } from '../fixtures/issuer.ts';
import { deltaOf, feedKeys, headOver, question, seconds, sign } from '../fixtures/log.ts';

const TOOL = 'crm.delete';
const denial: FeedEntry = {
  kind: 'denial',
  seq: 1,
  at: seconds(0),
  expires: NEVER_EXPIRES,
  scope: 'tool',
  value: TOOL,
  before: seconds(1),
};
const lift: FeedEntry = {
  kind: 'lift',
  seq: 2,
  at: seconds(5),
  expires: NEVER_EXPIRES,
  scope: 'tool',
  value: TOOL,
};
const denied: readonly HeadWatermark[] = [
  { scope: 'tool', value: TOOL, before: seconds(1), expires: NEVER_EXPIRES },
];

const newReplica = () => new FeedReplica({ issuer: ISSUER, feedKey: feedKeys.publicKey });
const followed = async (
  replica: FeedReplica,
  entries: readonly FeedEntry[],
  watermarks: readonly HeadWatermark[],
  offset: number,
) => {
  const opened = await replica.open(
    await sign(await headOver(entries, offset, { watermarks })),
    seconds(offset),
  );
  const from = replica.head?.seq ?? 0;
  if (!opened.ok) throw new Error(opened.error.code);
  return replica.apply(opened.value, { deltas: [deltaOf(entries.slice(from))] });
};
const hitOf = (replica: FeedReplica, tool?: string) =>
  replica.find(question({ grants: [{ tool: TOOL }, { tool: 'crm.search' }], tool }))?.by;

describe('a denied tool', () => {
  test('stops calls of the tool, and no other call of a token that grants it', async () => {
    const replica = newReplica();
    await followed(replica, [denial], denied, 1);
    expect(hitOf(replica, TOOL)).toBe('denial');
    expect(hitOf(replica, 'crm.search')).toBeUndefined();
    expect(hitOf(replica)).toBeUndefined();
  });

  test('can be called again with the same token after a lift', async () => {
    const replica = newReplica();
    await followed(replica, [denial], denied, 1);
    await followed(replica, [denial, lift], [], 6);
    expect(hitOf(replica, TOOL)).toBeUndefined();
  });

  test('stays denied if an older head is applied after a newer one was opened', async () => {
    const replica = newReplica();
    const older = await replica.open(await sign(await headOver([], 0)), seconds(1));
    const newer = await sign(await headOver([denial], 1, { watermarks: denied }));
    await replica.open(newer, seconds(1));
    if (!older.ok) throw new Error(older.error.code);
    await replica.apply(older.value, { deltas: [] });
    expect(hitOf(replica, TOOL)).toBe('denial');
  });
});

/** The rules before denials existed, as a verifier of release 0.1.0 reads records. */
function readAsBefore(record: Uint8Array) {
  const uint = (at: number, length: number) =>
    record.slice(at, at + length).reduce((value, byte) => value * 256 + byte, 0);
  const length = uint(26, 2);
  return {
    kind: ['watermark', 'workflow', 'block', 'suspension', 'resumption'][uint(0, 1) - 1],
    expires: uint(13, 6),
    scope: WATERMARK_SCOPES[uint(19, 1)],
    before: uint(20, 6),
    value: new TextDecoder().decode(record.slice(28, 28 + length)),
    isWhole: record.length === 28 + length,
  };
}

describe('a verifier of the previous release', () => {
  const withdrawal: FeedEntry = { ...lift, kind: 'withdrawal', expires: seconds(3_600) };

  test('reads a denial as a watermark, stops more than necessary, and continues', () => {
    expect(readAsBefore(encodeEntry(denial))).toEqual({
      kind: 'watermark',
      expires: NEVER_EXPIRES,
      scope: 'tool',
      before: seconds(1),
      value: TOOL,
      isWhole: true,
    });
  });

  test.each([
    ['a lift', lift],
    ['a withdrawal', withdrawal],
  ])('reads %s as a watermark that stops no token, and continues', (_, entry) => {
    expect(readAsBefore(encodeEntry(entry))).toMatchObject({
      kind: 'watermark',
      scope: 'tool',
      before: 1,
      isWhole: true,
    });
  });
});
