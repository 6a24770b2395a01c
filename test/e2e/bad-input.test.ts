import { generateKeyPair } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { admin, call, GRANTS, obtain, read, send, TASK } from './agent.ts';
import { openStage, type Stage } from './stage.ts';

/**
 * What strangers send gets a 4xx, a stable code and one line that names no internals, and never
 * reaches the server.
 */
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

/** Runs `attempt` and asserts that the server behind the gateway received nothing. */
async function unheard<T>(attempt: () => Promise<T>): Promise<T> {
  const before = stage.bridge.requests();
  const result = await attempt();
  expect(stage.bridge.requests()).toBe(before);
  return result;
}

const good = () => read(stage.documents.reports[0] ?? '');

const flip = (token: string, at: number) =>
  token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);

describe('a token at the gateway', () => {
  const bad: readonly (readonly [string, (token: string) => string, string])[] = [
    ['none', () => '', 'token_missing'],
    ['not base64url', () => 'a+b/c', 'token_malformed'],
    ['of random bytes', () => 'AAAABBBBCCCC', 'token_malformed'],
    ['cut short', (token) => token.slice(0, -40), 'token_malformed'],
    ['over 8 KiB', (token) => token.padEnd(8 * 1024 + 1, 'A'), 'token_too_large'],
    ['with a flipped bit in a fact', (token) => flip(token, 40), 'signature_invalid'],
  ];

  test.each(bad)('%s', async (_what, spoil, code) => {
    const { token } = await obtain(stage);
    const sent = spoil(token);
    const denied = await unheard(() => send(stage, sent, good()));
    expect(denied.status).toBe(401);
    expect([code, 'signature_invalid']).toContain(denied.code);
    if (sent !== '') expect(denied.text).not.toContain(sent.slice(0, 32));
    expect(denied.text).not.toMatch(/stack|at \w+ \(|Error:|sqlite|wasm/i);
  });

  test('a JWT is not a capability', async () => {
    const jwt = await stage.identity.jwt('report-agent');
    expect(await unheard(() => send(stage, jwt, good()))).toMatchObject({ status: 401 });
  });
});

describe('a message at the gateway', () => {
  const bad: readonly (readonly [string, unknown, number, string])[] = [
    ['that is not JSON', '{"jsonrpc":', 400, 'message_malformed'],
    ['that is empty', '', 400, 'message_malformed'],
    ['that is a batch', [read('reports/a')], 400, 'batch_refused'],
    ['that is nested a thousand deep', '['.repeat(1_000), 400, 'message_malformed'],
    ['over the limit', JSON.stringify('x'.repeat(300_000)), 413, 'message_too_large'],
    ['of another JSON-RPC', { jsonrpc: '1.0', id: 1, method: 'ping' }, 400, 'message_malformed'],
    ['with an unknown member', { ...call('x', {}), extra: 1 }, 400, 'message_malformed'],
    ['whose arguments are a list', call('read_text_file', ['reports/a']), 400, 'message_malformed'],
    ['whose arguments are a text', call('read_text_file', 'reports/a'), 400, 'message_malformed'],
    ['whose tool is a number', call(7 as never, {}), 400, 'message_malformed'],
    ['that calls without an id', { ...read('reports/a'), id: undefined }, 400, 'message_malformed'],
    ['of an unknown method', { jsonrpc: '2.0', id: 1, method: 'x/y' }, 404, 'method_denied'],
    [
      'with a lone surrogate',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"write_file","arguments":{"path":"summaries/churn.md","content":"\\ud800"}}}',
      400,
      'arguments_invalid',
    ],
    [
      'with a number beyond 64 bits',
      call('read_text_file', { path: 'reports/a', head: 1e21 }),
      400,
      'arguments_invalid',
    ],
  ];

  test.each(bad)('%s', async (_what, message, status, code) => {
    const { token } = await obtain(stage);
    expect(await unheard(() => send(stage, token, message))).toMatchObject({ status, code });
  });

  test('whose headers name another tool', async () => {
    const { token } = await obtain(stage);
    const lie = { 'mcp-method': 'tools/call', 'mcp-name': 'list_directory' };
    const denied = await unheard(() => send(stage, token, good(), lie));
    expect(denied).toMatchObject({ status: 400, code: 'header_mismatch' });
    expect(denied.body).toMatchObject({ error: { code: -32_020 } });
  });

  test('to an unknown server', async () => {
    const { token } = await obtain(stage);
    const response = await stage.fetch(`${stage.audience}/mcp/nowhere`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(good()),
    });
    expect(response.status).toBe(404);
  });
});

const exchange = async (changes: Record<string, string | undefined> = {}) => {
  const type = 'urn:ietf:params:oauth:token-type:access_token';
  const usual: Record<string, string | undefined> = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: await stage.identity.jwt('alice'),
    subject_token_type: type,
    actor_token: await stage.identity.jwt('report-agent'),
    actor_token_type: type,
    resource: stage.audience,
    authorization_details: JSON.stringify([{ type: 'hewn_task', task: TASK, grants: GRANTS }]),
    ...changes,
  };
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(usual)) if (value !== undefined) body.set(name, value);
  return stage.fetch(`${stage.issuer}/token`, { method: 'POST', body });
};

