import { readFile } from 'node:fs/promises';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { toHex } from '../../../src/encoding.ts';
import { encodeMessage } from '../../../src/feed/log/index.ts';
import { type NodeProtectOptions, protect } from '../../../src/verifier-node/index.ts';
import { AUDIENCE, at, ISSUER, mintToken } from '../fixtures/issuer.ts';
import { deltaOf, entry, feedKeys, headOver, json, serve, sign } from '../fixtures/log.ts';
import { serveSockets } from '../fixtures/socket.ts';

/** Revokes wf_1, the workflow of the honest token. */
const LOG = [entry(1)];
const exported = (await crypto.subtle.exportKey('raw', feedKeys.publicKey)) as ArrayBuffer;
const feedKey = toHex(new Uint8Array(exported));

/** An issuer whose log has `shown.count` entries, and an API that it protects. */
async function scene(options: Partial<NodeProtectOptions>) {
  const shown = { count: 0 };
  const confirmed: unknown[] = [];
  const issuer = await serve(async (request, response) => {
    const path = request.url ?? '';
    if (path.endsWith('/confirm')) {
      for await (const chunk of request) confirmed.push(JSON.parse(String(chunk)));
      return void response.writeHead(204).end();
    }
    const head = await headOver(LOG.slice(0, shown.count), 0, { issuer: issuer.url });
    if (/\/head/.test(path)) return json(response, await sign(head));
    response.end(deltaOf(LOG.slice(0, shown.count)));
  });
  const hewn = protect({
    issuer: issuer.url,
    audience: AUDIENCE,
    feedKey,
    now: () => at(1),
    report: () => undefined,
    ...options,
  });
  const route = { tool: 'crm.search', action: 'read', tier: 1, dataset: 'crm/contacts' } as const;
  const server = createServer(
    hewn.listener(hewn.fetch(route, ({ args }) => Response.json({ args }))),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = async (path = '/'): Promise<number> => {
    const headers = { authorization: `Bearer ${mintToken({ issuer: issuer.url })}` };
    return (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).status;
  };
  return {
    ask,
    shown,
    confirmed,
    issuer,
    hewn,
    port,
    [Symbol.asyncDispose]: async () => {
      await hewn.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await issuer[Symbol.asyncDispose]();
    },
  };
}

const asked = (paths: readonly string[]) => paths.filter((path) => path.includes('/head')).length;

describe('`protect` in Node', () => {
  test('polls the feed without a socket, before the first request and between requests', async () => {
    await using api = await scene({ WebSocket: false });
    await expect.poll(() => api.hewn.feed.head).toBeDefined();
    expect(await api.ask()).toBe(200);
    const before = asked(api.issuer.asked);
    api.shown.count = 1;
    await expect.poll(() => api.hewn.feed.head?.seq).toBe(1);
    expect(asked(api.issuer.asked)).toBeGreaterThan(before);
    expect(await api.ask()).toBe(401);
  });

  test('polls where the runtime has no WebSocket, and through a service', async () => {
    vi.stubGlobal('WebSocket', undefined);
    const service = async (url: string) =>
      fetch(url).catch(() => new Response(null, { status: 503 }));
    try {
      await using plain = await scene({});
      await expect.poll(() => plain.hewn.feed.head).toBeDefined();
    } finally {
      vi.unstubAllGlobals();
    }
    const opened = vi.fn();
    vi.stubGlobal('WebSocket', opened);
    try {
      await using served = await scene({ service });
      await expect.poll(() => served.hewn.feed.head).toBeDefined();
      expect(opened).not.toHaveBeenCalled();
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test('enforces what a socket brings, keeps its floor, and reports its position', async () => {
    await using sockets = await serveSockets(() => undefined);
    class Local extends WebSocket {
      constructor() {
        super(sockets.url);
      }
    }
    const floor = join(tmpdir(), `hewn-protect-${process.pid}-${Date.now()}.json`);
    const options = { WebSocket: Local as never, credential: 'x', floor };
    await using api = await scene(options);
    await expect.poll(() => sockets.connected.length).toBe(1);
    expect(await api.ask()).toBe(200);
    const head = await headOver(LOG, 0, { issuer: api.issuer.url });
    sockets.send(encodeMessage(await sign(head), deltaOf(LOG)));
    await expect.poll(() => api.ask()).toBe(401);
    await expect.poll(async () => JSON.parse(await readFile(floor, 'utf8')).seq).toBe(1);
    await expect
      .poll(() => api.confirmed.at(-1))
      .toMatchObject({ epoch: 1, seq: 1, verifier: expect.stringMatching(/^[\w-]{16}$/) });
  });

  test('leaves reports to a recorder that confirms positions', async () => {
    const confirm = vi.fn(async () => undefined);
    const records = {
      verifier: 'v',
      denied: () => undefined,
      open: async () => ({ ok: true as const, value: { close: () => undefined } }),
      flush: vi.fn(async () => undefined),
      confirm,
    };
    {
      await using api = await scene({ WebSocket: false, credential: 'x', records });
      expect(await api.ask()).toBe(200);
      await expect.poll(() => confirm.mock.calls.at(-1)).toMatchObject([0, { seq: 0 }]);
      expect(api.confirmed).toEqual([]);
      records.flush.mockClear();
    }
    expect(records.flush).toHaveBeenCalled();
  });

  test('answers refused bodies, and the next request of their connection', async () => {
    await using api = await scene({ WebSocket: false });
    await expect.poll(() => api.hewn.feed.head).toBeDefined();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (method: string, authorization: string, body = '') =>
      new Promise<readonly unknown[]>((resolve, reject) => {
        const headers = {
          authorization,
          ...(method === 'POST' && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          }),
        };
        const { port } = api;
        const sent = request({ port, agent, method, headers }, (response) => {
          response.resume().on('end', () => resolve([response.statusCode, sent.reusedSocket]));
        });
        sent.on('error', reject).end(body);
      });
    const valid = `Bearer ${mintToken({ issuer: api.issuer.url })}`;
    expect(await send('GET', valid)).toEqual([200, false]);
    expect(await send('POST', '', 'x'.repeat(600_000))).toEqual([401, true]);
    expect(await send('POST', valid, `"${'x'.repeat(300_000)}"`)).toEqual([413, true]);
    expect(await send('POST', valid, '{"a":1,"a":2}')).toEqual([400, true]);
    expect(await send('POST', valid, '{"a":1}')).toEqual([200, true]);
    expect(await send('GET', valid)).toEqual([200, true]);
    // Node's client opens another connection after a HEAD.
    expect((await send('HEAD', valid))[0]).toBe(200);
    expect((await send('TRACE', valid))[0]).toBe(405);
    agent.destroy();
  });

  test('asks nothing more once it is closed', async () => {
    await using api = await scene({ WebSocket: false });
    await expect.poll(() => api.hewn.feed.head).toBeDefined();
    await api.hewn.close();
    const before = asked(api.issuer.asked);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(asked(api.issuer.asked)).toBe(before);
  });

  test.each([
    ['an empty path', { floor: '' }, /`floor` must be/],
    ['a socket that is no class', { WebSocket: true }, /the class of a WebSocket, or false/],
    ['an origin', { origin: ISSUER }, /unknown member `origin`/],
  ])('refuses %s', (_, options, message) => {
    const given = { issuer: ISSUER, audience: AUDIENCE, feedKey, ...options };
    expect(() => protect(given as never)).toThrow(message);
  });
});
