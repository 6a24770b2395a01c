import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { obtain } from '../agent.ts';
import { trailOf } from '../trail.ts';
import { GRANTS, openShop, type Shop } from './shop.ts';

/** Calls of an HTTP API through the gateway. */
let shop: Shop;
let token: string;

beforeAll(async () => {
  shop = await openShop();
  token = await shop.token();
}, 120_000);
afterEach(() => shop.api.answers(undefined));
afterAll(() => shop?.close());

const last = () => shop.api.received.at(-1);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('an allowed request', () => {
  test('reaches the API as it was judged, below its URL, without the token', async () => {
    const answer = await shop.send(token, 'GET', '/orders/7?tag=b+c&expand=true&tag=d', {
      headers: { 'x-tenant': 'eu', accept: 'application/json', cookie: 'a=b', 'x-other': '1' },
    });
    expect(answer).toMatchObject({ status: 200 });
    expect(last()).toMatchObject({
      method: 'GET',
      target: '/v1/orders/7?expand=true&tag=b%20c&tag=d',
    });
    const { headers = {} } = last() ?? {};
    expect(headers).toMatchObject({ 'x-tenant': 'eu', accept: 'application/json' });
    for (const name of ['authorization', 'cookie', 'x-other', 'x-forwarded-for', 'dpop']) {
      expect(headers[name]).toBeUndefined();
    }
    expect(answer.headers.get('proxy-status')).toBe('hewn; received-status=200');
  });

  test('writes a body from its arguments', async () => {
    const body = ' { "count" : 2.0,\n"sku":"\\u0061" } ';
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect(await shop.send(token, 'POST', '/orders', { body, headers })).toMatchObject({
      status: 200,
    });
    expect(String(last()?.body)).toBe('{"sku":"a","count":2}');
    expect(last()?.headers['content-type']).toBe('application/json');
    expect(last()?.headers['content-length']).toBe('21');
  });

  test('is recorded with its tool, datasets, method and outcome', async () => {
    const capability = await obtain(shop.stage, [...GRANTS]);
    const answer = await shop.send(capability.token, 'GET', '/orders/8');
    await shop.send(capability.token, 'POST', '/orders/8/payments', {
      body: 'amount=12.5',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(String(last()?.body)).toBe('amount=12.5');
    await expect
      .poll(async () =>
        (await trailOf(shop.stage, capability.workflow)).filter(({ event }) => event !== 'mint'),
      )
      .toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            tool: 'http/shop/get_order',
            method: 'GET',
            allowed: true,
            request: sha256('{"id":"8"}'),
            outcome: expect.objectContaining({
              result: 'ok',
              status: 200,
              answer: sha256(answer.text),
            }),
          }),
          expect.objectContaining({ event: 'dispatch', tool: 'http/shop/pay' }),
        ]),
      );
  });

  test('HEAD has no body, and the length of the answer to GET', async () => {
    shop.api.answers((_request, response) => {
      response.writeHead(200, { 'content-length': '1234', 'content-type': 'application/json' });
      response.end();
    });
    const answer = await shop.send(token, 'HEAD', '/orders/7');
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(last()?.method).toBe('HEAD');
    expect(answer.headers.get('content-length')).toBe('1234');
  });
});

