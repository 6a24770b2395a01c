import { evictDurableObject, reset, runInDurableObject } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AuditRecord } from '../../../../src/audit/index.ts';
import { readRecords } from '../../../../workers/issuer/log/read.ts';
import { type IssuerEnv, transparencyLog } from '../../../../workers/issuer/platform/env.ts';

/** What stays of the logs if every object of theirs is lost, and only the archive is there. */
const env = untyped as unknown as IssuerEnv;
const log = 'control';

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const recordOf = (n: number): AuditRecord => ({
  event: 'rule_armed',
  id: `armed.${n}`,
  at: 1_790_000_000_000 + n,
  rule: 'out-of-scope',
  actor: 'operator',
  reason: `the alarm ${n} of alice@example.com was false`,
});

const append = (from: number, to: number) =>
  transparencyLog(env, log).append(
    Array.from({ length: to - from }, (_, place) => recordOf(from + place)),
  );

async function lose(): Promise<void> {
  await runInDurableObject(transparencyLog(env, log), (_log, { storage }) => storage.deleteAll());
  await evictDurableObject(transparencyLog(env, log));
}

describe('a log whose object was lost', () => {
  test('has every archived record again, from the archive alone', async () => {
    await append(0, 300);
    await append(300, 700);
    const signed = (await transparencyLog(env, log).round()).checkpoint;
    expect(signed).toMatchObject({ size: 700 });
    const before = await readRecords(env, log, 0, 1_000);
    expect(before).toHaveLength(700);
    await lose();
    expect(await append(700, 701)).toMatchObject({ log, index: 700 });
    const after = await readRecords(env, log, 0, 1_000);
    expect(after.slice(0, 700)).toEqual(before);
    expect(after.map(({ record }) => record.id).at(-1)).toBe('armed.700');
    const state = await transparencyLog(env, log).round();
    expect(state).toMatchObject({ size: 701, committed: 701, checkpoint: { size: 701 } });
    expect(state.stopped).toBeUndefined();
  });

  test('never gives an index away a second time', async () => {
    await append(0, 10);
    await transparencyLog(env, log).round();
    await append(10, 12); // Not archived: lost with the object.
    await lose();
    expect(await append(20, 21)).toMatchObject({ index: 10 });
    const ids = (await readRecords(env, log, 0, 100)).map(({ record }) => record.id);
    expect(ids).toEqual([...Array.from({ length: 10 }, (_, n) => `armed.${n}`), 'armed.20']);
  });
});
