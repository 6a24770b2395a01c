import { describe, expect, test } from 'vitest';
import {
  type Capability,
  NarrowingFailed,
  type NarrowingFetchOptions,
  narrowingFetch,
} from '../../../src/agent/index.ts';
import type { JsonObject } from '../../../src/canonical-json.ts';
import { argumentsDigest } from '../../../src/capability/index.ts';
import { type Catalogue, parseCatalogue } from '../../../src/catalogue/index.ts';
import { toHex } from '../../../src/encoding.ts';
import { AUDIENCE, at, countBlocks, mintToken, printBlock, unwrap } from '../fixtures/issuer.ts';

const catalogue: Catalogue = unwrap(
  parseCatalogue(`
    [[tool]]
    name = "mcp/files/read_file"
    action = "read"
    tier = 1
    arguments = ["path"]
    datasets = [{ argument = "/path", under = "files" }]`),
);
const WIDE = mintToken();
const capability: Capability = {
  token: WIDE,
  workflow: 'wf_1',
  task: 'churn',
  audience: AUDIENCE,
  grants: [],
  expires: new Date(at(300)),
};

/** Sends through a narrowing fetch at second 0, and returns what would have been sent. */
async function send(
  url: string | URL | Request,
  init?: RequestInit,
  options: Partial<NarrowingFetchOptions> = {},
) {
  const sent: Request[] = [];
  const wire = (async (request: Request) => {
    sent.push(request);
    return new Response('done');
  }) as typeof fetch;
  const narrowing = narrowingFetch({
    capability,
    catalogue,
    server: 'files',
    now: () => at(0.7),
    fetch: wire,
    ...options,
  });
  const failed = await narrowing(url, init).then(
    () => undefined,
    (error: unknown) => error,
  );
  const [request] = sent;
  const token = request?.headers.get('authorization')?.replace('Bearer ', '') ?? '';
  const caveats = token && countBlocks(token) === 2 ? printBlock(token, 1).trim() : '';
  return { failed, request, token, caveats: caveats.split('\n') };
}

const post = (body: string): RequestInit => ({ method: 'POST', body });
const call = (name: string, args?: unknown) =>
  post(
    JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name, arguments: args },
    }),
  );
const pin = async (args: JsonObject) =>
  `check if args_sha256(hex:${toHex(await argumentsDigest(args))});`;

describe('a tools/call is sent narrowed', () => {
  test('to its tool, dataset, arguments and 30 s', async () => {
    const args = { path: 'reports/q3.md' };
    const { caveats, token } = await send(`${AUDIENCE}/mcp`, call('read_file', args));
    expect(caveats).toEqual([
      'check all tool($t), {"mcp/files/read_file"}.contains($t);',
      'check all dataset($d), $d == "files/reports/q3.md" || $d.starts_with("files/reports/q3.md/");',
      await pin(args),
      'check if time($t), $t < 2026-11-23T10:00:30Z;',
    ]);
    expect(token).not.toBe(WIDE);
  });

  test('to its tool and arguments if the catalogue cannot describe it', async () => {
    for (const [name, args] of [
      ['unknown', { path: 'a' }],
      ['read_file', { path: '../a' }],
      ['read_file', {}],
    ] as const) {
      const { caveats } = await send(`${AUDIENCE}/mcp`, call(name, args));
      expect(caveats).toEqual([
        `check all tool($t), {"mcp/files/${name}"}.contains($t);`,
        await pin(args),
        'check if time($t), $t < 2026-11-23T10:00:30Z;',
      ]);
    }
  });

  test('for the requested time', async () => {
    const { caveats } = await send(`${AUDIENCE}/mcp`, call('read_file', {}), { seconds: 5 });
    expect(caveats.at(-1)).toBe('check if time($t), $t < 2026-11-23T10:00:05Z;');
  });
});

describe('any other message is sent narrowed to the audience and the time:', () => {
  test.each([
    ['tools/list', post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}')],
    ['no body', { method: 'GET' }],
    ['a body that is not JSON', post('not JSON')],
    ['a method that is not a string', post('{"method":["tools/call"]}')],
  ])('%s', async (_, init) => {
    const { caveats } = await send(`${AUDIENCE}/mcp`, init);
    expect(caveats).toEqual([
      'check if time($t), $t < 2026-11-23T10:00:30Z;',
      `check all audience($a), $a == "${AUDIENCE}";`,
    ]);
  });
});

describe('the request', () => {
  test('keeps its body byte for byte, its method and its headers', async () => {
    const body =
      '{ "method":"tools/call",\n "params":{"name":"read_file","arguments":{"b":1,"a":2}} }  ';
    const headers = { 'content-type': 'application/json', 'mcp-session-id': 's', accept: 'x' };
    const { request } = await send(`${AUDIENCE}/mcp?x=1`, { ...post(body), headers });
    expect(await request?.text()).toBe(body);
    expect(request).toMatchObject({ method: 'POST', url: `${AUDIENCE}/mcp?x=1` });
    for (const [name, value] of Object.entries(headers)) {
      expect(request?.headers.get(name)).toBe(value);
    }
  });

  test('loses the caller’s own authorization', async () => {
    const headers = { authorization: `Bearer ${WIDE}` };
    const { request, token } = await send(`${AUDIENCE}/mcp`, { ...call('read_file', {}), headers });
    expect(countBlocks(token)).toBe(2);
    expect(request?.headers.get('authorization')).toBe(`Bearer ${token}`);
  });

  test('is the same for a Request as for a URL', async () => {
    const init = call('read_file', { path: 'a' });
    const { caveats } = await send(new Request(`${AUDIENCE}/mcp`, init));
    expect(caveats).toEqual((await send(new URL(`${AUDIENCE}/mcp`), init)).caveats);
  });

  test('follows no redirect, which could take the token elsewhere', async () => {
    const { request } = await send(`${AUDIENCE}/mcp`, { redirect: 'follow' });
    expect(request?.redirect).toBe('manual');
  });
});

