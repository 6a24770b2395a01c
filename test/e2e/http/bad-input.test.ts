// cspell:ignore badmin fcustomers PROPFIND xchunked
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { obtain } from '../agent.ts';
import { outcomeOf } from '../trail.ts';
import type { Handler } from './api.ts';
import { GRANTS, openShop, type Shop } from './shop.ts';

/** What strangers and hijacked agents send to an HTTP API, and what its answers may do. */
let shop: Shop;
let token: string;

beforeAll(async () => {
  shop = await openShop({
    seconds: 2,
    progressSeconds: 4,
    requestBytes: 10_000,
    answerBytes: 500_000,
  });
  token = await shop.token();
}, 120_000);
afterEach(() => shop.api.answers(undefined));
afterAll(() => shop?.close());

/** Writes a request byte by byte. A `\n` of the text is a line end of HTTP. */
const raw = (head: string, body = '') => {
  const lines = [head, 'Host: gateway', `Authorization: Bearer ${token}`];
  return shop.raw(`${lines.join('\r\n').replaceAll(/(?<!\r)\n/g, '\r\n')}\r\n\r\n${body}`);
};
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);

/** Runs `attempt` and asserts that the API received nothing. */
async function unheard<T>(attempt: () => Promise<T>): Promise<T> {
  const before = shop.api.received.length;
  const result = await attempt();
  expect(shop.api.received.slice(before).map(({ target }) => target)).toEqual([]);
  return result;
}

describe('a target, as its bytes are', () => {
  test.each([
    '/http/shop/orders/../customers',
    '/http/shop/orders/./7',
    '/http/shop/orders/%2e%2e/customers',
    '/http/shop/orders/.%2e/customers',
    '/http/shop/orders/..%2fcustomers',
    '/http/shop/orders/%2e',
    '/http/shop//orders/7',
    '/http/shop/orders//7',
    '/http/shop/orders\\7',
    '/http/shop/orders/7%5c..',
    '/http/shop/orders/7%2f..%2f8',
    '/http/shop/orders/%252e%252e',
    '/http/shop/orders/7%252f8',
    '/http/shop/orders/7;admin=1',
    '/http/shop/orders/7%3badmin=1',
    '/http/shop/orders/7%00',
    '/http/shop/orders/7%0d%0aX-Evil:1',
    '/http/shop/orders/7%c0%af',
    '/http/shop/orders/7%',
    '/http/shop/orders/7%zz',
    '/http/shop/orders/7.',
    '/http/shop/orders/7%20',
    '/http/shop/orders/7/',
    '/http/shop/orders/',
    '/http/shop/Orders/7',
    '/http/shop/orders/SEARCH',
    '/http/shop/orders/search',
    '/http/shop/v1/orders/7',
    '/http/Shop/orders/7',
    '/HTTP/shop/orders/7',
    '/http//orders/7',
    '/http/shop',
    '/http/shop/',
    '/http/notes/orders/7',
    '/http/files/orders/7',
    '/mcp/shop',
    '/http/shop/orders/7?_method=DELETE',
    '/http/shop/orders/7?expand=true&expand=false',
    '/http/shop/orders/7?expand=true;x=1',
    '/http/shop/orders/7?expand=%74rue&EXPAND=true',
    '/http/shop/orders/7?expand',
    '/http/shop/orders/7?x=1',
    `/http/shop/orders/${'a'.repeat(3_000)}`,
  ])('%s is denied', async (target) => {
    const answer = await unheard(() => raw(`GET ${target} HTTP/1.1`));
    expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
    expect(statusOf(answer)).toBeLessThan(500);
  });

  test('in absolute form leads to the same API', async () => {
    const answer = await raw('GET http://169.254.169.254/http/shop/orders/7 HTTP/1.1');
    if (statusOf(answer) === 200) expect(shop.api.received.at(-1)?.target).toBe('/v1/orders/7');
    else expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
  });

  test('with escapes of plain letters is written without them', async () => {
    expect(statusOf(await raw('GET /http/shop/orders/%37%61 HTTP/1.1'))).toBe(200);
    expect(shop.api.received.at(-1)?.target).toBe('/v1/orders/7a');
  });
});

