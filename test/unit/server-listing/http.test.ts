import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import {
  readListingFile,
  readServer,
  type ServerListing,
  writeListingFile,
} from '../../../src/server-listing/index.ts';

interface Message {
  readonly id?: number;
  readonly method: string;
  readonly params?: {
    readonly cursor?: string;
    readonly _meta?: Readonly<Record<string, unknown>>;
  };
}
type Answer = (message: Message, request: IncomingMessage, response: ServerResponse) => unknown;

let server: Server | undefined;
afterEach(() => server?.closeAllConnections());
afterEach(() => server?.close());

/** Starts a server that answers each message with what `answer` returns, unless it answered. */
async function serve(answer: Answer): Promise<string> {
  server = createServer(async (request, response) => {
    const message = request.method === 'POST' ? ((await json(request)) as Message) : DELETION;
    const body = answer(message, request, response);
    if (response.headersSent) return;
    if (body === undefined) response.writeHead(202).end();
    else {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...body }));
    }
  });
  await new Promise<void>((listening) => server?.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}
const DELETION: Message = { method: 'DELETE' };

const result = (value: unknown) => ({ result: value });
const error = (message: string) => ({ error: { code: -32_000, message } });
const hello = result({
  protocolVersion: '2025-11-25',
  capabilities: { tools: {}, resources: {}, prompts: {} },
  serverInfo: { name: 'crm', version: '7' },
});

/** What each method answers, in two pages of tools. */
const LISTS: Readonly<Record<string, (message: Message) => unknown>> = {
  'tools/list': ({ params }) =>
    params?.cursor === 'next'
      ? result({ tools: [{ name: 'a', description: 'first' }] })
      : result({ tools: [{ name: 'b' }], nextCursor: 'next' }),
  'resources/list': () => result({ resources: [{ uri: 'crm://x', name: 'x' }] }),
  'resources/templates/list': () => error('unknown'),
  'prompts/list': () => result({ prompts: [{ name: 'greet' }] }),
};
const LISTING: ServerListing = {
  server: { name: 'crm', version: '7' },
  tools: [
    { name: 'a', definition: { name: 'a', description: 'first' } },
    { name: 'b', definition: { name: 'b' } },
  ],
  resources: ['crm://x'],
  prompts: ['greet'],
};

const read = (url: string, credential?: string) =>
  readServer({ url, fetch, ...(credential !== undefined && { credential }) });
const refusal = async (answer: Answer) => {
  const listed = await read(await serve(answer));
  return listed.ok ? 'listed' : listed.error;
};

test('a server with a session is listed page by page, and its session is ended', async () => {
  const ended: unknown[] = [];
  const url = await serve((message, request, response) => {
    if (request.method === 'DELETE') {
      ended.push(request.headers['mcp-session-id']);
      return undefined;
    }
    if (message.method === 'initialize') {
      response.setHeader('mcp-session-id', 's1');
      return hello;
    }
    expect(request.headers).toMatchObject({
      'mcp-session-id': 's1',
      'mcp-protocol-version': '2025-11-25',
      authorization: 'Bearer secret',
    });
    return LISTS[message.method]?.(message);
  });
  expect(await read(url, 'secret')).toEqual({ ok: true, value: LISTING });
  expect(ended).toEqual(['s1']);
});

test('a server of the stateless revision is listed', async () => {
  const listed = await read(
    await serve((message, request) => {
      if (message.method === 'initialize') return error('unsupported protocol version');
      expect(request.headers['mcp-method']).toBe(message.method);
      expect(message.params?._meta).toMatchObject({
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      });
      if (message.method !== 'server/discover') return LISTS[message.method]?.(message);
      return result({
        capabilities: { tools: {}, resources: {}, prompts: {} },
        _meta: { 'io.modelcontextprotocol/serverInfo': LISTING.server },
      });
    }),
  );
  expect(listed).toEqual({ ok: true, value: LISTING });
});

