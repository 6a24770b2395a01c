import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, describe, expect, test } from 'vitest';
import type { DecisionRecord } from '../../../src/audit/index.ts';
import type { Budgets, Grant } from '../../../src/capability/index.ts';
import { decodeRecords } from '../../../src/feed/log/index.ts';
import {
  auditLog,
  breaker,
  type IssuerEnv,
  revocationLog,
  workflowOf,
} from '../../../workers/issuer/platform/env.ts';
import type { WorkflowStart } from '../../../workers/issuer/workflow/binding.ts';
import type { Workflow } from '../../../workers/issuer/workflow/object.ts';
import { dueNow } from './audit-weather.ts';

/** Workflow objects from the inside: transitions, children, budgets and rules. */
const env = untyped as unknown as IssuerEnv;

afterEach(() => reset());

const NOW = Math.floor(Date.now() / 1000);
const ROOT = 'wf_root';
const CHILD = 'wf_root.a';
const DEEP = 'wf_root.b';

const start = (id = ROOT, change: Partial<WorkflowStart> = {}): WorkflowStart => ({
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

const root = () => workflowOf(env, ROOT);
async function begin(budgets: Budgets = {}): Promise<void> {
  expect(await root().begin(start(ROOT, { budgets }))).toEqual({ ok: true, value: null });
}
const below = (id: string, parent: string, change: Partial<WorkflowStart> = {}) =>
  root().begin(start(id, { parent, ...change, ...(change.budgets && { asked: change.budgets }) }));
async function family(): Promise<void> {
  await begin();
  expect((await below(CHILD, ROOT)).ok && (await below(DEEP, CHILD)).ok).toBe(true);
}

const suspend = (id = ROOT, actor = 'operator') =>
  root().move(id, { move: 'suspend', by: 'operator', actor, reason: 'test' });
const resume = (id = ROOT) =>
  root().move(id, { move: 'resume', by: 'operator', actor: 'operator', reason: 'test' });
const complete = (graceSeconds?: number) =>
  root().move(ROOT, {
    move: 'complete',
    by: 'agent',
    actor: 'agent',
    ...(graceSeconds !== undefined && { graceSeconds }),
  });
const states = async () => {
  const views = await Promise.all([ROOT, CHILD, DEEP].map((id) => root().view(id)));
  return views.flatMap((view) => (view ? [`${view.state} ${view.gen}`] : []));
};
const feed = async () => {
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
const trail = async () => {
  const records = (await auditLog(env).read({ after: 0 })).map(({ record }) => record);
  return records;
};

describe('a child', () => {
  const READ: Grant = { tool: 'files.read', action: 'read', dataset: 'files/reports' };
  const WRITE: Grant = { tool: 'files.write', action: 'write', dataset: 'files/summaries' };
  const mint = (
    id: string,
    grants: readonly Grant[],
    more: Partial<Parameters<Workflow['continue']>[0]> = {},
  ) =>
    root().continue({ ...start(id), blocks: [crypto.randomUUID()], grants, stepUp: true, ...more });
  const line = async (...grants: readonly Grant[]) => {
    await root().begin(start(ROOT, { grants }));
    await below(CHILD, ROOT, { grants: [READ] });
    return below(DEEP, CHILD, { grants: [READ] });
  };
  const refused = { error: { code: 'parent_exceeded' } };

  test('cannot step up beyond any workflow above it', async () => {
    expect((await line(READ)).ok).toBe(true);
    expect(await mint(CHILD, [READ, WRITE])).toMatchObject(refused);
    expect(await mint(DEEP, [READ, WRITE])).toMatchObject(refused);
    expect((await mint(ROOT, [READ, WRITE])).ok).toBe(true);
    // The root has the grant now, but the child in between does not.
    expect(await mint(DEEP, [READ, WRITE])).toMatchObject(refused);
    expect((await mint(CHILD, [{ ...WRITE, dataset: 'files/summaries/a' }])).ok).toBe(true);
    expect(await mint(DEEP, [WRITE])).toMatchObject(refused);
    expect((await mint(DEEP, [{ ...WRITE, dataset: 'files/summaries/a/b' }])).ok).toBe(true);
  });

  test('cannot begin with more than a workflow above it has, whatever capability it presented', async () => {
    await root().begin(start(ROOT, { grants: [READ] }));
    expect(await below(CHILD, ROOT, { grants: [WRITE] })).toMatchObject(refused);
    expect(await root().view(CHILD)).toBeUndefined();
  });

  test('that an older version let exceed its parent is not continued with the excess', async () => {
    await line(READ);
    await runInDurableObject(root(), (_, { storage }) => {
      const added = JSON.stringify([WRITE]);
      storage.sql.exec('UPDATE mint SET added = ? WHERE workflow = ?', added, CHILD);
    });
    const continued = { stepUp: undefined };
    expect(await mint(CHILD, [READ, WRITE], continued)).toMatchObject(refused);
    expect(await mint(DEEP, [WRITE])).toMatchObject(refused);
    expect((await mint(CHILD, [READ], continued)).ok).toBe(true);
  });

  test('shares the budget that its parent gets by stepping up, and has no other', async () => {
    await line(READ);
    const budgets = { tools: [{ tool: 'files.write', calls: 8 }] };
    await mint(ROOT, [READ, WRITE], { budgets });
    await mint(CHILD, [READ, WRITE], { budgets });
    const meters = await Promise.all([ROOT, CHILD, DEEP].map((id) => root().view(id)));
    expect(meters.map((view) => view?.meters.map((meter) => meter.limit - meter.carved))).toEqual([
      [4],
      [2],
      [2],
    ]);
  });
});

describe('a workflow that is suspended', () => {
  test('gets no capability until it is resumed, and then one of the next generation', async () => {
    await begin();
    expect(await suspend()).toMatchObject({ ok: true, value: { state: 'suspended', seq: 1 } });
    const again = { ...start(), blocks: ['second'] };
    expect(await root().continue(again)).toMatchObject({ error: { code: 'workflow_suspended' } });
    expect(await resume()).toMatchObject({ ok: true, value: { state: 'active', gen: 2, seq: 2 } });
    // Signed before the resumption and requested after it, so it is already dead.
    expect(await root().continue(again)).toMatchObject({ error: { code: 'workflow_suspended' } });
    expect((await root().continue({ ...again, gen: 2 })).ok).toBe(true);
    expect(await feed()).toEqual([
      ['suspension', ROOT],
      ['resumption', ROOT, 2],
    ]);
    expect(await trail()).toMatchObject([
      { event: 'transition', move: 'suspend', to: 'suspended', actor: 'operator', agent: 'agent' },
      { event: 'transition', move: 'resume', to: 'active', gen: 2 },
    ]);
  });

  test('can be suspended and resumed repeatedly, with a feed entry each time', async () => {
    await begin();
    for (let gen = 2; gen < 5; gen++) {
      expect((await suspend()).ok).toBe(true);
      expect(await suspend()).toMatchObject({ error: { code: 'move_refused' } });
      expect(await resume()).toMatchObject({ value: { gen } });
    }
    expect(await feed()).toHaveLength(6);
  });

  test('suspends its children, which are resumed only with it', async () => {
    await family();
    await suspend();
    expect(await states()).toEqual(['suspended 1', 'suspended 1', 'suspended 1']);
    expect(await resume(CHILD)).toMatchObject({ error: { code: 'move_refused' } });
    await resume();
    expect(await states()).toEqual(['active 2', 'active 2', 'active 2']);
    // The parent comes last: until then its own entry still covers its children.
    expect(await feed()).toEqual([
      ['suspension', ROOT],
      ['resumption', DEEP, 2],
      ['resumption', CHILD, 2],
      ['resumption', ROOT, 2],
    ]);
  });

  test('does not resume a child that was stopped separately', async () => {
    await family();
    await suspend(CHILD);
    await suspend();
    await resume();
    expect(await states()).toEqual(['active 2', 'suspended 1', 'suspended 1']);
    await resume(CHILD);
    expect(await states()).toEqual(['active 2', 'active 2', 'active 2']);
  });
});

describe('the end of a workflow', () => {
  test('ends all workflows below it with one feed entry, no matter who ends it', async () => {
    await family();
    await root().revoke(ROOT, { actor: 'operator', reason: 'test' });
    expect(await states()).toEqual(['revoked 1', 'revoked 1', 'revoked 1']);
    expect(await feed()).toEqual([['workflow', ROOT]]);
    expect((await trail()).map(({ workflow, event }) => [workflow, event])).toEqual([
      // The root's record comes first, because its entry stops the workflows below.
      [ROOT, 'revocation'],
      [DEEP, 'transition'],
      [CHILD, 'transition'],
    ]);
  });

  test('of a child does not affect its parent', async () => {
    await family();
    await root().revoke(CHILD, { actor: 'operator', reason: 'test' });
    expect(await states()).toEqual(['active 1', 'revoked 1', 'revoked 1']);
    expect(await feed()).toEqual([['workflow', CHILD]]);
  });

  test('is final when the agent completes it, and immediate without a grace period', async () => {
    await family();
    expect(await complete()).toMatchObject({ ok: true, value: { state: 'completed', seq: 1 } });
    expect(await states()).toEqual(['completed 1', 'revoked 1', 'revoked 1']);
    expect(await complete()).toMatchObject({ error: { code: 'move_refused' } });
    expect(await suspend()).toMatchObject({ error: { code: 'move_refused' } });
    expect((await below('wf_root.c', ROOT)).ok).toBe(false);
  });

  test('waits for the requested grace period, in which nothing is minted', async () => {
    await begin();
    const completing = await complete(30);
    expect(completing).toMatchObject({ ok: true, value: { state: 'completing', gen: 1 } });
    expect(completing.ok && completing.value).not.toHaveProperty('seq');
    expect(await feed()).toEqual([]);
    expect(await root().continue({ ...start(), blocks: ['second'] })).toMatchObject({
      error: { code: 'workflow_ended', cause: 'completing' },
    });
    await runInDurableObject(root(), (_object, { storage }) => {
      storage.sql.exec('UPDATE workflow SET grace_ends = ?', NOW - 10);
    });
    await runDurableObjectAlarm(root());
    expect(await states()).toEqual(['completed 1']);
    expect(await feed()).toEqual([['workflow', ROOT]]);
  });

  test('comes by itself when it is idle, and stops its living tokens', async () => {
    await begin();
    await runInDurableObject(root(), (_object, { storage }) => {
      storage.sql.exec('UPDATE workflow SET active_at = ?', NOW - 4_000);
    });
    expect(await root().view(ROOT)).toMatchObject({ state: 'expired' });
    await runDurableObjectAlarm(root());
    expect(await feed()).toEqual([['workflow', ROOT]]);
    expect(await trail()).toMatchObject([{ to: 'expired', actor: 'clock' }]);
  });

  test('is followed by another feed entry if an operator revokes the ended workflow', async () => {
    await begin();
    await runInDurableObject(root(), (_object, { storage }) => {
      storage.sql.exec("UPDATE workflow SET ordered = 'failed', state = 'failed'");
    });
    expect(await root().revoke(ROOT, { actor: 'operator', reason: 'to be sure' })).toMatchObject({
      value: { seq: 1 },
    });
    expect(await states()).toEqual(['failed 1']);
  });
});

describe('a crash', () => {
  /** Returns the object without the named log, until it is evicted. */
  const lose = (binding: 'AUDIT_LOG' | 'REVOCATION_LOG') =>
    runInDurableObject(root(), (object) => {
      const lost = { getByName: () => new Proxy({}, { get: () => () => Promise.reject(LOST) }) };
      Object.assign(object, { env: { ...env, [binding]: lost } });
    });
  const LOST = new Error('the log does not answer');

  test.each([
    ['AUDIT_LOG', { ok: true, value: { recorded: false } }, [['suspension', ROOT]]],
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
      storage.sql.exec('DROP TRIGGER done_stays; DROP TRIGGER known_steps_state');
      storage.sql.exec('UPDATE intent SET done = 0, seq = NULL, epoch = NULL');
      storage.sql.exec("UPDATE workflow SET state = 'active'");
    });
    await evictDurableObject(env.WORKFLOW.getByName(ROOT));
    await runDurableObjectAlarm(root());
    await runInDurableObject(root(), (_object, { storage }) => {
      const rows = storage.sql.exec('SELECT DISTINCT state, ordered FROM workflow').toArray();
      expect(rows).toEqual([{ state: 'suspended', ordered: 'suspended' }]);
    });
    expect(await trail()).toHaveLength(3);
    expect(await feed()).toEqual([['suspension', ROOT]]);
  });

  test('while a rule is enforced is repaired by the alarm, and the rule acts once', async () => {
    await begin();
    await lose('AUDIT_LOG');
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

describe("the object's own code cannot store", () => {
  test.each([
    ["UPDATE workflow SET state = 'completed'", 'no such step'],
    ["UPDATE workflow SET ordered = 'pending'", 'no such step'],
    ['UPDATE workflow SET gen = 0', 'never goes back'],
    ["UPDATE workflow SET start = '{}'", 'was begun with stays'],
    ['UPDATE workflow SET ends = ends + 1', 'was begun with stays'],
    ['UPDATE meter SET carved = -1', 'CHECK'],
    [
      `INSERT INTO workflow (id, parent, start, state, ordered, gen, depth, ends, idle, active_at)
       VALUES ('wf_root.x', 'wf_root', '{}', 'pending', 'pending', 1, 0, 9999999999, 1, 1)`,
      'below a living parent',
    ],
    [
      `INSERT INTO workflow (id, start, state, ordered, gen, depth, ends, idle, active_at)
       VALUES ('wf_x', '{}', 'active', 'active', 1, 0, 1, 1, 1)`,
      'begins as pending',
    ],
  ])('%s', async (statement, why) => {
    await begin({ calls: 1 });
    await runInDurableObject(root(), (_object, { storage }) => {
      expect(() => storage.sql.exec(statement)).toThrow(why);
    });
  });
});

const POUND = 1_000_000;
const bank: Budgets = {
  calls: 10,
  sums: [{ tool: 'bank.send', pointer: '/amount', micros: 100 * POUND }],
};
const charge = (nonce: string, pounds: number, workflow = ROOT) =>
  root().charge({
    workflow,
    nonce,
    tool: 'bank.send',
    amounts: { '/amount': pounds * POUND },
  });
const leftOf = async (id = ROOT) =>
  ((await root().view(id))?.meters ?? []).map(
    ({ limit, used, carved, leased }) => limit - used - carved - leased,
  );

describe('a budget', () => {
  test('is charged once for each nonce, even across a restart', async () => {
    await begin(bank);
    for (let again = 0; again < 3; again++) {
      expect(await charge('a', 40)).toEqual({ ok: true, value: null });
      await evictDurableObject(env.WORKFLOW.getByName(ROOT));
    }
    expect(await leftOf()).toEqual([60 * POUND, 9]);
  });

  test('on an argument is exceeded by many small transfers, which suspends the workflow', async () => {
    await begin(bank);
    for (const nonce of ['a', 'b', 'c', 'd']) expect((await charge(nonce, 24)).ok).toBe(true);
    expect(await charge('e', 24)).toMatchObject({ error: { code: 'budget_exhausted' } });
    expect(await states()).toEqual(['suspended 1']);
    expect(await charge('f', 1)).toMatchObject({ error: { code: 'workflow_stopped' } });
    expect(await trail()).toMatchObject([
      { event: 'transition', actor: 'rule:budget-exceeded@1', evidence: ['charge.e'] },
      { event: 'deviation', rule: 'budget-exceeded', effect: 'acted', evidence: ['charge.e'] },
    ]);
    // After a resumption it has what was left. The third time that it is exceeded ends the workflow.
    for (const nonce of ['g', 'h']) {
      await resume();
      expect(await charge(nonce, 24)).toMatchObject({ error: { code: 'budget_exhausted' } });
    }
    expect(await states()).toEqual(['revoked 3']);
  });

  test('is never overspent by concurrent charges', async () => {
    await begin(bank);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => charge(`nonce ${i}`, 30)),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(3);
  });

  test("is carved out for a child, and the unused part comes back at the child's end", async () => {
    await begin(bank);
    const budgets = { calls: 4, sums: [{ ...bank.sums?.[0], micros: 50 * POUND }] } as Budgets;
    expect((await below(CHILD, ROOT, { budgets })).ok).toBe(true);
    expect([await leftOf(), await leftOf(CHILD)]).toEqual([
      [50 * POUND, 6],
      [50 * POUND, 4],
    ]);
    expect((await charge('a', 20, CHILD)).ok).toBe(true);
    expect(await below(DEEP, ROOT, { budgets: { calls: 7 } })).toMatchObject({
      error: { code: 'child_exceeds' },
    });
    await root().revoke(CHILD, { actor: 'operator', reason: 'test' });
    expect(await leftOf()).toEqual([80 * POUND, 9]);
    await runDurableObjectAlarm(root());
    expect(await leftOf()).toEqual([80 * POUND, 9]);
  });

  test('is leased in parts, and a lease without a settlement counts as spent', async () => {
    await begin({ calls: 30 });
    const lease = (id: string) => root().lease({ workflow: ROOT, tool: 'crm.search', lease: id });
    expect(await lease('a')).toMatchObject({ ok: true, value: { calls: 20, summed: [] } });
    expect(await lease('a')).toMatchObject({ ok: true, value: { calls: 20 } });
    expect(await lease('b')).toMatchObject({ ok: true, value: { calls: 10 } });
    await root().settle('a', 5);
    await root().settle('a', 0);
    expect(await leftOf()).toEqual([15]);
    await runInDurableObject(root(), (_object, { storage }) => {
      storage.sql.exec('UPDATE lease SET expires = ?', NOW - 10);
    });
    expect(await lease('c')).toMatchObject({ ok: true, value: { calls: 15 } });
    await root().settle('b', 1);
    expect(await leftOf()).toEqual([9]);
  });

  test('on a sum has no leases: each call of its tool is charged by itself', async () => {
    await begin(bank);
    expect(await root().lease({ workflow: ROOT, tool: 'bank.send', lease: 'a' })).toMatchObject({
      value: { calls: 0, summed: ['/amount'] },
    });
  });
});

let counted = 0;
const record = (change: Partial<DecisionRecord> = {}): DecisionRecord => {
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
const denial = (change: Partial<DecisionRecord> = {}) =>
  record({ allowed: false, code: 'no_grant', ...change });

const astray = () => denial({ code: 'tool_unknown' });

describe('decision records', () => {
  test('are counted once, however often a batch arrives', async () => {
    await begin({ calls: 10, denials: 5 });
    const batch = [record(), record({ charged: true }), denial()];
    await root().observe(batch);
    await root().observe(batch);
    expect(await leftOf()).toEqual([9, 4]);
  });

  test('beyond the budget suspend the workflow, with the exceeding record as evidence', async () => {
    await begin({ calls: 2 });
    const [first, second, third] = [record(), record(), record()];
    await root().observe([first, second]);
    expect(await states()).toEqual(['active 1']);
    await root().observe([third, record()]);
    expect(await states()).toEqual(['suspended 1']);
    expect(await trail()).toMatchObject([{ evidence: [third.id] }, { evidence: [third.id] }]);
  });

  test('of a summed tool without a charge are noticed', async () => {
    await begin(bank);
    await root().observe([record({ tool: 'bank.send' })]);
    expect(await states()).toEqual(['suspended 1']);
  });

  test('of three out-of-scope denials suspend the workflow, with their ids as evidence', async () => {
    await begin();
    const denials = [astray(), denial({ code: 'caveat_failed' }), astray()];
    await root().observe(denials.slice(0, 2));
    expect(await states()).toEqual(['active 1']);
    await root().observe(denials.slice(2));
    expect(await states()).toEqual(['suspended 1']);
    const evidence = denials.map(({ id }) => id);
    expect(await trail()).toMatchObject([
      { event: 'transition', actor: 'rule:out-of-scope@2', evidence },
      { event: 'deviation', effect: 'acted', evidence },
    ]);
    // The same denials do not count again.
    await resume();
    await root().observe([astray(), astray()]);
    expect(await states()).toEqual(['active 2']);
    await root().observe([astray()]);
    expect(await states()).toEqual(['suspended 2']);
  });

  test('that invite a step-up suspend only if twenty of them lead to none', async () => {
    await begin();
    const SEND: Grant = { tool: 'crm.search', action: 'read', dataset: 'crm' };
    const asked = (change: Partial<DecisionRecord> = {}) =>
      denial({ datasets: ['crm/eu'], ...change });
    const held = { code: 'constraint_failed', detail: { block: 0, pointer: '/to' } };
    await root().observe(Array.from({ length: 19 }, (_, i) => asked(i % 2 === 0 ? held : {})));
    expect(await states()).toEqual(['active 1']);
    const mint = { ...start(), blocks: ['wider'], grants: [SEND], stepUp: true as const };
    expect((await root().continue(mint)).ok).toBe(true);
    const later = { at: Date.now() + 5_000 };
    await root().observe(Array.from({ length: 19 }, () => asked(later)));
    expect(await states()).toEqual(['active 1']);
    // Allowed calls in between do not displace the denials.
    await root().observe(Array.from({ length: 300 }, () => record(later)));
    await root().observe([asked(later)]);
    expect(await states()).toEqual(['suspended 1']);
    expect((await trail()).at(-1)).toMatchObject({ rule: 'asked-without-answer', effect: 'acted' });
  });

  test('of a use after the end are recorded, and the end stays as it was', async () => {
    await begin();
    await complete();
    await root().observe([denial({ code: 'revoked', at: Date.now() + 1_000 })]);
    expect(await states()).toEqual(['completed 1']);
    expect((await trail()).at(-1)).toMatchObject({ rule: 'used-after-end', effect: 'absorbed' });
  });

  test('of a child count for the parent once the child has given its share back', async () => {
    await begin({ calls: 10 });
    await below(CHILD, ROOT, { budgets: { calls: 4 } });
    await root().observe([record({ workflow: CHILD })]);
    expect(await leftOf()).toEqual([6]);
    await root().revoke(CHILD, { actor: 'operator', reason: 'test' });
    expect(await leftOf()).toEqual([9]);
    await root().observe([record({ workflow: CHILD })]);
    expect(await leftOf()).toEqual([8]);
  });
});

describe('the breaker', () => {
  const ask = (workflow: string, version = 1) =>
    breaker(env).ask({ rule: 'out-of-scope', version, workflow });

  test('stops a rule after twenty workflows, until the rule is armed or has a new version', async () => {
    for (let i = 0; i < 20; i++) expect(await ask(`wf_${i}`)).toMatchObject({ act: true });
    expect(await ask('wf_3')).toMatchObject({ act: true });
    expect(await ask('wf_20')).toMatchObject({ act: false, trips: true, bound: 20 });
    await evictDurableObject(env.BREAKER.getByName('default'));
    expect(await ask('wf_21')).toMatchObject({ act: false, trips: false });
    expect(await ask('wf_21', 2)).toMatchObject({ act: true });
    expect(await breaker(env).tripped()).toMatchObject([{ rule: 'out-of-scope@1' }]);
    expect(await breaker(env).arm('out-of-scope@1')).toBe(true);
    expect(await ask('wf_21')).toMatchObject({ act: true });
  });

  test('does not let a tripped rule stop a workflow, and the record shows that', async () => {
    await begin();
    for (let i = 0; i < 21; i++) await ask(`wf_${i}`, 2);
    await root().observe([astray(), astray(), astray()]);
    expect(await states()).toEqual(['active 1']);
    expect(await trail()).toMatchObject([{ event: 'deviation', effect: 'breaker' }]);
  });
});
