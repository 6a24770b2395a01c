import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type AuditRecord,
  CONTROL_LOG,
  type LogName,
  type LogOpenedRecord,
} from '../../../../src/audit/index.ts';
import { readSeconds } from '../../../../src/clock.ts';
import { CONTROL_BYTES_MAX } from '../../../../workers/issuer/audit/capacity.ts';
import { appendRecords } from '../../../../workers/issuer/log/append.ts';
import { countLiving, livingPage } from '../../../../workers/issuer/log/control-logs.ts';
import { readRecords, readState } from '../../../../workers/issuer/log/read.ts';
import { transparencyLog, workflowOf } from '../../../../workers/issuer/platform/env.ts';
import { searchLogs } from '../../../../workers/issuer/search/search.ts';
import { admin, askForToken, env, LIST, READ } from '../token.scene.ts';

/** The control log where it fills: it is closed, and another continues it. */
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const NEXT = 'control-2' satisfies LogName;
const log = (name: LogName = CONTROL_LOG) => transparencyLog(env, name);
const events = async (name: LogName) =>
  (await readRecords(env, name, 0, 100)).map(({ record }) => record.event);
const opening = async (name: LogName) =>
  (await readRecords(env, name, 0, 1))[0]?.record as LogOpenedRecord;
const rule = (id: string): AuditRecord => ({
  event: 'rule_armed',
  id,
  at: Date.now(),
  rule: 'r',
  actor: 'operator',
  reason: 'why',
});
const living = async () =>
  (await livingPage(env, {})).workflows.map(({ start, state }) => [start.id, state]);
const revoke = (workflow: string) => admin(`workflows/${workflow}/revoke`, { reason: 'a test' });

/** The control log believes that its database has reached the bound. */
async function fill(name: LogName = CONTROL_LOG): Promise<void> {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await runInDurableObject(log(name), (object, { storage }) => {
    const ctx = {
      waitUntil: () => undefined,
      storage: {
        transactionSync: (body: () => unknown) => storage.transactionSync(body),
        setAlarm: (at: number) => storage.setAlarm(at),
        sql: { exec: storage.sql.exec.bind(storage.sql), databaseSize: CONTROL_BYTES_MAX },
      },
    };
    Object.assign(object, { ctx });
  });
}

/** A mint before the move, and what closes the log. */
async function moved(tools: readonly string[] = [READ]): Promise<string> {
  const { workflow } = await askForToken(tools);
  await fill();
  await appendRecords(env, [rule('closes')]);
  return workflow;
}

