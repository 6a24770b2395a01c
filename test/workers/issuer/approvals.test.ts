import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, describe, expect, test } from 'vitest';
import { readSeconds } from '../../../src/clock.ts';
import type { QuestionRequest } from '../../../workers/issuer/approval/binding.ts';
import { newApprovalId } from '../../../workers/issuer/approval/id.ts';
import { approvals, type IssuerEnv } from '../../../workers/issuer/platform/env.ts';
import { dueNow, loseAudit } from './audit-weather.ts';
import { readMerged } from './merged.ts';

const env = untyped as unknown as IssuerEnv;
const desk = () => approvals(env);

afterEach(() => reset());

const who = { agent: 'agent', subject: 'user', owner: 'team', task: 'task' };
const GRANT = { tool: 't', action: 'write', dataset: 'd' };
const questionRequest = (digest = 'a', agent = who.agent): QuestionRequest => ({
  id: newApprovalId(),
  digest,
  question: JSON.stringify({ ...who, agent }),
  who: { ...who, agent },
  what: { audience: 'https://gateway.example', grants: [GRANT] },
});
const approve = (id: string, digest = 'a') => ({
  id,
  digest,
  decision: 'approve' as const,
  actor: 'operator',
  by: 'carol',
  reason: 'why',
  until: readSeconds() + 100,
});
const sql = (statement: string, ...values: (string | number)[]) =>
  runInDurableObject(desk(), (_, { storage }) => storage.sql.exec(statement, ...values).toArray());
const recordedEvents = async () =>
  (await readMerged(env, { after: 0 })).map(({ record }) => record.event);
const poll = (id: string, digest = 'a') => desk().poll({ id, agent: who.agent, digest });

async function ask(digest = 'a', agent = who.agent): Promise<string> {
  const pending = await approvals(env).ask(questionRequest(digest, agent));
  if (!pending.ok) throw new Error(pending.error.code);
  return pending.value.id;
}

