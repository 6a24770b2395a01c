import { reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Notice } from '../../../src/notices/index.ts';
import { readConfig } from '../../../workers/issuer/platform/config.ts';
import {
  breaker,
  type IssuerEnv,
  revocationLog,
  signalStreams,
} from '../../../workers/issuer/platform/env.ts';
import { Deliveries, outcomeOf } from '../../../workers/issuer/watchdog/deliver.ts';
import { Drill } from '../../../workers/issuer/watchdog/drill.ts';
import { NoticeQueue } from '../../../workers/issuer/watchdog/queue.ts';
import { readMerged } from './merged.ts';
import { admin, env } from './token.scene.ts';

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const TRIPPED: Notice = { type: 'breaker.tripped', data: { rule: 'r@1', stopped: 21, bound: 20 } };
const KEY = `whsec_${btoa('k'.repeat(24))}`;
const STATED = [{ name: 'pager', kind: 'webhook', url: 'https://hooks.example/hewn' }];

const configured = (
  variables: Partial<Record<'DRILL' | 'NOTIFY' | 'NOTIFY_SECRETS', string>> = {},
): IssuerEnv => ({
  ...env,
  NOTIFY: JSON.stringify(STATED),
  NOTIFY_SECRETS: JSON.stringify({ pager: KEY }),
  DRILL: '{"every":60,"within":1}',
  ...variables,
});

/** Runs in the storage of a watchdog, with a configuration of the test. */
const inWatchdog = <T>(
  use: (parts: {
    queue: NoticeQueue;
    sql: SqlStorage;
    deliver: (now?: number) => Promise<void>;
  }) => Promise<T>,
  of = configured(),
): Promise<T> =>
  runInDurableObject(env.WATCHDOG.getByName('default'), async (_object, { storage }) => {
    const queue = new NoticeQueue(storage);
    const deliveries = new Deliveries(queue, () => env.ISSUER);
    const { notices } = readConfig(of);
    const deliver = (now = Date.now()) => deliveries.run(notices, now);
    return use({ queue, sql: storage.sql, deliver });
  });

const targets = readConfig(configured()).notices;
const answering = (...statuses: readonly number[]) => {
  const left = [...statuses];
  return vi
    .spyOn(globalThis, 'fetch')
    .mockImplementation(async () => new Response(null, { status: left.shift() ?? 204 }));
};

