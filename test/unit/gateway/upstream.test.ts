import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readUrls } from '../../../src/upstream/index.ts';
import { callUpstream } from '../../../workers/gateway/mcp/upstream.ts';
import {
  CallerSigner,
  createUpstreams,
  type Upstream,
} from '../../../workers/gateway/upstream/index.ts';
import {
  answering,
  answerOf,
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from '../../e2e/scripted-server.ts';

let server: ScriptedServer;

beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const caller = { workflow: 'w', credential: 'gateway' } as const;
const CALL = { id: 'hewn-1', method: 'tools/call', params: { name: 'a' }, caller } as const;
const upstreamAt = (url: string): Upstream => {
  const upstream = createUpstreams(readUrls({ a: url }) ?? {}, {}, new CallerSigner('', [])).get(
    'a',
  );
  if (!upstream) throw new Error('no upstream');
  return upstream;
};
const callPlayed = (script: Script, session?: string) => {
  server.play(script);
  return callUpstream(upstreamAt(server.url), {
    ...CALL,
    ...(session !== undefined && { session }),
  });
};
const NOTIFICATION = { method: 'notifications/initialized', caller };
const json = { 'content-type': 'application/json' };
const events = { 'content-type': 'text/event-stream' };

describe('an answer that arrived counts, whatever happens to its connection:', () => {
  test.each<[string, Script]>([
    ['a complete answer', answering()],
    [
      'JSON, then a reset',
      (arrived, response, socket) => {
        response.writeHead(200, { ...json, 'content-length': '4000' });
        response.write(answerOf(arrived), () => setTimeout(() => socket.resetAndDestroy(), 50));
      },
    ],
    [
      'an event, then a reset',
      (arrived, response, socket) => {
        response.writeHead(200, events);
        const event = `data: ${answerOf(arrived)}\n\n`;
        response.write(event, () => setTimeout(() => socket.resetAndDestroy(), 50));
      },
    ],
    [
      'an event without its blank line, then a reset',
      (arrived, response, socket) => {
        response.writeHead(200, events);
        const event = `data: ${answerOf(arrived)}`;
        response.write(event, () => setTimeout(() => socket.resetAndDestroy(), 50));
      },
    ],
    [
      'an event in a stream that stays open',
      (arrived, response) => response.writeHead(200, events).write(`data:${answerOf(arrived)}\n\n`),
    ],
    [
      'an event before more data than is read',
      (arrived, response) => {
        response.writeHead(200, events).write(`data:${answerOf(arrived)}\n\n`);
        response.end('x'.repeat(ANSWER_BYTES_MAX + 1));
      },
    ],
  ])('%s', async (_, script) => {
    const { message, outcome, failure } = await callPlayed(script);
    expect([message?.id, outcome.result, failure]).toEqual(['hewn-1', 'ok', undefined]);
  });
});

describe('a call whose fate is unknown is never reported as failed:', () => {
  test.each<[string, Script, string, string]>([
    [
      'a reset before anything',
      (_, __, socket) => socket.resetAndDestroy(),
      ...(['upstream_unanswered', 'connection'] as const),
    ],
    [
      'half of a body',
      (arrived, response, socket) => {
        const half = answerOf(arrived).slice(0, 20);
        response.writeHead(200, json);
        response.write(half, () => setTimeout(() => socket.destroy(), 50));
      },
      ...(['upstream_unanswered', 'connection'] as const),
    ],
    [
      'half of an event',
      (arrived, response, socket) => {
        const half = `data: ${answerOf(arrived).slice(0, 20)}`;
        response.writeHead(200, events);
        response.write(half, () => setTimeout(() => socket.destroy(), 50));
      },
      ...(['upstream_unanswered', 'connection'] as const),
    ],
    [
      'events without the answer',
      (_, response) => response.writeHead(200, events).end('data: {"id":"other"}\n\n'),
      ...(['upstream_unreadable', 'unreadable'] as const),
    ],
    [
      'too many events before the answer',
      (_, response) => response.writeHead(200, events).end('data: x\n\n'.repeat(600_000)),
      ...(['upstream_too_large', 'too_large'] as const),
    ],
    [
      'a proxy that gave up',
      (_, response) => response.writeHead(504).end(),
      ...(['upstream_failed', 'status'] as const),
    ],
  ])('%s', async (_, script, code, cause) => {
    const { message, outcome, failure } = await callPlayed(script);
    expect([message, failure?.code]).toEqual([undefined, code]);
    expect(outcome).toMatchObject({ result: 'unknown', cause });
  });

  test('a server that cannot be reached, because something may have reached it', async () => {
    const gone = await startScriptedServer();
    await gone.close();
    const { outcome, failure } = await callUpstream(upstreamAt(gone.url), CALL);
    expect(failure).toEqual({ code: 'upstream_unanswered', status: 502 });
    expect(outcome).toMatchObject({ result: 'unknown', cause: 'connection' });
  });
});

test('does not follow a redirect, and reports no effect', async () => {
  const { outcome, failure } = await callPlayed((_, response) =>
    response.writeHead(307, { location: server.url }).end(),
  );
  expect(failure).toEqual({ code: 'upstream_redirected', status: 502 });
  expect(outcome.result).toBe('upstream_refused');
  expect(server.arrived).toHaveLength(1);
});

test('404 means a lost session if there was one, and otherwise a refusal', async () => {
  const lost: Script = (_, response) => response.writeHead(404).end();
  expect((await callPlayed(lost, 'session-1')).failure?.code).toBe('session_lost');
  expect((await callPlayed(lost)).failure?.code).toBe('upstream_refused');
});

test('reports a refused notification as well', async () => {
  server.play((_, response) => response.writeHead(400).end());
  const { failure } = await callUpstream(upstreamAt(server.url), NOTIFICATION);
  expect(failure).toEqual({ code: 'upstream_refused', status: 400 });
  server.play((_, response) => response.writeHead(202).end());
  const { outcome } = await callUpstream(upstreamAt(server.url), NOTIFICATION);
  expect(outcome).toMatchObject({ status: 202, result: 'ok' });
});
