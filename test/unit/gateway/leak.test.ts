import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { UpstreamTable } from '../../../src/upstream/index.ts';
import { answerFaultOf } from '../../../workers/gateway/upstream/index.ts';
import { codeOf, type PlayedApi, requestOf, startPlayedApi } from './played-api.ts';

const SECRET = 'canary-7f3a9b2c4d5e6f70';
let api: PlayedApi;

beforeAll(async () => {
  api = await startPlayedApi();
});
afterAll(() => api.close());

const play = (script: (response: ServerResponse) => void): void =>
  api.play((_, response) => script(response));

let count = 0;
const logged: string[] = [];
beforeEach(() => {
  logged.length = 0;
  for (const method of ['log', 'error', 'warn'] as const) {
    vi.spyOn(console, method).mockImplementation((...line) => {
      logged.push(JSON.stringify(line));
    });
  }
});
afterEach(() => vi.restoreAllMocks());

function upstreamOf(credential: object = { kind: 'bearer', secret: 'KEY' }) {
  // The log has one line a second for each server.
  count += 1;
  const name = `a${count}`;
  const change = { caller: 'none', credential } as Partial<UpstreamTable>;
  const { upstream, unavailable } = api.upstream(change, { name, env: { KEY: SECRET } });
  return { name, send: () => upstream.send(requestOf()), unavailable };
}

/** Reads as far as the body goes. */
async function readAll(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of response.body ?? []) chunks.push(chunk);
  } catch {
    // Cut off.
  }
  return Buffer.concat(chunks).toString();
}

describe('an answer with the credential of the gateway in it', () => {
  test.each([
    ['its body', (response: ServerResponse) => response.end(`{"echo":"Bearer ${SECRET}"}`)],
    [
      'two chunks',
      (response: ServerResponse) => {
        response.write(`{"a":"${SECRET.slice(0, 9)}`);
        setTimeout(() => response.end(`${SECRET.slice(9)}"}`), 30);
      },
    ],
    ['base64', (response: ServerResponse) => response.end(btoa(`x${SECRET}`))],
    [
      'gzip',
      (response: ServerResponse) => {
        response.setHeader('content-encoding', 'gzip');
        response.end(gzipSync(`{"echo":"${SECRET}"}`));
      },
    ],
    [
      'brotli',
      (response: ServerResponse) => {
        response.setHeader('content-encoding', 'br');
        response.end(brotliCompressSync(`{"echo":"${SECRET}"}`));
      },
    ],
    [
      'a header',
      (response: ServerResponse) => response.setHeader('x-debug', `got ${SECRET}`).end('{}'),
    ],
    [
      'a redirect',
      (response: ServerResponse) => response.writeHead(302, { location: `/?key=${SECRET}` }).end(),
    ],
    [
      'an error',
      (response: ServerResponse) => {
        response.statusCode = 500;
        response.end(`invalid key ${SECRET}`);
      },
    ],
  ])('as %s is cut off, is logged without it, and suspends the server', async (_, script) => {
    play(script);
    const { name, send, unavailable } = upstreamOf();
    const response = await send();
    const body = await readAll(response);
    expect(body).not.toContain(SECRET.slice(0, 8));
    expect(JSON.stringify([...response.headers])).not.toContain(SECRET);
    expect(answerFaultOf(response)).toBe('upstream_leaked');
    expect(logged.join('\n')).toContain('upstream.leaked');
    expect(logged.join('\n')).not.toContain(SECRET);
    expect(await codeOf(send())).toBe('upstream_suspended');
    expect(unavailable()).toEqual([{ name }]);
  });

  test.each([
    ['a password', { kind: 'basic', user: 'service', secret: 'KEY' }],
    ['a key in the query', { kind: 'query', name: 'key', secret: 'KEY' }],
    [
      'the key of AWS',
      { kind: 'aws-sigv4', accessKeyId: 'AK', region: 'a', service: 'b', secret: 'KEY' },
    ],
    ['a key in a header', { kind: 'header', name: 'x-api-key', secret: 'KEY' }],
  ])('is cut off for %s', async (_, credential) => {
    play((response) => response.end(`{"echo":"${SECRET}"}`));
    const response = await upstreamOf(credential).send();
    expect(await readAll(response)).not.toContain(SECRET.slice(0, 8));
    expect(answerFaultOf(response)).toBe('upstream_leaked');
  });
});

test('an answer without it passes unchanged, compressed or not', async () => {
  const text = `{"a":"canary-7f3a","b":"${'x\\n'.repeat(20_000)}"}`;
  const { send } = upstreamOf();
  play((response) => response.setHeader('x-a', 'b').end(text));
  const plain = await send();
  expect([await readAll(plain), plain.headers.get('x-a')]).toEqual([text, 'b']);
  play((response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(text)));
  const decoded = await send();
  expect(await readAll(decoded)).toBe(text);
  expect([decoded.headers.get('content-encoding'), decoded.headers.get('content-length')]).toEqual([
    null,
    null,
  ]);
});

test.each(['deflate', 'zstd', 'compress', 'gzip, br', 'unknown'])(
  'an answer in the encoding %s is refused, because it cannot be scanned',
  async (encoding) => {
    play((response) => response.setHeader('content-encoding', encoding).end(deflateSync('{}')));
    const response = await upstreamOf().send();
    expect([response.status, answerFaultOf(response)]).toEqual([502, 'upstream_unreadable']);
  },
);

test('an event of a stream is passed on at once, while the stream stays open', async () => {
  let more: () => void = () => undefined;
  play((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"a":"b\\n"}\n\n');
    more = () => response.end('data: d\n\n');
  });
  const response = await upstreamOf().send();
  const reader = response.body?.getReader();
  const first = await reader?.read();
  expect(Buffer.from(first?.value ?? []).toString()).toBe('data: {"a":"b\\n"}\n\n');
  more();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: d\n\n');
});

test('an answer without end is scanned in bounded memory', async () => {
  const chunk = 'a"b\\n%41canary-'.repeat(4_096);
  let sent = 0;
  play((response) => {
    const write = (): void => {
      while (sent < 64 * 1024 * 1024) {
        sent += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', write);
      }
      response.end();
    };
    write();
  });
  const response = await upstreamOf().send();
  const reader = response.body?.getReader();
  await reader?.read();
  // Nothing is read ahead of the reader beyond what the connection buffers.
  await new Promise((passed) => setTimeout(passed, 200));
  expect(sent).toBeLessThan(16 * 1024 * 1024);
  await reader?.cancel();
});
