import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readUpstreams, type UpstreamTable } from '../../../src/upstream/index.ts';
import { createUpstreams, ofTool } from '../../../workers/gateway/upstream/index.ts';
import { codeOf, type PlayedApi, requestOf, SIGNER, startPlayedApi } from './played-api.ts';

let api: PlayedApi;
let release: () => void = () => undefined;

beforeAll(async () => {
  api = await startPlayedApi();
});
afterAll(() => api.close());
beforeEach(() => {
  api.reset();
  api.play(({ url }, response) => {
    if (url.startsWith('/slow')) {
      response.write('a');
      release = () => response.end('b');
    } else response.end('answer');
  });
});

const upstreamOf = (change: Partial<UpstreamTable> = {}, env: object = {}) =>
  api.upstream({ url: `${api.base}/api?key=1`, ...change }, { env }).upstream;

test('a server of no such name is unknown, also one that every object has', () => {
  const upstreams = createUpstreams(readUpstreams({}) ?? {}, {}, SIGNER);
  expect([upstreams.get('a'), upstreams.get('constructor')]).toEqual([undefined, undefined]);
});

test('sends nothing to an address that is not listed', async () => {
  api.seen.length = 0;
  expect(await codeOf(upstreamOf({ addresses: [] }).send(requestOf()))).toBe(
    'upstream_unavailable',
  );
  expect(api.seen).toEqual([]);
});

test('sends nothing if a binding is missing, and calls it if it is there', async () => {
  const stated = { service: 'NOTES', url: 'https://notes/mcp' };
  expect(await codeOf(upstreamOf(stated).send(requestOf()))).toBe('upstream_unavailable');
  const bound = { fetch: async (url: string) => new Response(url) };
  const response = await upstreamOf(stated, { NOTES: bound }).send(requestOf());
  expect(await response.text()).toBe('https://notes/mcp');
  const { service: _, ...presenting } = { ...stated, certificate: 'CERT' };
  const certified = upstreamOf({ ...presenting, addresses: ['notes'] }, { CERT: bound });
  expect(await (await certified.send(requestOf())).text()).toBe('https://notes/mcp');
});

test('drops the headers that belong to a connection, a proxy or a caller', async () => {
  api.seen.length = 0;
  const headers = new Headers({
    accept: 'application/json',
    authorization: 'Bearer a',
    cookie: 'a=b',
    dpop: 'proof',
    'x-hewn-subject': 'alice',
    'hewn-caller': 'a.b.c',
    'x-forwarded-for': '10.0.0.1',
    'cf-connecting-ip': '10.0.0.1',
    'accept-encoding': 'gzip',
    te: 'trailers',
    forwarded: 'for=10.0.0.1',
  });
  await upstreamOf().send(requestOf({ headers }));
  const dropped = [...headers.keys()].filter((name) => !/^accept/.test(name));
  expect(dropped.filter((name) => name in (api.seen[0]?.headers ?? {}))).toEqual([]);
  expect(api.seen[0]?.headers).toMatchObject({
    accept: 'application/json',
    'accept-encoding': 'identity',
  });
});

test('sends to the path below the URL, and to no other', async () => {
  api.seen.length = 0;
  await upstreamOf().send(requestOf({ method: 'PUT', path: '/items/1?q=2' }));
  expect(api.seen[0]).toMatchObject({ method: 'PUT', url: '/api/items/1?key=1&q=2' });
  api.seen.length = 0;
  const outside = ['/../secrets', '//evil.example/', '/a/../../b', '/%2e%2e/b', '@evil.example/'];
  const sent = outside.map((path) => upstreamOf().send(requestOf({ path })));
  const results = await Promise.allSettled([
    ...sent,
    upstreamOf({ url: api.base }).send(requestOf({ path: '.evil.example/' })),
    upstreamOf({ url: api.base }).send(requestOf({ path: 'a' })),
  ]);
  const reached = results.filter(({ status }) => status === 'fulfilled').length;
  // `//evil.example/` is a path below the URL, of the same host.
  expect([reached, api.seen.map(({ url }) => url)]).toEqual([1, ['/api//evil.example/?key=1']]);
});

test('sends no body that is larger than the upstream or the tool allows', async () => {
  const body = 'é'.repeat(600);
  const limits = { requestBytes: 1_024 };
  const refused = 'upstream_request_too_large';
  expect(await codeOf(upstreamOf({ limits }).send(requestOf({ body })))).toBe(refused);
  const tool = { name: 'mcp/a/b', limits };
  expect(await codeOf(upstreamOf().send(requestOf({ body, tool })))).toBe(refused);
  const wider = { name: 'mcp/a/b', limits: { requestBytes: 4_096 } };
  expect(await codeOf(upstreamOf({ limits }).send(requestOf({ body, tool: wider })))).toBe(refused);
  expect(await codeOf(upstreamOf().send(requestOf({ body })))).toBeUndefined();
});

test('holds the bound of calls at a time until an answer was read, cancelled or aborted', async () => {
  const bounded = upstreamOf({ url: `${api.base}/slow`, limits: { concurrent: 1 } });
  const read = await bounded.send(requestOf());
  expect(await codeOf(bounded.send(requestOf()))).toBe('upstream_busy');
  release();
  expect(await read.text()).toBe('ab');
  const cancelled = await bounded.send(requestOf());
  expect(await codeOf(bounded.send(requestOf()))).toBe('upstream_busy');
  await cancelled.body?.cancel();
  const abort = new AbortController();
  const aborted = await bounded.send(requestOf({ signal: abort.signal }));
  expect(await codeOf(bounded.send(requestOf()))).toBe('upstream_busy');
  abort.abort();
  await aborted.text().catch(() => undefined);
  const again = await bounded.send(requestOf());
  release();
  expect(await again.text()).toBe('ab');
});

test('a tool of the catalogue narrows the limits of its upstream, and widens none', async () => {
  const upstream = upstreamOf({ limits: { seconds: 20, answerBytes: 4_096 } });
  const tool = {
    name: 'mcp/a/b',
    limits: { seconds: 30, answerBytes: 2_048, requestBytes: 1_024 },
  };
  const own = ofTool(upstream, tool);
  expect(own.limits).toMatchObject({ seconds: 20, answerBytes: 2_048, requestBytes: 1_024 });
  const body = 'x'.repeat(2_000);
  expect(await codeOf(own.send(requestOf({ body })))).toBe('upstream_request_too_large');
  expect(await codeOf(upstream.send(requestOf({ body })))).toBeUndefined();
  expect(ofTool(upstream, { name: 'mcp/a/c' })).toBe(upstream);
});

test('a tool has a bound of its own beside that of its upstream', async () => {
  const upstream = upstreamOf({ url: `${api.base}/slow`, limits: { concurrent: 2 } });
  const tool = { name: 'mcp/a/export', limits: { concurrent: 1 } };
  const first = await upstream.send(requestOf({ tool }));
  expect(await codeOf(upstream.send(requestOf({ tool })))).toBe('upstream_busy');
  const second = await upstream.send(requestOf());
  expect(await codeOf(upstream.send(requestOf()))).toBe('upstream_busy');
  await first.body?.cancel();
  await second.body?.cancel();
  const third = await upstream.send(requestOf({ tool }));
  await third.body?.cancel();
});
