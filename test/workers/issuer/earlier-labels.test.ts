import { evictDurableObject, reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { earlierOf, workflowOf } from '../../../workers/issuer/platform/env.ts';
import type { WorkflowStart } from '../../../workers/issuer/workflow/binding.ts';
import { begin, below, CHILD, env, NOW, ROOT, root, start } from './life.scene.ts';

/** Labels that last hold the next workflow of the same agent and subject. */
afterEach(() => reset());

const LASTS = 3_600;
const raise = (labels: readonly string[], { workflow = ROOT, lasts = LASTS } = {}) =>
  root().raise({
    workflow,
    tool: 'mcp/mail/read',
    labels,
    lasts: Object.fromEntries(labels.map((label) => [label, lasts])),
  });
let others = 0;
async function next(change: Partial<WorkflowStart> = {}): Promise<string> {
  others += 1;
  const id = `wf_next${others}`;
  expect((await workflowOf(env, id).begin(start(id, change))).ok).toBe(true);
  return id;
}
const order = (workflow: string) =>
  ({ workflow, tool: 'mcp/mail/send', withLabels: 'with_earlier' }) as const;
async function labelsOf(id: string): Promise<readonly string[] | undefined> {
  const charged = await workflowOf(env, id).charge({ ...order(id), nonce: `${id}`, amounts: {} });
  const leased = await workflowOf(env, id).lease({ ...order(id), lease: `${id}` });
  if (!charged.ok || !leased.ok) throw new Error('the workflow is active');
  expect(leased.value.labels).toEqual(charged.value?.labels);
  return charged.value?.labels;
}

describe('a label that lasts', () => {
  test('holds the next workflow of the same agent and subject, and no one else', async () => {
    await begin();
    expect(await raise(['private', 'untrusted'])).toMatchObject({ ok: true });
    await evictDurableObject(earlierOf(env, 'agent', 'user'));
    const later = await next();
    expect(await labelsOf(later)).toEqual(['private', 'untrusted']);
    expect(await labelsOf(await next({ agent: 'another' }))).toEqual([]);
    expect(await labelsOf(await next({ subject: 'someone else' }))).toEqual([]);
    // The page of the later workflow says which one read it, and with which tool.
    expect((await workflowOf(env, later).view(later))?.labels?.[0]).toMatchObject({
      label: 'private',
      workflow: ROOT,
      tool: 'mcp/mail/read',
    });
  });

  test('holds a workflow that began before the read, and one that begins within the time', async () => {
    const before = await next({ startedAt: NOW - 600 });
    await begin();
    await raise(['private']);
    expect(await labelsOf(before)).toEqual(['private']);
    const [{ until = 0 } = {}] = await earlierOf(env, 'agent', 'user').lasting(NOW);
    // Ten minutes longer, because a gateway does not repeat at each read what it reported.
    expect(until).toBeGreaterThanOrEqual(NOW + LASTS + 600);
    expect(await labelsOf(await next({ startedAt: until }))).toEqual(['private']);
    expect(await labelsOf(await next({ startedAt: until + 1 }))).toEqual([]);
  });

  test('is requested only by a call whose rules need it', async () => {
    await begin();
    await raise(['private']);
    const id = await next();
    const plain = { workflow: id, tool: 'mcp/mail/send', nonce: 'n', amounts: {} };
    expect(await workflowOf(env, id).charge({ ...plain, withLabels: true })).toMatchObject({
      value: { labels: [] },
    });
  });

  test('that does not last holds no other workflow', async () => {
    await begin();
    await root().raise({ workflow: ROOT, tool: 'mcp/mail/read', labels: ['private'] });
    expect(await labelsOf(await next())).toEqual([]);
  });

  test('holds later workflows of every agent of the tree, whichever of them read', async () => {
    await begin();
    expect((await below(CHILD, ROOT, { agent: 'helper' })).ok).toBe(true);
    await raise(['private'], { workflow: CHILD });
    expect(await labelsOf(await next())).toEqual(['private']);
    expect(await labelsOf(await next({ agent: 'helper' }))).toEqual(['private']);
  });

  test('is kept until the last workflow that it holds has ended, and lasts as long as the longest', async () => {
    await begin();
    await raise(['private']);
    await raise(['private'], { lasts: 60 });
    const tally = earlierOf(env, 'agent', 'user');
    const [{ until = 0 } = {}] = await tally.lasting(NOW);
    expect(until).toBeGreaterThanOrEqual(NOW + LASTS + 600);
    const alarm = await runInDurableObject(tally, (_, { storage }) => storage.getAlarm());
    expect(alarm).toBeGreaterThanOrEqual((until + 8 * 3_600) * 1_000);
  });

  test('is refused if there is no room for it, so no answer that carries it is served', async () => {
    await begin();
    const many = Array.from({ length: 32 }, (_, i) => `label-${i}`);
    expect((await raise(many)).ok).toBe(true);
    const id = await next();
    const another = { workflow: id, tool: 'read', labels: ['one-more'], lasts: { 'one-more': 60 } };
    expect(await workflowOf(env, id).raise(another)).toEqual({
      ok: false,
      error: { code: 'too_many_labels' },
    });
  });

  test('is unknown for a tree of more agents than are asked, and its calls get no labels', async () => {
    await begin();
    for (let i = 0; i < 16; i++) {
      expect((await below(`${ROOT}.${i}`, ROOT, { agent: `helper ${i}` })).ok).toBe(true);
    }
    expect(await labelsOf(ROOT)).toBeUndefined();
    expect(await raise(['private'])).toMatchObject({ error: { code: 'too_many_labels' } });
  });
});