describe('a token request', () => {
  const detail = (changes: object) => ({
    authorization_details: JSON.stringify([
      { type: 'hewn_task', task: TASK, grants: GRANTS, ...changes },
    ]),
  });
  const bad: readonly (readonly [string, Record<string, string | undefined>, string])[] = [
    ['without a grant type', { grant_type: undefined }, 'invalid_request'],
    ['of another grant type', { grant_type: 'password' }, 'unsupported_grant_type'],
    ['without a subject token', { subject_token: undefined }, 'invalid_request'],
    ['without an actor token', { actor_token: undefined }, 'invalid_request'],
    ['without a resource', { resource: undefined }, 'invalid_request'],
    ['for an unknown resource', { resource: 'https://elsewhere.example' }, 'invalid_target'],
    [
      'for a refresh token',
      { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
      'invalid_request',
    ],
    [
      'whose details are not JSON',
      { authorization_details: '[{' },
      'invalid_authorization_details',
    ],
    [
      'whose details are nested deep',
      { authorization_details: '['.repeat(9_000) },
      'invalid_authorization_details',
    ],
    ['of an unknown detail type', detail({ type: 'other' }), 'invalid_authorization_details'],
    ['with an unknown detail member', detail({ max: 1 }), 'invalid_authorization_details'],
    ['with no grants', detail({ grants: [] }), 'invalid_authorization_details'],
    [
      'with a dataset that climbs',
      detail({ grants: [{ ...GRANTS[0], dataset: 'a/../b' }] }),
      'invalid_authorization_details',
    ],
    [
      'for grants that no rule allows',
      detail({ grants: [{ ...GRANTS[0], dataset: 'files/private' }] }),
      'access_denied',
    ],
    ['whose subject token is not a JWT', { subject_token: 'x.y.z' }, 'invalid_request'],
  ];

  test.each(bad)('%s', async (_what, changes, error) => {
    const response = await exchange(changes);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error, error_description: expect.any(String) });
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  const claims: readonly (readonly [string, Record<string, unknown>])[] = [
    ['for another audience', { aud: 'https://elsewhere.example' }],
    ['of another issuer', { iss: 'https://elsewhere.example' }],
    ['that is expired', { exp: 1_000 }],
    ['without an expiry', { exp: undefined }],
    ['without a subject', { sub: undefined }],
  ];

  test.each(claims)('with an actor token %s', async (_what, change) => {
    const response = await exchange({
      actor_token: await stage.identity.jwt('report-agent', change),
    });
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
  });

  test('with tokens signed by a stranger, or not signed', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const forged = await stage.identity.jwt('report-agent', {}, privateKey);
    const [, payload] = (await stage.identity.jwt('report-agent')).split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    for (const actor_token of [forged, none]) {
      const response = await exchange({ actor_token });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    }
  });

  test('that is not a form, or too large', async () => {
    const url = `${stage.issuer}/token`;
    const json = { 'content-type': 'application/json' };
    expect((await stage.fetch(url, { method: 'POST', headers: json, body: '{}' })).status).toBe(
      415,
    );
    expect((await exchange({ subject_token: 'x'.repeat(70_000) })).status).toBe(413);
  });

  test('a refusal is in the audit log, without any token', async () => {
    await exchange({ subject_token: 'x.y.z' });
    const answer = await (await admin(stage, 'audit')).text();
    expect(answer).toContain('subject_refused');
    expect(answer).not.toContain('x.y.z');
  });
});

describe('an admin request', () => {
  test.each(['', 'wrong', 'operator'])('with the credential %j is refused', async (credential) => {
    const headers = { authorization: `Bearer ${credential}` };
    const response = await stage.fetch(`${stage.issuer}/admin/v1/audit`, { headers });
    expect(response.status).toBe(401);
  });

  test('with a capability is refused', async () => {
    const headers = { authorization: `Bearer ${(await obtain(stage)).token}` };
    const response = await stage.fetch(`${stage.issuer}/admin/v1/audit`, { headers });
    expect(response.status).toBe(401);
  });

  test.each([{}, { reason: '' }, { reason: 1 }, { reason: 'x', more: 1 }, 'text', null])(
    'to revoke with the body %j is refused',
    async (body) => {
      const { workflow } = await obtain(stage);
      expect((await admin(stage, `workflows/${workflow}/revoke`, body)).status).toBe(400);
      expect(await (await admin(stage, `workflows/${workflow}`)).json()).toMatchObject({
        state: 'active',
      });
    },
  );

  test.each(['wf_x', '..%2f..', `wf_${'A'.repeat(22)}`])(
    'for the workflow %s: not found',
    async (id) => {
      expect((await admin(stage, `workflows/${id}/revoke`, { reason: 'x' })).status).toBe(404);
    },
  );

  test('a block is revoked by its id, together with everything narrowed from it', async () => {
    const { token, workflow } = await obtain(stage);
    const audit = await (await admin(stage, `audit?workflow=${workflow}`)).json();
    const { records } = audit as { records: { record: { blocks: string[] } }[] };
    const [block] = records[0]?.record.blocks ?? [];
    expect(
      (await admin(stage, `workflows/${workflow}/blocks/${block}/revoke`, { reason: 'leaked' }))
        .status,
    ).toBe(200);
    const write = call('write_file', { path: 'summaries/churn.md', content: '' });
    expect(await send(stage, token, write)).toMatchObject({ status: 401, code: 'revoked' });
  });
});
