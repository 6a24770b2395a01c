import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Grant } from '../../src/capability/index.ts';
import { admin, call, exchange, GRANTS, obtain, read, send, TASK } from './agent.ts';
import { openStage, type Stage } from './stage.ts';

/** An operator denies an agent, and then a tool, at the issuer and at the gateway. */
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const good = () => read(stage.documents.reports[0] ?? '');
const write = () => call('write_file', { path: 'summaries/churn.md', content: 'late' });
const order = async (path: string, body: object) => {
  const response = await admin(stage, path, { reason: 'test', ...body });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
};
/** Waits for the next second: the watermark of a denial stops what was issued in its own second. */
const nextSecond = () => new Promise((passed) => setTimeout(passed, 1_100));
const EDIT: Grant = {
  tool: 'mcp/files/edit_file',
  action: 'write',
  dataset: 'files/summaries/churn.md',
};
const askToEdit = (more: Readonly<Record<string, string>> = {}) =>
  exchange(stage, {
    authorization_details: JSON.stringify([{ type: 'hewn_task', task: TASK, grants: [EDIT] }]),
    ...more,
  });

describe('a denied agent', () => {
  const AGENT = { scope: 'agent', value: 'local-idp#report-agent' };

  test('loses its tokens, gets no new ones, and gets them again after the lift', async () => {
    const { token } = await obtain(stage);
    const denied = await order('denials', AGENT);
    expect(denied).toMatchObject({ scope: 'agent', matches: { living: expect.any(Number) } });
    expect(String(denied.value)).toMatch(/^http.*#report-agent$/);
    expect(await send(stage, token, write())).toMatchObject({ status: 401, code: 'revoked' });
    expect(await exchange(stage)).toMatchObject({ status: 400, body: { error: 'access_denied' } });
    await order('denials/lift', AGENT);
    await nextSecond();
    expect((await exchange(stage)).status).toBe(200);
    expect(await send(stage, token, write())).toMatchObject({ status: 401, code: 'revoked' });
  });

  test('causes no approval request, and an earlier request cannot be approved', async () => {
    const asked = await askToEdit();
    expect(asked.body).toMatchObject({ error: 'authorization_pending' });
    const id = String(asked.body.auth_req_id);
    const { digest } = (await (await admin(stage, `approvals/${id}`)).json()) as {
      digest: string;
    };
    const until = Math.floor(Date.now() / 1000) + 120;
    const approve = () =>
      admin(stage, `approvals/${id}`, {
        decision: 'approve',
        by: 'carol@acme.example',
        reason: 'as agreed',
        digest,
        until,
      });
    for (const scope of [AGENT, { scope: 'tool', value: EDIT.tool }]) {
      await order('denials', scope);
      const refused = await approve();
      expect([refused.status, await refused.json()]).toEqual([
        409,
        expect.objectContaining({ error: 'denied_by_operator' }),
      ]);
      expect((await askToEdit({ auth_req_id: id })).body).toMatchObject({ error: 'access_denied' });
      expect((await askToEdit()).body).toMatchObject({ error: 'access_denied' });
      await order('denials/lift', scope);
    }
    expect((await approve()).status).toBe(200);
    await nextSecond();
  });
});

describe('a denied tool', () => {
  const TOOL = { scope: 'tool', value: 'mcp/files/write_file' };

  test('is denied for each call, while the same token keeps its other tools', async () => {
    const { token } = await obtain(stage);
    expect((await send(stage, token, write())).status).toBe(200);
    await order('denials', TOOL);
    expect(await send(stage, token, write())).toMatchObject({ status: 403, code: 'tool_denied' });
    expect((await send(stage, token, good())).status).toBe(200);
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const { text } = await send(stage, token, list);
    expect(text).toContain('read_text_file');
    expect(text).not.toContain('write_file');

    const minted = await exchange(stage);
    expect(minted.status).toBe(200);
    const [detail] = minted.body.authorization_details as { grants: Grant[] }[];
    expect(detail?.grants).toHaveLength(GRANTS.filter(({ tool }) => tool !== TOOL.value).length);

    await order('denials/lift', TOOL);
    expect((await send(stage, token, write())).status).toBe(200);
  });
});
