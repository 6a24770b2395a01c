import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readUpstreams, type UpstreamTable } from '../../../src/upstream/index.ts';
import type { UpstreamRequest } from '../../../workers/gateway/upstream/index.ts';
import { CALLER, codeOf, type PlayedApi, requestOf, startPlayedApi } from './played-api.ts';

const SECRET = 'sk-live-0123456789abcdef';

let api: PlayedApi;

beforeAll(async () => {
  api = await startPlayedApi();
});
afterAll(() => api.close());
beforeEach(() => api.reset());

const upstreamWith = (credential: object, env: object = { KEY: SECRET }) =>
  api.upstream({ credential } as Partial<UpstreamTable>, { env });
const request = (change: Partial<UpstreamRequest> = {}) => requestOf({ caller: CALLER, ...change });
const send = (credential: object, env?: object, change?: Partial<UpstreamRequest>) =>
  upstreamWith(credential, env).upstream.send(request(change));

describe('a credential of the gateway', () => {
  test('stands in a header, behind its prefix', async () => {
    await send({ kind: 'header', name: 'X-Api-Key', prefix: 'Token ', secret: 'KEY' });
    expect(api.seen[0]?.headers['x-api-key']).toBe(`Token ${SECRET}`);
  });

  test('replaces what the transport set in the same place', async () => {
    const headers = new Headers({ 'x-api-key': 'agent' });
    await send({ kind: 'header', name: 'x-api-key', secret: 'KEY' }, undefined, { headers });
    expect(api.seen[0]?.headers['x-api-key']).toBe(SECRET);
  });

  test('is a bearer token, or a user and a password', async () => {
    await send({ kind: 'bearer', secret: 'KEY' });
    await send({ kind: 'basic', user: 'service', secret: 'KEY' });
    expect(api.seen.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${SECRET}`,
      `Basic ${btoa(`service:${SECRET}`)}`,
    ]);
  });

  test('stands in the query, also if the agent wrote the parameter', async () => {
    const credential = { kind: 'query', name: 'api key', secret: 'KEY' };
    await send(credential, undefined, { path: '/a?b=%20c' });
    await send(credential, undefined, { path: '/a?api%20key=agent&b=1' });
    expect(api.seen.map(({ url }) => url)).toEqual([
      `/api/a?b=%20c&api%20key=${SECRET}`,
      `/api/a?b=1&api%20key=${SECRET}`,
    ]);
  });

  test('is not sent for a call that is only observed', async () => {
    const { upstream } = upstreamWith({ kind: 'bearer', secret: 'KEY' });
    await upstream.send(request({ caller: { ...CALLER, credential: 'none' } }));
    await upstream.send(
      request({
        caller: { ...CALLER, credential: { headers: [['authorization', 'Bearer own']] } },
      }),
    );
    expect(api.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer own']);
    // No policy allowed the call, so the gateway does not vouch for the caller.
    expect(api.seen.map(({ headers }) => headers['hewn-caller'])).toEqual([undefined, undefined]);
  });

  test.each([
    ['is missing', {}],
    ['is empty', { KEY: '' }],
    ['is a binding', { KEY: { fetch: () => undefined } }],
    ['is too short to find in an answer', { KEY: 'short' }],
    ['has a line break in it', { KEY: 'sk-live\r\nx-other: 1' }],
    ['is not ASCII', { KEY: 'secret-é-secret' }],
  ])('makes its server unavailable, and nothing is sent, if the secret %s', async (_, env) => {
    const { upstream, unavailable } = upstreamWith({ kind: 'bearer', secret: 'KEY' }, env);
    expect(unavailable()).toEqual([{ name: 'a', variable: 'KEY' }]);
    expect(await codeOf(upstream.send(request()))).toBe('upstream_unavailable');
    expect(api.seen).toEqual([]);
  });

  test('may end in the line break of a file', async () => {
    await send({ kind: 'bearer', secret: 'KEY' }, { KEY: `${SECRET}\n` });
    expect(api.seen[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
  });
});

test.each([
  ['a variable of the gateway itself', { kind: 'bearer', secret: 'CALLER_KEY' }],
  ['no secret', { kind: 'bearer' }],
  ['both kinds of secret', { kind: 'bearer', secret: 'KEY', sealed: 'hewn-sealed.a.b.c' }],
  ['a header that frames the message', { kind: 'header', name: 'Content-Length', secret: 'KEY' }],
  ['an unknown kind', { kind: 'cookie', secret: 'KEY' }],
  ['a value instead of a name', { kind: 'bearer', secret: SECRET }],
  [
    'a token endpoint at a private address',
    { kind: 'client-credentials', tokenEndpoint: 'http://10.0.0.1/', clientId: 'a', secret: 'KEY' },
  ],
])('a credential with %s is no configuration', (_, credential) => {
  const url = 'https://api.example';
  expect(readUpstreams({ a: { url, credential } })).toBeUndefined();
});

test('a request to AWS is signed with its body, as AWS computes it', async () => {
  const credential = {
    kind: 'aws-sigv4',
    accessKeyId: 'AK-EXAMPLE',
    region: 'eu-west-1',
    service: 'execute-api',
    secret: 'KEY',
  };
  await send(credential, undefined, { path: '/items/a%20b?z=1&a=%2F' });
  const [one] = api.seen;
  const authorization = String(one?.headers.authorization);
  const [, scope = '', names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=AK-EXAMPLE\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? [];
  const sha = (text: string) => createHash('sha256').update(text).digest('hex');
  const headers = names
    .split(';')
    .map((name) => `${name}:${String(one?.headers[name])}\n`)
    .join('');
  // Another service than S3 encodes the path twice, and the query is in order.
  const path = '/api/items/a%2520b';
  const canonical = ['POST', path, 'a=%2F&z=1', headers, names, sha(one?.body ?? '')].join('\n');
  const date = String(one?.headers['x-amz-date']);
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha(canonical)].join('\n');
  const hmac = (key: string | Buffer, text: string) =>
    createHmac('sha256', key).update(text).digest();
  const key = scope
    .split('/')
    .reduce<string | Buffer>((own, part) => hmac(own, part), `AWS4${SECRET}`);
  expect(names.split(';')).toEqual(
    expect.arrayContaining(['host', 'x-amz-content-sha256', 'x-amz-date']),
  );
  expect(signature).toBe(hmac(key, toSign).toString('hex'));
});
