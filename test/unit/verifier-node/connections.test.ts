import { once } from 'node:events';
import { Agent, createServer, request as httpRequest, type Server } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import express from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import { ok, refuse } from '../../../src/result.ts';
import { guard } from '../../../src/verifier/index.ts';
import { listener } from '../../../src/verifier-node/index.ts';
import { CALL, verifierWith } from '../fixtures/feed.ts';
import { AUDIENCE, mintToken } from '../fixtures/issuer.ts';

/** A guard behind the listener, with clients that do what no Fetch API does. */

const token = mintToken();
/** Much longer than the listener waits for the rest of a body. */
const CLOSED_MILLISECONDS_MAX = 30_000;

const servers: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const end = (server: Server): void => {
  server.closeAllConnections();
  server.close();
};

const guarded = guard({
  verifier: verifierWith(),
  describe: async (request) =>
    new URL(request.url).pathname.startsWith('/missing')
      ? refuse(new Response('nothing here', { status: 404 }))
      : ok(CALL),
  handle: async (request) => {
    const { pathname } = new URL(request.url);
    // As many handlers do: the header is enough to see that the body is too large.
    if (pathname === '/early') return new Response('early', { status: 413 });
    if (pathname === '/some') await request.body?.getReader().read();
    if (pathname === '/echo') return new Response(request.body);
    return Response.json({ url: request.url });
  },
});

async function serve(
  handler: (request: Request) => Promise<Response> = guarded,
  origin = AUDIENCE,
): Promise<{ server: Server; port: number; failures: unknown[] }> {
  const failures: unknown[] = [];
  const failed = (error: unknown) => void failures.push(error);
  const server = createServer(listener(handler, { origin, failed }));
  servers.push({ close: () => end(server) });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, failures };
}

/** What a raw client reads until the server closes the connection, or for some time. */
async function raw(port: number, text: string | Buffer) {
  const socket: Socket = connect(port, '127.0.0.1');
  let answer = '';
  const isClosed = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(resolve, CLOSED_MILLISECONDS_MAX, false);
    socket.on('data', (chunk) => (answer += chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(true);
    });
    socket.write(text);
  });
  socket.destroy();
  return {
    answer,
    isClosed,
    statuses: [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, s]) => s),
  };
}

/** One request by a client that keeps its connection, as nginx does with its upstream. */
const send = (
  agent: Agent,
  port: number,
  { method = 'GET', path = '/', body = undefined as Buffer | undefined, headers = {} } = {},
): Promise<{ status: number | undefined; body: string; milliseconds: number }> =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    const options = { agent, port, host: '127.0.0.1', method, path, headers };
    const sent = httpRequest(options, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          body: text,
          milliseconds: performance.now() - began,
        }),
      );
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });

const authorization = `Bearer ${token}`;

