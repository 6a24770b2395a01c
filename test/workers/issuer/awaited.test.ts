import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, expect, test } from 'vitest';
import { type DecisionRecord, findLogFault } from '../../../src/audit/index.ts';
import { receiveConfirmation } from '../../../workers/issuer/feed/receive-confirmation.ts';
import { auditLog, type IssuerEnv } from '../../../workers/issuer/platform/config.ts';

/** What a verifier says that it has numbered, against what the log has of it. */
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

/** As if the time for what is awaited were over. */
async function silence(): Promise<boolean> {
  await runInDurableObject(auditLog(env), (_log, { storage }) => {
    storage.sql.exec('UPDATE awaited SET due = 1');
  });
  return runDurableObjectAlarm(auditLog(env));
}

async function gaps() {
  const log = await auditLog(env).read({ after: 0 });
  expect(await findLogFault(log, 0)).toBeUndefined();
  return log.flatMap(({ record: one }) =>
    one.event === 'gap' ? [[one.verifier, one.after, one.before]] : [],
  );
}

test('records that a verifier took with it when it ended leave a gap', async () => {
  await auditLog(env).append([record(1), record(2)]);
  await confirm(42);
  expect(await gaps()).toEqual([]);
  await evictDurableObject(env.AUDIT_LOG.getByName('default'));
  expect(await silence()).toBe(true);
  expect(await gaps()).toEqual([['v', 2, 43]]);
});

test('of a verifier of which no record ever came, too', async () => {
  await confirm(3);
  await silence();
  expect(await gaps()).toEqual([['v', 0, 4]]);
});

test('a verifier that goes on telling does not put off what it told first', async () => {
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

test('what comes in time leaves no gap, and what comes late is written all the same', async () => {
  await confirm(2);
  await auditLog(env).append([record(1), record(2)]);
  await silence();
  expect(await gaps()).toEqual([]);
  await confirm(4);
  await silence();
  await auditLog(env).append([record(3), record(4), record(5)]);
  expect(await gaps()).toEqual([['v', 2, 5]]);
  expect(await auditLog(env).read({ after: 0 })).toHaveLength(6);
});

test('a number that the log has seen is awaited by nobody, and the alarm is not set', async () => {
  await auditLog(env).append([record(1), record(2)]);
  for (const n of [0, 1, 2]) await confirm(n);
  expect(await runDurableObjectAlarm(auditLog(env))).toBe(false);
});

test('the records of another log are awaited there, and those of another verifier apart', async () => {
  await confirm(5, 'v', 'elsewhere');
  await confirm(2, 'w');
  await silence();
  expect(await gaps()).toEqual([['w', 0, 3]]);
});
