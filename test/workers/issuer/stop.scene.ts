/** One tree of workflows with its commands, its feed entries and its audit trail. */
import { runInDurableObject } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import type { DecisionRecord } from '../../../src/audit/index.ts';
import { decodeRecords } from '../../../src/feed/log/index.ts';
import { readConfig } from '../../../workers/issuer/platform/config.ts';
import { type IssuerEnv, revocationLog, workflowOf } from '../../../workers/issuer/platform/env.ts';
import type { WorkflowStart } from '../../../workers/issuer/workflow/binding.ts';
import { drawWorkflowId } from '../../../workers/issuer/workflow/may-exist.ts';
import { readMerged } from './merged.ts';
import { createTable, editWorkflows } from './stored-tree.ts';

export const env = untyped as unknown as IssuerEnv;

/** The tree of this test. Earlier tests may have left other workflows in the same logs. */
export const tree = { root: '', child: '' };
export const root = () => workflowOf(env, tree.root);
export const NOW = Math.floor(Date.now() / 1000);

const start = (id: string, change: Partial<WorkflowStart> = {}): WorkflowStart => ({
  id,
  agent: 'agent',
  subject: 'user',
  owner: 'team',
  task: 'task',
  gen: 1,
  tier: 1,
  audience: 'https://gateway.example',
  startedAt: NOW,
  expires: NOW + 3_000,
  ends: NOW + 3_000,
  blocks: [`block of ${id}`],
  grants: [],
  ...change,
});

export async function family(): Promise<void> {
  tree.root = drawWorkflowId(readConfig(env));
  tree.child = `${tree.root}.a`;
  await root().begin(start(tree.root));
  const begun = await root().begin(start(tree.child, { parent: tree.root }));
  if (!begun.ok) throw new Error(`no family: ${begun.error.code}`);
}

const operator = { by: 'operator', actor: 'operator' } as const;
export const suspend = (id: string = tree.root, reason = 'test') =>
  root().move(id, { move: 'suspend', ...operator, reason });
export const resume = (id: string = tree.root, reason = 'test') =>
  root().move(id, { move: 'resume', ...operator, reason });
export const revoke = (id: string = tree.root, reason = 'test') =>
  root().revoke(id, { actor: 'operator', reason });
export const fail = (reason: string, id: string = tree.root) =>
  root().move(id, { move: 'fail', by: 'agent', actor: 'agent', reason });

/** Returns the feed entries of this tree in order, with `root` for the root's id. */
export async function feed(): Promise<readonly string[]> {
  // Read from the table, because deltas are deleted once there are two snapshots.
  const records = await runInDurableObject(revocationLog(env), (_log, { storage }) =>
    storage.sql
      .exec('SELECT record FROM entry ORDER BY seq')
      .toArray()
      .flatMap(({ record }) => decodeRecords(new Uint8Array(record as ArrayBuffer)) ?? []),
  );
  return records.flatMap(({ entry }) => {
    const id = 'id' in entry ? entry.id : '';
    const isOurs = entry.kind === 'block' || id.startsWith(tree.root);
    const gen = 'gen' in entry ? ` ${entry.gen}` : '';
    return isOurs ? [`${entry.kind} ${id.replace(tree.root, 'root')}${gen}`] : [];
  });
}

export const trail = async () =>
  (await readMerged(env, { after: 0 }))
    .map(({ record }) => record)
    .filter(({ workflow }) => workflow?.startsWith(tree.root));

export const stateOf = async (id: string) => {
  const view = await root().view(id);
  if (!view) throw new Error('a workflow is gone');
  return `${view.state} ${view.gen}`;
};

/** Returns whether the log stops a token of this generation. */
export const isStopped = (workflow: string, gen = 1) =>
  revocationLog(env).isStopped({
    workflow,
    ancestors: workflow === tree.root ? [] : [tree.root],
    gen,
    blocks: [],
    issuerKey: '00'.repeat(32),
    agent: 'agent',
    subject: 'user',
    owner: 'team',
    audience: 'https://gateway.example',
    issuedAt: new Date(NOW * 1000),
    grants: [],
  });

let numbered = 0;
export const denial = (workflow: string = tree.root): DecisionRecord => {
  numbered += 1;
  return {
    event: 'decision',
    id: `v.${numbered}`,
    verifier: 'v',
    n: numbered,
    workflow,
    at: Date.now(),
    blocks: [],
    allowed: false,
    code: 'tool_unknown',
    tool: 't',
    tier: 1,
  };
};

/** Stores an intent that 0.1.0's audit log could never hash: it stayed open, and blocked others. */
export const storePoisoned = (reason: string): Promise<void> =>
  runInDurableObject(root(), (_object, { storage }) => {
    const [at, expires] = [NOW, NOW + 3_060];
    const record = (id: string, to: string) => ({
      event: 'transition',
      id,
      at: NOW * 1000,
      workflow: tree.root,
      task: reason,
      move: to === 'failed' ? 'fail' : 'suspend',
      from: 'active',
      to,
      gen: 1,
      actor: 'agent',
      reason,
    });
    const insert = (id: string, word: object, to: string): void => {
      storage.sql.exec(
        `INSERT INTO intent (id, target, record, word, workflow, becomes, done)
         VALUES (?, ?, ?, ?, ?, ?, 0)`,
        id,
        tree.root,
        JSON.stringify(record(id, to)),
        JSON.stringify(word),
        tree.root,
        to,
      );
    };
    editWorkflows(storage, { ordered: 'suspended' }, tree.root);
    createTable(storage, 'intent');
    const suspension = { kind: 'suspension', id: tree.root, gen: 1, at, expires };
    insert(`transition.${tree.root}.1.suspended`, suspension, 'suspended');
    editWorkflows(storage, { ordered: 'revoked' }, tree.root);
    const end = { kind: 'workflow', id: tree.root, at, expires };
    insert(`transition.${tree.root}.1.revoked`, end, 'revoked');
  });