describe('a method', () => {
  test.each(['DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'TRACE', 'CONNECT', 'get', 'X'])(
    '%s that has no route or no grant is denied',
    async (method) => {
      const answer = await unheard(() => raw(`${method} /http/shop/orders/7 HTTP/1.1`));
      expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
    },
  );

  test.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])(
    'that %s overrides is denied',
    async (header) => {
      const answer = await unheard(() =>
        raw(`POST /http/shop/orders HTTP/1.1\n${header}: DELETE\nContent-Length: 0`),
      );
      expect(answer).toContain('header_refused');
    },
  );
});

describe('headers', () => {
  const json = 'Content-Type: application/json';

  test.each([
    ['two tokens', 'GET /http/shop/orders/7 HTTP/1.1\nAuthorization: Bearer other'],
    ['an argument twice', 'GET /http/shop/orders/7 HTTP/1.1\nX-Tenant: eu\nX-Tenant: us'],
    [
      'two lengths',
      `POST /http/shop/orders HTTP/1.1\n${json}\nContent-Length: 2\nContent-Length: 21`,
    ],
    ['a negative length', `POST /http/shop/orders HTTP/1.1\n${json}\nContent-Length: -1`],
    [
      'two types',
      `POST /http/shop/orders HTTP/1.1\n${json}\nContent-Type: text/plain\nContent-Length: 2`,
    ],
    [
      'a coding that is unknown',
      `POST /http/shop/orders HTTP/1.1\n${json}\nTransfer-Encoding: xchunked`,
    ],
    ['a space before the colon', `POST /http/shop/orders HTTP/1.1\n${json}\nContent-Length : 2`],
  ])('with %s are denied', async (_what, head) => {
    const answer = await unheard(() => raw(head, '{}'));
    expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
  });

  test('with a length and a coding smuggle nothing to the API', async () => {
    const smuggled = 'DELETE /v1/orders/7 HTTP/1.1\r\nHost: x\r\n\r\n';
    const before = shop.api.received.length;
    await raw(
      `POST /http/shop/orders HTTP/1.1\n${json}\nContent-Length: 5\nTransfer-Encoding: chunked`,
      `0\r\n\r\n${smuggled}`,
    );
    const methods = shop.api.received.slice(before).map(({ method }) => method);
    expect(methods).not.toContain('DELETE');
  });

  test('of the agent, of proxies and of browsers never reach the API', async () => {
    const answer = await raw(
      [
        'GET /http/shop/orders/7 HTTP/1.1',
        ...['Cookie: a=b', 'Proxy-Authorization: Basic x', 'X-Forwarded-For: 1.2.3.4'],
        ...['Forwarded: for=1.2.3.4', 'X-Real-IP: 1.2.3.4', 'X-Original-URL: /admin'],
        ...['X-Hewn-Workflow: wf_x', 'Hewn-Caller: x', 'Origin: https://evil.example'],
        ...[
          'Referer: https://evil.example/',
          'X_Tenant: us',
          'DPoP: x',
          'CF-Connecting-IP: 1.2.3.4',
        ],
        ...['Content-Length: 0', 'Expect: 100-continue', 'Upgrade-Insecure-Requests: 1'],
      ].join('\n'),
    );
    // An origin that the deployment does not list is a denial.
    expect(statusOf(answer)).toBe(403);
    const again = await raw(
      'GET /http/shop/orders/7 HTTP/1.1\nCookie: a=b\nForwarded: for=x\nX-Real-IP: y\nX-Hewn-Workflow: wf_x\nHewn-Caller: x\nX-Original-URL: /admin',
    );
    expect(statusOf(again)).toBe(200);
    const received = shop.api.received.at(-1)?.headers ?? {};
    for (const name of ['cookie', 'forwarded', 'x-real-ip', 'x-original-url', 'authorization']) {
      expect(received[name]).toBeUndefined();
    }
    expect(JSON.stringify(received)).not.toContain('wf_x');
  });

  test('of another host do not lead elsewhere', async () => {
    for (const host of ['evil.example', '169.254.169.254', 'gateway/../x', 'a b']) {
      const answer = await shop.raw(
        `GET /http/shop/orders/7 HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
      );
      if (statusOf(answer) === 200) {
        const { target, headers } = shop.api.received.at(-1) ?? {};
        expect([target, headers?.host]).toEqual(['/v1/orders/7', new URL(shop.api.url).host]);
      } else expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
    }
  });

  test('of a browser get no permission from the gateway', async () => {
    const origin = { origin: 'https://evil.example' };
    const preflight = await shop.stage.fetch(`${shop.stage.audience}/http/shop/orders/7`, {
      method: 'OPTIONS',
      headers: { ...origin, 'access-control-request-method': 'GET' },
    });
    expect(preflight.status).toBeGreaterThanOrEqual(400);
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    const answer = await shop.send(token, 'GET', '/orders/7', { headers: origin });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a body', () => {
  const post = (headers: string, body: string) =>
    raw(
      `POST /http/shop/orders HTTP/1.1\n${headers}\nContent-Length: ${Buffer.byteLength(body, 'latin1')}`,
      body,
    );
  const json = 'Content-Type: application/json';
  const good = '{"sku":"a","count":1}';

  test.each([
    ['that is compressed', `${json}\nContent-Encoding: gzip`, gzipSync(good).toString('latin1')],
    ['that is compressed and does not say so', json, gzipSync(good).toString('latin1')],
    ['that says it is compressed and is not', `${json}\nContent-Encoding: gzip`, good],
    ['of another type', 'Content-Type: text/plain', good],
    ['without a type', 'X-None: 1', good],
    ['in another charset', `${json}; charset=utf-16le`, good],
    ['in UTF-16', json, Buffer.from(good, 'utf16le').toString('latin1')],
    ['with a mark before it', json, `\xef\xbb\xbf${good}`],
    ['with a member twice', json, '{"sku":"a","count":1,"count":9}'],
    ['with an escaped member twice', json, '{"sku":"a","count":1,"co\\u0075nt":9}'],
    ['with another case', json, '{"sku":"a","Count":1}'],
    ['with an unlisted member', json, '{"sku":"a","count":1,"price":0}'],
    ['with a path argument', json, '{"sku":"a","count":1,"id":"7"}'],
    ['that is too large', json, `{"sku":"${'x'.repeat(20_000)}","count":1}`],
    ['with two values', json, `${good}${good}`],
    ['with a comment', json, `${good}//x`],
    ['as a form', 'Content-Type: application/x-www-form-urlencoded', 'sku=a&count=1'],
    ['in parts', 'Content-Type: multipart/form-data; boundary=x', '--x--'],
  ])('%s is denied', async (_what, headers, body) => {
    const answer = await unheard(() => post(headers, body));
    expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
    expect(statusOf(answer)).toBeLessThan(500);
  });

  test('on a read is denied', async () => {
    const answer = await unheard(() =>
      raw(`GET /http/shop/orders/7 HTTP/1.1\n${json}\nContent-Length: 2`, '{}'),
    );
    expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
  });

  test('that is shorter than it claims is never sent', async () => {
    await unheard(() =>
      cutOff(`POST /http/shop/orders HTTP/1.1\n${json}\nContent-Length: 500`, good),
    );
  });

  test('that is not complete in time is denied', async () => {
    const started = Date.now();
    const head = `POST /http/shop/orders HTTP/1.1\n${json}\nContent-Length: 500`;
    const answer = await unheard(() => raw(head, good));
    expect(statusOf(answer)).toBe(400);
    expect(Date.now() - started).toBeLessThan(10_000);
  });

  test('of an upload that its client cuts off is not taken for whole', async () => {
    for (const length of ['Content-Length: 500000', 'Transfer-Encoding: chunked']) {
      await unheard(async () => {
        const head = `PUT /http/shop/files/public/a.png HTTP/1.1\nContent-Type: image/png\n${length}`;
        const start = length.startsWith('T') ? '8\r\nabcdefgh\r\n' : 'abcdefgh';
        await cutOff(head, start);
        await sleep(1_000);
      });
    }
  });
});

/** Sends a request and closes the connection before it is complete. */
async function cutOff(head: string, body: string): Promise<void> {
  const { hostname, port } = new URL(shop.stage.audience);
  const socket = connect(Number(port), hostname);
  const lines = [head, 'Host: gateway', `Authorization: Bearer ${token}`].join('\n');
  socket.on('error', () => undefined);
  socket.write(`${lines.replaceAll('\n', '\r\n')}\r\n\r\n${body}`, 'latin1');
  await sleep(500);
  socket.destroy();
  await sleep(500);
}

describe('an API', () => {
  const endless: Handler = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const timer = setInterval(() => response.write('data: tick\n\n'), 100);
    response.on('close', () => clearInterval(timer));
  };

  const get = () =>
    fetch(`${shop.stage.audience}/http/shop/orders/7`, {
      headers: { authorization: `Bearer ${token}` },
    });

  test('that hangs is given up, and the record says that its fate is unknown', async () => {
    shop.api.answers(() => undefined);
    const capability = await obtain(shop.stage, [...GRANTS]);
    const started = Date.now();
    const answer = await shop.send(capability.token, 'GET', '/orders/7');
    expect(answer).toMatchObject({ status: 502, code: 'upstream_unanswered' });
    expect(Date.now() - started).toBeLessThan(8_000);
    expect(JSON.parse(answer.text)).toMatchObject({ effect: 'unknown' });
    expect(await outcomeOf(shop.stage, capability.workflow)).toMatchObject({ result: 'unknown' });
  });

  test('that is gone is a failure, not a crash', async () => {
    const url = `${shop.stage.audience}/http/gone/orders/7`;
    const answer = await shop.stage.fetch(url, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(404);
  });

  test('streams its events as they come, and a stream that never ends is ended', async () => {
    shop.api.answers(endless);
    const started = Date.now();
    const response = await get();
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(Date.now() - started).toBeLessThan(2_000);
    await expect(response.text()).rejects.toThrow();
    expect(Date.now() - started).toBeGreaterThan(3_000);
    expect(Date.now() - started).toBeLessThan(12_000);
    await expect.poll(() => shop.api.aborted).toBeGreaterThan(0);
  });

  test('that sends more than its bound is cut, and the client does not take it for whole', async () => {
    shop.api.answers((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    const response = await get();
    await expect(response.arrayBuffer()).rejects.toThrow();
  });

  test('that stops in the middle of its answer is not taken for whole', async () => {
    shop.api.answers((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"half":');
      setTimeout(() => response.destroy(), 300);
    });
    const response = await get();
    await expect(response.text()).rejects.toThrow();
  });

  test('whose answer is shorter than it claims is not taken for whole', async () => {
    shop.api.answers((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '50' });
      response.write('{}');
      setTimeout(() => response.destroy(), 100);
    });
    const answer = await shop.send(token, 'GET', '/orders/7');
    expect(answer).toMatchObject({ status: 502, code: 'upstream_unanswered' });
  });

  test('whose client is gone is not asked any longer, and the record has the outcome', async () => {
    shop.api.answers(endless);
    const capability = await obtain(shop.stage, [...GRANTS]);
    const before = shop.api.aborted;
    const stop = new AbortController();
    const response = await fetch(`${shop.stage.audience}/http/shop/orders/7`, {
      headers: { authorization: `Bearer ${capability.token}` },
      signal: stop.signal,
    });
    const reader = response.body?.getReader();
    await reader?.read();
    stop.abort();
    await expect.poll(() => shop.api.aborted).toBeGreaterThan(before);
    expect(await outcomeOf(shop.stage, capability.workflow)).toMatchObject({ status: 200 });
  });

  test('that compresses its answer anyway is read as it was', async () => {
    shop.api.answers((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(gzipSync('{"plain":true}'));
    });
    const answer = await shop.send(token, 'GET', '/orders/7');
    if (answer.status === 200) expect(JSON.parse(answer.text)).toEqual({ plain: true });
    else expect(answer.status).toBe(502);
    expect(answer.headers.get('content-encoding')).toBeNull();
  });
});