describe('a question', () => {
  test('is recorded before a person sees it, and only once if it is asked twice at once', async () => {
    const pending = await Promise.all([
      desk().ask(questionRequest()),
      desk().ask(questionRequest()),
    ]);
    const ids = new Set(pending.map((one) => one.ok && one.value.id));
    expect(ids.size).toBe(1);
    expect((await desk().list(0)).approvals).toHaveLength(1);
    expect(await recordedEvents()).toContain('approval_asked');
  });

  test('is listed in pages, oldest first, until it is answered', async () => {
    const ids = [];
    for (let i = 0; i < 60; i++) ids.push(await ask('a', `agent ${i}`));
    const first = await desk().list(0);
    expect(first.pending).toBe(60);
    expect(first.approvals.map(({ id }) => id)).toEqual(ids.slice(0, 50));
    await desk().decide(approve(ids[59] ?? ''));
    const rest = await desk().list(first.approvals.at(-1)?.seq ?? 0);
    expect(rest.approvals.map(({ id }) => id)).toEqual(ids.slice(50, 59));
  });

  test('is refused if it is the ninth pending or the forty-ninth stored of its agent', async () => {
    for (let i = 0; i < 8; i++) await ask(`${i}`);
    expect(await desk().ask(questionRequest('9'))).toEqual({
      ok: false,
      error: { code: 'approvals_exhausted' },
    });
    expect(await ask('9', 'another agent')).toMatch(/^apr_/);
    await sql("UPDATE approval SET state = 'refused' WHERE agent = ?", who.agent);
    for (let i = 10; i < 50; i++) {
      const id = await ask(`${i}`);
      await sql("UPDATE approval SET state = 'refused' WHERE id = ?", id);
    }
    expect(await desk().ask(questionRequest('50'))).toMatchObject({
      error: { code: 'approvals_exhausted' },
    });
  });

  test('expires on time even before the alarm, and is deleted an hour later', async () => {
    const id = await ask();
    await sql('UPDATE approval SET deadline = 1');
    expect(await desk().view(id)).toMatchObject({ state: 'expired' });
    expect(await poll(id)).toEqual({ ok: false, error: { code: 'approval_expired' } });
    expect(await desk().decide(approve(id))).toEqual({
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

  test('is immutable in SQL', async () => {
    await ask();
    for (const column of ['id', 'agent', 'digest', 'question']) {
      await expect(sql(`UPDATE approval SET ${column} = 'other'`)).rejects.toThrow('never changed');
    }
  });
});

describe('an answer', () => {
  test('is used once, even by concurrent polls and across an eviction', async () => {
    const id = await ask();
    await desk().decide(approve(id));
    await evictDurableObject(env.APPROVALS.getByName('default'));
    const polls = await Promise.all([poll(id), poll(id), poll(id)]);
    expect(polls.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await poll(id)).toMatchObject({ error: { code: 'approval_foreign', cause: 'used' } });
  });

  test('is recorded before it counts, and the alarm finishes it after a crash between', async () => {
    const id = await ask();
    const { id: _, ...answer } = approve(id);
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
    expect(await recordedEvents()).toEqual(['approval_asked', 'approval_decided']);
    expect(await poll(id)).toMatchObject({ ok: true, value: { by: 'carol' } });
  });

  test('that is given in time counts even if its record is written after the deadline', async () => {
    const id = await ask();
    const { id: _, ...answer } = approve(id);
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

  test('that approves expires if it is not used in time', async () => {
    const id = await ask();
    await desk().decide(approve(id));
    await sql('UPDATE approval SET deadline = 1');
    expect(await poll(id)).toEqual({ ok: false, error: { code: 'approval_expired' } });
    await runDurableObjectAlarm(desk());
    expect(await poll(id)).toEqual({ ok: false, error: { code: 'approval_expired' } });
    const again = await ask();
    expect(again).not.toBe(id);
  });

  test.each(['refused', 'expired', 'used'])(
    'keeps the terminal state %s, enforced in SQL',
    async (state) => {
      await ask();
      if (state === 'used') await sql("UPDATE approval SET state = 'approved'");
      await sql('UPDATE approval SET state = ?', state);
      for (const other of ['pending', 'approved', 'refused', 'expired', 'used']) {
        if (other === state) continue;
        await expect(sql('UPDATE approval SET state = ?', other)).rejects.toThrow('counts once');
      }
    },
  );

  test('cannot be used while its question is pending, enforced in SQL', async () => {
    await ask();
    await expect(sql("UPDATE approval SET state = 'used'")).rejects.toThrow('counts once');
  });

  test('that refuses beats a concurrent approval, whose sender gets an error', async () => {
    const id = await ask();
    const { until: _, ...rest } = approve(id);
    const both = await Promise.all([
      desk().decide(approve(id)),
      desk().decide({ ...rest, decision: 'refuse' }),
    ]);
    expect(both.map(({ ok }) => ok)).toEqual([false, true]);
    expect(await desk().view(id)).toMatchObject({ state: 'refused' });
    expect(await recordedEvents()).toEqual([
      'approval_asked',
      'approval_decided',
      'approval_decided',
    ]);
  });
});

describe('if the audit log does not answer', () => {
  const refuseQuestion = (id: string) => {
    const { until: _, ...rest } = approve(id);
    return { ...rest, decision: 'refuse' as const };
  };
  const runAlarms = async (): Promise<void> => {
    for (let run = 0; run < 3; run++) {
      await dueNow(desk());
      await runDurableObjectAlarm(desk());
    }
  };
  const restart = () => evictDurableObject(env.APPROVALS.getByName('default'));

  test('a refusal counts at once, and is recorded once later', async () => {
    const id = await ask();
    await loseAudit(desk(), env, 'fails');
    expect(await desk().decide(refuseQuestion(id))).toMatchObject({
      ok: true,
      value: { state: 'refused' },
    });
    expect(await poll(id)).toMatchObject({ error: { code: 'approval_refused' } });
    await runAlarms();
    expect(await recordedEvents()).toEqual(['approval_asked']);
    await restart();
    await runAlarms();
    expect(await recordedEvents()).toEqual(['approval_asked', 'approval_decided']);
  });

  test('an approval does not count, and can be withdrawn', async () => {
    const [id, other] = [await ask(), await ask('b')];
    await loseAudit(desk(), env, 'fails');
    const unavailable = { ok: false, error: { code: 'audit_unavailable' } };
    expect(await desk().decide(approve(id))).toMatchObject(unavailable);
    const second = approve(other, 'b');
    expect(await desk().decide(second)).toMatchObject(unavailable);
    expect(await poll(id)).toMatchObject({ error: { code: 'approval_pending' } });
    expect(await desk().decide(refuseQuestion(id))).toMatchObject({ ok: true });
    await restart();
    await runAlarms();
    expect(await desk().view(id)).toMatchObject({ state: 'refused' });
    expect(await desk().view(other)).toMatchObject({ state: 'approved' });
    // Two questions, both answers to the first, and one to the second.
    expect(await recordedEvents()).toHaveLength(2 + 3);
  });

  test('an approval that counts can be withdrawn until it is used', async () => {
    const id = await ask();
    await desk().decide(approve(id));
    await loseAudit(desk(), env, 'fails');
    expect(await desk().decide(refuseQuestion(id))).toMatchObject({
      ok: true,
      value: { state: 'refused' },
    });
    expect(await poll(id)).toMatchObject({ error: { code: 'approval_refused' } });
    await restart();
    const used = await ask('b');
    await desk().decide(approve(used, 'b'));
    expect(await poll(used, 'b')).toMatchObject({ ok: true });
    const late = { ...refuseQuestion(used), digest: 'b' };
    expect(await desk().decide(late)).toMatchObject({ error: { code: 'approval_ended' } });
  });
});
