import { reset } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, expect, test } from 'vitest';
import type { DecisionRecord } from '../../../src/audit/index.ts';
import { OUTAGES } from '../../../src/lifecycle/index.ts';
import { type IssuerEnv, workflowOf } from '../../../workers/issuer/platform/env.ts';

const env = untyped as unknown as IssuerEnv;

afterEach(() => reset());

const NOW = Math.floor(Date.now() / 1000);

async function begun() {
  const workflow = workflowOf(env, 'wf_a');
  await workflow.begin({
    id: 'wf_a',
    agent: 'agent',
    subject: 'user',
    owner: 'team',
    task: 'task',
    gen: 1,
    audience: 'https://gateway.example',
    startedAt: NOW,
    expires: NOW + 900,
    ends: NOW + 900,
    blocks: [],
    grants: [],
    budgets: { denials: 2 },
  });
  return workflow;
}

const denied = (n: number, code: string): DecisionRecord => ({
  event: 'decision',
  id: `v.${n}`,
  verifier: 'v',
  n,
  at: Date.now(),
  workflow: 'wf_a',
  blocks: [],
  allowed: false,
  code,
});

test.each(OUTAGES)('a denial caused by an outage spends no budget: %s', async (code) => {
  const workflow = await begun();
  await workflow.observe([1, 2, 3, 4].map((n) => denied(n, code)));
  const view = await workflow.view('wf_a');
  expect(view).toMatchObject({ state: 'active', meters: [{ key: 'denials', used: 0 }] });
});

test('a denial caused by the agent spends its budget', async () => {
  const workflow = await begun();
  await workflow.observe([
    denied(1, 'expired'),
    denied(2, 'record_unwritten'),
    denied(3, 'expired'),
  ]);
  expect(await workflow.view('wf_a')).toMatchObject({ meters: [{ key: 'denials', used: 2 }] });
});
