import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type BridgeSocket,
  joinSocket,
  type OpenRelay,
  openBridgeSocket,
  Relay,
} from '../../../src/bridge/index.ts';

const open: BridgeSocket[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((socket) => socket.close()));
});

const echo: OpenRelay = (onMessage) =>
  new Relay({
    server: 'echo',
    onMessage,
    route: {
      url: new URL('http://gateway.test/mcp/echo'),
      fetch: (async (_: unknown, init: RequestInit) => {
        const { id, method } = JSON.parse(String(init.body ?? '{}'));
        return Response.json({ jsonrpc: '2.0', id, result: { method } });
      }) as typeof fetch,
    },
  });

async function opened(): Promise<BridgeSocket> {
  const socket = await openBridgeSocket(new Map([['echo', echo]]));
  open.push(socket);
  return socket;
}

/** A client of the bridge: writes lines, and reads them. */
function client(path: string, server: string) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const lines: string[] = [];
  let rest = '';
  output.on('data', (chunk) => {
    const pieces = `${rest}${chunk}`.split('\n');
    rest = pieces.pop() ?? '';
    lines.push(...pieces);
  });
  return { input, lines, joined: joinSocket(path, server, { input, output }) };
}

const request = (id: unknown, method = 'tools/list') =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method })}\n`;

describe('the socket of a run', () => {
  test('is in a folder that only its owner can open', async () => {
    const { folder, path, close } = await opened();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await close();
    await expect(stat(folder)).rejects.toThrow('ENOENT');
  });

  test('carries the messages of a client, and ends with it', async () => {
    const { path } = await opened();
    const { input, lines, joined } = client(path, 'echo');
    input.write(request(1).slice(0, 10));
    input.write(request(1).slice(10) + request('two'));
    await expect.poll(() => lines.length).toBe(2);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { jsonrpc: '2.0', id: 1, result: { method: 'tools/list' } },
      { jsonrpc: '2.0', id: 'two', result: { method: 'tools/list' } },
    ]);
    input.end();
    expect(await joined).toEqual({ ok: true, value: undefined });
  });

  test('knows the servers of the run, and no other', async () => {
    const { path } = await opened();
    const { joined } = client(path, 'admin');
    expect(await joined).toEqual({
      ok: false,
      error: 'this run has no server of that name. It has: echo',
    });
  });

  test('answers what it cannot read, and continues', async () => {
    const { path } = await opened();
    const { input, lines } = client(path, 'echo');
    for (const line of ['{', '[]', '"x"', '{"jsonrpc":"2.0"}', '{"id":1.5,"method":"x"}']) {
      input.write(`${line}\n`);
    }
    input.write(`{"id":7,"method":"x","params":"${'a'.repeat(300_000)}"}\n`);
    input.write(`${'b'.repeat(2_000_000)}\n`);
    input.write(request(8));
    await expect.poll(() => lines.length).toBe(8);
    const answers = lines.map((line) => JSON.parse(line));
    expect(answers.slice(0, 7).map(({ error }) => error.code)).toEqual(Array(7).fill(-32_600));
    expect(answers[5].id).toBe(7);
    expect(answers[7]).toMatchObject({ id: 8, result: {} });
    input.end();
  });

  test('serves no client that says anything else at first', async () => {
    const { path } = await opened();
    for (const hello of ['GET / HTTP/1.1\r\n', '{"hewn":"x"}\n', `${'a'.repeat(4_000)}`]) {
      const socket = createConnection(path);
      socket.on('error', () => {}).resume();
      socket.write(hello);
      await once(socket, 'close');
    }
  });

  test('cuts its clients off when the run has ended', async () => {
    const { path, close } = await opened();
    const { joined } = client(path, 'echo');
    await new Promise((passed) => setTimeout(passed, 50));
    await close();
    await joined;
    expect(await client(path, 'echo').joined).toEqual({
      ok: false,
      error: expect.stringContaining('has ended'),
    });
  });
});