describe('an unread body', () => {
  test.each([
    ['denied', '/', {}, 401],
    ['without a route', '/missing', { authorization }, 404],
    ['answered early', '/early', { authorization }, 413],
    ['read in part', '/some', { authorization }, 200],
    ['not read at all', '/served', { authorization }, 200],
  ])(
    'of a request that is %s does not stall the next request of its connection',
    async (_, path, headers, status) => {
      const { port } = await serve();
      for (const size of [1, 70_000, 150_000, 600_000]) {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        const body = Buffer.alloc(size, 'x');
        const first = await send(agent, port, { method: 'POST', path, headers, body });
        expect(first.status).toBe(status);
        const next = await send(agent, port, { path: '/honest', headers: { authorization } });
        expect(next.status).toBe(200);
        expect(next.milliseconds, `after ${size} bytes`).toBeLessThan(1_000);
        agent.destroy();
      }
    },
  );

  test.each([
    ['a length', 'Content-Length: 100000000\r\n\r\nsome'],
    ['chunks', 'Transfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n'],
  ])('with %s that never ends gets its denial, and is then closed', async (_, rest) => {
    const { port } = await serve();
    const text = `POST / HTTP/1.1\r\nHost: a\r\n${rest}`;
    const { statuses, answer, isClosed } = await raw(port, text);
    expect(statuses).toEqual(['401']);
    expect(answer.toLowerCase()).toContain('connection: close');
    expect(isClosed).toBe(true);
  });

  test('can be echoed while it is still being sent', async () => {
    const { port } = await serve();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const body = Buffer.alloc(400_000, 'y');
    const echoed = await send(agent, port, {
      method: 'POST',
      path: '/echo',
      headers: { authorization },
      body,
    });
    expect([echoed.status, echoed.body.length]).toEqual([200, 400_000]);
    agent.destroy();
  });

  test('an answer that breaks off does not look complete', async () => {
    const { port, failures } = await serve(async () => {
      const broken = new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode('half')),
        pull: () => Promise.reject(new Error('the disk is gone')),
      });
      return new Response(broken);
    });
    const { answer, isClosed } = await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(answer).not.toContain('\r\n0\r\n');
    expect(isClosed).toBe(true);
    expect(failures).toHaveLength(1);
  });
});

describe('a request target', () => {
  const seenBy = async (target: string, host = 'crm.example') => {
    const { port } = await serve(async (request) => new Response(request.url));
    const text = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    const { statuses, answer } = await raw(port, text);
    return statuses[0] === '200' ? /https:[^\r\n]*/.exec(answer)?.[0] : statuses[0];
  };

  test.each([
    ['/contacts/us/../eu', 'https://crm.example/contacts/eu'],
    ['/contacts/us/%2e%2e/eu', 'https://crm.example/contacts/eu'],
    ['/contacts\\..\\eu', 'https://crm.example/eu'],
    ['//evil.example/contacts', 'https://crm.example//evil.example/contacts'],
    ['http://evil.example/contacts/eu?a=b', 'https://crm.example/contacts/eu?a=b'],
    ['http://evil.example', 'https://crm.example/'],
    ['*', '400'],
    ['contacts', '400'],
    ['http://[/', '400'],
  ])('%s is read as %s', async (target, url) => {
    expect(await seenBy(target)).toBe(url);
  });

  test.each(['evil.example/contacts/us?', '', 'a@b', 'a b', 'a#b', 'a\\b'])(
    'is not moved by the Host header %j',
    async (host) => {
      const { port } = await serve();
      const text = `GET /honest HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`;
      const { answer, statuses } = await raw(port, text);
      if (statuses[0] === '200') expect(answer).toContain(`${AUDIENCE}/honest`);
      else expect(statuses[0]).toBe('400');
    },
  );

  test('uses only the origin of an audience with a path', async () => {
    const { port } = await serve(guarded, `${AUDIENCE}/api/v2`);
    const agent = new Agent();
    const answer = await send(agent, port, { path: '/api/v2/x', headers: { authorization } });
    expect(JSON.parse(answer.body)).toEqual({ url: `${AUDIENCE}/api/v2/x` });
  });
});

