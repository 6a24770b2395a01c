import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Grant } from '../../src/capability/index.ts';
import { activate } from './activate.ts';
import { obtain, send } from './agent.ts';
import {
  answering,
  answerOf,
  type ScriptedServer,
  startScriptedServer,
} from './scripted-server.ts';
import { openStage, type Stage } from './stage.ts';

/** Resources, prompts, completions and log levels, with a hijacked agent that has a valid token. */
let stage: Stage;
let server: ScriptedServer;
let token: string;

const CATALOGUE = `
[[tool]]
name = "mcp/notes/note"
action = "read"
tier = 1
resource = "notes://{folder}/{id}"
arguments = ["folder", "id"]
datasets = [{ argument = "/folder", under = "notes" }]

[[tool]]
name = "mcp/notes/index"
action = "read"
tier = 1
resource = "notes://index"
arguments = []
datasets = [{ fixed = "notes" }]

[[tool]]
name = "mcp/notes/summary"
action = "read"
tier = 1
prompt = "summarize"
arguments = ["folder", "style"]
datasets = [{ argument = "/folder", under = "notes" }]

[[tool]]
name = "mcp/notes/secret"
action = "read"
tier = 1
prompt = "secret"
arguments = []
datasets = [{ fixed = "secrets" }]

[[tool]]
name = "mcp/notes/query"
action = "read"
tier = 1
arguments = ["region", "text"]
datasets = [{ fixed = "notes/reports" }]
parameterHeaders = { Region = "/region" }
`;
const POLICY = `owner("team:notes");
max_lifetime(300);
allow if user("local-idp", $user);
`;
const GRANTS: readonly Grant[] = [
  { tool: 'mcp/notes/note', action: 'read', dataset: 'notes/reports' },
  { tool: 'mcp/notes/summary', action: 'read', dataset: 'notes/reports' },
  { tool: 'mcp/notes/query', action: 'read', dataset: 'notes/reports' },
];

beforeAll(async () => {
  server = await startScriptedServer();
  stage = await openStage({ gatewayVars: { MCP_UPSTREAMS: `{"notes":"${server.url}"}` } });
  await activate(stage, { policy: { 'policy/notes.datalog': POLICY }, catalogue: CATALOGUE });
  ({ token } = await obtain(stage, GRANTS));
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(async () => {
  await stage.close();
  await server.close();
});

const rpc = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 1, method, params });
const ask = (message: object, headers: Record<string, string> = {}) =>
  send(stage, token, message, headers, 'notes');

/** What arrived at the server, without the id. */
const arrived = () => server.arrived.map(({ message: { method, params } }) => ({ method, params }));

describe('what was granted', () => {
  const completion = {
    ref: { type: 'ref/prompt', name: 'summarize', extra: 'salaries' },
    argument: { name: 'style', value: 's', extra: 'salaries' },
    context: { arguments: { folder: 'reports' }, extra: 'salaries' },
  };

  test.each([
    ['a resource', rpc('resources/read', { uri: 'notes://reports/q3' }), undefined],
    [
      'a prompt',
      rpc('prompts/get', { name: 'summarize', arguments: { folder: 'reports' } }),
      undefined,
    ],
    [
      'a completion, without what was not judged',
      rpc('completion/complete', completion),
      {
        ref: { type: 'ref/prompt', name: 'summarize' },
        argument: { name: 'style', value: 's' },
        context: { arguments: { folder: 'reports' } },
      },
    ],
    [
      'a log level',
      rpc('logging/setLevel', { level: 'error', extra: 'salaries' }),
      { level: 'error' },
    ],
    ['a level that does not exist', rpc('logging/setLevel', { level: 'salaries' }), {}],
  ])('reaches the server: %s', async (_, message, params) => {
    server.play(answering(0, { done: true }));
    expect(await ask(message)).toMatchObject({ status: 200, body: { result: { done: true } } });
    expect(arrived()).toEqual([{ method: message.method, params: params ?? message.params }]);
  });

  test('is listed, and nothing else', async () => {
    const resources = [
      { uri: 'notes://reports/q3' },
      { uri: 'notes://index' },
      { uri: 'notes://reports/..' },
      { uri: 'secrets://x' },
      {},
      7,
    ];
    const resourceTemplates = [
      { uriTemplate: 'notes://{folder}/{id}' },
      { uriTemplate: 'notes://{id}/{folder}' },
      { uriTemplate: 'secrets://{id}' },
    ];
    const prompts = [{ name: 'summarize' }, { name: 'secret' }, { name: 'Summarize' }, {}];
    const listed = async (method: string, result: object) => {
      server.play(answering(0, { ...result, nextCursor: 'more' }));
      return (await ask(rpc(method, { cursor: 'page-2', extra: 'salaries' }))).body?.result;
    };
    expect(await listed('resources/list', { resources })).toEqual({
      resources: [{ uri: 'notes://reports/q3' }],
      nextCursor: 'more',
    });
    expect(arrived()).toEqual([{ method: 'resources/list', params: { cursor: 'page-2' } }]);
    expect(await listed('resources/templates/list', { resourceTemplates })).toEqual({
      resourceTemplates: [{ uriTemplate: 'notes://{folder}/{id}' }],
      nextCursor: 'more',
    });
    expect(await listed('prompts/list', { prompts })).toEqual({
      prompts: [{ name: 'summarize' }],
      nextCursor: 'more',
    });
  });

  test('is repeated in headers that the gateway makes', async () => {
    server.play(answering(0, { done: true }));
    const modern = { 'mcp-protocol-version': '2026-07-28' };
    const read = rpc('resources/read', { uri: 'notes://reports/q3' });
    const name = { 'mcp-method': 'resources/read', 'mcp-name': 'notes://reports/q3' };
    expect((await ask(read, { ...modern, ...name })).status).toBe(200);
    const query = rpc('tools/call', { name: 'query', arguments: { region: 'ä', text: 'x' } });
    const region = {
      'mcp-method': 'tools/call',
      'mcp-name': '=?base64?cXVlcnk=?=',
      'Mcp-Param-Region': '=?base64?w6Q=?=',
    };
    expect((await ask(query, { ...modern, ...region })).status).toBe(200);
    expect(server.arrived.map(({ headers }) => headers)).toMatchObject([
      { 'mcp-method': 'resources/read', 'mcp-name': 'notes://reports/q3' },
      { 'mcp-name': 'query', 'mcp-param-region': '=?base64?w6Q=?=' },
    ]);
  });
});

