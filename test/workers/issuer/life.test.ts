import { reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import type { Grant } from '../../../src/capability/index.ts';
import type { Workflow } from '../../../workers/issuer/workflow/object.ts';
import {
  begin,
  below,
  CHILD,
  complete,
  DEEP,
  family,
  feed,
  NOW,
  ROOT,
  record,
  resume,
  root,
  start,
  states,
  suspend,
  trail,
} from './life.scene.ts';
import { createTable, editWorkflows, untilPublished } from './stored-tree.ts';

/** Transitions of workflow objects, and of the workflows below them. */
afterEach(async () => {
  await untilPublished(root());
  await reset();
});

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
      createTable(storage, 'mint');
      const added = JSON.stringify([WRITE]);
      storage.sql.exec(
        `INSERT INTO mint (workflow, block, at, expires, added, bounds)
         VALUES (?, 'wider', ?, ?, ?, '{}')`,
        ...[CHILD, NOW, NOW + 300, added],
      );
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
      editWorkflows(storage, { graceEnds: NOW - 10 });
    });
    await runDurableObjectAlarm(root());
    expect(await states()).toEqual(['completed 1']);
    expect(await feed()).toEqual([['workflow', ROOT]]);
  });

  test('comes by itself when it is idle, and stops its living tokens', async () => {
    await begin();
    await runInDurableObject(root(), (_object, { storage }) => {
      editWorkflows(storage, { activeAt: NOW - 4_000 });
    });
    expect(await root().view(ROOT)).toMatchObject({ state: 'expired' });
    await runDurableObjectAlarm(root());
    expect(await feed()).toEqual([['workflow', ROOT]]);
    expect(await trail()).toMatchObject([{ to: 'expired', actor: 'clock' }]);
  });

  test('comes by itself when it is not renewed, and not before', async () => {
    await root().begin(start(ROOT, { renewWithin: 110 }));
    const renewed = await root().continue({ ...start(), blocks: ['again'] });
    expect(renewed).toEqual({ ok: true, value: null });
    // Calls do not renew it.
    await root().observe([record()]);
    await runInDurableObject(root(), (_object, { storage }) => {
      editWorkflows(storage, { renewedAt: NOW - 111 });
    });
    expect(await root().view(ROOT)).toMatchObject({ state: 'expired', renewWithin: 110 });
    const late = await root().continue({ ...start(), blocks: ['late'] });
    expect(late).toMatchObject({ error: { code: 'workflow_ended', cause: 'expired' } });
    await runDurableObjectAlarm(root());
    expect(await feed()).toEqual([['workflow', ROOT]]);
    expect(await trail()).toMatchObject([{ to: 'expired', actor: 'clock' }]);
  });

  test('is followed by another feed entry if an operator revokes the ended workflow', async () => {
    await begin();
    await runInDurableObject(root(), (_object, { storage }) => {
      editWorkflows(storage, { ordered: 'failed', state: 'failed' });
    });
    expect(await root().revoke(ROOT, { actor: 'operator', reason: 'to be sure' })).toMatchObject({
      value: { seq: 1 },
    });
    expect(await states()).toEqual(['failed 1']);
  });
});
