import { reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { findTrailFault } from '../../../../src/audit/index.ts';
import { dueNow, emptyAudit, fillAudit, loseAudit } from '../audit-weather.ts';
import { readMerged } from '../merged.ts';
import { env, follow, log, question, restartLog, seconds, watermarkRecord } from './scene.ts';

afterEach(() => reset());

const draft = (value: string) => ({
  kind: 'watermark' as const,
  scope: 'owner' as const,
  value,
  before: seconds() + 30, // However long the log hangs.
  at: seconds(),
  expires: seconds() + 3_600,
});
const stop = (value: string, reason = 'test') =>
  log().appendWatermark(draft(value), watermarkRecord(value, reason));
const trail = async () => (await readMerged(env, { after: 0 })).map(({ record }) => record.id);
/** The trail after one more run of the alarm. A slow machine postpones what an earlier run owed. */
async function trailNow(): Promise<readonly string[]> {
  await dueNow(log());
  await runDurableObjectAlarm(log());
  return trail();
}

async function isStopped(owner: string): Promise<boolean> {
  const { feed } = await follow();
  await feed.refresh();
  return feed.find(question('wf_any', { owner })) !== undefined;
}

describe('a watermark is in force while the audit log', () => {
  test.each(['fails', 'hangs'] as const)(
    '%s for minutes, and is recorded once',
    async (weather) => {
      await loseAudit(log(), env, weather);
      expect(await stop('team')).toMatchObject({ ok: true, value: { recorded: false } });
      expect(await isStopped('team')).toBe(true);
      if (weather === 'fails') {
        for (let run = 0; run < 8; run++) {
          await dueNow(log());
          await runDurableObjectAlarm(log());
        }
        await runInDurableObject(log(), (_log, { storage }) => {
          const { tries, due } = storage.sql.exec('SELECT tries, due FROM owed').one();
          expect(tries).toBeGreaterThanOrEqual(8);
          expect(Number(due)).toBeGreaterThan(Date.now() + 200_000);
        });
      }
      expect(await trail()).toEqual([]);
      await restartLog();
      await expect.poll(trailNow).toEqual(['watermark.team']);
    },
  );

  test('is full, and is recorded when there is room', async () => {
    await fillAudit(env);
    expect(await stop('team')).toMatchObject({ ok: true, value: { recorded: false } });
    expect(await isStopped('team')).toBe(true);
    emptyAudit();
    await expect.poll(trailNow).toEqual(['watermark.team']);
  });

  test('answers, and reports that it is recorded', async () => {
    expect(await stop('team')).toMatchObject({ ok: true, value: { recorded: true } });
    expect(await trail()).toEqual(['watermark.team']);
  });
});

test('a record that cannot be stored blocks no later one', async () => {
  await loseAudit(log(), env, 'fails');
  for (const owner of ['a', 'b', 'c', 'd', 'e', 'f']) await stop(owner);
  await restartLog();
  // As another release may have left it: without an id, which SQLite rejects.
  await runInDurableObject(log(), (_log, { storage }) => {
    storage.sql.exec("UPDATE owed SET record = '{}' WHERE id <> 'watermark.f'");
  });
  for (let run = 0; run < 3; run++) await runDurableObjectAlarm(log());
  await expect.poll(trailNow).toEqual(['watermark.f']);
});

test('a record is written whatever its text contains', async () => {
  const texts = ['\ud800', 'cut \ud83d', '\udc00\ud800', '\0', '__proto__'];
  for (const [n, text] of texts.entries()) {
    expect(await stop(`owner ${n}`, text)).toMatchObject({ value: { recorded: true } });
  }
  const records = await readMerged(env, { after: 0 });
  expect(records).toHaveLength(texts.length);
  expect(await findTrailFault(records)).toBeUndefined();
});