describe('a notification', () => {
  test('is sent once in its quiet time, signed, and without following redirects', () =>
    inWatchdog(async ({ queue, deliver }) => {
      const fetched = answering(204);
      queue.add(TRIPPED, targets, Date.now());
      queue.add(TRIPPED, targets, Date.now());
      await deliver();
      expect(fetched).toHaveBeenCalledTimes(1);
      const [url, init] = fetched.mock.calls[0] as [string, RequestInit];
      expect(url).toBe('https://hooks.example/hewn');
      expect(init).toMatchObject({ method: 'POST', redirect: 'manual' });
      expect(init.headers).toMatchObject({
        'webhook-signature': expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
      });
      const [state] = targets.map((target) => queue.stateOf(target));
      expect(state).toMatchObject({ queued: 0, failures: 0, deliveredAt: expect.any(Number) });
      queue.add(TRIPPED, targets, Date.now() + 3_601_000);
      expect(targets.map((target) => queue.stateOf(target).queued)).toEqual([1]);
    }));

  test('waits for a receiver that fails, and is sent again with the same id', () =>
    inWatchdog(async ({ queue, deliver }) => {
      const fetched = answering(503, 302, 200);
      queue.add(TRIPPED, targets, Date.now());
      await deliver();
      await deliver();
      expect(fetched).toHaveBeenCalledTimes(1);
      const waiting = { queued: 1, failures: 1, fault: 'http_503' };
      expect(queue.stateOf(targets[0] as never)).toMatchObject(waiting);
      await deliver(Date.now() + 60_000);
      await deliver(Date.now() + 120_000);
      const ids = fetched.mock.calls.map(([, init]) =>
        new Headers(init?.headers).get('webhook-id'),
      );
      expect(new Set(ids).size).toBe(1);
      expect(queue.stateOf(targets[0] as never)).toMatchObject({ queued: 0, failures: 0 });
    }));

  test('is dropped and counted after its receiver refused it five times', () =>
    inWatchdog(async ({ queue, deliver, sql }) => {
      answering(400, 400, 400, 400, 400);
      const logged = vi.spyOn(console, 'error').mockReturnValue();
      queue.add(TRIPPED, targets, Date.now());
      for (let time = 0; time < 5; time++) {
        await deliver();
        sql.exec('UPDATE notice SET due = 0');
        sql.exec('UPDATE target SET due = 0');
      }
      expect(queue.stateOf(targets[0] as never)).toMatchObject({ queued: 0, dropped: 1 });
      expect(logged).toHaveBeenCalledWith(
        expect.objectContaining({ event: 'notices.dropped', target: 'pager', why: 'refused' }),
      );
    }));

  test('waits in a queue that is bounded, and for a day at most', () =>
    inWatchdog(async ({ queue, deliver }) => {
      vi.spyOn(console, 'error').mockReturnValue();
      const start = Date.now();
      for (let n = 0; n < 205; n++) {
        const data = { rule: `r${n}@1`, stopped: 21, bound: 20 };
        queue.add({ type: 'breaker.tripped', data }, targets, start);
      }
      expect(queue.stateOf(targets[0] as never)).toMatchObject({ queued: 200, dropped: 5 });
      answering(...Array.from({ length: 300 }, () => 500));
      await deliver(start + 25 * 3_600_000);
      expect(queue.stateOf(targets[0] as never)).toMatchObject({ queued: 0, dropped: 205 });
    }));

  test('of a target that is no longer configured is deleted', () =>
    inWatchdog(async ({ queue, sql }) => {
      queue.add(TRIPPED, targets, Date.now());
      queue.dropOld([], Date.now());
      expect(sql.exec('SELECT * FROM notice').toArray()).toEqual([]);
      expect(sql.exec('SELECT * FROM target').toArray()).toEqual([]);
    }));

  test.each([
    [200, 'accepted'],
    [204, 'accepted'],
    [301, 'failed'],
    [400, 'refused'],
    [404, 'refused'],
    [408, 'failed'],
    [429, 'failed'],
    [500, 'failed'],
  ])('answered with %i is %s', (status, kind) => {
    expect(outcomeOf(status).kind).toBe(kind);
  });

  test.each([
    ['NOTIFY', { NOTIFY: '[{"name":"x"}]' }],
    ['NOTIFY', { NOTIFY: 'not JSON' }],
    ['NOTIFY_SECRETS', { NOTIFY_SECRETS: '{}' }],
    ['DRILL', { DRILL: '{"every":1}' }],
    ['DRILL', { DRILL: '{"often":60}' }],
  ])('variable %s that is malformed stops the issuer, and the fault has no secret', (name, set) => {
    expect(() => readConfig(configured(set))).toThrow(expect.objectContaining({ variable: name }));
    expect(() => readConfig(configured(set))).not.toThrow(KEY);
  });
});

describe('the routes of notifications', () => {
  test('know no target where none is configured', async () => {
    expect((await admin('notifications')).body).toEqual({ targets: [] });
    const { status, body } = await admin('notifications/pager/test', {});
    expect({ status, body }).toMatchObject({ status: 404, body: { error: 'target_unknown' } });
  });

  test('show that no drill is scheduled', async () => {
    expect((await admin('drill')).body).toEqual({ bound_ms: 15_000, runs: [] });
  });
});

/** Runs the drill in the storage of a watchdog. */
const drill = (of = configured()) =>
  runInDurableObject(env.WATCHDOG.getByName('default'), async (_object, { storage }) => {
    const told: Notice[] = [];
    const tell = (notice: Notice) => void told.push(notice);
    const one = new Drill({ sql: storage.sql, env: () => of, tell });
    await one.run();
    return { told, ...one.status(10) };
  });

const newest = async () => (await revocationLog(env).status()).seq;

