/**
 * Fills the storage of a release: workflows in every state, and as a crash can leave them. index.ts
 * runs this inside workerd against the code of a release and dumps the storage of its objects. Uses
 * only routes, the agent's library and the objects' methods, which every release has.
 */
import {
  createExecutionContext,
  runInDurableObject,
  waitOnExecutionContext,
} from 'cloudflare:test';
import { expect, test, vi } from 'vitest';
import reports from '../../../policy/reports.datalog';
import tools from '../../../policy/tools.toml';
import {
  type Capability,
  completeWorkflow,
  createDpopKey,
  failWorkflow,
  obtainCapability,
} from '../../../src/agent/index.ts';
import { DecisionSink, type RevocationLog } from '../../../workers/issuer/objects.ts';
import type { IssuerEnv } from '../../../workers/issuer/platform/env.ts';
import { addTo, type Dump } from './dump-of.ts';
import { IDP, serveKeys } from './idp.ts';
import {
  admin,
  EDIT,
  env,
  fetchIssuer,
  introspect,
  objects,
  obtain,
  options,
  order,
  READ,
  RECEIVER_TOKEN,
  sha256,
  WRITE,
} from './scene.ts';

/** One version is active, which the log does not know yet; another one could not be recorded. */
async function versions(): Promise<void> {
  const store = objects.VERSIONS.getByName('default');
  const order = { source: 'operator', actor: 'operator', reason: 'of the dump' } as const;
  const load = async (n: number) => {
    const policy = { 'policy/reports.datalog': reports, 'policy/z.datalog': `// ${n}` };
    const loaded = await store.load({ version: { policy, catalogue: tools }, ...order });
    if (!loaded.ok) throw new Error(loaded.error.code);
    return loaded.value.id;
  };
  const [first, second, third] = [await load(1), await load(2), await load(3)];
  await store.activate({ id: first, expects: null, ...order });
  await without('REVOCATION_LOG', store, () =>
    store.activate({ id: second, expects: first, ...order }),
  );
  await without('AUDIT_LOG', store, () => store.activate({ id: third, expects: second, ...order }));
}

/** The URL that the dump is sent to; index.ts fills it in. */
const RECEIVER = '<receiver>';

/** Far in the future, so that nothing has ended whenever the dump is opened. */
const CLOCK = Date.UTC(2090, 0, 1);

const rootOf = (workflow: string): string => workflow.split('.')[0] ?? workflow;
const stubOf = (workflow: string) => objects.WORKFLOW.getByName(rootOf(workflow));

/** Runs `body` while an object cannot reach another one, so that its intents stay open. */
async function without(
  binding: keyof IssuerEnv,
  stub: DurableObjectStub,
  body: () => Promise<unknown>,
): Promise<void> {
  const lost = {
    getByName: () => new Proxy({}, { get: () => () => Promise.reject(new Error('lost')) }),
  };
  const put = (value: unknown) =>
    runInDurableObject(stub, (object) => {
      Object.assign(object, { env: { ...objects, [binding]: value } });
    });
  await put(lost);
  await body().catch(() => undefined);
  await put(objects[binding]);
}

function expectOk(outcome: { readonly ok: boolean }): void {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome));
}

let n = 0;
const decision = (workflow: string, change: object = {}) => {
  n += 1;
  return {
    event: 'decision',
    id: `verifier-a.${n}`,
    verifier: 'verifier-a',
    n,
    workflow,
    agent: `${IDP}#report-agent`,
    subject: `${IDP}#alice`,
    owner: 'team:growth',
    task: 'quarterly churn report',
    at: Date.now(),
    blocks: ['ab'.repeat(32)],
    tool: READ.tool,
    action: 'read',
    datasets: ['files/reports/q3.md'],
    tier: 0,
    allowed: true,
    stale: false,
    head: { epoch: 1, seq: 0, ageSeconds: 1 },
    ...change,
  };
};
const denied = (workflow: string) =>
  decision(workflow, {
    allowed: false,
    stale: undefined,
    // A denial that invites a step-up would be no deviation.
    code: 'caveat_failed',
    detail: { block: 1, check: 'check if dataset("files/reports")' },
  });

