import { evictDurableObject, reset, runInDurableObject } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, describe, expect, test } from 'vitest';
import type { FeedEntry } from '../../../src/feed/index.ts';
import { decodeRecords } from '../../../src/feed/log/index.ts';
import { type IssuerEnv, revocationLog, workflowOf } from '../../../workers/issuer/platform/env.ts';
import type { WorkflowStart } from '../../../workers/issuer/workflow/binding.ts';
import { createTable, editWorkflows } from './stored-tree.ts';

/** Later mints of a workflow: what it may have, and when it gets no more. */
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

const block = (digit: string) => digit.repeat(128);
const GRANT = { tool: 't', action: 'read', dataset: 'd' } as const;

describe('a workflow that is continued', () => {
  const first = () => ({ ...start('wf_a'), grants: [GRANT], blocks: [block('a')] });
  // Ends before the workflow does, even if a second has passed since the first one.
  const again = () => ({ ...first(), expires: first().ends - 30, blocks: [block('b')] });

  test('has every capability that was minted for it', async () => {
    const workflow = workflowOf(env, 'wf_a');
    await workflow.begin(first());
    expect(await workflow.continue(again())).toEqual({ ok: true, value: null });
    await evictDurableObject(env.WORKFLOW.getByName('wf_a'));
    expect(await workflow.view('wf_a')).toMatchObject({ blocks: [block('a'), block('b')] });
  });

  test('gets no token if it was revoked between the record and the final decision', async () => {
    const workflow = workflowOf(env, 'wf_a');
    await workflow.begin(first());
    await workflow.revoke('wf_a', by);
    expect(await workflow.continue(again())).toMatchObject({
      error: { code: 'workflow_ended', cause: 'revoked' },
    });
    expect(await workflow.view('wf_a')).toMatchObject({ blocks: [block('a')] });
  });

  test('gets no token from the decision to revoke it, before anything else is written', async () => {
    const workflow = workflowOf(env, 'wf_a');
    await workflow.begin(first());
    await runInDurableObject(workflow, (_workflow, { storage }) => {
      editWorkflows(storage, { ordered: 'revoked' });
    });
    expect(await workflow.continue(again())).toMatchObject({ error: { code: 'workflow_ended' } });
  });

  test('gets no token at all if it was revoked before its begin', async () => {
    const workflow = workflowOf(env, 'wf_a');
    await workflow.revoke('wf_a', { ...by, evenUnknown: true });
    expect(await workflow.begin(first())).toMatchObject({ ok: false });
    expect(await workflow.continue(again())).toMatchObject({ error: { code: 'workflow_foreign' } });
  });

  test('gets no token beyond its own end', async () => {
    const workflow = workflowOf(env, 'wf_a');
    const { ends } = first();
    await workflow.begin(first());
    const beyond = { ...again(), expires: ends + 1 };
    expect(await workflow.continue(beyond)).toMatchObject({ error: { code: 'workflow_ended' } });
  });

  test.each(['agent', 'subject', 'owner', 'audience', 'task'] as const)(
    'is not continued with another %s',
    async (fact) => {
      const workflow = workflowOf(env, 'wf_a');
      await workflow.begin(first());
      expect(await workflow.continue({ ...again(), [fact]: 'other' })).toEqual({
        ok: false,
        error: { code: 'workflow_foreign', cause: fact },
      });
    },
  );

  test.each([
    ['the proof of another key', 'key', 'other'],
    ['a key if it began with none', undefined, 'key'],
    ['no key if it began with one', 'key', undefined],
  ])('is not continued with %s', async (_, began, holder) => {
    const workflow = workflowOf(env, 'wf_a');
    await workflow.begin({ ...first(), ...(began && { holder: began }) });
    const asked = { ...again(), ...(holder && { holder }) };
    expect(await workflow.continue(asked)).toEqual({
      ok: false,
      error: { code: 'holder_differs' },
    });
    expect(await workflow.view('wf_a')).toMatchObject({ blocks: [block('a')] });
    const same = { ...again(), ...(began && { holder: began }) };
    expect(await workflow.continue(same)).toMatchObject({ ok: true });
  });

  test.each([
    ['tool', 'u'],
    ['action', 'write'],
    ['dataset', 'd-archive'],
    ['further', {}],
  ])('is not widened by another %s', async (member, value) => {
    const workflow = workflowOf(env, 'wf_a');
    await workflow.begin(first());
    const grants = [{ ...GRANT, [member]: value }];
    expect(await workflow.continue({ ...again(), grants })).toMatchObject({
      error: { code: 'workflow_exceeded' },
    });
  });

  const CONSTRAINTS = { arguments: ['to'], constraints: { '/to': { exact: 'a' } } } as const;

  test('keeps its constraints, and may have more', async () => {
    const workflow = workflowOf(env, 'wf_a');
    await workflow.begin({ ...first(), grants: [{ ...GRANT, constraints: CONSTRAINTS }] });
    expect(await workflow.continue(again())).toMatchObject({
      error: { code: 'workflow_exceeded' },
    });
    const narrower = { arguments: [], constraints: {} };
    for (const [digit, constraints] of [
      ['b', CONSTRAINTS],
      ['c', { ...CONSTRAINTS, arguments: ['to', 'cc'] }],
      ['d', narrower],
    ] as const) {
      const grants = [{ ...GRANT, constraints }];
      const { ok } = await workflow.continue({ ...first(), grants, blocks: [block(digit)] });
      expect([digit, ok]).toEqual([digit, digit === 'b']);
    }
    expect(await workflow.granted(block('b'))).toEqual([{ ...GRANT, constraints: CONSTRAINTS }]);
    expect(await workflow.granted(block('c'))).toBeUndefined();
  });

  test('keeps the highest tier and the smallest budgets of its mints', async () => {
    const workflow = workflowOf(env, 'wf_a');
    await workflow.begin({ ...first(), tier: 1, budgets: { calls: 40, denials: 3 } });
    const tools = [{ tool: 't', calls: 2 }];
    await workflow.continue({ ...again(), tier: 3, budgets: { calls: 50, denials: 2, tools } });
    await workflow.continue({ ...again(), blocks: [block('c')], tier: 0, budgets: {} });
    expect(await workflow.view('wf_a')).toMatchObject({
      tier: 3,
      budgets: { calls: 40, denials: 2, tools },
    });
  });

  test('is in the feed as revoked until its last capability has ended', async () => {
    const workflow = workflowOf(env, 'wf_a');
    const soon = Math.floor(Date.now() / 1000) + 10;
    await workflow.begin({ ...first(), expires: soon });
    await workflow.continue({ ...again(), expires: soon + 100 });
    await workflow.revoke('wf_a', by);
    expect(await loggedFirst()).toMatchObject({ expires: soon + 100 + 60 });
  });

  test('cannot be renewed without end', async () => {
    const workflow = workflowOf(env, 'wf_a');
    await workflow.begin(first());
    await runInDurableObject(workflow, (_workflow, { storage }) => {
      createTable(storage, 'mint');
      for (let i = 1; i < 1_000; i++) {
        storage.sql.exec(
          `INSERT INTO mint (workflow, block, at, expires, added, bounds)
           VALUES ('wf_a', ?, 1, 1, '[]', '{}')`,
          `${i}`,
        );
      }
    });
    expect(await workflow.continue(again())).toMatchObject({
      error: { code: 'workflow_exhausted' },
    });
  });
});
