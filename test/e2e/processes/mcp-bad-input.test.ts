import { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { obtain, read, send } from '../agent.ts';
import {
  answerOf,
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from '../scripted-server.ts';
import { openProcesses, type Processes } from './processes.ts';

/** What strangers and broken servers send over real connections, byte by byte. */
let stage: Processes;
let server: ScriptedServer;
let token: string;

beforeAll(async () => {
  server = await startScriptedServer();
  const files = {
    url: server.url,
    addresses: ['127.0.0.1'],
    limits: { seconds: 1, progressSeconds: 3 },
  };
  stage = await openProcesses({ gateway: { UPSTREAMS: JSON.stringify({ files }) } });
  ({ token } = await obtain(stage));
}, 120_000);
afterAll(async () => {
  await stage?.close();
  await server.close();
});

const good = () => read(stage.documents.reports[0] ?? '');

/** Sends bytes and returns what comes back until the connection ends, or for two seconds. */
async function raw(bytes: Buffer | string, endsAfter = false): Promise<string> {
  const { hostname, port } = new URL(stage.audience);
  const socket = new Socket().connect(Number(port), hostname);
  let all = '';
  socket.on('data', (data) => {
    all += data.toString();
  });
  socket.on('error', () => undefined);
  socket.write(bytes);
  if (endsAfter) socket.end();
  const closed = new Promise((done) => socket.once('close', done));
  await Promise.race([closed, new Promise((late) => setTimeout(late, 2_000))]);
  socket.destroy();
  return all;
}

const head = (lines: readonly string[]): string => {
  const { host } = new URL(stage.audience);
  return ['POST /mcp/files HTTP/1.1', `host: ${host}`, ...lines, '', ''].join('\r\n');
};

const usual = () => [
  `authorization: Bearer ${token}`,
  'content-type: application/json',
  'accept: application/json, text/event-stream',
];

/** Nothing of it may reach the server. */
async function unheard(bytes: Buffer | string, endsAfter = false): Promise<string> {
  server.play((_, response) => response.end());
  const answer = await raw(bytes, endsAfter);
  expect(server.arrived).toEqual([]);
  return answer;
}

describe('a request does not reach the server', () => {
  test.each<[string, (body: string) => readonly string[]]>([
    [
      'with two lengths',
      (body) => [`content-length: ${body.length}`, `content-length: ${body.length + 1}`],
    ],
    [
      'with a length and chunks',
      (body) => [`content-length: ${body.length}`, 'transfer-encoding: chunked'],
    ],
    ['with a length that is no number', () => ['content-length: 0x10']],
    ['with an unknown transfer encoding', () => ['transfer-encoding: gzip, chunked']],
    ['with a header that continues on the next line', () => ['x: a', ' mcp-method: tools/call']],
    [
      'with a method header twice',
      (body) => [
        `content-length: ${body.length}`,
        'mcp-method: tools/call',
        'mcp-method: tools/list',
      ],
    ],
    [
      'with a name header twice',
      (body) => [
        `content-length: ${body.length}`,
        'mcp-name: read_text_file',
        'mcp-name: write_file',
      ],
    ],
    [
      'with two sessions',
      (body) => [`content-length: ${body.length}`, 'mcp-session-id: a', 'mcp-session-id: b'],
    ],
    [
      'with two tokens',
      (body) => [`content-length: ${body.length}`, `authorization: Bearer ${token}`],
    ],
    ['of a web page', (body) => [`content-length: ${body.length}`, 'origin: https://evil.example']],
  ])('%s', async (_, lines) => {
    const body = JSON.stringify(good());
    const answer = await unheard(head([...usual(), ...lines(body)]) + body);
    expect(answer).not.toContain('HTTP/1.1 200');
  });

  test('in gzip, whether its header says so or not', async () => {
    const body = gzipSync(JSON.stringify(good()));
    for (const encoding of [[], ['content-encoding: gzip']]) {
      const lines = [...usual(), ...encoding, `content-length: ${body.length}`];
      const answer = await unheard(Buffer.concat([Buffer.from(head(lines)), body]));
      expect(answer).toMatch(/HTTP\/1\.1 400[\s\S]*message_malformed/);
    }
  });

  test('whose body is shorter than it says', async () => {
    const body = JSON.stringify(good());
    const lines = [...usual(), `content-length: ${body.length + 10}`];
    expect(await unheard(head(lines) + body, true)).not.toContain('HTTP/1.1 200');
  });

  test('whose body is larger than the limit, in chunks without a length', async () => {
    const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
    const bytes = `${head([...usual(), 'transfer-encoding: chunked'])}${chunk.repeat(12)}0\r\n\r\n`;
    expect(await unheard(bytes)).toMatch(/HTTP\/1\.1 413[\s\S]*message_too_large/);
  });
});

describe('a message is denied', () => {
  const path = () => stage.documents.reports[0] ?? '';
  const call = (name: unknown) => ({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name, arguments: { path: path() } },
  });

  test.each([
    'READ_TEXT_FILE',
    'read_text_file ',
    ' read_text_file',
    'read_text_file\u200b',
    'read\u2024text_file',
    'r\u0435ad_text_file',
    'read_text_file\0',
    'files/read_text_file',
    '../files/read_text_file',
    'read_text_file/../write_file',
    '__proto__',
    '',
  ])('that calls a tool with a look-alike name: %j', async (name) => {
    server.play((_, response) => response.end());
    const { status } = await send(stage, token, call(name));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(server.arrived).toEqual([]);
  });

  test.each([null, 1.5, true, {}, [], 'x'.repeat(257), 2 ** 60])(
    'with an id that is not one: %j',
    async (id) => {
      server.play((_, response) => response.end());
      const { status, code } = await send(stage, token, { ...call('read_text_file'), id });
      expect([status, code]).toEqual([400, 'message_malformed']);
      expect(server.arrived).toEqual([]);
    },
  );

  test.each([
    `mcp%2f${'files'}`,
    'mcp/files/../files',
    'mcp//files',
    'MCP/files',
    'mcp/files%00',
    'mcp/FILES',
    'mcp/files;x',
    'mcp/%66%69les/',
  ])('at the path %j', async (at) => {
    server.play((_, response) => response.end());
    const body = JSON.stringify(good());
    const { host } = new URL(stage.audience);
    const lines = [`POST /${at} HTTP/1.1`, `host: ${host}`, ...usual()];
    const answer = await raw(
      `${[...lines, `content-length: ${body.length}`, '', ''].join('\r\n')}${body}`,
    );
    // A path that a URL parser writes in the usual way is that path.
    const isUsual = at === 'mcp/files/../files';
    expect(answer).toMatch(isUsual ? /HTTP\/1\.1 \d/ : /HTTP\/1\.1 4\d\d/);
    if (!isUsual) expect(server.arrived).toEqual([]);
  });
});

describe('a server that misbehaves', () => {
  const METADATA = 'http://169.254.169.254/latest/meta-data/';

  test.each<[string, Script, string]>([
    [
      'redirects to a metadata address',
      (_, response) => response.writeHead(307, { location: METADATA }).end(),
      'upstream_redirected',
    ],
    [
      'redirects within a stream',
      (_, response) =>
        response.writeHead(302, { location: METADATA, 'content-type': 'text/event-stream' }).end(),
      'upstream_redirected',
    ],
    ['hangs without a response', () => undefined, 'upstream_unanswered'],
    [
      'hangs after its headers',
      (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).write(' '),
      'upstream_unanswered',
    ],
    [
      'lies about its length',
      (arrived, response) => {
        const body = answerOf(arrived);
        response.writeHead(200, {
          'content-type': 'application/json',
          'content-length': body.length + 100,
        });
        response.write(body.slice(0, 20), () => response.socket?.destroy());
      },
      'upstream_unanswered',
    ],
  ])('and %s is not waited for, nor followed', async (_, script, code) => {
    server.play(script);
    const begun = Date.now();
    const answer = await send(stage, token, good());
    expect(answer).toMatchObject({ status: 502, code });
    expect(Date.now() - begun).toBeLessThan(6_000);
  });

  const stream =
    (play: (send: (message: unknown) => void, id: string) => void): Script =>
    ({ message }, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      play(
        (each) =>
          response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...Object(each) })}\n\n`),
        String(message.id),
      );
    };
  const progress = (progressToken: unknown, value: number) => ({
    method: 'notifications/progress',
    params: { progressToken, progress: value },
  });

  test.each<[string, Script, number]>([
    [
      'whose stream is silent ends after its time',
      stream((each) =>
        each({ method: 'notifications/message', params: { level: 'info', data: 1 } }),
      ),
      3_000,
    ],
    [
      'whose progress never ends gets no more than the bound',
      stream((each, id) => {
        let count = 0;
        const timer = setInterval(() => each(progress(id, ++count)), 200);
        setTimeout(() => clearInterval(timer), 8_000);
      }),
      6_000,
    ],
    [
      'whose progress is about another request gets no more time',
      stream((each) => {
        each({ method: 'notifications/message', params: { level: 'info', data: 1 } });
        const timer = setInterval(() => each(progress('hewn-other', 1)), 200);
        setTimeout(() => clearInterval(timer), 8_000);
      }),
      3_000,
    ],
  ])('and %s', async (_, script, within) => {
    server.play(script);
    const begun = Date.now();
    const message = { ...good(), params: { ...good().params, _meta: { progressToken: 1 } } };
    const { text } = await send(stage, token, message);
    expect(text).toContain('upstream_unanswered');
    expect(Date.now() - begun).toBeLessThan(within);
  });
});