describe('a denied request', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const json = { 'content-type': 'application/json' };
  const cases: readonly (readonly [string, string, string, RequestInit, number, string])[] = [
    ['of another dataset', 'GET', '/files/private/a', {}, 403, 'no_grant'],
    ['of a tool without a grant', 'DELETE', '/orders/7', {}, 403, 'no_grant'],
    [
      'outside the constraints',
      'POST',
      '/orders',
      { body: '{"sku":"a","count":11}', headers: json },
      403,
      'constraint_failed',
    ],
    [
      'outside the constraints of a form',
      'POST',
      '/orders/7/payments',
      { body: 'amount=101', headers: form },
      403,
      'constraint_failed',
    ],
    ['without a route', 'GET', '/customers', {}, 404, 'route_unknown'],
    ['of another method', 'PATCH', '/orders/7', {}, 405, 'route_method_unlisted'],
    [
      'of another media type',
      'POST',
      '/orders',
      { body: '{}', headers: { 'content-type': 'text/plain' } },
      415,
      'body_type_unsupported',
    ],
  ];

  test.each(cases)('%s never reaches the API', async (_what, method, path, init, status, code) => {
    const before = shop.api.received.length;
    expect(await shop.send(token, method, path, init)).toMatchObject({ status, code });
    expect(shop.api.received).toHaveLength(before);
  });

  test('says what to ask the issuer for, in its header and its body', async () => {
    const denied = await shop.send(token, 'DELETE', '/orders/7');
    expect(JSON.parse(denied.text)).toMatchObject({
      error: 'insufficient_scope',
      authorization_details: [
        { grants: [{ tool: 'http/shop/delete_order', action: 'delete', dataset: 'orders/7' }] },
      ],
    });
    const challenge = denied.headers.get('www-authenticate');
    expect(challenge).toContain('error="insufficient_scope"');
    expect(challenge).toContain('resource_metadata=');
    expect(challenge).toContain('scope="');
  });

  test('without a token learns nothing, not even which APIs there are', async () => {
    for (const path of ['/orders/7', '/nothing']) {
      const denied = await shop.send('', 'GET', path);
      expect(denied).toMatchObject({ status: 401, code: 'token_missing' });
    }
    const elsewhere = await shop.stage.fetch(`${shop.stage.audience}/http/nowhere/x`);
    expect(elsewhere.status).toBe(401);
  });

  test('allows only the methods of its routes', async () => {
    const denied = await shop.send(token, 'PATCH', '/orders/7');
    expect(denied.headers.get('allow')).toBe('GET, HEAD, DELETE');
  });
});

describe('an answer', () => {
  test('has only listed headers, and its URLs at the gateway', async () => {
    shop.api.answers((_request, response) => {
      response.writeHead(201, {
        'content-type': 'application/json',
        'set-cookie': 'session=1',
        'www-authenticate': 'Basic realm="inner"',
        'access-control-allow-origin': '*',
        server: 'inner/1.0',
        etag: '"1"',
        location: '/v1/orders/9?x=1',
        'content-location': 'http://169.254.169.254/latest',
        link: `<${shop.api.url}/orders/7?page=2>; rel="next", <https://evil.example/>; rel="prev"`,
      });
      response.end('{}');
    });
    const headers = { 'content-type': 'application/json' };
    const body = '{"sku":"a","count":1}';
    const answer = await shop.send(token, 'POST', '/orders', { body, headers });
    expect(answer.status).toBe(201);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      etag: '"1"',
      location: '/http/shop/orders/9?x=1',
      link: '</http/shop/orders/7?page=2>; rel="next"',
      'cache-control': 'no-store',
    });
    const dropped = ['set-cookie', 'www-authenticate', 'access-control-allow-origin', 'server'];
    for (const name of [...dropped, 'content-location'])
      expect(answer.headers.get(name)).toBeNull();
  });

  test.each([204, 304, 404, 409, 422, 500, 503])('of status %i is passed on', async (status) => {
    shop.api.answers((_request, response) => {
      response.writeHead(status, { etag: '"1"', 'retry-after': '7' });
      response.end(status === 204 || status === 304 ? undefined : '{"problem":1}');
    });
    const answer = await shop.send(token, 'GET', '/orders/7', {
      headers: { 'if-none-match': '"1"' },
    });
    expect(answer).toMatchObject({ status });
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(last()?.headers['if-none-match']).toBe('"1"');
  });

  test('of a part is passed on', async () => {
    shop.api.answers((_request, response) => {
      response.writeHead(206, { 'content-range': 'bytes 0-3/100', 'content-type': 'image/png' });
      response.end(Buffer.from([0, 255, 1, 254]));
    });
    const range = { headers: { range: 'bytes=0-3' } };
    const answer = await shop.send(token, 'GET', '/files/public/a.png', range);
    expect(answer).toMatchObject({ status: 206 });
    expect(answer.headers.get('content-range')).toBe('bytes 0-3/100');
    expect(last()?.headers.range).toBe('bytes=0-3');
  });

  test.each([
    'http://169.254.169.254/latest/meta-data/',
    '//evil.example/',
    'https://evil.example/',
  ])('that redirects to %s is not followed, and does not lead there', async (location) => {
    shop.api.answers((_request, response) => {
      response.writeHead(302, { location });
      response.end();
    });
    const before = shop.api.received.length;
    const answer = await shop.send(token, 'GET', '/orders/7');
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBeNull();
    expect(shop.api.received).toHaveLength(before + 1);
  });

  test('of any size streams', async () => {
    const headers = { 'content-type': 'image/png' };
    const body = new Uint8Array(300_000).fill(65);
    const answer = await shop.send(token, 'PUT', '/files/public/a.png', { body, headers });
    expect(answer.status).toBe(200);
    expect(answer.text.length).toBeGreaterThan(300_000);
    expect(last()?.body.length).toBe(300_000);
    expect(last()?.headers['content-type']).toBe('image/png');
  });
});