describe('never reaches the server:', () => {
  const resource = (uri: unknown) => rpc('resources/read', { uri });
  const prompt = (name: unknown, args?: unknown) => rpc('prompts/get', { name, arguments: args });
  const complete = (ref: object, name: string, args?: object) =>
    rpc('completion/complete', {
      ref,
      argument: { name, value: '' },
      ...(args && { context: { arguments: args } }),
    });
  const summary = { type: 'ref/prompt', name: 'summarize' };

  test.each([
    ['a resource of another dataset', resource('notes://salaries/q3'), 'no_grant'],
    ['a resource that was not granted', resource('notes://index'), 'no_grant'],
    ['a resource of no template', resource('file:///etc/passwd'), 'tool_unknown'],
    ['an encoded slash in a URI', resource('notes://reports%2F..%2Fsalaries/q3'), 'tool_unknown'],
    ['a dot segment in a URI', resource('notes://salaries/../reports/q3'), 'tool_unknown'],
    ['another spelling of a URI', resource('notes://%72eports/q3'), 'tool_unknown'],
    ['a scheme in upper case', resource('NOTES://reports/q3'), 'tool_unknown'],
    ['a query after a URI', resource('notes://reports/q3?x=salaries'), 'tool_unknown'],
    ['a URI that is a list', resource(['notes://reports/q3']), 'message_malformed'],
    ['a resource without a URI', rpc('resources/read'), 'message_malformed'],
    [
      'a resource with another member',
      rpc('resources/read', { uri: 'notes://reports/q3', path: 'salaries' }),
      'message_malformed',
    ],
    [
      'a resource as a notification',
      { jsonrpc: '2.0', method: 'resources/read', params: { uri: 'notes://reports/q3' } },
      'message_malformed',
    ],
    ['a resource by the name of its entry', resource('note'), 'tool_unknown'],
    ['a prompt that was not granted', prompt('secret'), 'no_grant'],
    ['a prompt of another dataset', prompt('summarize', { folder: 'salaries' }), 'no_grant'],
    ['a prompt for a parent folder', prompt('summarize', { folder: '..' }), 'dataset_unmappable'],
    ['a prompt without its folder', prompt('summarize', {}), 'dataset_missing'],
    ['a prompt in another spelling', prompt('Summarize', { folder: 'reports' }), 'tool_unknown'],
    ['an unlisted argument of a prompt', prompt('summarize', { x: 'a' }), 'argument_unlisted'],
    ['an argument that is not a text', prompt('summarize', { folder: 7 }), 'message_malformed'],
    ['a completion of all folders', complete(summary, 'folder'), 'no_grant'],
    ['a completion without the folder', complete(summary, 'style'), 'no_grant'],
    [
      'a completion in another folder',
      complete(summary, 'style', { folder: 'salaries' }),
      'no_grant',
    ],
    [
      'a completion of what was not granted',
      complete({ type: 'ref/resource', uri: 'notes://index' }, 'x'),
      'argument_unlisted',
    ],
    [
      'a completion of another template',
      complete({ type: 'ref/resource', uri: 'notes://{id}' }, 'id'),
      'tool_unknown',
    ],
    [
      'a completion of something else',
      complete({ type: 'ref/tool', name: 'query' }, 'text'),
      'message_malformed',
    ],
    ['a resource as a tool', rpc('tools/call', { name: 'note', arguments: {} }), 'tool_unknown'],
    ['a prompt as a tool', rpc('tools/call', { name: 'summary', arguments: {} }), 'tool_unknown'],
    ['a tool as a prompt', prompt('query', { region: 'a' }), 'tool_unknown'],
    ['a method that nothing lists', rpc('resources/write'), 'method_denied'],
  ])('%s', async (_, message, code) => {
    server.play(answering(0, { done: true }));
    const { text } = await ask(message);
    expect(text).toContain(code);
    expect(server.arrived).toEqual([]);
  });

  const modern = { 'mcp-protocol-version': '2026-07-28' };
  const right = { ...modern, 'mcp-method': 'tools/call', 'mcp-name': 'query' };
  const query = rpc('tools/call', { name: 'query', arguments: { region: 'eu', text: 'x' } });

  test.each([
    ['another method', { ...right, 'mcp-method': 'tools/list', 'Mcp-Param-Region': 'eu' }],
    ['another tool', { ...right, 'mcp-name': 'other', 'Mcp-Param-Region': 'eu' }],
    ['no tool', { ...modern, 'mcp-method': 'tools/call', 'Mcp-Param-Region': 'eu' }],
    ['another argument', { ...right, 'Mcp-Param-Region': 'us' }],
    ['no argument', right],
    ['an argument twice', { ...right, 'Mcp-Param-Region': 'eu, us' }],
    [
      'an argument that has no header',
      { ...right, 'Mcp-Param-Region': 'eu', 'Mcp-Param-Text': 'x' },
    ],
    ['broken base64', { ...right, 'Mcp-Param-Region': '=?base64?ZXU?=' }],
  ])('headers that name %s', async (_, headers) => {
    server.play(answering(0, { done: true }));
    expect(await ask(query, headers)).toMatchObject({
      status: 400,
      code: 'header_mismatch',
      body: { error: { code: -32_020 } },
    });
    expect(server.arrived).toEqual([]);
  });
});

