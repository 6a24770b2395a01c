import { reset } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, expect, test } from 'vitest';
import { type DecisionRecord, findLogFault } from '../../../src/audit/index.ts';
import { receiveConfirmation } from '../../../workers/issuer/feed/receive-confirmation.ts';
import { appendRecords } from '../../../workers/issuer/log/append.ts';
import type { IssuerEnv } from '../../../workers/issuer/platform/env.ts';
import { evictLogs, inLogs, rowsOfLogs, runLogAlarms } from './logs.scene.ts';
import { readMerged } from './merged.ts';

/** The numbers that a verifier announced, compared with the records that have arrived. */
const env = untyped as unknown as IssuerEnv;

afterEach(() => reset());

const record = (n: number, verifier = 'v'): DecisionRecord => ({
  event: 'decision',
  id: `${verifier}.${n}`,
  verifier,
  n,
  at: 1_000,
  blocks: [],
  allowed: true,
});

const confirm = (n: number, verifier = 'v', origin = 'default') =>
  receiveConfirmation(env, 0, { verifier, epoch: 1, seq: 0, records: [{ origin, n }] });

/** Makes every announcement overdue. */
async function silence(): Promise<boolean> {
  await inLogs(env, 'UPDATE awaited SET due = 1');
  return runLogAlarms(env);
}

async function gaps() {
  const log = await readMerged(env, { after: 0 });
  expect(await findLogFault(log, 0)).toBeUndefined();
  return log.flatMap(({ record: one }) =>
    one.event === 'gap' ? [[one.verifier, one.after, one.before]] : [],
  );
}

test('records that an ended verifier never sent leave a gap', async () => {
  await appendRecords(env, [record(1), record(2)]);
  await confirm(42);
  expect(await gaps()).toEqual([]);
  await evictLogs(env);
  expect(await silence()).toBe(true);
  expect(await gaps()).toEqual([['v', 2, 43]]);
});

test('a verifier that never sent a record leaves a gap', async () => {
  await confirm(3);
  await silence();
  expect(await gaps()).toEqual([['v', 0, 4]]);
});

test('a later announcement does not postpone the deadline of the first one', async () => {
  await confirm(3);
  await confirm(9);
  await silence();
  expect(await gaps()).toEqual([['v', 0, 4]]);
  await silence();
  expect(await gaps()).toEqual([
    ['v', 0, 4],
    ['v', 3, 10],
  ]);
});

test('records that arrive in time leave no gap, and late records are still written', async () => {
  await confirm(2);
  await appendRecords(env, [record(1), record(2)]);
  await silence();
  expect(await gaps()).toEqual([]);
  await confirm(4);
  await silence();
  await appendRecords(env, [record(3), record(4), record(5)]);
  expect(await gaps()).toEqual([['v', 2, 5]]);
  expect(await readMerged(env, { after: 0 })).toHaveLength(6);
});

test('a number that has arrived is not awaited, and leaves no row', async () => {
  await appendRecords(env, [record(1), record(2)]);
  for (const n of [0, 1, 2]) await confirm(n);
  expect(await rowsOfLogs(env, 'SELECT * FROM awaited')).toEqual([]);
});

test('each log and each verifier are awaited separately', async () => {
  await confirm(5, 'v', 'elsewhere');
  await confirm(2, 'w');
  await silence();
  expect(await gaps()).toEqual([['w', 0, 3]]);
});
