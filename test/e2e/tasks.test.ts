import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Grant } from '../../src/capability/index.ts';
import { activateCatalogue } from './activate.ts';
import { admin, messagesOf, obtain, send as sendTo } from './agent.ts';
import { type Arrived, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import { openStage, type Stage } from './stage.ts';

/** Tasks of both revisions, and subscriptions, with agents that want each other's. */
let stage: Stage;
let server: ScriptedServer;
let ours: { readonly token: string; readonly workflow: string };
let theirs: typeof ours;

const CATALOGUE = `
[[tool]]
name = "mcp/jobs/build"
action = "read"
tier = 1
arguments = []
datasets = [{ fixed = "jobs" }]

[[tool]]
name = "mcp/jobs/log"
action = "read"
tier = 1
resource = "log://{folder}/{id}"
arguments = ["folder", "id"]
datasets = [{ argument = "/folder", under = "logs" }]
`;
const GRANTS: readonly Grant[] = [
  { tool: 'mcp/jobs/build', action: 'read', dataset: 'jobs' },
  { tool: 'mcp/jobs/log', action: 'read', dataset: 'logs/open' },
];

beforeAll(async () => {
  server = await startScriptedServer();
  stage = await openStage({ gatewayVars: { MCP_UPSTREAMS: `{"jobs":"${server.url}"}` } });
  await activateCatalogue(stage, CATALOGUE);
  ours = await obtain(stage, GRANTS);
  theirs = await obtain(stage, GRANTS);
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(async () => {
  await stage.close();
  await server.close();
});

const NEW = '2026-07-28';
const TASK = { status: 'working', createdAt: '2026-11-28T00:00:00Z', lastUpdatedAt: 'x' };

/** Answers each method with a result. */
const play = (results: Readonly<Record<string, unknown>>): void =>
  server.play(({ message }, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ jsonrpc: '2.0', id: message.id, result: results[message.method] ?? {} }),
    );
  });

async function send(token: string, method: string, params: object, version = NEW, id = 'a') {
  const name =
    'taskId' in params ? String(params.taskId) : 'name' in params ? String(params.name) : undefined;
  const isNew = version === NEW;
  const headers = {
    'mcp-protocol-version': version,
    ...(isNew && { 'mcp-method': method }),
    ...(isNew && name !== undefined && { 'mcp-name': name }),
  };
  const _meta = { 'io.modelcontextprotocol/protocolVersion': version };
  const message = { jsonrpc: '2.0', id, method, params: { ...params, ...(isNew && { _meta }) } };
  const { status, code, body, text } = await sendTo(stage, token, message, headers, 'jobs');
  const result = body?.result as
    | (Record<string, unknown> & { task?: { taskId: string } })
    | undefined;
  return { status, code, result, text };
}

describe('a task of the extension of 2026-07-28', () => {
  let taskId = '';

  test('has an id that only the workflow of its call can use', async () => {
    play({
      'tools/call': { resultType: 'task', taskId: 'task-1', ...TASK },
      'tasks/get': { resultType: 'complete', taskId: 'task-1', ...TASK },
    });
    const made = await send(ours.token, 'tools/call', { name: 'build', arguments: {} });
    taskId = String(made.result?.taskId);
    expect(taskId).toMatch(/^[A-Za-z0-9_-]{40,}$/);
    const got = await send(ours.token, 'tasks/get', { taskId });
    expect(got.result).toMatchObject({ taskId, status: 'working' });
    const [, second] = server.arrived;
    expect(second?.message.params).toMatchObject({ taskId: 'task-1' });
    expect(second?.headers['mcp-name']).toBe('task-1');
  });

  test.each(['tasks/get', 'tasks/update', 'tasks/cancel'])(
    '%s is denied for another workflow, and for an id that was never given out',
    async (method) => {
      server.play(() => expect.unreachable());
      const answers = { inputResponses: {} };
      for (const [token, id] of [
        [theirs.token, taskId],
        [theirs.token, 'task-1'],
        [ours.token, 'task-1'],
        [ours.token, `${taskId}A`],
      ] as const) {
        const { status, code } = await send(token, method, { taskId: id, ...answers });
        expect([status, code]).toEqual([404, 'task_unknown']);
      }
      expect(server.arrived).toEqual([]);
    },
  );

  test('asks, and gets, nothing that the deployment does not allow', async () => {
    const inputRequests = { who: { method: 'elicitation/create', params: { message: 'Who?' } } };
    const state = { resultType: 'complete', taskId: 'task-1', ...TASK, inputRequests };
    play({ 'tasks/get': state, 'tasks/update': { resultType: 'complete' } });
    const got = await send(ours.token, 'tasks/get', { taskId });
    expect(got.result).toMatchObject({ taskId, inputRequests: {} });
    const inputResponses = { who: { action: 'accept', content: { name: 'salaries' } } };
    await send(ours.token, 'tasks/update', { taskId, inputResponses, data: 'salaries' });
    expect(JSON.stringify(server.arrived)).not.toContain('salaries');
  });

  test('is cancelled by its own workflow', async () => {
    play({ 'tasks/cancel': { resultType: 'complete' } });
    expect((await send(ours.token, 'tasks/cancel', { taskId })).status).toBe(200);
    expect(server.arrived[0]?.message.params).toMatchObject({ taskId: 'task-1' });
  });
});

