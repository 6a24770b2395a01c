import { evictDurableObject, reset, runInDurableObject } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readBlocks, readCursor, writeBlocks } from '../../../../src/audit/find/index.ts';
import type { AuditRecord } from '../../../../src/audit/index.ts';
import {
  archiveOf,
  type IssuerEnv,
  subjectKeys,
  transparencyLog,
} from '../../../../workers/issuer/platform/env.ts';
import {
  BUNDLES_PER_OBJECT,
  DayIndex,
  indexPath,
} from '../../../../workers/issuer/search/day-index.ts';
import { BUNDLES_PER_PART_MAX, rebuildPart } from '../../../../workers/issuer/search/rebuild.ts';
import { searchLogs } from '../../../../workers/issuer/search/search.ts';
import { digitOf, knownKeysOf } from '../../../../workers/issuer/subject-keys/keys.ts';

/** The index in the real object and the real archive. */
const env = untyped as unknown as IssuerEnv;
const log = () => transparencyLog(env, 'control');
const archive = () => archiveOf(env, 'control');
const DAY = 24 * 3_600_000;
const NOON = Date.UTC(2026, 10, 27, 12);

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOON }));
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

let count = 0;
const mints = (n: number, subject: string): AuditRecord[] =>
  Array.from({ length: n }, () => {
    count += 1;
    const party = { agent: 'https://idp.example#agent', subject, owner: 'team' };
    return { event: 'mint', id: `mint.${count}`, at: Date.now(), ...party } as never;
  });

const find = async (where: Record<string, string>) => {
  const found = await searchLogs(env, {
    filter: { where },
    after: readCursor('') ?? new Map(),
    limit: 1_000,
  });
  expect(found.isEnd).toBe(true);
  return found.records.map(({ index }) => index);
};
const days = async () => (await archive().list('m/2026-11/index/')).paths;

async function fill(): Promise<void> {
  await log().append([...mints(256, 'alice'), ...mints(256, 'bob'), ...mints(10, 'alice')]);
  await log().round();
  vi.setSystemTime(NOON + DAY);
  await log().append(mints(5, 'carol'));
  await log().round();
}

test('goes to the archive when its day is over, and finds what is there and what is not', async () => {
  await fill();
  expect(await days()).toEqual([indexPath('2026-11-27', 0)]);
  const blocks = readBlocks(
    (await archive().get(indexPath('2026-11-27', 0)))?.bytes ?? new Uint8Array(),
  );
  // The third bundle is not full, so its day is that of its newest record.
  expect(blocks?.map(({ bundle }) => bundle)).toEqual([0, 1]);
  expect(await find({ subject: 'alice' })).toHaveLength(266);
  expect((await find({ subject: 'bob' }))[0]).toBe(256);
  expect(await find({ subject: 'carol' })).toEqual([522, 523, 524, 525, 526]);
  expect(await find({ subject: 'mallory' })).toEqual([]);
  expect(await find({ id: 'mint.1' })).toEqual([0]);
});

const wrong = { bundle: 1, oldest: NOON - DAY, newest: NOON - DAY, tags: new Set<string>() };

test('is the same when it is made again from the entries', async () => {
  await fill();
  const before = await archive().get(indexPath('2026-11-27', 0));
  await archive().delete([indexPath('2026-11-27', 0)]);
  expect(await find({ subject: 'bob' })).toHaveLength(256);
  // It has nothing of what was there before.
  await archive().replace(indexPath('2026-11-26', 0), writeBlocks([wrong]), undefined);
  expect(await rebuildPart(env, 'control', 0)).toEqual({ bundles: 2 });
  expect(await days()).toEqual([indexPath('2026-11-27', 0)]);
  const after = await archive().get(indexPath('2026-11-27', 0));
  expect(after?.bytes).toEqual(before?.bytes);
});

test('no longer finds a subject whose key is erased, and finds its records by other names', async () => {
  await fill();
  const key = (await knownKeysOf(env, ['bob']))('bob');
  expect(key).toBeDefined();
  const erased = await subjectKeys(env, digitOf('bob')).erase({
    subject: 'bob',
    actor: 'operator',
  });
  expect(erased.ok).toBe(true);
  await evictDurableObject(log());
  expect(await find({ subject: 'bob' })).toEqual([]);
  expect((await find({ agent: 'https://idp.example#agent' })).length).toBeGreaterThan(500);
});

test('is made again in parts that one request can make', async () => {
  const records = mints(256 * (BUNDLES_PER_PART_MAX + 1), 'alice');
  await log().append(records);
  await log().round();
  expect(await rebuildPart(env, 'control', 0)).toEqual({
    bundles: BUNDLES_PER_PART_MAX,
    next: BUNDLES_PER_PART_MAX,
  });
  expect(await rebuildPart(env, 'control', BUNDLES_PER_PART_MAX)).toEqual({ bundles: 1 });
  const blocks = readBlocks(
    (await archive().get(indexPath('2026-11-27', 0)))?.bytes ?? new Uint8Array(),
  );
  expect(blocks).toHaveLength(BUNDLES_PER_PART_MAX + 1);
});

test('of a busy day goes to the archive in parts, and leaves few rows before the day is over', async () => {
  const blocks = BUNDLES_PER_OBJECT + 1;
  const keys = { index: new Uint8Array(32), ofPerson: () => undefined };
  await runInDurableObject(log(), async (_log, { storage }) => {
    const index = new DayIndex(storage.sql);
    await index.seal(archive(), 0, NOON);
    for (let bundle = 0; bundle < blocks; bundle++) {
      index.note(256 * bundle, mints(1, 'alice'), keys);
    }
    // The last one of the first object is not full yet.
    await index.seal(archive(), 256 * BUNDLES_PER_OBJECT - 1, NOON);
    expect(index.unsealed()).toHaveLength(blocks);
    await index.seal(archive(), 256 * blocks, NOON);
    expect(index.unsealed().map(({ bundle }) => bundle)).toEqual([BUNDLES_PER_OBJECT]);
    await index.seal(archive(), 256 * blocks, NOON + DAY);
    expect(index.unsealed()).toEqual([]);
  });
  const [first, second] = [0, BUNDLES_PER_OBJECT].map((one) => indexPath('2026-11-27', one));
  expect(await days()).toEqual([first, second]);
  const stored = await archive().get(first ?? '');
  expect(readBlocks(stored?.bytes ?? new Uint8Array())).toHaveLength(BUNDLES_PER_OBJECT);
});
