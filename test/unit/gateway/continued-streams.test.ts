import { expect, test } from 'vitest';
import { parseCatalogue } from '../../../src/catalogue/index.ts';
import type { Hold } from '../../../workers/gateway/call/transport.ts';
import type { Gateway } from '../../../workers/gateway/gateway.ts';
import { sealPosition } from '../../../workers/gateway/mcp/from-server/stream-of.ts';
import { Sessions } from '../../../workers/gateway/mcp/session.ts';
import { readSessionRequest } from '../../../workers/gateway/mcp/session-requests.ts';
import { Tasks } from '../../../workers/gateway/mcp/tasks.ts';
import type { Upstream } from '../../../workers/gateway/upstream/index.ts';
import { unwrap } from '../fixtures/issuer.ts';

/** A client that lost its stream continues it, and gets nothing that the stream would not give. */

const catalogue = unwrap(
  parseCatalogue(`
[[tool]]
name = "mcp/jobs/build"
action = "read"
tier = 1
arguments = []
datasets = [{ fixed = "jobs" }]
answer = { bytes = 200 }`),
);
const OWNER = { workflow: 'wf_1', server: 'jobs' };
const RELATED = 'io.modelcontextprotocol/related-task';

const REQUESTS = {
  'tasks/result': { call: { method: 'tools/call', target: 'build' } },
  'tools/call': { target: 'build' },
};

/** Continues the stream of a request, on which the server now answers with a result. */
async function resume(
  method: keyof typeof REQUESTS,
  result: object,
  canUse: () => boolean = () => true,
): Promise<string> {
  const sessions = new Sessions(async () => new Uint8Array(32));
  const answer = { jsonrpc: '2.0', id: 'hewn-1', result };
  const upstream = {
    name: 'jobs',
    kind: 'mcp',
    url: new URL('https://jobs.example/mcp'),
    serverRequests: [],
    limits: { seconds: 5, progressSeconds: 5, answerBytes: 100_000 },
    send: async () =>
      new Response(`id: e2\ndata: ${JSON.stringify(answer)}\n\n`, {
        headers: { 'content-type': 'text/event-stream' },
      }),
  } as unknown as Upstream;
  const gateway = {
    sessions,
    tasks: new Tasks(),
    upstreams: { get: () => upstream },
  } as unknown as Gateway;
  const request = { id: 'hewn-1', agentId: 1, method, ...REQUESTS[method] };
  const place = { sessions, owner: OWNER, session: 's-1', request };
  const headers = new Headers({
    'mcp-protocol-version': '2025-11-25',
    'mcp-session-id': (await sessions.seal('s-1', OWNER)) ?? '',
    'last-event-id': (await sealPosition(place, 'e1')) ?? '',
  });
  const got = new Request('https://gateway.example/mcp/jobs', { headers });
  const judging = { catalogue, isCurrent: true, hash: undefined, named: undefined };
  const operation = readSessionRequest(gateway, 'jobs', got, 'GET').operation(judging as never);
  if (!operation.ok || operation.value.kind !== 'message') throw new Error('not a message');
  const caller = { workflow: 'wf_1', credential: 'gateway' } as const;
  const route = await operation.value.route(caller, { canUse });
  if (!route.ok) return route.error.denial.code;
  const hold: Hold = { keepAlive: () => {}, mayContinue: async () => true };
  const { response } = await route.value(hold);
  return response.text();
}

test('the result of a task is judged like that on the first stream, under an own id', async () => {
  const about = { _meta: { [RELATED]: { taskId: 'task-of-server' } } };
  const long = { content: [{ type: 'text', text: 'salaries '.repeat(100) }], ...about };
  expect(await resume('tasks/result', long)).toContain('answer_too_large');
  const short = { content: [{ type: 'text', text: 'built' }], ...about };
  const answered = await resume('tasks/result', short);
  expect(answered).toContain('built');
  expect(answered).not.toContain('task-of-server');
});

test.each(['tasks/result', 'tools/call'] as const)(
  'a stream of %s is not continued once its tool is denied',
  async (method) => {
    const result = { content: [{ type: 'text', text: 'built' }] };
    expect(await resume(method, result)).toContain('built');
    expect(await resume(method, result, () => false)).toBe('event_unknown');
  },
);
