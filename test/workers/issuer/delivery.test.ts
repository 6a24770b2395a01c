import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { dueNow } from './audit-weather.ts';
import {
  astray,
  begin,
  env,
  family,
  feed,
  ROOT,
  resume,
  root,
  start,
  states,
  suspend,
  trail,
} from './life.scene.ts';
import { editWorkflows, readTree, writeTree } from './stored-tree.ts';

/** Intents after a crash or an outage, and what the storage refuses. */
afterEach(() => reset());

describe('a crash', () => {
  /** Returns the object without the named log, until it is evicted. */
  const lose = (binding: 'LOG' | 'REVOCATION_LOG') =>
    runInDurableObject(root(), (object) => {
      const lost = { getByName: () => new Proxy({}, { get: () => () => Promise.reject(LOST) }) };
      Object.assign(object, { env: { ...env, [binding]: lost } });
    });
  const LOST = new Error('the log does not answer');

  test.each([
    ['LOG', { ok: true, value: { recorded: false } }, [['suspension', ROOT]]],
    ['REVOCATION_LOG', { ok: false, error: { code: 'feed_unavailable' } }, []],
  ] as const)('before the write to %s is mended by the alarm, once', async (lost, answer, fed) => {
    await family();
    await lose(lost);
    expect(await suspend()).toMatchObject(answer);
    // The decision counts at once: nothing is minted, although the feed does not have it yet.
    expect(await states()).toEqual(['suspended 1', 'suspended 1', 'suspended 1']);
    expect(await trail()).toEqual([]);
    expect(await feed()).toEqual(fed);
    await evictDurableObject(env.WORKFLOW.getByName(ROOT));
    await dueNow(root());
    await runDurableObjectAlarm(root());
    await runDurableObjectAlarm(root());
    expect(await trail()).toHaveLength(3);
    expect(await feed()).toEqual([['suspension', ROOT]]);
  });

  test('between the feed entry and the state is repaired by the alarm, once', async () => {
    await family();
    await suspend();
    await runInDurableObject(root(), (_object, { storage }) => {
      const tree = readTree(storage);
      const intent = tree.rows.intent?.map((row) => ({ ...row, done: 0, seq: null, epoch: null }));
      writeTree(storage, { ...tree, rows: { ...(intent && { intent }) } });
      editWorkflows(storage, { state: 'active' });
    });
    await evictDurableObject(env.WORKFLOW.getByName(ROOT));
    await runDurableObjectAlarm(root());
    await runInDurableObject(root(), (_object, { storage }) => {
      for (const { state, ordered } of readTree(storage).workflows) {
        expect([state, ordered]).toEqual(['suspended', 'suspended']);
      }
    });
    expect(await trail()).toHaveLength(3);
    expect(await feed()).toEqual([['suspension', ROOT]]);
  });

  test('while a rule is enforced is repaired by the alarm, and the rule acts once', async () => {
    await begin();
    await lose('LOG');
    await root().observe([astray(), astray(), astray()]);
    expect(await feed()).toEqual([['suspension', ROOT]]);
    await evictDurableObject(env.WORKFLOW.getByName(ROOT));
    await dueNow(root());
    await runDurableObjectAlarm(root());
    await runDurableObjectAlarm(root());
    expect(await states()).toEqual(['suspended 1']);
    expect(await feed()).toEqual([['suspension', ROOT]]);
    expect((await trail()).map(({ event }) => event)).toEqual(['transition', 'deviation']);
  });

  test('during a revocation cannot undo it: later requests find it in force', async () => {
    await family();
    await lose('REVOCATION_LOG');
    expect(await root().revoke(ROOT, { actor: 'operator', reason: 'test' })).toMatchObject({
      error: { code: 'feed_unavailable' },
    });
    expect(await resume()).toMatchObject({ error: { code: 'move_refused', state: 'revoked' } });
    expect(await root().continue({ ...start(), blocks: ['late'] })).toMatchObject({
      error: { code: 'workflow_ended' },
    });
    await evictDurableObject(env.WORKFLOW.getByName(ROOT));
    expect(await root().revoke(ROOT, { actor: 'operator', reason: 'again' })).toMatchObject({
      value: { seq: 1 },
    });
    expect(await feed()).toEqual([['workflow', ROOT]]);
  });
});
