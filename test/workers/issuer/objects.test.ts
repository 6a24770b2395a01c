import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type DecisionRecord,
  findLogFault,
  findTrailFault,
  type RefusalRecord,
} from '../../../src/audit/index.ts';
import type { FeedEntry } from '../../../src/feed/index.ts';
import { decodeRecords } from '../../../src/feed/log/index.ts';
import { readConfig } from '../../../workers/issuer/platform/config.ts';
import {
  auditLog,
  type IssuerEnv,
  revocationLog,
  workflowOf,
} from '../../../workers/issuer/platform/env.ts';
import type { WorkflowStart } from '../../../workers/issuer/workflow/binding.ts';

const env = untyped as unknown as IssuerEnv;

afterEach(() => reset());

/** Returns the only entry of the revocation log. */
async function loggedFirst(): Promise<FeedEntry | undefined> {
  const delta = await revocationLog(env).delta(1, 0, 1);
  const records = delta && decodeRecords(new Uint8Array(delta));
  return records?.[0]?.entry;
}

const refusal = (id: string): RefusalRecord => ({
  event: 'refusal',
  id,
  at: 1_000,
  agent: 'https://idp.example#agent',
  error: 'invalid_request',
  code: 'body_too_large',
});

describe('the audit log', () => {
  test('links every record to the one before, even across an eviction', async () => {
    await auditLog(env).append([refusal('a'), refusal('b')]);
    await evictDurableObject(env.AUDIT_LOG.getByName('default'));
    const end = await auditLog(env).append([refusal('c')]);
    const trail = await auditLog(env).read({ after: 0 });
    expect(trail.map(({ seq, record }) => [seq, record.id])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    expect(end).toEqual({ seq: 3, hash: trail[2]?.hash });
    expect(await findTrailFault(trail)).toBeUndefined();
  });

  test('writes a repeated batch once', async () => {
    await auditLog(env).append([refusal('a')]);
    await auditLog(env).append([refusal('a'), refusal('b')]);
    expect((await auditLog(env).read({ after: 0 })).map(({ record }) => record.id)).toEqual([
      'a',
      'b',
    ]);
  });

  test('refuses updates and deletions, even by its own code', async () => {
    await auditLog(env).append([refusal('a')]);
    await runInDurableObject(auditLog(env), (_log, { storage }) => {
      expect(() => storage.sql.exec("UPDATE record SET body = '{}'")).toThrow('never changed');
      expect(() => storage.sql.exec('DELETE FROM record')).toThrow('never deleted');
    });
  });
});

describe("a verifier's numbered records", () => {
  const record = (n: number, verifier = 'v'): DecisionRecord => ({
    event: 'decision',
    id: `${verifier}.${n}`,
    verifier,
    n,
    at: 1_000,
    blocks: [],
    allowed: true,
  });
  const gaps = async () =>
    (await auditLog(env).read({ after: 0 })).flatMap(({ record }) =>
      record.event === 'gap' ? [[record.verifier, record.after, record.before]] : [],
    );

  test('that never arrived leave a gap in the log, for each verifier', async () => {
    await auditLog(env).append([record(1), record(2), record(1, 'w'), record(4), record(5)]);
    expect(await gaps()).toEqual([['v', 2, 4]]);
    await evictDurableObject(env.AUDIT_LOG.getByName('default'));
    await auditLog(env).append([record(5), record(6), record(3, 'w')]);
    expect(await gaps()).toEqual([
      ['v', 2, 4],
      ['w', 1, 3],
    ]);
  });

  test('that arrive late or twice leave no gap', async () => {
    await auditLog(env).append([record(1), record(3), record(2), record(3)]);
    await auditLog(env).append([record(3), record(4)]);
    expect(await gaps()).toEqual([['v', 1, 3]]);
    expect(await findLogFault(await auditLog(env).read({ after: 0 }), 0)).toBeUndefined();
  });

  test('leave a gap before the first one that arrived, because a verifier counts from one', async () => {
    await auditLog(env).append([record(7)]);
    expect(await gaps()).toEqual([['v', 0, 7]]);
  });
});

test('a record that was removed from the log leaves a gap, wherever it was', async () => {
  await auditLog(env).append([refusal('a'), refusal('b'), refusal('c')]);
  const log = await auditLog(env).read({ after: 0 });
  expect(await findLogFault(log, 0)).toBeUndefined();
  expect(await findLogFault(log.slice(1), 1)).toBeUndefined();
  expect(await findLogFault(log.slice(1), 0)).toEqual({ seq: 1, fault: 'gap' });
  const holed = log.filter(({ seq }) => seq !== 2);
  expect(await findLogFault(holed, 0)).toEqual({ seq: 2, fault: 'gap' });
});

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
    expect(await auditLog(env).read({ workflow: 'wf_a', after: 0 })).toHaveLength(1);
  });

  test('that never began is not revoked', async () => {
    expect(await workflowOf(env, 'wf_x').revoke('wf_x', by)).toEqual({
      ok: false,
      error: { code: 'workflow_unknown' },
    });
    expect(await auditLog(env).read({ after: 0 })).toEqual([]);
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
        storage.sql.exec("UPDATE workflow SET ordered = 'revoked'");
        storage.sql.exec(
          `INSERT INTO intent (id, target, record, word, workflow, becomes, done)
           VALUES (?, 'wf_a', ?, ?, 'wf_a', 'revoked', 0)`,
          ...[record.id, JSON.stringify(record), JSON.stringify(order)],
        );
      });
      await auditLog(env).append([record]);
      if (crash === 'feed') await revocationLog(env).append(order);
      await evictDurableObject(env.WORKFLOW.getByName('wf_a'));
      await evictDurableObject(env.AUDIT_LOG.getByName('default'));
      if (crash === 'feed') await evictDurableObject(env.REVOCATION_LOG.getByName('default'));

      await runDurableObjectAlarm(workflow);
      expect(await workflow.view('wf_a')).toMatchObject({
        state: 'revoked',
        revocation: { seq: 1 },
      });
      expect(await auditLog(env).read({ after: 0 })).toHaveLength(1);
      expect(await loggedFirst()).toMatchObject({ kind: 'workflow', id: 'wf_a' });
    },
  );

  test('whose begin was lost can be revoked with even_unknown, and cannot begin after that', async () => {
    const workflow = workflowOf(env, 'wf_lost');
    const revoked = await workflow.revoke('wf_lost', { ...by, evenUnknown: true });
    expect(revoked).toMatchObject({ ok: true, value: { seq: 1 } });
    expect((await workflow.begin(start('wf_lost'))).ok).toBe(false);
    expect(await auditLog(env).read({ workflow: 'wf_lost', after: 0 })).toHaveLength(1);
  });

  test('stays alive when one of its blocks is revoked, and the record names it', async () => {
    const workflow = workflowOf(env, 'wf_a');
    await workflow.begin(start('wf_a'));
    await workflow.revoke('wf_a', { ...by, block: 'ab'.repeat(64) });
    expect(await workflow.view('wf_a')).toMatchObject({ state: 'active' });
    const [linked] = await auditLog(env).read({ workflow: 'wf_a', after: 0 });
    expect(linked?.record).toMatchObject({ kind: 'block', agent: 'agent', owner: 'team' });
    expect(await workflow.revoke('wf_a', by)).toMatchObject({ value: { seq: 2 } });
  });

  test('expires by its alarm, and readers see it before that', async () => {
    const workflow = workflowOf(env, 'wf_a');
    await workflow.begin(start('wf_a', Math.floor(Date.now() / 1000) - 10));
    expect(await workflow.view('wf_a')).toMatchObject({ state: 'expired' });
    await runDurableObjectAlarm(workflow);
    await runInDurableObject(workflow, (_workflow, { storage }) => {
      expect(storage.sql.exec('SELECT state FROM workflow').one()).toEqual({ state: 'expired' });
    });
  });

  test.each(['failed', 'revoked', 'expired'])(
    'that is %s stays so, even for its own code',
    async (state) => {
      const workflow = workflowOf(env, 'wf_a');
      await workflow.begin(start('wf_a'));
      await runInDurableObject(workflow, (_workflow, { storage }) => {
        storage.sql.exec('UPDATE workflow SET state = ?', state);
        expect(() => storage.sql.exec("UPDATE workflow SET state = 'active'")).toThrow(
          'stays ended',
        );
      });
    },
  );
});

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
      storage.sql.exec("UPDATE workflow SET ordered = 'revoked'");
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
      for (let i = 1; i < 1_000; i++)
        storage.sql.exec("INSERT INTO mint VALUES (?, 'wf_a', 1, 1, '[]')", `${i}`);
    });
    expect(await workflow.continue(again())).toMatchObject({
      error: { code: 'workflow_exhausted' },
    });
  });
});

test('the feed key is not a mint key', () => {
  const mintKeys = JSON.stringify([{ id: 1, key: env.FEED_KEY, state: 'active' }]);
  expect(() => readConfig({ ...env, MINT_KEYS: mintKeys })).toThrow(/^MINT_KEYS .*the feed key/);
  expect(env.MINT_KEYS).not.toContain(env.FEED_KEY);
});
