import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Outcome } from '../../../src/audit/index.ts';
import type { HttpCall } from '../../../src/http-route/index.ts';
import type { Forwarded, Hold } from '../../../workers/gateway/call/transport.ts';
import { forwardCall } from '../../../workers/gateway/http/forward.ts';
import { forward } from '../../../workers/gateway/mcp/forward.ts';
import { InFlight } from '../../../workers/gateway/mcp/in-flight.ts';
import { Sessions } from '../../../workers/gateway/mcp/session.ts';
import { Tasks } from '../../../workers/gateway/mcp/tasks.ts';
import { readWhole, sendUpstream } from '../../../workers/gateway/mcp/upstream.ts';
import type { Upstream } from '../../../workers/gateway/upstream/index.ts';

/** Answers that servers and agents keep open: each call gets its outcome, and each stream an end. */

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const CALLER = { workflow: 'wf_1', credential: 'gateway' } as const;
const CALL: HttpCall = {
  tool: 'http/api/get',
  method: 'GET',
  args: {},
  template: [],
  values: new Map(),
  route: { server: 'api', methods: ['GET'], path: '/' },
};
const LIMITS = { seconds: 10, progressSeconds: 20, answerBytes: 1_000_000, requestBytes: 1_000 };

const upstreamThat = (answer: () => Response, kind: Upstream['kind'] = 'http'): Upstream => ({
  name: 'api',
  kind,
  url: new URL('https://api.example/mcp'),
  mode: 'enforce',
  observedCredential: 'caller',
  isBound: false,
  serverRequests: [],
  limits: LIMITS as Upstream['limits'],
  send: async () => answer(),
});

const holdThat = (mayContinue: Hold['mayContinue']): Hold => ({ keepAlive: () => {}, mayContinue });
const MAY = holdThat(async () => true);

/** A stream with one chunk that its server never ends. */
const endless = (chunk: string, type: string): Response =>
  new Response(
    new ReadableStream({ start: (given) => given.enqueue(new TextEncoder().encode(chunk)) }),
    { headers: { 'content-type': type } },
  );

const overHttp = (upstream: Upstream, hold = MAY): Promise<Forwarded> =>
  forwardCall(
    { upstream, call: CALL, request: new Request('https://g.example/'), caller: CALLER },
    hold,
  );

const overMcp = (upstream: Upstream, hold = MAY): Promise<Forwarded> => {
  const owner = { workflow: 'wf_1', server: 'api' };
  const sessions = new Sessions(async () => undefined);
  const state = { sessions, tasks: new Tasks(), inFlight: new InFlight() };
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x' } } as const;
  const route = { ...owner, upstream, caller: CALLER };
  const how = { takesEvents: true, prefersEvents: true };
  return forward({ state, route, message, params: message.params, ...how }, hold);
};

const LOGGED = { method: 'notifications/message', params: { level: 'info', data: 1 } };
const EVENT = `data: ${JSON.stringify({ jsonrpc: '2.0', ...LOGGED })}\n\n`;
const TRANSPORTS = [
  [
    'HTTP',
    (hold?: Hold) =>
      overHttp(
        upstreamThat(() => endless('a', 'text/plain')),
        hold,
      ),
  ],
  [
    'MCP',
    (hold?: Hold) =>
      overMcp(
        upstreamThat(() => endless(EVENT, 'text/event-stream'), 'mcp'),
        hold,
      ),
  ],
] as const;

/** Returns the outcome once this much time has passed; undefined without one. */
async function outcomeAfter(
  answering: Promise<Forwarded>,
  milliseconds: number,
): Promise<Outcome | undefined> {
  let outcome: Outcome | undefined;
  const { outcome: coming } = await answering;
  void Promise.resolve(coming).then((known) => {
    outcome = known;
  });
  await vi.advanceTimersByTimeAsync(milliseconds);
  return outcome;
}

/** A stream that ends, in two chunks. */
const ending = (chunks: readonly string[], type: string): Response =>
  new Response(
    new ReadableStream({
      start: (given) => {
        for (const chunk of chunks) given.enqueue(new TextEncoder().encode(chunk));
        given.close();
      },
    }),
    { headers: { 'content-type': type } },
  );
