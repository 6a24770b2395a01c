import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../../../src/audit/index.ts';
import { fromUtf8 } from '../../../../src/encoding.ts';
import { decodeBundle, leafHash } from '../../../../src/tlog/index.ts';
import { readRecords } from '../../../../workers/issuer/log/read.ts';
import {
  archiveOf,
  type IssuerEnv,
  transparencyLog,
} from '../../../../workers/issuer/platform/env.ts';

/** Records on their way from rows to entries of the archive, in the real object. */
const env = untyped as unknown as IssuerEnv;
const log = () => transparencyLog(env, 'control');
const archive = () => archiveOf(env, 'control');

afterEach(() => reset());

let count = 0;
const records = (n: number): AuditRecord[] =>
  Array.from({ length: n }, () => {
    count += 1;
    return { event: 'rule_armed', id: `r.${count}`, at: count, rule: 'r', actor: 'o', reason: 'x' };
  });

const rows = () =>
  runInDurableObject(log(), (_log, { storage }) =>
    ['pending_even', 'pending_odd'].map((table) =>
      Number(storage.sql.exec(`SELECT COUNT(*) AS n FROM ${table}`).one().n),
    ),
  );
const month = new Date().toISOString().slice(0, 7);

describe('a round', () => {
  test('puts entries into the archive, signs them, and leaves no rows', async () => {
    expect(await log().append(records(3))).toMatchObject({ log: 'control', index: 0 });
    const before = await log().state();
    expect([before.size, before.committed, before.fill < 1]).toEqual([3, 0, true]);
    const state = await log().round();
    expect([state.size, state.committed, state.floor]).toEqual([3, 3, 0]);
    expect(await rows()).toEqual([0, 0]);
    expect(state.checkpoint).toMatchObject({ size: 3 });
    const note = fromUtf8((await archive().get('checkpoint'))?.bytes ?? new Uint8Array()) ?? '';
    expect(note.split('\n').slice(0, 2)).toEqual(['issuer.example/audit/control', '3']);
    expect(note).toContain('— issuer.example/audit/control ');
  });

  test('drops the rows after some of them were read', async () => {
    for (let n = 0; n < 5; n++) await log().append(records(2));
    expect(await log().pending(1, 2)).toMatchObject([{ index: 1 }, { index: 2 }]);
    await log().round();
    expect(await rows()).toEqual([0, 0]);
  });

  test('runs by the alarm of the oldest record', async () => {
    await log().append(records(1));
    await runInDurableObject(log(), (_log, { storage }) => {
      storage.sql.exec('UPDATE pending_even SET at = 1');
    });
    await evictDurableObject(log());
    expect(await runDurableObjectAlarm(log())).toBe(true);
    expect((await log().state()).committed).toBe(1);
  });

  test('fills bundles and tiles, and the next one continues after them', async () => {
    await log().append(records(300));
    await log().round();
    await evictDurableObject(log());
    await log().append(records(300));
    const state = await log().round();
    expect([state.committed, state.floor, state.months]).toEqual([600, 512, [[month, 0]]]);
    const bundles = await Promise.all(
      ['000', '001'].map((n) => archive().get(`m/${month}/entries/${n}`)),
    );
    const entries = bundles.flatMap((one) => decodeBundle(one?.bytes ?? new Uint8Array()) ?? []);
    expect(entries).toHaveLength(512);
    const tiles = await archive().list('tile/');
    expect(tiles.paths).toEqual(['tile/0/000', 'tile/0/001']);
    expect((await archive().get('tile/0/000'))?.bytes.slice(0, 32)).toEqual(
      leafHash(entries[0] ?? new Uint8Array()),
    );
  });

  test('leaves every record readable by its index, wherever it is', async () => {
    const all = [...records(300), ...records(300), ...records(5)];
    await log().append(all.slice(0, 300));
    await log().round();
    await log().append(all.slice(300, 600));
    await log().round();
    await log().append(all.slice(600));
    const read = await readRecords(env, 'control', 0, 1_000);
    expect(read.map(({ record }) => record)).toEqual(all);
    expect(read.map(({ index }) => index)).toEqual(all.map((_, index) => index));
    expect(read.filter(({ leaf }) => leaf === undefined)).toHaveLength(5);
    for (const [from, limit] of [
      [255, 2],
      [511, 3],
      [598, 4],
      [605, 1],
    ] as const) {
      const some = await readRecords(env, 'control', from, limit);
      expect(some.map(({ record }) => record)).toEqual(all.slice(from, from + limit));
    }
  });

  test('writes a record once, also if it is repeated after its row is gone', async () => {
    const [one] = records(1);
    await log().append([one as AuditRecord]);
    await log().round();
    await evictDurableObject(log());
    const [other] = records(1);
    const again = await log().append([one as AuditRecord, other as AuditRecord]);
    expect(again).toMatchObject({ index: 0 });
    expect((await log().state()).size).toBe(2);
  });
});

test.each([
  ['control', 60],
  ['root', 60],
  ['decisions-1-2', 300],
] as const)('of the log %s begins after %i seconds', async (name, seconds) => {
  const object = transparencyLog(env, name);
  const before = Date.now();
  await object.append(records(1));
  const due = await runInDurableObject(object, (_log, { storage }) => storage.getAlarm());
  expect(Math.abs(Number(due) - before - seconds * 1_000)).toBeLessThan(5_000);
});