describe('the scheduled drill', () => {
  test('stops a canary by way of the feed and the audit log, and touches nothing else', async () => {
    const learned = vi.spyOn(signalStreams(env), 'learn');
    const { runs, told } = await drill();
    expect(runs).toMatchObject([{ shard: 0, verdict: 'unproven', epoch: 1, seq: 1, confirmed: 0 }]);
    expect(told).toEqual([]);
    expect(await newest()).toBe(1);
    const records = async () => (await readMerged(env, { after: 0 })).map(({ record }) => record);
    await expect
      .poll(records)
      .toMatchObject([{ event: 'revocation', kind: 'workflow', actor: 'drill', canary: true }]);
    expect((await admin('workflows')).body).toMatchObject({ workflows: [] });
    expect(await breaker(env).livingBefore({ scope: 'all', value: '' })).toBe(0);
    expect(learned).not.toHaveBeenCalled();
  });

  test('measures when each verifier confirms', async () => {
    const log = revocationLog(env);
    await log.confirm({ verifier: 'gateway', epoch: 1, seq: 0 });
    // It ends once all have confirmed: the bound is as long as this test may take.
    const running = drill(configured({ DRILL: '{"every":60,"within":30}' }));
    await expect.poll(newest).toBe(1);
    await log.confirm({ verifier: 'gateway', epoch: 1, seq: 1 });
    const { runs, told } = await running;
    expect(runs).toMatchObject([{ verdict: 'in_time', confirmed: 1, late: [], silent: [] }]);
    expect(runs[0]?.milliseconds).toBeLessThan(30_000);
    expect(told).toEqual([]);
  });

  test('alarms when a verifier reports after the bound without the stop', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const log = revocationLog(env);
    await log.confirm({ verifier: 'own:1', epoch: 1, seq: 0 });
    const first = await drill();
    expect(first.runs).toMatchObject([{ verdict: 'unproven', silent: ['own:1'] }]);
    // Whole seconds: a report of the second in which the bound passed may be before it.
    await new Promise((passed) => setTimeout(passed, 1_100));
    await log.confirm({ verifier: 'own:1', epoch: 1, seq: 0 });
    const second = await drill();
    expect(second.runs[1]).toMatchObject({ verdict: 'late', late: ['own:1'] });
    expect(second.told).toMatchObject([
      { type: 'drill.failed', data: { verdict: 'late', verifiers: ['own:1'], bound_seconds: 1 } },
    ]);
  });

  test('alarms when a verifier gets the stop after the bound', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const log = revocationLog(env);
    await log.confirm({ verifier: 'gateway', epoch: 1, seq: 0 });
    await drill();
    await log.confirm({ verifier: 'gateway', epoch: 1, seq: 1 });
    const { runs, told } = await drill();
    expect(runs[1]).toMatchObject({ verdict: 'late', late: ['gateway'] });
    expect(told.map(({ type }) => type)).toContain('drill.failed');
  });

  test('does not alarm because an isolate of a gateway has ended', async () => {
    await revocationLog(env).confirm({ verifier: 'isolate', epoch: 1, seq: 0 });
    await drill();
    await drill();
    const { told } = await drill();
    expect(told).toEqual([]);
  });

  test('reports a verifier with its own credential that is silent in two runs', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    await revocationLog(env).confirm({ verifier: 'own:1', epoch: 1, seq: 0 });
    await drill();
    await drill();
    const { told } = await drill();
    expect(told).toMatchObject([
      { type: 'verifier.stale', data: { cause: 'stale', verifiers: ['own:1'] } },
    ]);
  });

  test('reports a verifier that has entries which the log does not have', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    await drill();
    await revocationLog(env).confirm({ verifier: 'gateway', epoch: 1, seq: 99 });
    const { told } = await drill();
    expect(told).toMatchObject([
      { type: 'verifier.stale', data: { cause: 'forked', verifiers: ['gateway'] } },
    ]);
  });

  test('alarms when the feed does not take the stop', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const broken = {
      ...configured(),
      WORKFLOW: { getByName: () => ({ revoke: () => Promise.reject(new Error('down')) }) },
    };
    const { runs, told } = await drill(broken as never);
    expect(runs).toMatchObject([{ verdict: 'failed' }]);
    expect(told).toMatchObject([{ type: 'drill.failed', data: { verdict: 'failed' } }]);
  });

  test('runs in every shard', async () => {
    const { runs } = await drill({ ...configured(), FEED_SHARDS: '3' });
    expect(runs.map(({ shard }) => shard).sort()).toEqual([0, 1, 2]);
    expect(new Set(runs.map(({ verdict }) => verdict))).toEqual(new Set(['unproven']));
  });

  test('waits for its first run, and continues after a clock was set back', () =>
    runInDurableObject(env.WATCHDOG.getByName('default'), async (_object, { storage }) => {
      const parts = { sql: storage.sql, env: () => configured(), tell: () => undefined };
      const one = new Drill(parts);
      expect(one.dueAt(1_000_000)).toBe(1_060_000);
      expect(one.dueAt(1_030_000)).toBe(1_060_000);
      expect(one.dueAt(500_000)).toBe(560_000);
      expect(
        new Drill({ ...parts, env: () => configured({ DRILL: '{}' }) }).dueAt(0),
      ).toBeUndefined();
    }));

  test('keeps the runs of a day', () =>
    runInDurableObject(env.WATCHDOG.getByName('default'), async (_object, { storage }) => {
      storage.sql.exec(`
        INSERT INTO drill_run (at, shard, verdict, confirmed, late, silent)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
        SELECT i, 0, 'in_time', 1, '[]', '[]' FROM n`);
      const one = new Drill({ sql: storage.sql, env: () => configured(), tell: () => undefined });
      await one.run();
      expect(one.status(2_000).runs).toHaveLength(1_440);
    }));
});