describe('a control log that fills', () => {
  test('ends with the record that its continuation begins with', async () => {
    await askForToken([READ]);
    await log().round();
    const { committed, checkpoint } = await readState(env, CONTROL_LOG);
    await fill();
    await appendRecords(env, [rule('closes')]);
    expect(await events(CONTROL_LOG)).toEqual(['mint', 'log_opened']);
    expect(await events(NEXT)).toEqual(['log_opened', 'rule_armed']);
    const [, last] = await readRecords(env, CONTROL_LOG, 0, 2);
    expect(last?.record).toEqual(await opening(NEXT));
    expect(await opening(NEXT)).toMatchObject({
      log: NEXT,
      after: { log: CONTROL_LOG, size: committed, end: checkpoint?.root },
    });
    expect(await log().append([rule('late')])).toEqual({ moved: NEXT });
    expect(await log().movedTo()).toBe(NEXT);
  });

  test('mints go on, and are found and listed with those before', async () => {
    const before = await moved();
    const after = (await askForToken([READ])).workflow;
    expect(await events(NEXT)).toEqual(['log_opened', 'rule_armed', 'mint']);
    expect(await living()).toEqual([before, after].sort().map((id) => [id, 'active']));
    expect(await countLiving(env, { scope: 'all', value: '' })).toBe(2);
    const listed = await admin('workflows');
    expect(JSON.stringify(listed.body)).toContain(before);
    expect(JSON.stringify(listed.body)).toContain(after);
    const found = await searchLogs(env, {
      filter: { where: { event: 'mint' } },
      limit: 10,
    });
    expect(found.records.map(({ log: name }) => name).sort()).toEqual([CONTROL_LOG, NEXT]);
  });

  test('a workflow that began before is revoked, and stays so', async () => {
    const workflow = await moved();
    expect(await revoke(workflow)).toMatchObject({ status: 200, body: { recorded: true } });
    expect(await events(NEXT)).toEqual(['log_opened', 'rule_armed', 'revocation']);
    expect(await living()).toEqual([[workflow, 'revoked']]);
    expect(await log().adopt(workflow)).toBeUndefined();
    expect(await askForToken([READ], { workflow })).toMatchObject({ status: 400 });
  });

  test('a revocation closes it, and is recorded in its continuation', async () => {
    const { workflow } = await askForToken([READ]);
    await fill();
    expect(await revoke(workflow)).toMatchObject({ status: 200, body: { recorded: true } });
    expect(await events(CONTROL_LOG)).toEqual(['mint', 'log_opened']);
    expect(await events(NEXT)).toEqual(['log_opened', 'revocation']);
  });

  test('a workflow that began before is adopted and continued', async () => {
    const workflow = await moved([READ, LIST]);
    expect(await workflowOf(env, workflow).view(workflow)).toMatchObject({ state: 'active' });
    // Fewer grants than before: a renewal without change has no record of its own.
    expect((await askForToken([READ], { workflow })).status).toBe(200);
    expect((await events(NEXT)).slice(2)).toEqual(['mint']);
  });

  test('a workflow that began before and was never used is closed in its continuation', async () => {
    await moved();
    await runInDurableObject(log(), (_log, { storage }) => {
      storage.sql.exec('UPDATE living_root SET ends = ?', readSeconds() - 3_700);
      return storage.setAlarm(Date.now());
    });
    await runDurableObjectAlarm(log());
    expect((await events(NEXT)).slice(2)).toEqual(['closing']);
    expect(await events(CONTROL_LOG)).toEqual(['mint', 'log_opened']);
    expect(await living()).toEqual([]);
  });

  test('a crash between the end of one and the begin of the other changes nothing', async () => {
    const { workflow } = await askForToken([READ]);
    await fill();
    expect(await log().append([rule('lost')])).toEqual({ moved: NEXT });
    await evictDurableObject(log());
    expect(await events(NEXT)).toEqual([]);
    expect(await log().append([rule('lost')])).toEqual({ moved: NEXT });
    expect(await revoke(workflow)).toMatchObject({ body: { recorded: true } });
    expect(await events(CONTROL_LOG)).toEqual(['mint', 'log_opened']);
    expect(await events(NEXT)).toEqual(['log_opened', 'revocation']);
  });

  test('a record whose answer was lost is written once', async () => {
    await appendRecords(env, [rule('repeated')]);
    await fill();
    await appendRecords(env, [rule('repeated'), rule('new')]);
    await evictDurableObject(log(NEXT));
    await appendRecords(env, [rule('repeated')]);
    expect(await events(CONTROL_LOG)).toEqual(['rule_armed', 'log_opened']);
    expect(await events(NEXT)).toEqual(['log_opened', 'rule_armed']);
  });

  test('its records still go to the archive, and each log has its checkpoint', async () => {
    await moved();
    await log().round();
    await log(NEXT).round();
    expect(await readState(env, CONTROL_LOG)).toMatchObject({ committed: 2, moved: NEXT });
    expect((await readState(env, CONTROL_LOG)).checkpoint?.size).toBe(2);
    for (const name of [CONTROL_LOG, NEXT]) {
      expect((await admin(`audit/logs/${name}/receipts/1`)).status).toBe(200);
    }
  });

  test('its continuation is continued as well', async () => {
    const first = await moved();
    const second = (await askForToken([READ])).workflow;
    await fill(NEXT);
    expect(await revoke(first)).toMatchObject({ body: { recorded: true } });
    expect(await revoke(second)).toMatchObject({ body: { recorded: true } });
    expect(await events('control-3')).toEqual(['log_opened', 'revocation', 'revocation']);
    expect(await living()).toEqual([first, second].sort().map((id) => [id, 'revoked']));
  });
});

test('a log takes no record while the one before it is open', async () => {
  expect(await log('control-3').append([rule('early')])).toEqual({ moved: NEXT });
  expect(await log(NEXT).append([rule('early')])).toEqual({ moved: CONTROL_LOG });
  expect(await events(NEXT)).toEqual([]);
});

test('a log that was restored to a time before its end learns of it from its archive', async () => {
  await moved();
  await log().round();
  await runInDurableObject(log(), (_log, { storage }) => {
    storage.sql.exec('DELETE FROM continued');
    storage.sql.exec('DELETE FROM seal');
    storage.sql.exec('DELETE FROM recent');
  });
  await evictDurableObject(log());
  expect(await log().append([rule('late')])).toEqual({ moved: NEXT });
  await appendRecords(env, [rule('late')]);
  expect((await events(NEXT)).slice(2)).toEqual(['rule_armed']);
});
