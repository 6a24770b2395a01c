import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, describe, expect, test } from 'vitest';
import type { FeedEntry } from '../../../src/feed/index.ts';
import { decodeRecords } from '../../../src/feed/log/index.ts';
import { appendRecords } from '../../../workers/issuer/log/append.ts';
import { readConfig } from '../../../workers/issuer/platform/config.ts';
import { type IssuerEnv, revocationLog, workflowOf } from '../../../workers/issuer/platform/env.ts';
import type { WorkflowStart } from '../../../workers/issuer/workflow/binding.ts';
import { evictLogs } from './logs.scene.ts';
import { readMerged } from './merged.ts';
import { createTable, editWorkflows, readTree } from './stored-tree.ts';

/** A workflow across its object, the feed and the audit log. */
const env = untyped as unknown as IssuerEnv;

afterEach(() => reset());

/** Returns the only entry of the revocation log. */
async function loggedFirst(): Promise<FeedEntry | undefined> {
  const delta = await revocationLog(env).delta(1, 0, 1);
  const records = delta && decodeRecords(new Uint8Array(delta));
  return records?.[0]?.entry;
}

const ENDS = Math.floor(Date.now() / 1000) + 900;
const start = (id: string, ends = ENDS): WorkflowStart => ({
  id,
  agent: 'agent',
  subject: 'user',
  owner: 'team',
  task: 'task',
  gen: 1,
  audience: 'https://gateway.example',
  startedAt: ENDS - 900,
  expires: ends,
  ends,
  blocks: [],
  grants: [],
});

const by = { actor: 'operator', reason: 'test' };

describe('a workflow', () => {
  test('begins once and is revoked once, in audit log, feed and state', async () => {
    const workflow = workflowOf(env, 'wf_a');
    expect((await workflow.begin(start('wf_a'))).ok).toBe(true);
    expect(await workflow.begin(start('wf_a'))).toEqual({
      ok: false,
      error: { code: 'workflow_exists' },
    });
    const first = await workflow.revoke('wf_a', by);
    expect(await workflow.revoke('wf_a', by)).toEqual(first);
    expect(await workflow.view('wf_a')).toMatchObject({ state: 'revoked', revocation: { seq: 1 } });
    expect(await readMerged(env, { workflow: 'wf_a', after: 0 })).toHaveLength(1);
  });

  test('that never began is not revoked', async () => {
    expect(await workflowOf(env, 'wf_x').revoke('wf_x', by)).toEqual({
      ok: false,
      error: { code: 'workflow_unknown' },
    });
    expect(await readMerged(env, { after: 0 })).toEqual([]);
  });

  test.each(['audit', 'feed'])(
    'a crash after the %s was written is repaired by the alarm',
    async (crash) => {
      const workflow = workflowOf(env, 'wf_a');
      await workflow.begin(start('wf_a'));
      // As a crash leaves it: the intent is stored, some of its writes are done, and nothing was answered.
      const record = {
        event: 'revocation' as const,
        id: 'revocation.wf_a.wf_a',
        at: 5_000,
        workflow: 'wf_a',
        kind: 'workflow' as const,
        target: 'wf_a',
        actor: 'operator',
        reason: 'test',
      };
      const order = { kind: 'workflow', id: 'wf_a', at: 1_000, expires: 9_000_000_000 } as const;
      await runInDurableObject(workflow, (_workflow, { storage }) => {
        editWorkflows(storage, { ordered: 'revoked' });
        createTable(storage, 'intent');
        storage.sql.exec(
          `INSERT INTO intent (id, target, record, word, workflow, becomes, done)
           VALUES (?, 'wf_a', ?, ?, 'wf_a', 'revoked', 0)`,
          ...[record.id, JSON.stringify(record), JSON.stringify(order)],
        );
      });
      await appendRecords(env, [record]);
      if (crash === 'feed') await revocationLog(env).append(order);
      await evictDurableObject(env.WORKFLOW.getByName('wf_a'));
      await evictLogs(env);
      if (crash === 'feed') await evictDurableObject(env.REVOCATION_LOG.getByName('default'));

      await runDurableObjectAlarm(workflow);
      expect(await workflow.view('wf_a')).toMatchObject({
        state: 'revoked',
        revocation: { seq: 1 },
      });
      expect(await readMerged(env, { after: 0 })).toHaveLength(1);
      expect(await loggedFirst()).toMatchObject({ kind: 'workflow', id: 'wf_a' });
    },
  );

  test('whose begin was lost can be revoked with even_unknown, and cannot begin after that', async () => {
    const workflow = workflowOf(env, 'wf_lost');
    const revoked = await workflow.revoke('wf_lost', { ...by, evenUnknown: true });
    expect(revoked).toMatchObject({ ok: true, value: { seq: 1 } });
    expect((await workflow.begin(start('wf_lost'))).ok).toBe(false);
    expect(await readMerged(env, { workflow: 'wf_lost', after: 0 })).toHaveLength(1);
  });

  test('stays alive when one of its blocks is revoked, and the record names it', async () => {
    const workflow = workflowOf(env, 'wf_a');
    await workflow.begin(start('wf_a'));
    await workflow.revoke('wf_a', { ...by, block: 'ab'.repeat(64) });
    expect(await workflow.view('wf_a')).toMatchObject({ state: 'active' });
    const [linked] = await readMerged(env, { workflow: 'wf_a', after: 0 });
    expect(linked?.record).toMatchObject({ kind: 'block', agent: 'agent', owner: 'team' });
    expect(await workflow.revoke('wf_a', by)).toMatchObject({ value: { seq: 2 } });
  });

  test('expires by its alarm, and readers see it before that', async () => {
    const workflow = workflowOf(env, 'wf_a');
    await workflow.begin(start('wf_a', Math.floor(Date.now() / 1000) - 10));
    expect(await workflow.view('wf_a')).toMatchObject({ state: 'expired' });
    await runDurableObjectAlarm(workflow);
    await runInDurableObject(workflow, (_workflow, { storage }) => {
      expect(readTree(storage).workflows[0]).toMatchObject({ state: 'expired' });
    });
  });
});

test('the feed key is not a mint key', () => {
  const mintKeys = JSON.stringify([{ id: 1, key: env.FEED_KEY, state: 'active' }]);
  expect(() => readConfig({ ...env, MINT_KEYS: mintKeys })).toThrow(/^MINT_KEYS .*the feed key/);
  expect(env.MINT_KEYS).not.toContain(env.FEED_KEY);
});