describe('sends nothing', () => {
  test.each([
    'https://evil.example/mcp',
    'http://crm.example/mcp',
    'https://crm.example:8443/mcp',
    'https://crm.example.evil.example/',
    'https://crm.example@evil.example/',
  ])('to %s, which is another origin', async (url) => {
    const { failed, request } = await send(url, call('read_file', {}));
    expect(failed).toMatchObject({ name: 'NarrowingFailed', code: 'another_audience' });
    expect(request).toBeUndefined();
  });

  test.each<[string, RequestInit, string]>([
    ['an invalid tool name', call('bad\u200Bname', {}), 'name_invalid'],
    ['a text that is not Unicode', call('read_file', { path: '\ud800' }), 'arguments_invalid'],
    ['a list for arguments', call('read_file', ['a']), 'call_unreadable'],
    ['a call without a name', post('{"method":"tools/call","params":{}}'), 'call_unreadable'],
    ['a call without params', post('{"method":"tools/call"}'), 'call_unreadable'],
    ['a batch', post('[{"method":"tools/call"}]'), 'call_unreadable'],
  ])('for %s', async (_, init, code) => {
    const { failed, request } = await send(`${AUDIENCE}/mcp`, init);
    expect(failed).toBeInstanceOf(NarrowingFailed);
    expect(failed).toMatchObject({ code });
    expect(request).toBeUndefined();
  });

  test('with a token that cannot be narrowed, and the error does not contain it', async () => {
    const broken = { ...capability, token: WIDE.slice(0, -9) };
    const { failed, request } = await send(`${AUDIENCE}/mcp`, {}, { capability: broken });
    expect(failed).toBeInstanceOf(NarrowingFailed);
    expect(String(failed)).not.toContain(WIDE.slice(0, 16));
    expect(request).toBeUndefined();
  });
});

describe('a request to an HTTP API', () => {
  const orders = unwrap(
    parseCatalogue(`
    [[tool]]
    name = "http/shop/get_order"
    action = "read"
    tier = 1
    arguments = ["id", "expand"]
    datasets = [{ argument = "/id", under = "orders" }]
    route = { server = "shop", methods = ["GET"], path = "/orders/:id", arguments = { expand = { in = "query", type = "boolean" } } }

    [[tool]]
    name = "http/shop/place_order"
    action = "write"
    tier = 2
    arguments = ["sku"]
    datasets = [{ fixed = "orders" }]
    sinks = []
    route = { server = "shop", methods = ["POST"], path = "/orders", body = "json", arguments = { sku = { in = "body" } } }

    [[tool]]
    name = "http/shop/upload"
    action = "write"
    tier = 2
    arguments = ["id"]
    datasets = [{ fixed = "orders" }]
    sinks = []
    route = { server = "shop", methods = ["PUT"], path = "/orders/:id/photo", body = "bytes", contentTypes = ["image/png"], bytes = 1000 }`),
  );
  const root = `${AUDIENCE}/http/shop`;
  const api = (path: string, init?: RequestInit) =>
    send(`${root}${path}`, init, { catalogue: orders });

  test('is sent narrowed to its tool, dataset and arguments', async () => {
    const { request, caveats } = await api('/orders/7?expand=true');
    expect(request?.url).toBe(`${root}/orders/7?expand=true`);
    expect(caveats).toEqual([
      'check all tool($t), {"http/shop/get_order"}.contains($t);',
      'check all dataset($d), $d == "orders/7" || $d.starts_with("orders/7/");',
      await pin({ id: '7', expand: true }),
      'check if time($t), $t < 2026-11-23T10:00:30Z;',
    ]);
  });

  test('is sent with its body byte for byte', async () => {
    const body = ' {"sku": "a"} ';
    const headers = { 'content-type': 'application/json' };
    const { request, caveats } = await api('/orders', { method: 'POST', body, headers });
    expect(await request?.text()).toBe(body);
    expect(caveats[0]).toContain('"http/shop/place_order"');
  });

  test('streams a body that no check reads', async () => {
    const body = new ReadableStream({
      pull: (controller) => {
        controller.enqueue(new Uint8Array(10));
        controller.close();
      },
    });
    const headers = { 'content-type': 'image/png' };
    const init = { method: 'PUT', body, headers, duplex: 'half' };
    const { request, caveats } = await api('/orders/7/photo', init as RequestInit);
    expect((await request?.arrayBuffer())?.byteLength).toBe(10);
    expect(caveats[0]).toContain('"http/shop/upload"');
  });

  test.each([
    ['/orders/7?other=1', {}, 'argument_unlisted'],
    ['/orders/7?expand=TRUE', {}, 'argument_malformed'],
    ['/orders/%2e%2e', {}, 'name_invalid'],
    ['/customers', {}, 'route_unknown'],
    ['/orders/7', { method: 'DELETE' }, 'route_method_unlisted'],
    ['/orders', { method: 'POST', body: 'sku=a' }, 'body_type_unsupported'],
  ] as const)('%s that the catalogue does not have is not sent: %j', async (path, init, code) => {
    const { failed, request } = await api(path, init as RequestInit);
    expect(failed).toMatchObject({ name: 'NarrowingFailed' });
    if (code !== 'name_invalid') expect(failed).toMatchObject({ code });
    expect(request).toBeUndefined();
  });
});
