import { evictDurableObject, reset } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { begin, CHILD, DEEP, env, family, NOW, ROOT, record, root } from './life.scene.ts';

/** What a root workflow and the workflows below it have read. */
afterEach(() => reset());

const raise = (labels: readonly string[], workflow = ROOT) =>
  root().raise({ workflow, tool: 'mcp/mail/read', labels });
const charge = (workflow = ROOT, nonce = 'n') =>
  root().charge({ workflow, tool: 'mcp/mail/send', nonce, amounts: {}, withLabels: true });
const names = async (id = ROOT) => (await root().view(id))?.labels?.map(({ label }) => label);

describe('the labels of a family', () => {
  test('are those of the root and of every workflow below it, for each of them', async () => {
    await family();
    expect(await raise(['private'], DEEP)).toEqual({ ok: true, value: ['private'] });
    expect(await raise(['untrusted'], CHILD)).toMatchObject({ value: ['private', 'untrusted'] });
    for (const id of [ROOT, CHILD, DEEP]) {
      expect(await charge(id, `n ${id}`)).toEqual({
        ok: true,
        value: { labels: ['private', 'untrusted'] },
      });
      expect(await names(id)).toEqual(['private', 'untrusted']);
    }
  });

  test('come with a charge and a lease only on request', async () => {
    await begin();
    await raise(['private']);
    const order = { workflow: ROOT, tool: 'crm.update' };
    const lease = await root().lease({ ...order, lease: 'a' });
    expect(lease.ok && 'labels' in lease.value).toBe(false);
    expect(await root().charge({ ...order, nonce: 'a', amounts: {} })).toMatchObject({
      value: null,
    });
    expect(await root().lease({ ...order, lease: 'b', withLabels: true })).toMatchObject({
      value: { labels: ['private'] },
    });
  });

  test('have the first read that brought them, and stay after a restart', async () => {
    await family();
    await raise(['private'], CHILD);
    await root().raise({ workflow: ROOT, tool: 'other', labels: ['private'] });
    await evictDurableObject(env.WORKFLOW.getByName(ROOT));
    const [label, ...others] = (await root().view(ROOT))?.labels ?? [];
    expect(label).toEqual({
      label: 'private',
      at: expect.any(Number),
      workflow: CHILD,
      tool: 'mcp/mail/read',
    });
    expect(label?.at).toBeGreaterThanOrEqual(NOW);
    expect(others).toEqual([]);
  });

  test('are refused for a workflow that never began, and for one that has ended', async () => {
    await family();
    expect(await raise(['private'], 'wf_root.x')).toMatchObject({
      error: { code: 'workflow_stopped', state: 'unknown' },
    });
    await root().revoke(CHILD, { actor: 'operator', reason: 'test' });
    expect(await raise(['private'], CHILD)).toMatchObject({
      error: { code: 'workflow_stopped', state: 'revoked' },
    });
    expect(await names()).toBeUndefined();
  });

  test('are bounded, and one too many sets none', async () => {
    await begin();
    const many = Array.from({ length: 33 }, (_, i) => `label-${i}`);
    expect(await raise(many)).toEqual({ ok: false, error: { code: 'too_many_labels' } });
    expect(await names()).toBeUndefined();
    expect((await raise(many.slice(1))).ok).toBe(true);
    expect((await raise(many.slice(1, 3))).ok).toBe(true);
    expect((await raise(['one-more'])).ok).toBe(false);
  });

  test('are also those of records, which no rule waited for', async () => {
    await begin();
    await root().observe([
      record({ labels: ['html'] }),
      record({ labels: ['denied'], allowed: false, code: 'no_grant' }),
      record({ labels: ['observed'], allowed: false, observed: true, code: 'no_grant' }),
      record({ labels: ['foreign'], workflow: 'wf_other' }),
    ]);
    expect(await names()).toEqual(['html', 'observed']);
  });
});