describe('a request that Fetch cannot represent', () => {
  test.each(['TRACE', 'trace'])('%s gets 405, not a failure', async (method) => {
    const { port, failures } = await serve();
    const { statuses } = await raw(
      port,
      `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );
    expect(['405', '400']).toContain(statuses[0]);
    expect(failures).toEqual([]);
  });

  test('no challenge quotes text from the client', async () => {
    const { port } = await serve();
    const { answer } = await raw(
      port,
      'GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toContain('realm="crm.example"');
    expect(answer).not.toContain('evil.example');
  });
});

describe('over HTTP/2', () => {
  async function ask(headers: Record<string, string>, body?: Buffer) {
    const failures: unknown[] = [];
    const handler = async (request: Request) => {
      const { pathname } = new URL(request.url);
      if (pathname !== '/cookies') return guarded(request);
      const set = new Headers({ connection: 'keep-alive', 'x-test': 'yes' });
      for (const cookie of ['a=1', 'b=2']) set.append('set-cookie', cookie);
      return new Response(await request.text(), { headers: set });
    };
    const failed = (error: unknown) => void failures.push(error);
    const server = createHttp2Server(listener(handler, { origin: AUDIENCE, failed }));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    servers.push({
      close: () => {
        client.destroy();
        server.close();
      },
    });
    const stream = client.request(headers);
    stream.end(body);
    const [answer] = (await once(stream, 'response')) as [Record<string, unknown>];
    let text = '';
    for await (const chunk of stream) text += chunk;
    return { status: answer[':status'], answer, text, failures };
  }

  test('a request is decided and served', async () => {
    const { status, text, failures } = await ask({ ':path': '/a/../honest', authorization });
    expect([status, JSON.parse(text), failures]).toEqual([200, { url: `${AUDIENCE}/honest` }, []]);
  });

  test('a denied request with a long body gets its denial', async () => {
    const headers = { ':path': '/', ':method': 'POST' };
    const { status, failures } = await ask(headers, Buffer.alloc(300_000));
    expect([status, failures]).toEqual([401, []]);
  });

  test('TRACE gets 405, not a failure', async () => {
    const { status, failures } = await ask({ ':path': '/', ':method': 'TRACE' });
    expect([status, failures]).toEqual([405, []]);
  });

  test('bodies, cookies and headers pass, except headers about the connection', async () => {
    const headers = { ':path': '/cookies', ':method': 'POST' };
    const { status, answer, text } = await ask(headers, Buffer.from('content'));
    expect([status, text, answer['x-test']]).toEqual([200, 'content', 'yes']);
    expect(answer['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(answer.connection).toBeUndefined();
  });
});

describe('a listener behind a body parser', () => {
  async function post(parser: express.RequestHandler, body: string, type: string) {
    const failures: unknown[] = [];
    const app = express();
    app.use(parser);
    const failed = (error: unknown) => void failures.push(error);
    app.use(
      listener(async (request) => new Response(await request.text()), {
        origin: AUDIENCE,
        failed,
      }) as never,
    );
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push({ close: () => end(server) });
    const { port } = server.address() as AddressInfo;
    const headers = { 'content-type': type };
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body });
    return { status: response.status, text: await response.text(), failures };
  }

  test.each([
    [
      'express.json()',
      express.json(),
      '{"to": ["a", "b"], "n": 1.0}',
      'application/json',
      '{"to":["a","b"],"n":1}',
    ],
    ['express.text()', express.text(), 'some text', 'text/plain', 'some text'],
    ['express.raw()', express.raw(), 'bytes', 'application/octet-stream', 'bytes'],
  ])('handles the body that %s has read', async (_, parser, body, type, expected) => {
    expect(await post(parser, body, type)).toEqual({ status: 200, text: expected, failures: [] });
  });

  test('reports what to do if the parser left nothing to write', async () => {
    const parser = express.urlencoded({ extended: false });
    const { status, failures } = await post(parser, 'a=1', 'application/x-www-form-urlencoded');
    expect(status).toBe(500);
    expect(String(failures[0])).toContain('Mount the listener before');
  });

  test('is unaffected by a parser that had nothing to read', async () => {
    expect(await post(express.json(), 'plain', 'text/plain')).toMatchObject({
      status: 200,
      text: 'plain',
    });
  });
});

test.each([
  [
    'throws',
    () => {
      throw new Error('no log');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no log'))],
])('a failure handler that %s does not end the process', async (_, failed) => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', note);
  const serving = listener(() => Promise.reject(new Error('x')), { origin: AUDIENCE, failed });
  const server = createServer(serving);
  servers.push({ close: () => end(server) });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect((await fetch(`http://127.0.0.1:${port}`)).status).toBe(500);
  await new Promise((passed) => setTimeout(passed, 20));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