describe('a revision of MCP', () => {
  const call = rpc('tools/call', { name: 'query', arguments: { text: 'salaries' } });
  const unknown = {
    'mcp-protocol-version': '2099-01-01',
    'mcp-method': 'tools/call',
    'mcp-name': 'query',
  };

  test('that the gateway does not know is refused by the server, which gets no call', async () => {
    const data = { supported: ['2026-07-28', '2098-01-01'], requested: '2099-01-01' };
    server.play((one, response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      const error = { code: -32_022, message: 'Unsupported protocol version', data };
      response.end(JSON.stringify({ jsonrpc: '2.0', id: one.message.id, error }));
    });
    expect(await ask(call, unknown)).toMatchObject({
      status: 400,
      body: { id: 1, error: { code: -32_022, data: { supported: ['2026-07-28'] } } },
    });
    expect(arrived()).toMatchObject([{ method: 'server/discover' }]);
    expect(JSON.stringify(arrived())).not.toContain('salaries');
  });

  test('that only the server knows is refused by the gateway', async () => {
    server.play((one, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(answerOf(one, { supportedVersions: ['2099-01-01', '2026-07-28'] }));
    });
    expect(await ask(call, unknown)).toMatchObject({
      status: 400,
      code: 'revision_unsupported',
      body: { error: { code: -32_022, data: { supported: ['2026-07-28'] } } },
    });
  });

  test('whose name is no name reaches no server', async () => {
    server.play(answering());
    const named = { ...unknown, 'mcp-protocol-version': 'salaries are 5, 6 and 7' };
    expect(await ask(call, named)).toMatchObject({ status: 400, code: 'revision_unsupported' });
    expect(server.arrived).toEqual([]);
  });

  test.each([
    ['ping', '2026-07-28', {}, 404],
    ['logging/setLevel', '2026-07-28', {}, 404],
    ['server/discover', '2025-11-25', {}, 404],
    ['x/y', '2026-07-28', {}, 404],
    ['x/y', '2025-11-25', { 'mcp-session-id': 'x' }, 400],
  ])('does not have %s in %s', async (method, version, headers, status) => {
    server.play(answering());
    const answer = await ask(rpc(method), {
      'mcp-protocol-version': version,
      'mcp-method': method,
      ...headers,
    });
    expect(answer).toMatchObject({
      status,
      code: 'method_denied',
      body: { id: 1, error: { code: -32_601 } },
    });
    expect(server.arrived).toEqual([]);
  });

  test('is described by a server as far as the gateway carries it', async () => {
    server.play(
      answering(0, {
        supportedVersions: ['2026-07-28', '2099-01-01'],
        capabilities: {
          tools: { listChanged: true, other: true },
          experimental: { x: {} },
          extensions: { 'example.org/x': {} },
        },
        instructions: 'text',
      }),
    );
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'server/discover' };
    expect((await ask(rpc('server/discover'), headers)).body?.result).toEqual({
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: { listChanged: true }, extensions: {} },
      instructions: 'text',
    });
  });
});