async function tell(...records: readonly object[]): Promise<void> {
  const ctx = createExecutionContext();
  const plain = records.map((record) => JSON.parse(JSON.stringify(record)) as unknown);
  await new DecisionSink(ctx, env).append(plain);
  await waitOnExecutionContext(ctx);
}

async function ask(task: string, answer?: (id: string, digest: string) => Promise<unknown>) {
  const change = { task, grants: [EDIT] };
  const asked = await obtainCapability(await options(change));
  if (asked.ok || asked.error.code !== 'approval_pending')
    throw new Error('the request must wait for an approval');
  const { id } = asked.error;
  const { digest } = await admin(`approvals/${id}`);
  await answer?.(id, String(digest));
  return { id, change };
}
const answered = (decision: 'approve' | 'refuse') => (id: string, digest: string) =>
  admin(`approvals/${id}`, {
    digest,
    decision,
    by: 'carol@acme.example',
    reason: 'as agreed',
    ...(decision === 'approve' && { until: Math.floor(Date.now() / 1000) + 250 }),
  });

async function workflows(): Promise<Record<string, Capability>> {
  const active = await obtain();
  const mintedAgain = await obtain({ workflow: active.workflow });
  const wider = await obtain({ workflow: active.workflow, grants: [READ, WRITE], stepUp: true });
  await stubOf(active.workflow).charge({
    workflow: active.workflow,
    nonce: 'nonce-1',
    tool: READ.tool,
    amounts: {},
  });
  await stubOf(active.workflow).lease({
    workflow: active.workflow,
    tool: READ.tool,
    lease: 'lease-1',
  });
  await tell(decision(active.workflow), denied(active.workflow));
  const blockRevoked = await obtain();
  const { blocks } = (await introspect(blockRevoked.token)) as { blocks?: string[] };
  const [mint] = (await admin(`audit?workflow=${blockRevoked.workflow}`)).records as {
    record: { blocks: string[] };
  }[];
  const block = blocks?.[0] ?? mint?.record.blocks[0];
  await admin(`workflows/${blockRevoked.workflow}/blocks/${block}/revoke`, { reason: 'leaked' });
  const suspended = await obtain();
  await order(suspended.workflow, 'suspend');
  const resumed = await obtain();
  await order(resumed.workflow, 'suspend');
  await order(resumed.workflow, 'resume');
  const revoked = await obtain();
  await order(revoked.workflow, 'revoke');
  const completed = await obtain();
  expectOk(await completeWorkflow(completed, await options()));
  const completing = await obtain();
  expectOk(await completeWorkflow(completing, { ...(await options()), graceSeconds: 30 }));
  const failed = await obtain();
  expectOk(await failWorkflow(failed, { ...(await options()), reason: 'nothing to report' }));
  const parent = await obtain({ grants: [READ, WRITE] });
  const child = await obtain({ parent, budgets: { calls: 100 } });
  const grandchild = await obtain({ parent: child, budgets: { calls: 10 } });
  await order(child.workflow, 'suspend');
  return {
    active: wider,
    mintedAgain,
    blockRevoked,
    suspended,
    resumed,
    revoked,
    completed,
    completing,
    failed,
    parent,
    child,
    grandchild,
  };
}

/** As the object leaves it when it could not report a change. */
async function crashes(): Promise<Record<string, Capability>> {
  const unrecorded = await obtain();
  const lost = (binding: keyof IssuerEnv, { workflow }: Capability, body: () => Promise<unknown>) =>
    without(binding, stubOf(workflow), body);
  await lost('AUDIT_LOG', unrecorded, () => order(unrecorded.workflow, 'revoke'));
  const unfed = await obtain();
  await lost('REVOCATION_LOG', unfed, () => order(unfed.workflow, 'suspend'));
  const astray = await obtain();
  const denials = [denied(astray.workflow), denied(astray.workflow), denied(astray.workflow)];
  await lost('BREAKER', astray, () => tell(...denials));
  const untold = await obtain();
  const { workflow } = untold;
  const state = 'suspended';
  const change = {
    id: `c.${workflow}`,
    at: Date.now(),
    subject: 'x',
    by: 'admin',
    workflow,
    state,
  };
  // As if the status lists and streams had not answered.
  await runInDurableObject(stubOf(workflow), (_, { storage }) => {
    storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS untold (n INTEGER PRIMARY KEY, id TEXT NOT NULL, change TEXT NOT NULL)',
    );
    const insert = 'INSERT INTO untold (id, change) VALUES (?, ?)';
    storage.sql.exec(insert, change.id, JSON.stringify(change));
  });
  return { unrecorded, unfed, untold, astray };
}

