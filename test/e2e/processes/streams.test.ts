import { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { obtain, read } from '../agent.ts';
import { type ScriptedServer, startScriptedServer } from '../scripted-server.ts';
import { trailOf } from '../trail.ts';
import { openProcesses, type Processes } from './processes.ts';

/** Streams over real connections, which may be lost at any moment. */
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
  await server.close();
});

/** Sends a request and returns its connection once it has received `text`. */
async function received(token: string, message: unknown, text: string): Promise<Socket> {
  const { hostname, port } = new URL(stage.audience);
  const body = JSON.stringify(message);
  const socket = new Socket().connect(Number(port), hostname);
  let all = '';
  socket.on('data', (data) => {
    all += data.toString();
  });
  const head = [
    'POST /mcp/files HTTP/1.1',
    `host: ${hostname}:${port}`,
    'content-type: application/json',
    'accept: application/json, text/event-stream',
    `authorization: Bearer ${token}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ].join('\r\n');
  socket.write(`${head}\r\n\r\n${body}`);
  await expect.poll(() => all).toContain(text);
  return socket;
}

test('a client that leaves ends the request at the server, and the record says that it did', async () => {
  let gone = 0;
  server.play((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const params = { level: 'info', data: 'begun' };
    const message = { jsonrpc: '2.0', method: 'notifications/message', params };
    response.write(`data: ${JSON.stringify(message)}\n\n`);
    response.on('close', () => {
      gone += 1;
    });
  });
  const { token, workflow } = await obtain(stage);
  const message = read(stage.documents.reports[0] ?? '');
  for (const end of ['destroy', 'resetAndDestroy'] as const) {
    const socket = await received(token, message, 'begun');
    socket[end]();
  }
  await expect.poll(() => gone).toBe(2);
  const outcomes = async () =>
    (await trailOf(stage, workflow)).flatMap((record) =>
      'outcome' in record ? (record.outcome ?? []) : [],
    );
  const lost = { result: 'unknown', cause: 'connection' };
  await expect.poll(outcomes).toMatchObject([lost, lost]);
}, 90_000);
