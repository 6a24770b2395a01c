import { describe, expect, test } from 'vitest';
import { neededGrants, neededGrantsOf } from '../../../src/agent/index.ts';

const GRANT = { tool: 't', action: 'read', dataset: 'd' };
const DETAILS = [{ type: 'hewn_task', grants: [GRANT] }];

describe('the grants in a challenge', () => {
  test('are read from the denial of an MCP server and of an API', () => {
    const mcp = { jsonrpc: '2.0', id: 1, error: { data: { authorization_details: DETAILS } } };
    for (const body of [mcp, { error: 'insufficient_scope', authorization_details: DETAILS }]) {
      expect(neededGrants(JSON.stringify(body))).toEqual([GRANT]);
    }
  });

  test.each([
    ['not JSON', '{'],
    ['another denial', '{"error":{"data":{"code":"expired"}}}'],
    ['no grants', JSON.stringify({ authorization_details: [{ ...DETAILS[0], grants: [] }] })],
    ['another type', JSON.stringify({ authorization_details: [{ ...DETAILS[0], type: 'x' }] })],
    ['two details', JSON.stringify({ authorization_details: [...DETAILS, ...DETAILS] })],
    [
      'a dataset with `..`',
      JSON.stringify({
        authorization_details: [{ ...DETAILS[0], grants: [{ ...GRANT, dataset: '../d' }] }],
      }),
    ],
    ['too large a body', JSON.stringify({ authorization_details: DETAILS, x: 'x'.repeat(70_000) })],
  ])('are absent if the body is %s', (_what, body) => {
    expect(neededGrants(body)).toBeUndefined();
  });
});

describe('what a denied call needs is read from', () => {
  const denial = { code: 'no_grant', authorization_details: DETAILS };
  const result = { isError: true, content: [], _meta: { 'hewn.dev/denial': denial } };
  const thrown = (data: unknown, cause?: unknown) =>
    Object.assign(new Error('denied', { cause }), { data });
  const body = { error: 'insufficient_scope', authorization_details: DETAILS };
  const challenge = 'Bearer error="insufficient_scope", scope="t:read:d"';

  test('no answer that a gateway passed on from an API, which may write anything', async () => {
    const headers = { 'proxy-status': 'hewn; received-status=403', 'www-authenticate': challenge };
    expect(await neededGrantsOf(Response.json(body, { status: 403, headers }))).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ['the result of a tool', result],
    ['a JSON-RPC message with a result', { jsonrpc: '2.0', id: 1, result }],
    ['the text of such a message', JSON.stringify({ jsonrpc: '2.0', id: 1, result })],
    ['a JSON-RPC error', { error: { code: -32_003, data: denial } }],
    ['an error that a client threw', thrown(denial)],
    [
      'an error with the body of the answer',
      thrown({ text: JSON.stringify({ error: { data: denial } }) }),
    ],
    ['the cause of an error', thrown(undefined, thrown(denial))],
    ['a response with a body', Response.json(body, { status: 403 })],
    [
      'a response with a challenge in its header only',
      new Response('', { status: 403, headers: { 'www-authenticate': challenge } }),
    ],
  ])('%s', async (_, denied) => {
    expect(await neededGrantsOf(denied)).toEqual([GRANT]);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['the result of a call that was made', { content: [] }],
    ['a member that is inherited', { _meta: Object.create({ 'hewn.dev/denial': denial }) }],
    ['another key of `_meta`', { _meta: { 'evil.example/denial': denial } }],
    ['`structuredContent`', { structuredContent: denial }],
    [
      'too many grants',
      {
        _meta: {
          'hewn.dev/denial': {
            authorization_details: [{ type: 'hewn_task', grants: Array(2_000).fill(GRANT) }],
          },
        },
      },
    ],
    [
      'a getter that throws',
      {
        get _meta() {
          throw new Error('no');
        },
      },
    ],
    [
      'another error of HTTP',
      new Response('', { headers: { 'www-authenticate': 'Bearer scope="t:read:d"' } }),
    ],
  ])('and not from %s', async (_, denied) => {
    expect(await neededGrantsOf(denied)).toBeUndefined();
  });

  test('a circle of objects, without an end', async () => {
    const circle: Record<string, unknown> = {};
    circle.cause = circle;
    circle._meta = { 'hewn.dev/denial': { authorization_details: circle } };
    expect(await neededGrantsOf(circle)).toBeUndefined();
  });
});

test('the grants are read from the response of a `fetch` with a class of its own', async () => {
  const body = JSON.stringify({ error: { data: { authorization_details: DETAILS } } });
  const { headers } = new Response('');
  const foreign: unknown = { headers, bodyUsed: false, clone: () => new Response(body) };
  expect(foreign).not.toBeInstanceOf(Response);
  expect(await neededGrantsOf(foreign)).toEqual([GRANT]);
});
