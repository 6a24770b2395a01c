import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, describe, expect, test } from 'vitest';
import type { Asking } from '../../../workers/issuer/approval/binding.ts';
import { newApprovalId } from '../../../workers/issuer/approval/id.ts';
import { approvals, auditLog, type IssuerEnv } from '../../../workers/issuer/platform/config.ts';
import { dueNow, loseAudit } from './audit-weather.ts';

const env = untyped as unknown as IssuerEnv;
const desk = () => approvals(env);

afterEach(() => reset());

const who = { agent: 'agent', subject: 'user', owner: 'team', task: 'task' };
const GRANT = { tool: 't', action: 'write', dataset: 'd' };
const asking = (digest = 'a', agent = who.agent): Asking => ({
  id: newApprovalId(),
  digest,
  question: JSON.stringify({ ...who, agent }),
  who: { ...who, agent },
  what: { audience: 'https://gateway.example', grants: [GRANT] },
});
const soon = () => Math.floor(Date.now() / 1000) + 100;
const order = (id: string, digest = 'a') => ({
  id,
  digest,
  decision: 'approve' as const,
  actor: 'operator',
  by: 'carol',
  reason: 'why',
  until: soon(),
});
const sql = (statement: string, ...values: (string | number)[]) =>
  runInDurableObject(desk(), (_, { storage }) => storage.sql.exec(statement, ...values).toArray());
const trail = async () =>
  (await auditLog(env).read({ after: 0 })).map(({ record }) => record.event);
const poll = (id: string, digest = 'a') => desk().poll({ id, agent: who.agent, digest });

async function asked(digest = 'a', agent = who.agent): Promise<string> {
  const waits = await desk().ask(asking(digest, agent));
  if (!waits.ok) throw new Error(waits.error.code);
  return waits.value.id;
}

describe('a question', () => {
  test('is in the log before a person can see it, and once where it comes twice at once', async () => {
    const waits = await Promise.all([desk().ask(asking()), desk().ask(asking())]);
    const ids = new Set(waits.map((one) => one.ok && one.value.id));
    expect(ids.size).toBe(1);
    expect((await desk().list(0)).approvals).toHaveLength(1);
    expect(await trail()).toContain('approval_asked');
  });

  test('is listed by page and by position, oldest first, and answered ones are not', async () => {
    const ids = [];
    for (let i = 0; i < 60; i++) ids.push(await asked('a', `agent ${i}`));
    const first = await desk().list(0);
    expect(first.pending).toBe(60);
    expect(first.approvals.map(({ id }) => id)).toEqual(ids.slice(0, 50));
    await desk().decide(order(ids[59] ?? ''));
    const rest = await desk().list(first.approvals.at(-1)?.seq ?? 0);
    expect(rest.approvals.map(({ id }) => id)).toEqual(ids.slice(50, 59));
  });

  test('is one too many: the ninth that waits, and the forty-ninth within the hour', async () => {
    for (let i = 0; i < 8; i++) await asked(`${i}`);
    expect(await desk().ask(asking('9'))).toEqual({
      ok: false,
      error: { code: 'approvals_exhausted' },
    });
    expect(await asked('9', 'another agent')).toMatch(/^apr_/);
    await sql("UPDATE approval SET state = 'refused' WHERE agent = ?", who.agent);
    for (let i = 10; i < 50; i++) {
      const id = await asked(`${i}`);
      await sql("UPDATE approval SET state = 'refused' WHERE id = ?", id);
    }
    expect(await desk().ask(asking('50'))).toMatchObject({
      error: { code: 'approvals_exhausted' },
    });
  });

  test('ends by its alarm, is told so before, and is forgotten an hour later', async () => {
    const id = await asked();
    await sql('UPDATE approval SET deadline = 1');
    expect(await desk().view(id)).toMatchObject({ state: 'expired' });
    expect(await poll(id)).toEqual({ ok: false, error: { code: 'approval_expired' } });
    expect(await desk().decide(order(id))).toEqual({
      ok: false,
      error: { code: 'approval_ended', state: 'expired' },
    });
    await runDurableObjectAlarm(desk());
    expect(await sql('SELECT state FROM approval')).toEqual([{ state: 'expired' }]);
    await sql('UPDATE approval SET deadline = 1');
    await runDurableObjectAlarm(desk());
    expect(await sql('SELECT * FROM approval')).toEqual([]);
    expect(await poll(id)).toMatchObject({ error: { cause: 'unknown' } });
  });

  test('is never changed, even from the inside', async () => {
    await asked();
    for (const column of ['id', 'agent', 'digest', 'question']) {
      await expect(sql(`UPDATE approval SET ${column} = 'other'`)).rejects.toThrow('never changed');
    }
  });
});

