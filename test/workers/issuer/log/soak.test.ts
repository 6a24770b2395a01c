import { reset, runInDurableObject } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterAll, expect, test } from 'vitest';
import { soakRecord } from '../../../../bench/logs/soak-record.ts';
import { readRecords } from '../../../../workers/issuer/log/read.ts';
import { type IssuerEnv, transparencyLog } from '../../../../workers/issuer/platform/env.ts';

const env = untyped as unknown as IssuerEnv;
const log = 'decisions-1-0';
const BATCH = 100;
/** Records between two rounds: with 256 KB of rows, a log begins one by itself. */
const ROUND = 2_000;
/** What a log holds while its records move to the archive, however many it has had. */
const BYTES_MAX = 8 * 1024 * 1024;

/** `npm run soak -- records` appends ten million. */
const records = 6_000;

afterAll(() => reset());

const sizeOf = () =>
  runInDurableObject(transparencyLog(env, log), (_log, { storage }) => storage.sql.databaseSize);

test('a log of any length has flat storage, and every record in its archive', async () => {
  let most = 0;
  for (let n = 1; n <= records; n += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, records - n + 1) }, (_, at) =>
      soakRecord(n + at),
    );
    await transparencyLog(env, log).append(batch);
    if (n % ROUND !== 1) continue;
    await transparencyLog(env, log).round();
    most = Math.max(most, await sizeOf());
  }
  // One may have been running, which ends with the records that it began with.
  await transparencyLog(env, log).round();
  const state = await transparencyLog(env, log).round();
  expect(state).toMatchObject({ size: records, committed: records });
  expect(state.checkpoint).toMatchObject({ size: records });
  expect(Math.max(most, await sizeOf())).toBeLessThan(BYTES_MAX);
  for (const index of [0, Math.floor(records / 2), records - 1]) {
    const [found] = await readRecords(env, log, index, 1);
    expect(found?.record).toEqual(soakRecord(index + 1));
  }
}, 120_000);
