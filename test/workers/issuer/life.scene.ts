import { env as untyped } from 'cloudflare:workers';
import { expect } from 'vitest';
import type { DecisionRecord } from '../../../src/audit/index.ts';
import type { Budgets } from '../../../src/capability/index.ts';
import { decodeRecords } from '../../../src/feed/log/index.ts';
import { type IssuerEnv, revocationLog, workflowOf } from '../../../workers/issuer/platform/env.ts';
import type { WorkflowStart } from '../../../workers/issuer/workflow/binding.ts';
import { readMerged } from './merged.ts';
import { untilRecorded } from './stored-tree.ts';

/** A root workflow with a child and a grandchild, and what to do with them. */

export const env = untyped as unknown as IssuerEnv;

export const NOW = Math.floor(Date.now() / 1000);
export const ROOT = 'wf_root';
export const CHILD = 'wf_root.a';
export const DEEP = 'wf_root.b';

export const start = (id = ROOT, change: Partial<WorkflowStart> = {}): WorkflowStart => ({
  id,
  agent: 'agent',
  subject: 'user',
  owner: 'team',
  task: 'task',
  gen: 1,
  tier: 1,
  audience: 'https://gateway.example',
  startedAt: NOW,
  expires: NOW + 300,
  ends: NOW + 3_000,
  blocks: [`block of ${id}`],
  grants: [],
  budgets: {},
  ...change,
});

export const root = () => workflowOf(env, ROOT);
export async function begin(budgets: Budgets = {}): Promise<void> {
  expect(await root().begin(start(ROOT, { budgets }))).toEqual({ ok: true, value: null });
}
export const below = (id: string, parent: string, change: Partial<WorkflowStart> = {}) =>
  root().begin(start(id, { parent, ...change, ...(change.budgets && { asked: change.budgets }) }));
export async function family(): Promise<void> {
  await begin();
  expect((await below(CHILD, ROOT)).ok && (await below(DEEP, CHILD)).ok).toBe(true);
}

export const suspend = (id = ROOT, actor = 'operator') =>
  root().move(id, { move: 'suspend', by: 'operator', actor, reason: 'test' });
export const resume = (id = ROOT) =>
  root().move(id, { move: 'resume', by: 'operator', actor: 'operator', reason: 'test' });
export const complete = (graceSeconds?: number) =>
  root().move(ROOT, {
    move: 'complete',
    by: 'agent',
    actor: 'agent',
    ...(graceSeconds !== undefined && { graceSeconds }),
  });
export const states = async () => {
  const views = await Promise.all([ROOT, CHILD, DEEP].map((id) => root().view(id)));
  return views.flatMap((view) => (view ? [`${view.state} ${view.gen}`] : []));
};
export const feed = async () => {
  const { payload } = await revocationLog(env).head();
  const { seq } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as {
    seq: number;
  };
  const delta = await revocationLog(env).delta(1, 0, seq);
  return (decodeRecords(new Uint8Array(delta ?? [])) ?? []).map(({ entry }) => [
    ...('id' in entry ? [entry.kind, entry.id] : [entry.kind]),
    ...('gen' in entry ? [entry.gen] : []),
  ]);
};
export const trail = async () => {
  await untilRecorded(root());
  const records = (await readMerged(env, { after: 0 })).map(({ record }) => record);
  return records;
};

export const POUND = 1_000_000;
export const bank: Budgets = {
  calls: 10,
  sums: [{ tool: 'bank.send', pointer: '/amount', micros: 100 * POUND }],
};
export const charge = (nonce: string, pounds: number, workflow = ROOT) =>
  root().charge({
    workflow,
    nonce,
    tool: 'bank.send',
    amounts: { '/amount': pounds * POUND },
  });
export const leftOf = async (id = ROOT) =>
  ((await root().view(id))?.meters ?? []).map(
    ({ limit, used, carved, leased }) => limit - used - carved - leased,
  );

let counted = 0;
export const record = (change: Partial<DecisionRecord> = {}): DecisionRecord => {
  counted += 1;
  return {
    event: 'decision',
    id: `v.${counted}`,
    verifier: 'v',
    n: counted,
    workflow: ROOT,
    at: Date.now(),
    blocks: [],
    allowed: true,
    tool: 'crm.search',
    tier: 1,
    ...change,
  };
};
export const denial = (change: Partial<DecisionRecord> = {}) =>
  record({ allowed: false, code: 'no_grant', ...change });

export const astray = () => denial({ code: 'tool_unknown' });
