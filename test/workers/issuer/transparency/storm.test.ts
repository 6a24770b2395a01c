import { evictDurableObject, reset, runInDurableObject } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, expect, test, vi } from 'vitest';
import type { AuditRecord } from '../../../../src/audit/index.ts';
import type { LogAddress } from '../../../../workers/issuer/log/binding.ts';
import { readRecords } from '../../../../workers/issuer/log/read.ts';
import { type IssuerEnv, transparencyLog } from '../../../../workers/issuer/platform/env.ts';

/** Appends, rounds, evictions and repetitions at once, in the real object with the real archive. */
const env = untyped as unknown as IssuerEnv;
const log = () => transparencyLog(env, 'control');

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const record = (id: string): AuditRecord => ({
  event: 'rule_armed',
  id,
  at: 1,
  rule: 'r',
  actor: 'o',
  reason: 'x',
});

test('every record that was acknowledged is there once, where its answer said', async () => {
  const places = new Map<string, number>();
  let count = 0;
  const append = async (): Promise<void> => {
    const ids = Array.from({ length: 1 + (count % 7) }, () => `s.${count++}`);
    const records = ids.map(record);
    for (;;) {
      try {
        const { index } = (await log().append(records)) as LogAddress;
        for (const [place, id] of ids.entries()) places.set(id, index + place);
        return;
      } catch {
        // Evicted: a caller repeats what was not acknowledged.
      }
    }
  };
  for (let turn = 0; turn < 6; turn++) {
    await Promise.all([
      ...Array.from({ length: 25 }, append),
      log()
        .round()
        .catch(() => undefined),
    ]);
    if (turn % 2 === 1) await evictDurableObject(log());
  }
  await log().round();
  const read = await readRecords(env, 'control', 0, 10_000);
  expect(read.map(({ record: { id } }) => id)).toHaveLength(count);
  for (const { index, record: one } of read)
    expect([one.id, places.get(one.id)]).toEqual([one.id, index]);
});

test('a log that was restored takes over what its archive has, and signs one history', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await log().append(['a', 'b'].map(record));
  await log().round();
  await log().append(['c', 'd'].map(record));
  await log().round();
  // As a point-in-time restore leaves it: the state before the second round, with a row of then.
  await runInDurableObject(log(), (_log, { storage }) => {
    const body = String(storage.sql.exec('SELECT body FROM seal').one().body);
    const { root: _, checkpoint: __, ...state } = JSON.parse(body);
    const before = JSON.stringify({ ...state, committed: 2, floor: 0 });
    storage.sql.exec('UPDATE seal SET body = ?', before);
    storage.sql.exec(
      'INSERT INTO pending_even (first, n, at, records) VALUES (2, 1, 1, ?)',
      JSON.stringify([record('other')]),
    );
  });
  await evictDurableObject(log());
  expect(await log().append([record('e')])).toMatchObject({ index: 5 });
  const state = await log().round();
  expect([state.size, state.stopped]).toEqual([6, undefined]);
  const ids = (await readRecords(env, 'control', 0, 10)).map(({ record: { id } }) => id);
  expect(ids).toEqual(['a', 'b', 'c', 'd', 'other', 'e']);
});
