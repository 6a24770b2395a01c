import { describe, expect, test } from 'vitest';
import { withApprovalNote } from '../../../src/agent/approval-note.ts';
import { DENIAL_META } from '../../../src/denial-meta.ts';

const PENDING = {
  state: 'pending',
  pending: { code: 'approval_pending', id: 'apr_1', expires: new Date(0), intervalSeconds: 5 },
} as const;
const REFUSED = { state: 'refused', error: 'approval_refused' } as const;
const DETAIL = { code: 'constraint_failed', authorization_details: [{ tool: 'x' }] };
const note = async (body: unknown, approval: typeof PENDING | typeof REFUSED = PENDING) => {
  const denied = new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status: 403,
    headers: { 'content-length': '7' },
  });
  return { denied, told: await withApprovalNote(denied, approval) };
};

describe('a denial about which a person is asked', () => {
  test('says so to the model and to its client, and no longer what else could be requested', async () => {
    const text = 'Denied.\nTo be allowed, request this.\nA person can approve it.';
    const content = [{ type: 'text', text }];
    const result = { isError: true, content, _meta: { [DENIAL_META]: DETAIL, other: 1 } };
    const { told } = await note({ jsonrpc: '2.0', id: 1, result });
    expect([told.status, told.headers.has('content-length')]).toEqual([403, false]);
    expect(await told.json()).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: {
        isError: true,
        content: [
          { type: 'text', text: expect.stringMatching(/^Denied\.\nA person was asked.*apr_1/) },
        ],
        _meta: {
          [DENIAL_META]: { code: 'constraint_failed', approval: { state: 'pending', id: 'apr_1' } },
          other: 1,
        },
      },
    });
  });

  test('that was refused says why, in an error and in a plain answer too', async () => {
    const approval = REFUSED;
    const { told } = await note({ error: { code: -32_003, data: DETAIL } }, REFUSED);
    expect(await told.json()).toEqual({
      error: { code: -32_003, data: { code: 'constraint_failed', approval } },
    });
    expect(await (await note(DETAIL, REFUSED)).told.json()).toEqual({
      code: 'constraint_failed',
      approval,
    });
  });

  test.each([
    ['of more than 256 KiB', JSON.stringify({ text: 'x'.repeat(256 * 1024) })],
    ['that is no object', '[]'],
    ['that is no JSON', 'denied'],
  ])('%s stays as it is', async (_, body) => {
    const { denied, told } = await note(body);
    expect(told).toBe(denied);
    expect(await told.text()).toBe(body);
  });
});
