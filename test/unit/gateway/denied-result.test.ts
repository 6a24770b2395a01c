import { describe, expect, test } from 'vitest';
import type { GatewayDenial } from '../../../workers/gateway/call/denial.ts';
import { denialResponse, type McpDenialContext } from '../../../workers/gateway/mcp/responses.ts';

const message = {
  id: 7,
  method: 'tools/call',
  params: { name: 'read', arguments: { path: 'a' } },
} as const;
const CONTEXT: McpDenialContext = {
  id: 7,
  readable: { issuer: 'https://issuer.example', message },
  call: { tool: 'mcp/files/read', grants: [] },
};
const NO_GRANT = {
  code: 'no_grant',
  tool: 'mcp/files/read',
  action: 'read',
  dataset: 'files/a',
} as const;
const needed = [
  { type: 'hewn_task', grants: [{ tool: NO_GRANT.tool, action: 'read', dataset: 'files/a' }] },
] as const;

async function answerOf(denial: GatewayDenial, change: Partial<McpDenialContext> = {}) {
  const response = denialResponse(denial, { ...CONTEXT, ...change });
  const body = (await response.json()) as { result?: object; error?: object; id: unknown };
  return { status: response.status, body };
}

describe('a denied call of a tool', () => {
  test('is a result with the id of the request, whose machine form says what to ask for', async () => {
    const { status, body } = await answerOf(NO_GRANT, { needed });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: 7,
      result: {
        isError: true,
        _meta: { 'hewn.dev/denial': { code: 'no_grant', authorization_details: needed } },
      },
    });
  });

  test.each([
    [{ code: 'tool_unknown' }],
    [{ code: 'argument_unlisted', pointer: '/x' }],
    [{ code: 'arguments_invalid', pointer: '/x', why: 'a lone surrogate' }],
    [{ code: 'head_stale', ageSeconds: 9, boundSeconds: 5 }],
    [{ code: 'tool_denied', tool: 'mcp/files/read' }],
    [{ code: 'catalogue_unavailable' }],
  ] as const)('is a result for %o', async (denial) => {
    expect((await answerOf(denial)).body.result).toBeDefined();
  });

  test('states its kind in revision 2026-07-28', async () => {
    const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
    const modern = { ...message, params: { ...message.params, _meta } };
    const readable = { issuer: 'https://issuer.example', message: modern };
    const { body } = await answerOf(NO_GRANT, { readable });
    expect(body.result).toMatchObject({ resultType: 'complete' });
  });
});

describe('a denial that a client has to act on is an error:', () => {
  test.each([
    ['a token that is refused', { code: 'expired', block: 0, source: '' }, 401],
    ['an unknown session', { code: 'session_unknown' }, 404],
    ['an unknown server', { code: 'server_unknown' }, 404],
    ['a header that contradicts the body', { code: 'header_mismatch', header: 'mcp-name' }, 400],
  ] as const)('%s', async (_, denial, status) => {
    const answer = await answerOf(denial);
    expect(answer).toMatchObject({ status, body: { error: { data: { code: denial.code } } } });
  });

  test('another method than a call', async () => {
    const readable = { issuer: '', message: { ...message, method: 'resources/read' } };
    expect((await answerOf(NO_GRANT, { readable })).status).toBe(403);
  });

  test('a call that runs as a task', async () => {
    const params = { ...message.params, task: { ttl: 1 } };
    const readable = { issuer: '', message: { ...message, params } };
    expect((await answerOf(NO_GRANT, { readable })).status).toBe(403);
  });

  test('a missing grant, if the deployment sends a challenge in the header', async () => {
    const { status } = await answerOf(NO_GRANT, { needed, stepUpChallenge: true });
    expect(status).toBe(403);
  });

  test('every denial, if the deployment wants errors', async () => {
    const { readable: _, ...errors } = CONTEXT;
    expect(denialResponse(NO_GRANT, errors).status).toBe(403);
  });
});
