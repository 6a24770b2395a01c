import { reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { DECISION_LOGS, decisionLogOf, type LogName } from '../../../../src/audit/index.ts';
import { receiveRecords } from '../../../../workers/issuer/audit/receive-records.ts';
import { receiveConfirmation } from '../../../../workers/issuer/feed/receive-confirmation.ts';
import { auditLog, transparencyLog } from '../../../../workers/issuer/platform/env.ts';
import { env } from '../life.scene.ts';
import { evictLogs, inLogs, rowsOfLogs, runLogAlarms } from '../logs.scene.ts';
import {
  API,
  beginFor,
  decision,
  denied,
  fill,
  nameOf,
  send,
  sendRecords,
  written,
} from './remote.scene.ts';

/** Records in the log of their workflow, whose verifiers number them for that log or for all. */

afterEach(() => reset());

const placeOf = (workflow: string) => DECISION_LOGS.indexOf(decisionLogOf(workflow, ''));

/** Begins workflows until there is one in each of two logs. */
async function inTwoLogs(): Promise<readonly [string, string]> {
  const one = await beginFor(API);
  for (;;) {
    const other = await beginFor(API);
    if (placeOf(other) !== placeOf(one)) return [one, other];
  }
}

const sendTo = (log: LogName, records: readonly unknown[]) =>
  send('/verifier/v1/records', { origin: log, records });
const refusals = ({ body }: { readonly body: unknown }) =>
  (body as { refused: { code: string }[] }).refused.map(({ code }) => code);
const gaps = async () =>
  (await written()).flatMap((record) =>
    record.event === 'gap' ? [[record.verifier, record.after, record.before]] : [],
  );
const recordsOf = async (log: LogName) => await transparencyLog(env, log).pending(0, 100);

describe('a batch that is numbered for a log', () => {
  test('is in that log, whose fill the answer reports', async () => {
    const [workflow] = await inTwoLogs();
    const log = decisionLogOf(workflow, '');
    const verifier = `a-${placeOf(workflow)}`;
    const answer = await sendTo(
      log,
      [1, 2].map((n) => decision(workflow, n, { verifier })),
    );
    expect(answer).toMatchObject({ status: 200, body: { written: 2, refused: [] } });
    const { fill: said } = answer.body as { fill: number };
    expect(said).toBeGreaterThan(0);
    expect(said).toBeLessThan(0.01);
    expect(await recordsOf(log)).toHaveLength(2);
    expect(await gaps()).toEqual([]);
  });

  test('shows a skipped number as a gap of that log alone', async () => {
    const [one, other] = await inTwoLogs();
    for (const workflow of [one, other]) {
      const verifier = `a-${placeOf(workflow)}`;
      const numbers = workflow === one ? [1, 3] : [1, 2];
      await sendTo(
        decisionLogOf(workflow, ''),
        numbers.map((n) => decision(workflow, n, { verifier })),
      );
    }
    expect(await gaps()).toEqual([[nameOf('api', `a-${placeOf(one)}`), 1, 3]]);
  });

  test('cannot put the trail of a workflow into another log', async () => {
    const [one, other] = await inTwoLogs();
    const answer = await sendTo(decisionLogOf(other, ''), [decision(one, 1), decision(other, 2)]);
    expect(refusals(answer)).toEqual(['log_foreign']);
    expect((await written()).map((record) => record.workflow)).toContain(other);
    const local = await receiveRecords(env, [decision(one, 1)], { log: decisionLogOf(other, '') });
    expect(local.ok && local.value.refused).toMatchObject([{ code: 'log_foreign' }]);
  });

  test('is refused for a log that is not open', async () => {
    for (const origin of ['control', 'decisions-2-0', 'decisions-1-4', 'root', '']) {
      const answer = await send('/verifier/v1/records', {
        origin,
        records: [decision(await beginFor(API), 1)],
      });
      expect([origin, answer.status]).toEqual([origin, 404]);
    }
  });

  test('is refused as a whole by a log that is too full for what comes over HTTP', async () => {
    const [workflow] = await inTwoLogs();
    await fill(7_000_000_000);
    const log = decisionLogOf(workflow, '');
    expect((await sendTo(log, [decision(workflow, 1)])).status).toBe(503);
    const local = await receiveRecords(env, [decision(workflow, 1)], { log });
    expect(local.ok && local.value.fill).toBeCloseTo(0.875);
  });
});

describe('a verifier of 0.3.0, which numbers its records over all logs', () => {
  test('leaves no gap where its records are spread', async () => {
    const [one, other] = await inTwoLogs();
    await sendRecords([decision(one, 1), decision(other, 2), decision(one, 3)]);
    await sendRecords([decision(other, 4)]);
    expect(await gaps()).toEqual([]);
    expect(await recordsOf(decisionLogOf(one, ''))).toHaveLength(2);
    expect(await recordsOf(decisionLogOf(other, ''))).toHaveLength(2);
  });

  test('leaves one gap for a number that never came, also after an eviction', async () => {
    const [one, other] = await inTwoLogs();
    await sendRecords([decision(one, 1), decision(other, 2)]);
    await evictLogs(env);
    await sendRecords([decision(one, 3), decision(other, 5)]);
    expect(await gaps()).toEqual([[nameOf('api'), 3, 5]]);
  });

  test('announces its numbers to the log that knows them', async () => {
    const [one, other] = await inTwoLogs();
    await receiveRecords(env, [decision(one, 1), decision(other, 2)]);
    const records = [{ origin: 'default', n: 2 }];
    await receiveConfirmation(env, 0, { verifier: 'a', epoch: 1, seq: 0, records });
    expect(await rowsOfLogs(env, 'SELECT * FROM awaited')).toEqual([]);
  });
});

test('a verifier that lived through the upgrade leaves no gap for what the former log has', async () => {
  const workflow = await beginFor(API);
  await runInDurableObject(auditLog(env), (_log, { storage }) => {
    storage.sql.exec("INSERT INTO numbered (verifier, n) VALUES ('a', 41), ('b', 7)");
  });
  await receiveRecords(env, [decision(workflow, 42), decision(workflow, 43)]);
  expect(await gaps()).toEqual([]);
  const records = [{ origin: 'default', n: 9 }];
  await receiveConfirmation(env, 0, { verifier: 'b', epoch: 1, seq: 0, records });
  await inLogs(env, 'UPDATE awaited SET due = 1');
  await runLogAlarms(env);
  expect(await gaps()).toEqual([['b', 7, 10]]);
});

test('the counts of a confirmation go to their logs, each under the name of its own', async () => {
  const records = DECISION_LOGS.map((origin, place) => ({ origin, n: place }));
  await receiveConfirmation(env, 0, { verifier: 'a', epoch: 1, seq: 0, records });
  await inLogs(env, 'UPDATE awaited SET due = 1');
  await runLogAlarms(env);
  expect((await gaps()).toSorted()).toEqual([
    ['a-1', 0, 2],
    ['a-2', 0, 3],
    ['a-3', 0, 4],
  ]);
});

test('a refusal that is only counted leaves no gap after an eviction, and is counted once', async () => {
  const stranger = (n: number) => {
    const { workflow: _, agent, subject, owner, task, ...rest } = denied('wf', n);
    return { ...rest, code: 'token_malformed' };
  };
  const log = decisionLogOf(undefined, 'a');
  await receiveRecords(env, [stranger(1), stranger(2)], { log });
  await evictLogs(env);
  await receiveRecords(env, [stranger(2), stranger(3)], { log });
  expect(await gaps()).toEqual([]);
  expect(await rowsOfLogs(env, 'SELECT n FROM refused')).toEqual([{ n: 3 }]);
});

test('a batch costs its log one row, whatever its records number', async () => {
  const [workflow] = await inTwoLogs();
  const verifier = `a-${placeOf(workflow)}`;
  const batch = Array.from({ length: 20 }, (_, i) => decision(workflow, i + 1, { verifier }));
  await receiveRecords(env, batch, { log: decisionLogOf(workflow, '') });
  const [pending] = await rowsOfLogs(
    env,
    'SELECT COUNT(*) AS n FROM (SELECT first FROM pending_even UNION ALL SELECT first FROM pending_odd) HAVING n > 0',
  );
  expect(pending).toEqual({ n: 1 });
  expect(await rowsOfLogs(env, 'SELECT * FROM numbers')).toEqual([]);
});
