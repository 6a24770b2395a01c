import { describe, expect, test } from 'vitest';
import { offersApproval } from '../../../src/agent/needed-grants.ts';
import { parseCatalogue } from '../../../src/catalogue/index.ts';
import { type McpOptions, protectMcp, scopeOf } from '../../../src/mcp/index.ts';
import { createProtection } from '../../../src/verifier/index.ts';
import { unwrap } from '../fixtures/issuer.ts';
import { API, protectedApi } from '../fixtures/protected-api.ts';
import { call, GRANTS, OPTIONS, rpc, search, served } from './served.ts';

describe('a message', () => {
  test.each(['initialize', 'ping', 'tools/list', 'server/discover', 'notifications/initialized'])(
    'that uses no tool needs only a valid token: %s',
    async (method) => {
      const { send, handled } = await served();
      const body = method.startsWith('notifications/') ? { jsonrpc: '2.0', method } : rpc(method);
      expect((await send(body)).status).toBe(200);
      expect(handled).toHaveLength(1);
    },
  );

  test.each([
    ...['resources/list', 'resources/read', 'resources/subscribe', 'prompts/list', 'prompts/get'],
    ...['completion/complete', 'logging/setLevel', 'tasks/get', 'subscriptions/listen'],
    ...['sampling/createMessage', 'tools/call/', 'TOOLS/CALL', '__proto__'],
  ])('of an unknown method is refused: %s', async (method) => {
    const { send, handled } = await served();
    expect((await send(rpc(method, { uri: 'x', name: 'x' }))).code).toBe('method_denied');
    expect((await send({ jsonrpc: '2.0', method })).status).toBe(403);
    expect(handled).toEqual([]);
  });

  test.each([
    ['a batch', [call()]],
    ['an empty batch', []],
    ['another version', { ...call(), jsonrpc: '1.0' }],
    ['no version', { id: 1, method: 'ping' }],
    ['an id of null', rpc('ping', undefined, null)],
    ['an id that is a fraction', rpc('ping', undefined, 1.5)],
    ['a long id', rpc('ping', undefined, 'x'.repeat(257))],
    ['params that are a list', rpc('tools/call', ['search'])],
    ['a method that is no text', rpc(7 as never)],
    ['a long method', rpc('x'.repeat(129))],
    ['a result and an error', { jsonrpc: '2.0', id: 1, result: {}, error: {} }],
    ['a member that is given twice', '{"jsonrpc":"2.0","id":1,"method":"ping","method":"x"}'],
    ['broken JSON', '{'],
    ['nothing', ''],
  ])('that is malformed reaches no server: %s', async (_, body) => {
    const { send, handled } = await served();
    expect((await send(body)).status).toBe(400);
    expect(handled).toEqual([]);
  });

  test('is bounded, and must be JSON by its type', async () => {
    const { send } = await served();
    const longest = JSON.stringify(call()).padEnd(256 * 1024);
    expect((await send(longest)).status).toBe(200);
    expect((await send(`${longest} `)).status).toBe(413);
    expect((await send(call(), { headers: { 'content-type': 'text/plain' } })).status).toBe(415);
  });

  test.each([
    ['a tool without a name', { arguments: {} }],
    ['a name that is no text', { name: ['search'] }],
    ['arguments that are a list', { name: 'search', arguments: ['eu'] }],
  ])('that calls %s is denied', async (_, params) => {
    const { send, handled } = await served();
    expect((await send(rpc('tools/call', params))).code).toBe('arguments_invalid');
    expect(handled).toEqual([]);
  });

  const answer = { action: 'accept', content: { region: 'us' } };
  const answers = [
    { jsonrpc: '2.0', id: 3, result: answer },
    rpc('tools/call', { ...call().params, inputResponses: { region: answer } }),
    rpc('tools/call', { ...call().params, requestState: 'us' }),
  ];

  test('that brings a tool an answer of the agent is denied', async () => {
    const { send, handled } = await served();
    const codes = await Promise.all(answers.map(async (body) => (await send(body)).code));
    expect(codes).toEqual(answers.map(() => 'answer_unjudged'));
    expect(handled).toEqual([]);
  });

  test('that brings a tool an answer passes if the server says so', async () => {
    const { send, handled } = await served({ ...OPTIONS, answers: 'unjudged' });
    for (const body of answers) expect((await send(body)).status).toBe(200);
    expect(handled).toHaveLength(answers.length);
  });

  test.each([
    ['nothing', { result: {} }],
    ['an error', { error: { code: -1, message: 'declined' } }],
  ])('that answers a request of the server with %s passes', async (_, body) => {
    const { send, handled } = await served();
    expect((await send({ jsonrpc: '2.0', id: 3, ...body })).status).toBe(200);
    expect(handled).toHaveLength(1);
  });
});

