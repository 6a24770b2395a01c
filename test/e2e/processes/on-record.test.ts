import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { AuditRecord } from '../../../src/audit/index.ts';
import { admin, call, obtain, read, send } from '../agent.ts';
import { answering, type ScriptedServer, startScriptedServer } from '../scripted-server.ts';
import { recordsOf } from '../trail.ts';
import { openProcesses, type Processes } from './processes.ts';

/** The records of calls while the issuer is far away and clients and gateways disappear. */
let stage: Processes;
let server: ScriptedServer;

beforeAll(async () => {
  server = await startScriptedServer();
  stage = await openProcesses({
    gateway: { MCP_UPSTREAMS: JSON.stringify({ files: server.url }) },
  });
}, 120_000);
afterEach(() => stage.wire.delay(0));
afterAll(async () => {
  await stage?.close();
  await server?.close();
});

const write = () => call('write_file', { path: 'summaries/churn.md', content: 'late' });
const reading = () => read(stage.documents.reports[0] ?? '');

const trail = () => recordsOf(stage);

const allowedCalls = (records: readonly AuditRecord[], workflow: string) =>
  records.filter(
    (record) =>
      record.event === 'decision' &&
      record.allowed &&
      record.tool !== undefined &&
      record.workflow === workflow,
  );

async function eventually<T>(attempt: () => Promise<T | undefined>, milliseconds: number) {
  for (const begun = Date.now(); ; await sleep(200)) {
    const value = await attempt();
    if (value !== undefined || Date.now() - begun > milliseconds) return value;
  }
}

test('a write waits only for its own record, among 17 reads per second and 100 ms from the issuer', async () => {
  server.play(answering());
  const { token, workflow } = await obtain(stage);
  await send(stage, token, reading());
  stage.wire.delay(100);
  let isOver = false;
  const reads: Promise<unknown>[] = [];
  const readOn = (async () => {
    for (; !isOver; await sleep(1000 / 17)) reads.push(send(stage, token, reading()));
  })();
  const answers = [];
  for (let n = 0; n < 8; n++) answers.push((await send(stage, token, write())).status);
  isOver = true;
  await readOn;
  await Promise.all(reads);
  stage.wire.delay(0);
  expect(answers).toEqual(Array.from({ length: 8 }, () => 200));
  const count = 1 + reads.length + 8;
  const allowed = await eventually(async () => {
    const all = allowedCalls(await trail(), workflow);
    return all.length >= count ? all : undefined;
  }, 20_000);
  expect(allowed).toHaveLength(count);
  expect((await trail()).filter(({ event }) => event === 'gap')).toEqual([]);
}, 60_000);

test.each([
  [0, 'reads', reading],
  [100, 'reads', reading],
  [100, 'writes', write],
])(
  '%i ms from the issuer, twelve clients that reset leave a record of each of their %s',
  async (ms, _, message) => {
    let answer = (): void => undefined;
    const isLeft = new Promise<void>((left) => {
      answer = left;
    });
    server.play(answering());
    const { token, workflow } = await obtain(stage);
    await send(stage, token, { jsonrpc: '2.0', id: 0, method: 'ping' });
    server.play((...arrived) => void isLeft.then(() => answering()(...arrived)));
    stage.wire.delay(ms);
    const clients = Array.from({ length: 12 }, () => begin(token, message()));
    await eventually(async () => (server.arrived.length === 12 ? true : undefined), 20_000);
    expect(server.arrived).toHaveLength(12);
    for (const client of clients) client.resetAndDestroy();
    await sleep(300);
    answer();
    stage.wire.delay(0);
    const known = await eventually(async () => {
      const all = allowedCalls(await trail(), workflow);
      return all.length >= 12 ? all : undefined;
    }, 20_000);
    expect(known).toHaveLength(12);
    const view = (await (await admin(stage, `workflows/${workflow}`)).json()) as {
      meters: { key: string; used: number }[];
    };
    expect(view.meters.find(({ key }) => key === 'calls')?.used).toBe(12);
  },
  60_000,
);

/** Sends a message on a socket of its own, and does not wait for an answer. */
function begin(token: string, message: object): Socket {
  const body = JSON.stringify(message);
  const { hostname, port, host } = new URL(stage.audience);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  const head = [
    'POST /mcp/files HTTP/1.1',
    `Host: ${host}`,
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  return socket;
}

test.each([
  ['write', 'at once', write, 300],
  ['read', 'after a second', reading, 20_000],
])(
  'a %s whose gateway was killed before the answer is on record %s, without an outcome',
  async (_, __, message, within) => {
    server.play(() => undefined); // It never answers.
    const { token, workflow } = await obtain(stage);
    const call = send(stage, token, message()).catch(() => undefined);
    await eventually(async () => (server.arrived.length === 1 ? true : undefined), 20_000);
    await eventually(async () => allowedCalls(await trail(), workflow)[0], within);
    await stage.gatewayProcess.kill();
    await call;
    await stage.gatewayProcess.start();
    const known = await eventually(async () => allowedCalls(await trail(), workflow)[0], 20_000);
    expect(known).toMatchObject({ allowed: true });
    expect(known).not.toHaveProperty('outcome');
    const records = await recordsOf(stage, `?workflow=${workflow}`);
    expect(records.map(({ event }) => event)).not.toContain('outcome');
  },
  60_000,
);

test('reads whose records are lost with the gateway leave a gap', async () => {
  server.play(answering());
  const { token, workflow } = await obtain(stage);
  expect((await send(stage, token, reading())).status).toBe(200);
  await eventually(
    async () => (allowedCalls(await trail(), workflow)[0] ? true : undefined),
    20_000,
  );
  stage.wire.pause();
  for (let n = 0; n < 40; n++) {
    expect((await send(stage, token, reading())).status).toBe(200);
    await sleep(80); // Records of reads wait 2 s for others. Then their count is reported.
  }
  await stage.gatewayProcess.kill();
  stage.wire.resume();
  const before = allowedCalls(await trail(), workflow).length;
  expect(before).toBeLessThan(40);
  const gap = await eventually(
    async () => (await trail()).find(({ event }) => event === 'gap'),
    45_000,
  );
  expect(gap).toMatchObject({ event: 'gap' });
  await stage.gatewayProcess.start();
}, 90_000);
