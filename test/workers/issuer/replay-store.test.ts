import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, expect, test } from 'vitest';
import { type IssuerEnv, replayStore } from '../../../workers/issuer/platform/env.ts';

const env = untyped as unknown as IssuerEnv;
const inAMinute = () => Math.floor(Date.now() / 1000) + 60;

afterEach(() => reset());

test('an id is unseen once, even across an eviction', async () => {
  expect(await replayStore(env).use('client_assertion', 'a', inAMinute())).toBe(true);
  expect(await replayStore(env).use('client_assertion', 'a', inAMinute())).toBe(false);
  await evictDurableObject(env.REPLAY_STORE.getByName('default'));
  expect(await replayStore(env).use('client_assertion', 'a', inAMinute())).toBe(false);
});

test('of many uses at once, one wins', async () => {
  const uses = Array.from({ length: 20 }, () => replayStore(env).use('dpop', 'same', inAMinute()));
  expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1);
});

test('two kinds share no ids', async () => {
  expect(await replayStore(env).use('client_assertion', 'a', inAMinute())).toBe(true);
  expect(await replayStore(env).use('dpop', 'a', inAMinute())).toBe(true);
});

test('the alarm deletes what has expired, and nothing else', async () => {
  const store = env.REPLAY_STORE.getByName('default');
  await store.use('dpop', 'old', 1_000);
  await store.use('dpop', 'live', inAMinute());
  expect(await runDurableObjectAlarm(store)).toBe(true);
  await runInDurableObject(store, async (_store, { storage }) => {
    expect(storage.sql.exec('SELECT id FROM used').toArray()).toEqual([{ id: 'live' }]);
    expect(await storage.getAlarm()).not.toBeNull();
  });
  expect(await store.use('dpop', 'live', inAMinute())).toBe(false);
});
