import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, obtain, send } from '../agent.ts';
import {
  answerOf,
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from '../scripted-server.ts';
import { outcomeOf } from '../trail.ts';
import { openProcesses, type Processes } from './processes.ts';

/** Answers that a server loses on the way, on sockets of the gateway's own process. */
let stage: Processes;
let server: ScriptedServer;

beforeAll(async () => {
  server = await startScriptedServer();
  stage = await openProcesses({
    gateway: { MCP_UPSTREAMS: JSON.stringify({ files: server.url }) },
  });
}, 120_000);
afterAll(async () => {
  await stage?.close();
  await server?.close();
});

async function writeTo(script: Script) {
  server.play(script);
  const { token, workflow } = await obtain(stage);
  const write = call('write_file', { path: 'summaries/churn.md', content: 'x' }, 7);
  const { status, body } = await send(stage, token, write);
  return { status, body, outcome: await outcomeOf(stage, workflow) };
}

const json = { 'content-type': 'application/json' };
const events = { 'content-type': 'text/event-stream' };

describe('an answer that arrived is passed on and recorded as one', () => {
  test.each<[string, Script]>([
    [
      'a whole body, though more was announced, and a reset',
      (arrived, response, socket) => {
        response.writeHead(200, { ...json, 'content-length': '4000' });
        response.write(answerOf(arrived), () => setTimeout(() => socket.resetAndDestroy(), 100));
      },
    ],
    [
      'an event, and a reset',
      (arrived, response, socket) => {
        response.writeHead(200, events);
        const event = `data: ${answerOf(arrived)}\n\n`;
        response.write(event, () => setTimeout(() => socket.resetAndDestroy(), 100));
      },
    ],
    [
      'an event of a stream that stays open',
      (arrived, response) => response.writeHead(200, events).write(`data:${answerOf(arrived)}\n\n`),
    ],
  ])('%s', async (_, script) => {
    const { status, body, outcome } = await writeTo(script);
    expect([status, body?.id, outcome?.result]).toEqual([200, 7, 'ok']);
  });
});

describe('an unknown outcome is reported and recorded as unknown', () => {
  test.each<[string, Script]>([
    ['a reset before anything', (_, __, socket) => socket.resetAndDestroy()],
    [
      'half of a body, and a reset',
      (arrived, response, socket) => {
        response.writeHead(200, json);
        const half = answerOf(arrived).slice(0, 20);
        response.write(half, () => setTimeout(() => socket.resetAndDestroy(), 100));
      },
    ],
  ])('%s', async (_, script) => {
    const { status, body, outcome } = await writeTo(script);
    expect(status).toBe(502);
    const data = { code: 'upstream_unanswered', effect: 'unknown' };
    expect(body).toMatchObject({ id: 7, error: { data } });
    expect(outcome).toMatchObject({ result: 'unknown', cause: 'connection' });
  });
});

test('a redirect is not followed, and counts as no effect', async () => {
  const { status, body, outcome } = await writeTo((_, response) =>
    response.writeHead(307, { location: server.url }).end(),
  );
  expect(status).toBe(502);
  expect(body).toMatchObject({ error: { data: { code: 'upstream_redirected', effect: 'none' } } });
  expect(outcome).toMatchObject({ result: 'upstream_refused' });
  expect(server.arrived).toHaveLength(1);
});