/** An MCP server that answers under the id of the request. */
const mcpThat = (answer: (message: object) => Response): Upstream => ({
  ...upstreamThat(() => new Response(null), 'mcp'),
  send: async ({ body }) => {
    const { id } = JSON.parse(String(body)) as { readonly id: string };
    return answer({ jsonrpc: '2.0', id, result: { content: [] } });
  },
});
const streamed = (message: object): Response =>
  ending([EVENT, `data: ${JSON.stringify(message)}\n\n`], 'text/event-stream');
const JSON_TYPE = { 'content-type': 'application/json', 'content-length': '7' };

describe('the outcome has the digest of what the agent received', () => {
  test.each<readonly [string, () => Promise<Forwarded>]>([
    ['of a stream over HTTP', () => overHttp(upstreamThat(() => ending(['a', 'b'], 'text/a')))],
    [
      'of a whole answer over HTTP',
      () => overHttp(upstreamThat(() => new Response('{"a":1}', { headers: JSON_TYPE }))),
    ],
    ['of no content', () => overHttp(upstreamThat(() => new Response(null, { status: 204 })))],
    ['of a stream over MCP', () => overMcp(mcpThat(streamed))],
    ['of a whole answer over MCP', () => overMcp(mcpThat((message) => Response.json(message)))],
  ])('%s', async (_, open) => {
    const { response, outcome } = await open();
    const received = Buffer.from(await response.arrayBuffer());
    expect(await outcome).toMatchObject({
      result: 'ok',
      answer: createHash('sha256').update(received).digest('hex'),
    });
  });

  test('and none for a stream that is cut', async () => {
    const { response, outcome } = await overMcp(
      upstreamThat(() => ending([EVENT], 'text/event-stream'), 'mcp'),
    );
    await response.text();
    expect(await outcome).toMatchObject({ result: 'unknown' });
    expect(await outcome).not.toHaveProperty('answer');
  });
});

describe.each(TRANSPORTS)('an answer over %s', (_, open) => {
  test('that the agent never reads has an outcome when its time is up', async () => {
    expect(await outcomeAfter(open(), 9_000)).toBeUndefined();
    const late = await outcomeAfter(open(), 11_000);
    expect(late).toMatchObject({ result: 'unknown', cause: 'timeout' });
  });

  test('that the agent never reads is not looked after once its time is up', async () => {
    let looks = 0;
    const hold = holdThat(async () => {
      looks += 1;
      return true;
    });
    await outcomeAfter(open(hold), 16_000);
    const before = looks;
    await vi.advanceTimersByTimeAsync(60_000);
    expect([before > 0, looks]).toEqual([true, before]);
  });

  test('is ended if it cannot be found out whether the workflow was stopped', async () => {
    const hold = holdThat(async () => Promise.reject(new Error('a bug')));
    expect(await outcomeAfter(open(hold), 6_000)).toMatchObject({ result: 'unknown' });
  });
});

describe('a status that no answer can have', () => {
  const strange = (status: number): Response =>
    Object.defineProperties(Response.json({ jsonrpc: '2.0', id: 1, result: {} }), {
      status: { value: status },
      ok: { value: false },
    });

  test.each([600, 999])('%i of an API is a failure with an outcome', async (status) => {
    const { response, outcome } = await overHttp(upstreamThat(() => strange(status)));
    expect(response.status).toBe(502);
    expect(await outcome).toMatchObject({ result: 'unknown', cause: 'unreadable' });
  });

  test.each([302, 600, 999])('%i of an MCP server is a failure with an outcome', async (status) => {
    const upstream = upstreamThat(() => strange(status), 'mcp');
    const outgoing = { id: '1', method: 'tools/list', caller: CALLER };
    const sent = await sendUpstream(upstream, outgoing);
    const answered = Response.json({ jsonrpc: '2.0', id: '1', result: {} });
    const response = Object.defineProperties(answered, {
      status: { value: status },
      ok: { value: false },
    });
    const { outcome, failure } = await readWhole({ ...sent, response });
    expect(failure?.status).toBe(502);
    expect(outcome.status).toBe(502);
  });
});
