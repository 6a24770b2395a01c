import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { listener } from '../../../src/verifier-node/index.ts';

async function serve(handler: (request: Request) => Promise<Response>) {
  const failures: unknown[] = [];
  const origin = 'https://api.example';
  const serving = listener(handler, { origin, failed: (error) => failures.push(error) });
  const server = createServer(serving);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    failures,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

test('passes a request on with its method, headers, path and body', async () => {
  await using server = await serve(async (request) =>
    Response.json(
      {
        url: request.url,
        method: request.method,
        body: await request.text(),
        authorization: request.headers.get('authorization'),
      },
      { status: 201, headers: { 'x-test': 'yes' } },
    ),
  );
  const response = await fetch(`${server.url}//a/b?c=d`, {
    method: 'POST',
    body: 'content',
    headers: { authorization: 'Bearer t' },
  });
  expect([response.status, response.headers.get('x-test')]).toEqual([201, 'yes']);
  expect(await response.json()).toEqual({
    // With the configured origin, whatever the Host header says.
    url: 'https://api.example//a/b?c=d',
    method: 'POST',
    body: 'content',
    authorization: 'Bearer t',
  });
});

test('passes two headers of one name on as two', async () => {
  await using server = await serve(async (request) =>
    Response.json({ dpop: request.headers.get('dpop') }),
  );
  const headers = new Headers([
    ['dpop', 'one'],
    ['dpop', 'two'],
  ]);
  expect(await (await fetch(server.url, { headers })).json()).toEqual({ dpop: 'one, two' });
});

test('sends several cookies, and an answer without a body', async () => {
  await using server = await serve(async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    return new Response(null, { status: 204, headers });
  });
  const response = await fetch(server.url);
  expect([response.status, response.headers.getSetCookie()]).toEqual([204, ['a=1', 'b=2']]);
});

test('reports what a handler throws to the server, not to the client', async () => {
  await using server = await serve(() => Promise.reject(new Error('secret')));
  const response = await fetch(server.url);
  expect([response.status, await response.text()]).toEqual([500, '']);
  expect(server.failures).toEqual([new Error('secret')]);
});
