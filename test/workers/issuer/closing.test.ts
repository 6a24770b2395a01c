import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MintRecord } from '../../../src/audit/index.ts';
import { transparencyLog } from '../../../workers/issuer/platform/env.ts';
import { dueNow, loseAudit } from './audit-weather.ts';
import {
  begin,
  below,
  CHILD,
  complete,
  env,
  family,
  feed,
  NOW,
  ROOT,
  root,
  start,
  trail,
} from './life.scene.ts';
import { createTable, rowsOf } from './stored-tree.ts';

/** What is left of a workflow after its end. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW * 1000 });
});
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

const HOUR = 3_600;
const at = (seconds: number) => vi.setSystemTime((NOW + seconds) * 1000);

/** Runs the alarm if it is due, as the platform does. */
async function alarm(): Promise<boolean> {
  const due = await runInDurableObject(root(), (_object, { storage }) => storage.getAlarm());
  if (due === null || due > Date.now()) return false;
  return await runDurableObjectAlarm(root());
}

/** What is stored: tables, pages and the alarm. */
const stored = () =>
  runInDurableObject(root(), async (_object, { storage }) => ({
    tables: storage.sql
      .exec("SELECT name FROM sqlite_master WHERE type = 'table'")
      .toArray()
      .map(({ name }) => String(name))
      .filter((name) => !name.startsWith('_cf_')),
    alarm: await storage.getAlarm(),
    bytes: storage.sql.databaseSize,
  }));
const NOTHING = { tables: [], alarm: null };

describe('an hour after its end, a workflow writes a closing record and deletes its storage', () => {
  test('and not before', async () => {
    await begin();
    await complete();
    at(HOUR - 1);
    await alarm();
    expect(await root().view(ROOT)).toMatchObject({ state: 'completed' });
    at(HOUR + 1);
    expect(await alarm()).toBe(true);
    const { bytes, ...left } = await stored();
    expect(left).toEqual(NOTHING);
    expect(bytes).toBeLessThanOrEqual(4_096);
    expect((await trail()).at(-1)).toMatchObject({
      event: 'closing',
      id: `closing.${ROOT}`,
      workflow: ROOT,
      subject: 'user',
      state: 'completed',
      startedAt: NOW,
      endedAt: NOW,
      mints: 1,
      children: 0,
    });
  });

  test('with all workflows below it, and their mints', async () => {
    await family();
    await root().continue({ ...start(), blocks: ['again'] });
    await root().revoke(ROOT, { actor: 'operator', reason: 'test' });
    at(HOUR + 1);
    await alarm();
    expect(await stored()).toMatchObject(NOTHING);
    const closing = { event: 'closing', state: 'revoked', mints: 4, children: 2 };
    expect((await trail()).at(-1)).toMatchObject(closing);
  });

  test('if the clock ended it, and no one called it since', async () => {
    await begin();
    at(3_001);
    expect(await alarm()).toBe(true);
    at(3_001 + HOUR);
    await alarm();
    at(3_001 + HOUR + 2);
    await alarm();
    expect(await stored()).toMatchObject(NOTHING);
    expect((await trail()).at(-1)).toMatchObject({ event: 'closing', state: 'expired' });
  });

  test('but not while a capability may be valid at a verifier whose clock is behind', async () => {
    await root().begin(start(ROOT, { ends: NOW + 2 * HOUR, expires: NOW + HOUR }));
    await complete();
    at(HOUR + 30);
    await alarm();
    expect(await root().view(ROOT)).toMatchObject({ state: 'completed' });
    at(HOUR + 61);
    await alarm();
    expect(await stored()).toMatchObject(NOTHING);
  });

  test('and is unknown afterwards, without a new object', async () => {
    await begin({ calls: 2 });
    await complete();
    at(HOUR + 1);
    await alarm();
    const order = { workflow: ROOT, nonce: 'a', tool: 't', amounts: {} };
    expect(await root().view(ROOT)).toBeUndefined();
    expect(await root().parties([ROOT])).toEqual([]);
    expect(await root().granted(`block of ${ROOT}`)).toBeUndefined();
    expect(await root().continue({ ...start(), blocks: ['late'] })).toMatchObject({ ok: false });
    expect(await root().giveBack(order)).toBe(false);
    expect(await root().revoke(ROOT, { actor: 'operator', reason: 'test' })).toEqual({
      ok: false,
      error: { code: 'workflow_unknown' },
    });
    expect(await stored()).toMatchObject(NOTHING);
    await evictDurableObject(env.WORKFLOW.getByName(ROOT));
    expect(await stored()).toMatchObject(NOTHING);
  });
});