test('the stories fill the storage, which is dumped', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: CLOCK });
  const network = globalThis.fetch;
  globalThis.fetch = serveKeys(network);
  // First, so that the events of everything that follows wait in it.
  const { stream_id } = await admin('streams', {
    aud: 'https://receiver.example',
    delivery: { method: 'urn:ietf:rfc:8936' },
    receiver_sha256: await sha256(RECEIVER_TOKEN),
  });
  const alive = await workflows();
  const crashed = await crashes();
  const suspendedByRule = await obtain();
  const { workflow } = suspendedByRule;
  await tell(denied(workflow), denied(workflow), denied(workflow));
  n += 3; // Lost on the way, which the audit log records as a gap.
  await tell(decision(workflow));
  // Refusals of a stranger, of known and of unknown form.
  await fetchIssuer(`${objects.ISSUER}/token`, { method: 'POST', body: 'grant_type=x' });
  await obtainCapability(await options({ grants: [{ ...READ, dataset: 'files/private' }] }));
  const held = await obtain();
  const dpop = await createDpopKey();
  const bound = await obtain({ dpop });
  for (const token of [
    held.token,
    alive.suspended?.token,
    alive.revoked?.token,
    alive.child?.token,
  ]) {
    await introspect(String(token));
  }
  await admin('watermarks', {
    scope: 'agent',
    value: `${IDP}#retired-agent`,
    reason: 'its key was lost',
  });
  const approvals = {
    pending: await ask('edit one'),
    approved: await ask('edit two', answered('approve')),
    refused: await ask('edit three', answered('refuse')),
    used: await ask('edit four', answered('approve')),
    ordered: await ask('edit five', (id, digest) =>
      without('AUDIT_LOG', objects.APPROVALS.getByName('default'), () =>
        answered('approve')(id, digest),
      ),
    ),
  };
  const edited = await obtain({ ...approvals.used.change, approval: { id: approvals.used.id } });
  // A snapshot, and entries after it.
  await runInDurableObject(objects.REVOCATION_LOG.getByName('default'), async (log) => {
    await (log as RevocationLog).alarm();
  });
  const late = await obtain();
  await order(late.workflow, 'revoke');
  await versions();
  const story = {
    at: Date.now(),
    stream: { stream_id },
    approvals: Object.fromEntries(
      Object.entries(approvals).map(([name, { id }]) => [name, { id }]),
    ),
    workflows: Object.fromEntries(
      Object.entries({ ...alive, ...crashed, suspendedByRule, held, bound, edited, late }).map(
        ([name, { workflow: id, token }]) => [name, { id, token }],
      ),
    ),
  };
  const roots = new Set(Object.values(story.workflows).map(({ id }) => rootOf(id)));
  const dumps: Dump[] = [];
  for (const [object, namespace] of Object.entries({
    Approvals: objects.APPROVALS,
    AuditLog: objects.AUDIT_LOG,
    Breaker: objects.BREAKER,
    FeedArchive: objects.FEED_ARCHIVE,
    ReplayStore: objects.REPLAY_STORE,
    RevocationLog: objects.REVOCATION_LOG,
    SignalStreams: objects.SIGNAL_STREAMS,
    StatusList: objects.STATUS_LIST,
    Versions: objects.VERSIONS,
    Workflow: objects.WORKFLOW,
  })) {
    const dump: Dump = { object, tables: [], instances: [], triggers: [] };
    for (const name of object === 'Workflow' ? roots : ['default']) {
      const stub = (namespace as DurableObjectNamespace).getByName(name);
      await runInDurableObject(stub, (_, { storage }) => addTo(dump, name, storage));
    }
    dumps.push(dump);
  }
  const kept = await network(RECEIVER, {
    method: 'POST',
    body: JSON.stringify({ story, dumps }),
  });
  expect(kept.status).toBe(200);
});
