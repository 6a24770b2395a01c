import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { call, obtain, read, send } from '../agent.ts';
import { trailOf } from '../trail.ts';
import { openProcesses, type Processes } from './processes.ts';
import { startUpstream, type Upstream } from './upstream.ts';

/** What was done is recorded and counted, and what was not done is neither. */
let stage: Processes;

let upstream: Upstream;

beforeAll(async () => {
  upstream = await startUpstream();
  stage = await openProcesses({
    gateway: { MCP_UPSTREAMS: JSON.stringify({ files: upstream.url }) },
  });
}, 120_000);
afterEach(() => {
  stage.wire.delay(0);
  upstream.takes(0);
});
afterAll(async () => {
  await stage?.close();
  await upstream.close();
});

const good = () => read(stage.documents.reports[0] ?? '');
const write = (content: string) => call('write_file', { path: 'summaries/churn.md', content });

const WRITE = 'mcp/files/write_file';

const allowedOf = async (workflow: string) =>
  (await trailOf(stage, workflow)).flatMap((record) =>
    record.event === 'decision' && record.allowed ? [record] : [],
  );

describe('with 100 ms to the issuer and a stream of reads', () => {
  test('an irreversible call waits only for its own record, and is not refused', async () => {
    const [reader, writer] = await Promise.all([obtain(stage), obtain(stage)]);
    await send(stage, reader.token, good());
    stage.wire.delay(100);
    let isOver = false;
    const reads: Promise<unknown>[] = [];
    const stream = (async () => {
      while (!isOver) {
        reads.push(send(stage, reader.token, good()));
        await sleep(40);
      }
    })();
    await sleep(1_500);
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await send(stage, writer.token, write(`${i}`)));
    isOver = true;
    await stream;
    await Promise.all(reads);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const written = async () =>
      (await allowedOf(writer.workflow)).filter(({ tool }) => tool === WRITE);
    await expect.poll(async () => (await written()).length).toBe(5);
  }, 60_000);

  test('a call that was answered with an error is not recorded as allowed and done', async () => {
    const { token, workflow } = await obtain(stage);
    await send(stage, token, good());
    const before = upstream.calls;
    stage.wire.cut();
    const answer = await send(stage, token, write('never'));
    stage.wire.mend();
    expect(answer.status).not.toBe(200);
    await sleep(1_500);
    expect((await send(stage, token, good())).status).toBe(200);
    await sleep(1_500);
    const done = (await allowedOf(workflow)).filter(({ tool }) => tool === WRITE);
    expect(done).toEqual([]);
    expect(upstream.calls).toBe(before + 1); // The read.
  }, 60_000);
});

/** Sends a whole request, and ends the connection once the call has reached the server. */
async function sendAndReset(token: string, message: unknown): Promise<void> {
  const { hostname, port } = new URL(stage.audience);
  const body = JSON.stringify(message);
  const before = upstream.calls;
  const socket = new Socket().connect(Number(port), hostname);
  await new Promise((connected) => socket.once('connect', connected));
  const head = [
    'POST /mcp/files HTTP/1.1',
    `host: ${hostname}:${port}`,
    'content-type: application/json',
    'accept: application/json, text/event-stream',
    `authorization: Bearer ${token}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ].join('\r\n');
  socket.write(`${head}\r\n\r\n${body}`);
  await expect.poll(() => upstream.calls, { interval: 5 }).toBe(before + 1);
  socket.resetAndDestroy();
}

test('a client that resets its connections leaves a record of each call that it made', async () => {
  const { token, workflow } = await obtain(stage);
  expect((await send(stage, token, good())).status).toBe(200);
  upstream.takes(300);
  for (let i = 0; i < 12; i++) await sendAndReset(token, good());
  upstream.takes(0);
  expect((await send(stage, token, good())).status).toBe(200);
  const reads = async () => (await allowedOf(workflow)).length;
  await expect.poll(reads, { interval: 500 }).toBe(14);
}, 60_000);