describe('a call', () => {
  test('hands on what was judged, without the token', async () => {
    const { send, handled, token } = await served();
    await send(call());
    expect(handled[0]?.parsedBody).toEqual(call());
    expect(handled[0]?.authInfo).toMatchObject({
      token: '',
      clientId: 'https://idp.test#agent',
      extra: { hewn: { workflow: 'wf_eu', subject: 'https://idp.test#alice' } },
    });
    expect(JSON.stringify(handled)).not.toContain(token);
  });

  test.each([
    ['a tool of Object', rpc('tools/call', { name: 'constructor', arguments: {} }), 'tool_unknown'],
    ['no name', rpc('tools/call', { arguments: {} }), 'arguments_invalid'],
    ['a name that is no text', rpc('tools/call', { name: 7 }), 'arguments_invalid'],
    [
      'arguments in a list',
      rpc('tools/call', { name: 'search', arguments: [] }),
      'arguments_invalid',
    ],
    ['a path that leaves the region', call('eu/../us'), 'name_invalid'],
    ['no region', rpc('tools/call', { name: 'search' }), 'no_grant'],
  ])('is denied with %s', async (_, body, code) => {
    const { send, handled } = await served();
    expect(await send(body)).toMatchObject({ status: 200, code });
    expect(handled).toEqual([]);
  });

  test('is denied if its description throws', async () => {
    const dataset = () => {
      throw new Error('a bug');
    };
    const { send } = await served({ server: 'crm', tools: { search: { ...search, dataset } } });
    expect((await send(call())).code).toBe('arguments_invalid');
  });

  test('names the time to wait if the feed is out', async () => {
    const { send, feed, clock } = await served();
    feed.disconnect();
    clock.advance(200);
    expect(await send(call())).toMatchObject({ status: 200, code: 'head_stale' });
    const listed = await send(rpc('tools/list'));
    expect([listed.status, listed.headers.get('retry-after')]).toEqual([503, '1']);
  });

  test('of a bound capability needs a proof, and each proof is good once', async () => {
    const { send, mint, holder } = await served();
    const owner = await holder();
    const token = await mint({ grants: GRANTS, holder: owner.thumbprint });
    const headers = await owner.headers(token, { method: 'POST', url: `${API}/mcp` });
    expect((await send(call(), { headers })).status).toBe(200);
    const again = await send(call(), { headers });
    expect([again.status, again.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringMatching(/^DPoP error="invalid_dpop_proof".* resource_metadata="/),
    ]);
  });

  test('is recorded with its outcome, also if the server throws', async () => {
    const { protection, bearer, records } = await served();
    const handler = protectMcp(protection, OPTIONS).fetch(async () => {
      throw new Error('a bug');
    });
    const headers = { 'content-type': 'application/json', ...bearer };
    const init = { method: 'POST', body: JSON.stringify(call()), headers };
    const works: Promise<unknown>[] = [];
    const ctx = { waitUntil: (work: Promise<unknown>) => works.push(work) };
    await expect(handler(new Request(`${API}/mcp`, init), {}, ctx)).rejects.toThrow('a bug');
    await Promise.all(works);
    expect(records).toEqual(['tools/call 500 threw', 'flush']);
  });
});

test('records what was denied, also if it is no call', async () => {
  const { send, records, feed } = await served();
  await send(call('us'));
  await send(rpc('tools/call', { name: 'erase' }));
  await send(rpc('resources/list'));
  await send(call(), { headers: { authorization: '' } });
  feed.revoke('wf_eu');
  await send(rpc('tools/list'));
  expect(records.filter((line) => line !== 'flush')).toEqual([
    'tools/call denied: no_grant',
    'tools/call denied: arguments_invalid',
    'resources/list denied: arguments_invalid',
    'POST denied: token_missing',
    'tools/list denied: revoked',
  ]);
});

test('a call over a budget is a result that says so, and is not made', async () => {
  const { verifier, token } = await served();
  const refused = {
    code: 'budget_exhausted',
    status: 403,
    error: 'insufficient_scope',
    message: 'The workflow has used up its budget of calls.',
  } as const;
  const protection = createProtection({
    issuer: 'https://issuer.test',
    audience: API,
    verifier,
    records: {
      verifier: 'test',
      denied: () => undefined,
      open: async () => ({ ok: false, error: refused }),
      flush: async () => undefined,
    },
  });
  const handler = protectMcp(protection, OPTIONS).fetch(async () => {
    throw new Error('reached');
  });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const init = { method: 'POST', body: JSON.stringify(call()), headers };
  const response = await handler(new Request(`${API}/mcp`, init));
  const { result } = (await response.json()) as { result: { content: { text: string }[] } };
  expect(result.content[0]?.text).toContain('Reason (budget_exhausted): The workflow has used up');
});

test('a catalogue names the tools, their datasets and the arguments that exist', async () => {
  const catalogue = unwrap(
    parseCatalogue(`
      [[tool]]
      name = "mcp/files/read"
      action = "read"
      tier = 1
      arguments = ["path"]
      datasets = [{ argument = "/path", under = "files" }]
    `),
  );
  const { send, mint, handled } = await served({ server: 'files', catalogue });
  const grants = [{ tool: 'mcp/files/read', action: 'read', dataset: 'files/reports' }] as const;
  const headers = { authorization: `Bearer ${await mint({ grants })}` };
  const read = (args: unknown) =>
    send(rpc('tools/call', { name: 'read', arguments: args }), { headers });
  expect(await read({ path: 'reports/q3.md' })).toMatchObject({ status: 200, code: undefined });
  expect((await read({ path: 'private/q3.md' })).code).toBe('no_grant');
  expect((await read({ path: 'reports/../private' })).code).toBe('arguments_invalid');
  expect((await read({ path: 'reports/q3.md', mode: 'raw' })).code).toBe('arguments_invalid');
  expect((await read({})).code).toBe('arguments_invalid');
  expect(handled).toHaveLength(1);
});

test('what a denied call asks for pins the sinks of the catalogue, and no other argument', async () => {
  const catalogue = unwrap(
    parseCatalogue(`
      [[tool]]
      name = "mcp/mail/send"
      action = "execute"
      tier = 2
      arguments = ["to", "body"]
      datasets = [{ fixed = "mail/outbox" }]
      sinks = ["/to"]
    `),
  );
  const { handler, bearer } = await served({ server: 'mail', catalogue });
  const args = { to: 'ada@acme.example', body: 'Hello' };
  const body = JSON.stringify(rpc('tools/call', { name: 'send', arguments: args }));
  const headers = { 'content-type': 'application/json', ...bearer };
  const response = await handler(new Request(`${API}/mcp`, { method: 'POST', headers, body }));
  const { result } = (await response.json()) as { result: { _meta: Record<string, Denied> } };
  const grant = result._meta['hewn.dev/denial']?.authorization_details[0]?.grants[0];
  expect(Object.keys(grant?.constraints.constraints ?? {})).toEqual(['/to']);
});

test('a denied call that a person can approve says where to ask, to a model and to a program', async () => {
  const tools = { send: { action: 'write', tier: 2, dataset: 'mail/outbox' } } as const;
  const { handler, mint } = await served({ server: 'mail', tools });
  const constraints = {
    arguments: ['to'],
    constraints: { '/to': { from: ['=ann', 'approved'] } },
  } as const;
  const grant = { tool: 'mcp/mail/send', action: 'write', dataset: 'mail', constraints } as const;
  const token = await mint({ grants: [grant], workflow: 'wf_mail' });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const body = JSON.stringify(rpc('tools/call', { name: 'send', arguments: { to: 'bob' } }));
  const response = await handler(new Request(`${API}/mcp`, { method: 'POST', headers, body }));
  expect(await offersApproval(response)).toBe(true);
  const endpoint = 'https://issuer.test/workflows/v1/wf_mail/approvals';
  expect(await response.json()).toMatchObject({
    result: {
      content: [{ text: expect.stringContaining(`exactly this call: ask at ${endpoint}`) }],
      _meta: { 'hewn.dev/denial': { code: 'constraint_failed', approval: { endpoint } } },
    },
  });
});

interface Denied {
  readonly authorization_details: readonly {
    readonly grants: readonly { readonly constraints: { readonly constraints: object } }[];
  }[];
}

describe('a server that observes', () => {
  test('lets denied calls and callers without a token pass, and records them', async () => {
    const { send, records, handled } = await served({ ...OPTIONS, mode: 'observe' });
    await send(call('us'));
    await send(call('us'), { headers: { authorization: '' } });
    await send(rpc('tools/list'), { headers: { authorization: '' } });
    expect(handled).toHaveLength(3);
    expect(records.filter((line) => line !== 'flush')).toEqual([
      'tools/call observed: no_grant 200',
      'tools/call observed: token_missing 200',
      'tools/list observed: token_missing 200',
    ]);
  });

  const broken: McpOptions = {
    server: 'crm',
    mode: 'observe',
    tools: {
      search: {
        ...search,
        dataset: () => {
          throw new Error('a bug');
        },
      },
    },
  };

  test('blocks a stopped tool also if the call cannot be described', async () => {
    const { send, feed, handled } = await served(broken);
    expect((await send(call())).code).toBe(undefined);
    feed.denyTool('mcp/crm/search');
    expect((await send(call())).code).toBe('arguments_invalid');
    expect(handled).toHaveLength(1);
  });

  test('lets no call of a tool that enforces pass because it cannot be described', async () => {
    const tools = { search: { ...(broken.tools?.search ?? search), mode: 'enforce' as const } };
    const { send, handled } = await served({ ...broken, tools });
    expect((await send(call())).code).toBe('arguments_invalid');
    expect(handled).toEqual([]);
  });

  test('blocks what an operator has stopped', async () => {
    const { send, feed, handled } = await served({ ...OPTIONS, mode: 'observe' });
    feed.revoke('wf_eu');
    expect((await send(call('us'))).status).toBe(401);
    expect((await send(rpc('tools/list'))).status).toBe(401);
    expect(handled).toEqual([]);
  });
});

test('other methods of HTTP are refused, and a stream needs a valid token', async () => {
  const { send, handler, handled } = await served();
  const none = { body: null } as const;
  expect((await send('', { ...none, method: 'PUT' })).status).toBe(405);
  expect((await send('', { ...none, method: 'GET' })).status).toBe(200);
  expect((await send('', { ...none, method: 'DELETE' })).status).toBe(200);
  expect(handled).toHaveLength(2);
  expect((await handler(new Request(`${API}/mcp`))).status).toBe(401);
});

test.each([
  [{ server: 'crm' }, 'either `tools` or `catalogue`'],
  [{ server: 'crm', tools: {}, catalogue: new Map() }, 'either `tools` or `catalogue`'],
  [{ server: 'a/b', tools: {} }, '`server` must be'],
  [{ server: 'x'.repeat(65), tools: {} }, '`server` must be'],
  [{ server: 'crm', catalogue: {} }, '`catalogue` must be'],
  [{ server: 'crm', tools: { search: { ...search, dataset: [] } } }, '`dataset` must be'],
  [{ server: 'crm', tools: { search: { ...search, tier: 4 } } }, '`tier` must be'],
  [{ server: 'crm', tools: { search: { action: 'read', tier: 1 } } }, '`dataset` is missing'],
])('options that it cannot use are a TypeError: %j', async (options, message) => {
  const { protection } = await protectedApi();
  expect(() => protectMcp(protection, options as unknown as McpOptions)).toThrow(message);
});

describe('a scoped tool', () => {
  const scoped: McpOptions = {
    server: 'crm',
    tools: { search: { action: 'read', tier: 1, dataset: 'crm', scoped: true } },
  };

  test('gets what the token allows it to read, and the record has its datasets', async () => {
    const { send, handled } = await served(scoped);
    expect((await send(call('us'))).status).toBe(200);
    expect(scopeOf(handled[0]?.authInfo).datasets).toEqual(['crm/contacts/eu']);
  });

  test('is not called without a grant for any of its datasets', async () => {
    const { send, handled, mint } = await served(scoped);
    const other = await mint({ grants: [{ ...GRANTS[0], dataset: 'hr' }] });
    const headers = { authorization: `Bearer ${other}` };
    expect((await send(call(), { headers })).code).toBe('no_grant');
    expect(handled).toEqual([]);
  });

  test('cannot observe', async () => {
    await expect(served({ ...scoped, mode: 'observe' })).rejects.toThrow('cannot observe');
  });

  test('is the only one with a scope', async () => {
    const { send, handled } = await served();
    await send(call());
    expect(() => scopeOf(handled[0]?.authInfo)).toThrow(TypeError);
    expect(() => scopeOf(undefined)).toThrow(TypeError);
  });
});
