import { reset } from 'cloudflare:test';
import { afterEach, expect, test } from 'vitest';
import { readSeconds } from '../../../src/clock.ts';
import { newApprovalId } from '../../../workers/issuer/approval/id.ts';
import { approvals } from '../../../workers/issuer/platform/env.ts';
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