describe('an answer', () => {
  test('counts once, also for two polls at once and across an eviction', async () => {
    const id = await asked();
    await desk().decide(order(id));
    await evictDurableObject(env.APPROVALS.getByName('default'));
    const polls = await Promise.all([poll(id), poll(id), poll(id)]);
    expect(polls.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await poll(id)).toMatchObject({ error: { code: 'approval_foreign', cause: 'used' } });
  });

  test('is in the log before it counts: a crash between is mended by the alarm', async () => {
    const id = await asked();
    const { id: _, ...answer } = order(id);
    const record = {
      event: 'approval_decided',
      id: `${id}.decided`,
      at: 1,
      approval: id,
      ...answer,
    };
    await sql('UPDATE approval SET decision = ?', JSON.stringify(record));
    expect(await poll(id)).toMatchObject({ error: { code: 'approval_pending' } });
    expect((await desk().list(0)).approvals).toEqual([]);
    await evictDurableObject(env.APPROVALS.getByName('default'));
    await runDurableObjectAlarm(desk());
    expect(await trail()).toEqual(['approval_asked', 'approval_decided']);
    expect(await poll(id)).toMatchObject({ ok: true, value: { by: 'carol' } });
  });

  test('that is ordered in time counts, though its writing outlasts the question', async () => {
    const id = await asked();
    const { id: _, ...answer } = order(id);
    const record = {
      event: 'approval_decided',
      id: `${id}.decided`,
      at: 1,
      approval: id,
      ...answer,
    };
    await sql('UPDATE approval SET decision = ?, deadline = 1', JSON.stringify(record));
    await runDurableObjectAlarm(desk());
    expect(await desk().view(id)).toMatchObject({ state: 'approved' });
  });

  test('ends: approved and not used until then, it mints nothing', async () => {
    const id = await asked();
    await desk().decide(order(id));
    await sql('UPDATE approval SET deadline = 1');
    expect(await poll(id)).toEqual({ ok: false, error: { code: 'approval_expired' } });
    await runDurableObjectAlarm(desk());
    expect(await poll(id)).toEqual({ ok: false, error: { code: 'approval_expired' } });
    const again = await asked();
    expect(again).not.toBe(id);
  });

  test.each(['refused', 'expired', 'used'])(
    'of %s stays so, even from the inside',
    async (state) => {
      await asked();
      if (state === 'used') await sql("UPDATE approval SET state = 'approved'");
      await sql('UPDATE approval SET state = ?', state);
      for (const other of ['pending', 'approved', 'refused', 'expired', 'used']) {
        if (other === state) continue;
        await expect(sql('UPDATE approval SET state = ?', other)).rejects.toThrow('counts once');
      }
    },
  );

  test('of a pending question is never used, even from the inside', async () => {
    await asked();
    await expect(sql("UPDATE approval SET state = 'used'")).rejects.toThrow('counts once');
  });

  test('two answers at once: the refusal counts, and who approved is told', async () => {
    const id = await asked();
    const { until: _, ...no } = order(id);
    const both = await Promise.all([
      desk().decide(order(id)),
      desk().decide({ ...no, decision: 'refuse' }),
    ]);
    expect(both.map(({ ok }) => ok)).toEqual([false, true]);
    expect(await desk().view(id)).toMatchObject({ state: 'refused' });
    expect(await trail()).toEqual(['approval_asked', 'approval_decided', 'approval_decided']);
  });
});

describe('while the audit log does not answer', () => {
  const no = (id: string) => {
    const { until: _, ...rest } = order(id);
    return { ...rest, decision: 'refuse' as const };
  };
  const alarms = async (): Promise<void> => {
    for (let run = 0; run < 3; run++) {
      await dueNow(desk());
      await runDurableObjectAlarm(desk());
    }
  };
  const restart = () => evictDurableObject(env.APPROVALS.getByName('default'));

  test('a refusal counts at once, and is recorded once afterwards', async () => {
    const id = await asked();
    await loseAudit(desk(), env, 'fails');
    expect(await desk().decide(no(id))).toMatchObject({ ok: true, value: { state: 'refused' } });
    expect(await poll(id)).toMatchObject({ error: { code: 'approval_refused' } });
    await alarms();
    expect(await trail()).toEqual(['approval_asked']);
    await restart();
    await alarms();
    expect(await trail()).toEqual(['approval_asked', 'approval_decided']);
  });

  test('an approval does not count, and can be taken back', async () => {
    const [id, other] = [await asked(), await asked('b')];
    await loseAudit(desk(), env, 'fails');
    const unavailable = { ok: false, error: { code: 'audit_unavailable' } };
    expect(await desk().decide(order(id))).toMatchObject(unavailable);
    const second = order(other, 'b');
    expect(await desk().decide(second)).toMatchObject(unavailable);
    expect(await poll(id)).toMatchObject({ error: { code: 'approval_pending' } });
    expect(await desk().decide(no(id))).toMatchObject({ ok: true });
    await restart();
    await alarms();
    expect(await desk().view(id)).toMatchObject({ state: 'refused' });
    expect(await desk().view(other)).toMatchObject({ state: 'approved' });
    // Both orders of the first, and one of the second, each once.
    expect(await trail()).toHaveLength(2 + 3);
  });

  test('an approval that counts already is taken back before it is used, and not after', async () => {
    const id = await asked();
    await desk().decide(order(id));
    await loseAudit(desk(), env, 'fails');
    expect(await desk().decide(no(id))).toMatchObject({ ok: true, value: { state: 'refused' } });
    expect(await poll(id)).toMatchObject({ error: { code: 'approval_refused' } });
    await restart();
    const used = await asked('b');
    await desk().decide(order(used, 'b'));
    expect(await poll(used, 'b')).toMatchObject({ ok: true });
    const late = { ...no(used), digest: 'b' };
    expect(await desk().decide(late)).toMatchObject({ error: { code: 'approval_ended' } });
  });
});