describe('nothing is deleted while', () => {
  test('the log has no closing record, which is written later, once', async () => {
    await begin();
    await complete();
    await alarm();
    await loseAudit(root(), env, 'fails');
    at(HOUR + 1);
    await alarm();
    expect(await root().view(ROOT)).toMatchObject({ state: 'completed' });
    await evictDurableObject(env.WORKFLOW.getByName(ROOT));
    at(HOUR + 1 + 15 * 60);
    expect(await alarm()).toBe(true);
    expect(await stored()).toMatchObject(NOTHING);
    const closings = (await trail()).filter(({ event }) => event === 'closing');
    expect(closings).toHaveLength(1);
  });

  test('another record is owed to the log', async () => {
    await begin();
    await loseAudit(root(), env, 'fails');
    await complete();
    at(HOUR + 1);
    await alarm();
    expect(await root().view(ROOT)).toMatchObject({ state: 'completed' });
    await evictDurableObject(env.WORKFLOW.getByName(ROOT));
    await dueNow(root());
    at(HOUR + 600);
    await alarm();
    expect(await stored()).toMatchObject(NOTHING);
    expect((await trail()).map(({ event }) => event)).toEqual([
      'transition',
      'transition',
      'closing',
    ]);
  });

  test('a stored decision cannot be read', async () => {
    await begin();
    await complete();
    await runInDurableObject(root(), (_object, { storage }) => {
      createTable(storage, 'intent');
      storage.sql.exec(
        "INSERT INTO intent (id, target, record, word, done) VALUES ('bad', 'x', '{', NULL, 0)",
      );
    });
    at(2 * HOUR);
    await alarm();
    expect(await root().view(ROOT)).toMatchObject({ state: 'completed' });
  });

  test('a workflow below it lives', async () => {
    await begin();
    await below(CHILD, ROOT);
    await root().revoke(CHILD, { actor: 'operator', reason: 'test' });
    at(2_000);
    await alarm();
    expect(await root().view(ROOT)).toMatchObject({ state: 'active' });
  });
});

test('a stop of a workflow that the object does not know is kept for an hour', async () => {
  const by = { actor: 'operator', reason: 'test', evenUnknown: true } as const;
  expect(await root().revoke(ROOT, by)).toMatchObject({ ok: true });
  at(HOUR - 1);
  await alarm();
  expect(await rowsOfIntents()).toHaveLength(1);
  at(HOUR + 1);
  await alarm();
  expect(await stored()).toMatchObject(NOTHING);
  expect(await feed()).toEqual([['workflow', ROOT]]);
  expect((await trail()).map(({ event }) => event)).toEqual(['revocation']);
});

test('a workflow that was stopped while the log could not say what it is never begins', async () => {
  const { id, agent, subject, owner, task, grants } = start();
  const mint = { event: 'mint', id: 'mint.1', at: Date.now(), workflow: id, agent, subject, owner };
  const record = { ...mint, task, grants } as unknown as MintRecord;
  await transparencyLog(env, 'control').begin(record, { start: start(), issuerKey: 'ab' });
  await loseAudit(root(), env, 'fails');
  const by = { actor: 'operator', reason: 'test' } as const;
  expect(await root().revoke(ROOT, by)).toMatchObject({ ok: true, value: { recorded: false } });
  await evictDurableObject(env.WORKFLOW.getByName(ROOT));
  await dueNow(root());
  at(60);
  await alarm();
  expect(await root().view(ROOT)).toBeUndefined();
  at(HOUR + 120);
  await alarm();
  expect(await stored()).toMatchObject(NOTHING);
  expect(await root().view(ROOT)).toBeUndefined();
  expect(await stored()).toMatchObject(NOTHING);
  expect(await feed()).toEqual([['workflow', ROOT]]);
});

const rowsOfIntents = () =>
  runInDurableObject(root(), (_object, { storage }) => rowsOf(storage, 'intent'));