describe('a task of 2025-11-25', () => {
  const version = '2025-11-25';

  test('is made, read and listed under an id of the workflow', async () => {
    const result = {
      content: [{ type: 'text', text: 'built' }],
      _meta: { 'io.modelcontextprotocol/related-task': { taskId: 'task-2' } },
    };
    play({
      'tools/call': { task: { taskId: 'task-2', ...TASK } },
      'tasks/result': result,
      'tasks/list': {
        tasks: [
          { taskId: 'task-2', ...TASK },
          { taskId: 'of-another', ...TASK },
        ],
      },
    });
    const call = { name: 'build', arguments: {}, task: { ttl: 1_000, data: 'salaries' } };
    const made = await send(ours.token, 'tools/call', call, version);
    const taskId = made.result?.task?.taskId ?? '';
    expect(server.arrived[0]?.message.params?.task).toEqual({ ttl: 1_000 });
    const read = await send(ours.token, 'tasks/result', { taskId }, version);
    expect(read.result).toMatchObject({
      content: result.content,
      _meta: { 'io.modelcontextprotocol/related-task': { taskId } },
    });
    const list = await send(ours.token, 'tasks/list', {}, version);
    expect(list.result?.tasks).toMatchObject([{ taskId }]);
    expect((await send(theirs.token, 'tasks/list', {}, version)).result?.tasks).toEqual([]);
    const denied = await send(theirs.token, 'tasks/result', { taskId }, version);
    expect(denied.code).toBe('task_unknown');
  });

  test('is not read once its tool is denied, but still cancelled', async () => {
    play({ 'tools/call': { task: { taskId: 'task-3', ...TASK } } });
    const call = { name: 'build', arguments: {}, task: {} };
    const made = await send(ours.token, 'tools/call', call, version);
    const taskId = made.result?.task?.taskId ?? '';
    const tool = { scope: 'tool', value: 'mcp/jobs/build', reason: 'test' };
    expect((await admin(stage, 'denials', tool)).status).toBe(200);
    const read = async () => (await send(ours.token, 'tasks/get', { taskId }, version)).code;
    await expect.poll(read).toBe('task_unknown');
    const cancelled = await send(ours.token, 'tasks/cancel', { taskId }, version);
    expect(cancelled.status).toBe(200);
    expect((await admin(stage, 'denials/lift', tool)).status).toBe(200);
    const again = async () => (await send(ours.token, 'tasks/get', { taskId }, version)).status;
    await expect.poll(again).toBe(200);
  });
});

/** Opens a subscription, and returns what arrives until the stream ends. */
async function listen(token: string, notifications: object) {
  const { text } = await send(token, 'subscriptions/listen', { notifications }, NEW, 'sub');
  return text.startsWith('{') ? [JSON.parse(text)] : messagesOf(text);
}

describe('a subscription', () => {
  const ID = 'io.modelcontextprotocol/subscriptionId';
  const stream = ({ message }: Arrived) => {
    const about = { _meta: { [ID]: message.id } };
    return [
      {
        method: 'notifications/subscriptions/acknowledged',
        params: { ...about, notifications: message.params?.notifications },
      },
      { method: 'notifications/tools/list_changed', params: about },
      { method: 'notifications/resources/updated', params: { ...about, uri: 'log://open/1' } },
      { id: message.id, result: { resultType: 'complete', ...about } },
    ];
  };

  test('brings changes and its end under the id of its own request', async () => {
    server.play((arrived, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const each of stream(arrived)) {
        response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...each })}\n\n`);
      }
      response.end();
    });
    const notifications = { toolsListChanged: true, resourceSubscriptions: ['log://open/1'] };
    const filter = { ...notifications, data: 'salaries' };
    const messages = await listen(ours.token, filter);
    const about = { [ID]: 'sub' };
    expect(messages).toEqual([
      {
        jsonrpc: '2.0',
        method: 'notifications/subscriptions/acknowledged',
        params: { notifications, _meta: about },
      },
      {
        jsonrpc: '2.0',
        method: 'notifications/tools/list_changed',
        params: { _meta: about },
      },
      {
        jsonrpc: '2.0',
        method: 'notifications/resources/updated',
        params: { uri: 'log://open/1', _meta: about },
      },
      { jsonrpc: '2.0', id: 'sub', result: { resultType: 'complete', _meta: about } },
    ]);
    expect(server.arrived[0]?.message.params?.notifications).toEqual(notifications);
  });

  test.each([
    ['a resource outside the grant', ['log://closed/1'], 'no_grant'],
    ['one resource inside and one outside', ['log://open/1', 'log://closed/1'], 'no_grant'],
    ['an unknown resource', ['file:///etc/passwd'], 'tool_unknown'],
  ])('to %s is denied', async (_, resourceSubscriptions, code) => {
    server.play(() => expect.unreachable());
    const messages = await listen(ours.token, { resourceSubscriptions });
    expect(messages).toMatchObject([{ error: { data: { code } } }]);
    expect(server.arrived).toEqual([]);
  });

  test('to the task of another workflow is denied', async () => {
    play({ 'tools/call': { resultType: 'task', taskId: 'task-4', ...TASK } });
    const made = await send(ours.token, 'tools/call', { name: 'build', arguments: {} });
    server.play(() => expect.unreachable());
    const messages = await listen(theirs.token, { taskIds: [made.result?.taskId] });
    expect(messages).toMatchObject([{ error: { data: { code: 'task_unknown' } } }]);
  });
});