test('an event stream that stays open is read as far as the answer', async () => {
  const listed = await read(
    await serve((message, _request, response) => {
      if (message.id === undefined) return undefined;
      const body = message.method === 'initialize' ? hello : LISTS[message.method]?.(message);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: message\r\ndata: {"jsonrpc":"2.0","method":"note"}\r\n\r\n');
      response.write(
        `data: ${JSON.stringify({ jsonrpc: '2.0', id: message.id, ...(body as object) })}\n\n`,
      );
      return undefined;
    }),
  );
  expect(listed).toEqual({ ok: true, value: LISTING });
});

describe('a server is refused, with what to do, if it', () => {
  test.each<[string, Answer, string]>([
    [
      'asks for a credential',
      (_message, _request, response) => response.writeHead(401).end(),
      '--bearer',
    ],
    [
      'redirects',
      (_message, _request, response) =>
        response.writeHead(307, { location: 'http://169.254.169.254/' }).end(),
      'redirects to http://169.254.169.254/',
    ],
    [
      'is no MCP server',
      (_message, _request, response) =>
        response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>'),
      'it answered "initialize" with status 404 and no JSON-RPC message',
    ],
    [
      'lists a tool without a name',
      ({ method }) => (method === 'initialize' ? hello : result({ ...EMPTY, tools: [{}] })),
      'without a valid name',
    ],
    [
      'lists two tools of one name',
      ({ method }) =>
        method === 'initialize'
          ? hello
          : result({ ...EMPTY, tools: [{ name: 'a' }, { name: 'a' }] }),
      'two tools of one name',
    ],
    [
      'never ends its pages',
      ({ method }) => (method === 'initialize' ? hello : result({ ...EMPTY, nextCursor: 'again' })),
      'more than 100 pages',
    ],
    [
      'lists more tools than it may',
      ({ method }) =>
        method === 'initialize'
          ? hello
          : result({
              ...EMPTY,
              tools: Array.from({ length: 2_001 }, (_, i) => ({ name: `t${i}` })),
            }),
      'it lists more than 2000 tools',
    ],
    [
      'answers a question for tools without a list',
      ({ method }) => (method === 'initialize' ? hello : result({ tools: {} })),
      'its answer to "tools/list" has no list',
    ],
    [
      'closes the connection inside an answer',
      (_message, _request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '99' });
        response.write('{"jsonrpc"', () => response.destroy());
      },
      'the connection was lost before its answer ended',
    ],
    [
      'answers with more than it may',
      (_message, _request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end('x'.repeat(9 * 1024 * 1024));
      },
      'is over',
    ],
  ])('%s', async (_, answer, wanted) => {
    expect(await refusal(answer)).toContain(wanted);
  });

  test('cannot be reached', async () => {
    const listed = await read('http://127.0.0.1:9/mcp');
    expect(listed).toMatchObject({
      ok: false,
      error: expect.stringContaining('cannot be reached'),
    });
  });

  test('is a command that ends at once', async () => {
    const command = [process.execPath, '-e', 'console.error("no key"); process.exit(3)'];
    const listed = await readServer({ command, cwd: '.' });
    expect(listed).toMatchObject({ ok: false, error: expect.stringContaining('no key') });
  });
});
const EMPTY = { tools: [], resources: [], prompts: [] };

describe('the file of a listing', () => {
  test('is read as it was written', () => {
    expect(readListingFile(writeListingFile(LISTING))).toEqual({ ok: true, value: LISTING });
  });

  const withTool = (tool: string) =>
    `{"v":1,"server":{},"tools":[${tool}],"resources":[],"prompts":[]}`;
  test.each(['', '{}', '{"v":2}', withTool('{}'), withTool('{"name":"a","title":"\\ud800"}')])(
    'is refused if someone made it %s',
    (text) => {
      expect(readListingFile(text).ok).toBe(false);
    },
  );
});
