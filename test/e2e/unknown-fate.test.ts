import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { call, obtain, post, read, send } from './agent.ts';
import {
  answerOf,
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from './scripted-server.ts';
import { openStage, type Stage } from './stage.ts';
import { outcomeOf } from './trail.ts';

/**
 * Servers that break their answers, and what the agent and the audit log learn about the call. The
 * harness between the Worker and loopback hides a reset and a redirect, so
 * test/unit/gateway/upstream.test.ts covers those.
 */
let stage: Stage;
let server: ScriptedServer;

beforeAll(async () => {
  server = await startScriptedServer();
  stage = await openStage({
    gatewayVars: { MCP_UPSTREAMS: JSON.stringify({ files: server.url }) },
  });
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(async () => {
  await stage.close();
  await server.close();
});

const write = () => call('write_file', { path: 'summaries/churn.md', content: 'x' }, 7);
const reading = () => read(stage.documents.reports[0] ?? '');

const eventStream: Script = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
};

describe('an answer among the events of a stream', () => {
  test.each<[string, Script]>([
    [
      'that stays open',
      (arrived, response) => response.write(`: hello\n\ndata: ${answerOf(arrived)}\n\n`),
    ],
    [
      'that is lost after it',
      (arrived, response, socket) =>
        response.write(`data: ${answerOf(arrived)}\r\n\r\n`, () => socket.resetAndDestroy()),
    ],
    [
      'that is lost before its blank line',
      (arrived, response, socket) => {
        response.write(`event: message\ndata: ${answerOf(arrived)}\n`);
        setTimeout(() => socket.destroy(), 50);
      },
    ],
    [
      'that comes in small pieces after a notification',
      (arrived, response) => {
        const text = `data: {"jsonrpc":"2.0","method":"notifications/message"}\n\ndata: ${answerOf(arrived)}\r\r`;
        for (const piece of text.match(/.{1,7}/gsu) ?? []) response.write(piece);
      },
    ],
  ])('%s: counts, and the call is recorded as done', async (_, script) => {
    server.play((arrived, response, socket) => {
      eventStream(arrived, response, socket);
      script(arrived, response, socket);
    });
    const { token, workflow } = await obtain(stage);
    const begun = Date.now();
    const answer = await send(stage, token, write());
    expect(answer).toMatchObject({ status: 200, body: { id: 7, result: { content: [{}] } } });
    expect(Date.now() - begun).toBeLessThan(5_000);
    expect(await outcomeOf(stage, workflow)).toMatchObject({ result: 'ok', status: 200 });
  });
});

describe('a call whose outcome is unknown is recorded as unknown', () => {
  test.each<[string, Script, string, string]>([
    [
      'the answer is to another request',
      (_, response) => response.end('{"jsonrpc":"2.0","id":7,"result":{}}'),
      ...(['upstream_unreadable', 'unreadable'] as const),
    ],
    [
      'the answer is no UTF-8',
      (_, response) => response.end(Buffer.from([0x7b, 0xff, 0xfe])),
      ...(['upstream_unreadable', 'unreadable'] as const),
    ],
    [
      'there is no body',
      (_, response) => response.writeHead(204).end(),
      ...(['upstream_unreadable', 'unreadable'] as const),
    ],
    [
      'the answer is too large',
      (_, response) => response.end('x'.repeat(5 * 1024 * 1024)),
      ...(['upstream_too_large', 'too_large'] as const),
    ],
    [
      'the server fails',
      (_, response) => response.writeHead(500).end('oops'),
      ...(['upstream_failed', 'status'] as const),
    ],
    [
      'the server says that it did not receive it all in time',
      (_, response) => response.writeHead(408).end(),
      ...(['upstream_failed', 'status'] as const),
    ],
  ])('%s', async (_, script, code, cause) => {
    server.play(script);
    const { token, workflow } = await obtain(stage);
    const { status, body } = await send(stage, token, write());
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).toMatchObject({ id: 7, error: { data: { code, effect: 'unknown' } } });
    expect(JSON.stringify(body)).not.toContain('oops');
    expect(await outcomeOf(stage, workflow)).toMatchObject({ result: 'unknown', cause });
  });
});

describe('a refusal of the server keeps its status', () => {
  test.each([400, 401, 403, 404, 405, 409, 422])('%d', async (status) => {
    server.play((_, response) => response.writeHead(status).end('<html>oops</html>'));
    const { token, workflow } = await obtain(stage);
    expect(await send(stage, token, reading())).toMatchObject({
      status,
      body: { error: { data: { code: 'upstream_refused', effect: 'none' } } },
    });
    expect(await outcomeOf(stage, workflow)).toMatchObject({ result: 'upstream_refused', status });
  });

  test.each([
    ['30', '30'],
    ['Sat, 28 Nov 2026 12:00:00 GMT', 'Sat, 28 Nov 2026 12:00:00 GMT'],
    ['soon', null],
  ])('429 with Retry-After: %s', async (said, told) => {
    server.play((_, response) => response.writeHead(429, { 'retry-after': said }).end());
    const { token } = await obtain(stage);
    const response = await post(stage, token, reading());
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, told]);
    expect(await response.json()).toMatchObject({
      error: { data: { code: 'upstream_limited', effect: 'none' } },
    });
  });

  test('an error of the server is passed on with its status', async () => {
    server.play(({ message }, response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      const error = { code: -32_602, message: 'no such file' };
      response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, error }));
    });
    const { token } = await obtain(stage);
    expect(await send(stage, token, reading())).toMatchObject({
      status: 400,
      body: { id: 1, error: { code: -32_602, message: 'no such file' } },
    });
  });
});
