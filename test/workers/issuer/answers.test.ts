import { reset } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { type AuditRecord, CONTROL_LOG } from '../../../src/audit/index.ts';
import { readSeconds } from '../../../src/clock.ts';
import { ANSWERS_LISTED_MAX } from '../../../src/issuer-api/index.ts';
import { newApprovalId } from '../../../workers/issuer/approval/id.ts';
import { approvals, transparencyLog } from '../../../workers/issuer/platform/env.ts';
import { admin, env } from './token.scene.ts';

afterEach(() => reset());

async function answered(task: string, decision: 'approve' | 'refuse'): Promise<string> {
  const who = { agent: task, subject: 'user', owner: 'team', task };
  const question = JSON.stringify({ ...who, grants: [] });
  const what = { audience: 'https://gateway.example', grants: [] };
  const request = { id: newApprovalId(), digest: 'a', question, who, what };
  const asked = await approvals(env).ask(request);
  if (!asked.ok) throw new Error(asked.error.code);
  const { id } = asked.value;
  const given = { id, digest: 'a', actor: 'operator', by: 'carol', reason: `why ${task}` };
  const decided = await approvals(env).decide(
    decision === 'approve'
      ? { ...given, decision, until: readSeconds() + 100 }
      : { ...given, decision },
  );
  expect(decided.ok).toBe(true);
  return id;
}

test('lists what people answered within a day, the newest first', async () => {
  expect((await admin('answers')).body).toMatchObject({ answers: [], complete: true });
  const first = await answered('first', 'approve');
  const second = await answered('second', 'refuse');
  const { status, body } = await admin('answers');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    as_of: { at: expect.any(String) },
    answers: [
      { approval: second, decision: 'refuse', by: 'carol', reason: 'why second', task: 'second' },
      { approval: first, decision: 'approve', by: 'carol', agent: 'first', owner: 'team' },
    ],
    complete: true,
  });
});

test('a list and a question say which state of the issuer they describe', async () => {
  const id = await answered('first', 'approve');
  expect((await admin('approvals')).body).toMatchObject({ as_of: { epoch: 1, seq: 0 } });
  expect((await admin(`approvals/${id}`)).body).toMatchObject({ id, as_of: { seq: 0 } });
});

describe('after more answers than one search reads', () => {
  const COUNT = 600;
  const AGENT = 'busy';
  const answers = Array.from({ length: COUNT }, (_, n) => {
    const at = Date.now() - 3_600_000 + n;
    const who = { agent: AGENT, subject: 'user', owner: 'team', task: `task ${n}` };
    const record = { ...who, at, id: `r${n}`, approval: `apr_${n}`, event: 'approval_decided' };
    return { ...record, decision: 'refuse', by: 'carol' } as unknown as AuditRecord;
  });
  const fill = () => transparencyLog(env, CONTROL_LOG).append(answers);

  test('lists the newest ones, as many as one request lists', async () => {
    await fill();
    const { body } = await admin('answers');
    expect(body).toMatchObject({ complete: false });
    const { answers: listed } = body as { answers: readonly { approval: string }[] };
    expect(listed).toHaveLength(ANSWERS_LISTED_MAX);
    expect(listed[0]).toMatchObject({ approval: `apr_${COUNT - 1}` });
  });

  test('a question has the newest answer to its agent', async () => {
    await fill();
    const id = await answered(AGENT, 'approve');
    expect((await admin(`approvals/${id}`)).body).toMatchObject({
      last_answer: { approval: `apr_${COUNT - 1}`, decision: 'refuse', words: 'Refused by carol.' },
    });
  });
});
