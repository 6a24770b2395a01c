import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { narrow } from '../../../src/agent/index.ts';
import { admin, read, send } from '../agent.ts';
import { openStage, type Stage } from '../stage.ts';
import { ACCESS_TOKEN, exchange, granted, introspect, refused } from './endpoints.ts';

/**
 * Vulnerabilities of other systems that have no other test here. Each test names what it prevents.
 */
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const workflowOf = ({ body }: Awaited<ReturnType<typeof exchange>>) =>
  (body.authorization_details as readonly { workflow: string }[])[0]?.workflow ?? '';
const narrowed = async (token: unknown, tool: string) => {
  const cut = await narrow(String(token), { tool });
  if (!cut.ok) throw new Error(cut.error.code);
  return cut.value;
};
const report = () => read(stage.documents.reports[0] ?? '');

test('a request without a resource skips no check of it', async () => {
  await refused(exchange(stage, { resource: undefined }), 'invalid_request');
});

describe('no caller gets what belongs to another', () => {
  test('two users who ask at once through one agent each get their own', async () => {
    const users = Array.from({ length: 12 }, (_, i) => ['alice', 'bob', 'carol'][i % 3] ?? '');
    const answers = await Promise.all(
      users.map(async (user) =>
        granted(exchange(stage, { subject_token: await stage.identity.jwt(user) })),
      ),
    );
    const subjects = await Promise.all(
      answers.map(async ({ body }) => (await introspect(stage, body.access_token)).body.sub),
    );
    expect(subjects).toEqual(users.map((user) => `${stage.identity.issuer}#${user}`));
    expect(new Set(answers.map(workflowOf)).size).toBe(users.length);
  });

  test('an identity provider cannot assert the subject of a client of ours', async () => {
    const own = {
      subject_token: await stage.identity.jwt('nightly-report'),
      subject_token_type: ACCESS_TOKEN,
      actor_token: undefined,
      actor_token_type: undefined,
    };
    await refused(exchange(stage, own), 'access_denied');
    const trail = await (await admin(stage, 'audit')).text();
    expect(trail).toContain(`"${stage.identity.issuer}#nightly-report"`);
    expect(trail).not.toContain(`"${stage.issuer}#nightly-report"`);
  });

  test('an agent that the user did not name cannot use a token of the user', async () => {
    const other = { actor_token: await stage.identity.jwt('weakest-agent') };
    await refused(exchange(stage, other), 'invalid_request');
  });
});

describe('narrowing and revoking do exactly what they claim', () => {
  test('a narrowed token still opens the one tool that it was narrowed to', async () => {
    const { body } = await granted(exchange(stage));
    const step = await narrowed(body.access_token, 'mcp/files/read_text_file');
    expect((await send(stage, step, report())).status).toBe(200);
  });

  test('a token narrowed after the end of its workflow is denied', async () => {
    const minted = await granted(exchange(stage));
    await admin(stage, `workflows/${workflowOf(minted)}/revoke`, { reason: 'test' });
    const step = await narrowed(minted.body.access_token, 'mcp/files/read_text_file');
    expect((await introspect(stage, step)).body).toEqual({ active: false });
    expect((await introspect(stage, minted.body.access_token)).body).toEqual({ active: false });
  });

  test('a revocation also takes effect at once for a token that lives less than a minute', async () => {
    const exp = Math.floor(Date.now() / 1000) + 20;
    const subject_token = await stage.identity.jwt('alice', { exp });
    const minted = await granted(exchange(stage, { subject_token }));
    expect(minted.body.expires_in).toBeLessThanOrEqual(20);
    await admin(stage, `workflows/${workflowOf(minted)}/revoke`, { reason: 'test' });
    expect((await introspect(stage, minted.body.access_token)).body).toEqual({ active: false });
  });
});

describe('the trail', () => {
  test('records a refused proof as a refusal, not as a request without a proof', async () => {
    stage.harness.clearLogs();
    await refused(exchange(stage, {}, { dpop: 'garbage' }), 'invalid_dpop_proof');
    // The audit log counts a stranger's refusals by the minute; the log line appears at once.
    const lines = stage.harness.getLogs().map(({ message }) => message);
    const refusals = lines.filter((line) => line.includes("event: 'token.refused'"));
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toContain('proof_refused:proof_malformed');
  });
});