describe('an upload that is too large', () => {
  const headers = { 'content-type': 'image/png' };

  test('is denied by the length that it claims', async () => {
    const head = [
      ...['PUT /http/shop/files/public/a.png HTTP/1.1', 'Host: x', 'Content-Type: image/png'],
      ...[`Authorization: Bearer ${token}`, 'Content-Length: 1000001', '', ''],
    ].join('\r\n');
    const before = shop.api.received.length;
    const answer = await shop.raw(head);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain('body_too_large');
    expect(shop.api.received).toHaveLength(before);
  });

  test('is cut where it exceeds its bound, and the API does not take it for whole', async () => {
    const before = shop.api.received.length;
    let chunks = 0;
    const body = new ReadableStream({
      pull: (controller) => {
        if (chunks++ < 30) controller.enqueue(new Uint8Array(100_000));
        else controller.close();
      },
    });
    const sent = shop.send(token, 'PUT', '/files/public/a.png', { body, headers });
    const answer = await sent.catch(() => undefined);
    if (answer) expect(answer).toMatchObject({ status: 413 });
    expect(shop.api.received).toHaveLength(before);
  });
});

describe('an API that is only observed', () => {
  const send = (path: string, init: RequestInit = {}) =>
    shop.stage.fetch(`${shop.stage.audience}/http/watched${path}`, init);

  test('gets requests that no route has, written again, with the credential of their caller', async () => {
    const headers = { 'x-api-key': 'own', 'content-type': 'application/json', cookie: 'a=b' };
    const body = ' {"a": [1, 2]} ';
    const answer = await send('/customers/a%20b?x=1&x=2+3', { method: 'POST', body, headers });
    expect(answer.status).toBe(200);
    expect(last()).toMatchObject({ method: 'POST', target: '/v1/customers/a%20b?x=1&x=2%203' });
    expect(String(last()?.body)).toBe('{"a":[1,2]}');
    expect(last()?.headers['x-api-key']).toBe('own');
    expect(last()?.headers.cookie).toBeUndefined();
  });

  test('gets none that has two readings', async () => {
    const before = shop.api.received.length;
    for (const path of ['/a%2fb', '/a//b', '/a?x', '/a;b', '/a%2e%2e/b']) {
      expect((await send(path)).status).toBeGreaterThanOrEqual(400);
    }
    const override = { method: 'POST', headers: { 'x-http-method-override': 'DELETE' } };
    expect((await send('/a', override)).status).toBeGreaterThanOrEqual(400);
    expect(shop.api.received).toHaveLength(before);
  });
});

describe('a web page', () => {
  test('of an unlisted origin is denied, also with a token', async () => {
    const before = shop.api.received.length;
    const headers = { origin: 'https://evil.example' };
    const answer = await shop.send(token, 'GET', '/orders/7', { headers });
    expect(answer.status).toBe(403);
    expect(shop.api.received).toHaveLength(before);
  });
});
