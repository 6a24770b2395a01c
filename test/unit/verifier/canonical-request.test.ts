import { describe, expect, test, vi } from 'vitest';
import { ok, refuse } from '../../../src/result.ts';
import { type Decision, guard, type VerifyRequest } from '../../../src/verifier/index.ts';
import { CALL, verifierWith } from '../fixtures/feed.ts';
import { mintToken } from '../fixtures/issuer.ts';

/** The code that describes a request, checks its credentials and serves it reads the same request. */

const authorization = `Bearer ${mintToken()}`;
const verifier = verifierWith();

/** A request with its URL as it arrived, as in plain workerd and Deno. */
function received(url: string, init: RequestInit & { host?: string } = {}): Request {
  const headers = new Headers({ authorization });
  if (init.host !== undefined) headers.set('host', init.host);
  const request = new Request('https://crm.example/', { ...init, headers });
  return Object.defineProperty(request, 'url', { value: url });
}

/** The paths that each part of a guarded handler sees, parsed and sliced. */
async function pathsOf(request: Request) {
  const seen: string[] = [];
  const see = (one: Request) => {
    seen.push(
      new URL(one.url).pathname,
      one.url.replace(/^https:\/\/[^/]+/, '').split(/[?#]/)[0] ?? '',
    );
  };
  const handler = guard({
    verifier,
    describe: async (one) => {
      see(one);
      return ok(CALL);
    },
    handle: async (one) => {
      see(one);
      return new Response('served');
    },
    decided: (_decision, one) => see(one),
  });
  const response = await handler(request);
  return { status: response.status, seen: [...new Set(seen)] };
}

describe('every part of a handler reads the same path of an ambiguous target:', () => {
  test.each([
    ['/contacts/us/../eu', '/contacts/eu'],
    ['/contacts/us/./../eu', '/contacts/eu'],
    ['/contacts/us/%2e%2e/eu', '/contacts/eu'],
    ['/contacts/us/%2E./eu', '/contacts/eu'],
    ['/contacts\\us\\..\\eu', '/contacts/eu'],
    ['/contacts/eu#/../us', '/contacts/eu'],
    ['/contacts/e\tu', '/contacts/eu'],
    ['/contacts/e u', '/contacts/e%20u'],
    ['//contacts/eu', '//contacts/eu'],
    ['/contacts/é', '/contacts/%C3%A9'],
  ])('%s', async (path, expected) => {
    const { status, seen } = await pathsOf(received(`https://crm.example${path}`));
    expect([status, seen]).toEqual([200, [expected]]);
  });
});

describe('refuses a URL whose host is not exactly a host:', () => {
  test.each([
    ['no host before the path', 'https:///contacts/eu'],
    ['a path in Host', 'https://crm.example/contacts/eu?/contacts/us', 'crm.example/contacts/eu?'],
    ['a fragment in Host', 'https://crm.example/#/contacts/us', 'crm.example/#'],
    ['a backslash in Host', 'https://crm.example\\contacts/us', 'crm.example\\contacts'],
    ['user info', 'https://crm.example@evil.example/contacts', 'crm.example@evil.example'],
    ['a space', 'https://crm.example /contacts', 'crm.example '.concat('x')],
    ['not a URL', '*'],
    ['another protocol', 'ftp://crm.example/contacts'],
    ['an empty Host', 'https://crm.example/contacts', ''],
  ])('%s', async (_, url, host?: string) => {
    const request = received(url, host === undefined ? {} : { host });
    expect(await pathsOf(request)).toEqual({ status: 400, seen: [] });
  });

  test.each(['crm.example', 'crm.example:8443', '127.0.0.1:80', '[::1]:80', 'localhost'])(
    'accepts the host %s',
    async (host) => {
      expect(await pathsOf(received(`https://${host}/contacts`, { host }))).toMatchObject({
        status: 200,
      });
    },
  );
});

describe('a body that `describe` reads', () => {
  const TEXT = JSON.stringify({ to: 'bob', text: 'x'.repeat(50_000) });
  const post = (body: BodyInit, headers: Record<string, string> = {}) =>
    new Request('https://crm.example/', {
      method: 'POST',
      body,
      headers: { authorization, ...headers },
      duplex: 'half',
    } as RequestInit);
  const reading = (describe: (request: Request) => Promise<unknown>) =>
    guard({
      verifier,
      describe: async (request) => {
        await describe(request);
        return ok<VerifyRequest>(CALL);
      },
      handle: async (request) => new Response(await request.text()),
    });

  test.each<[string, (request: Request) => Promise<unknown>]>([
    ['completely', (request) => request.json()],
    ['as a copy', (request) => request.clone().text()],
    ['in part', async (request) => request.body?.getReader().read()],
    ['and cancels', async (request) => request.body?.cancel()],
    ['not at all', async () => undefined],
  ])('%s is complete in `handle`', async (_, describe) => {
    expect(await (await reading(describe)(post(TEXT))).text()).toBe(TEXT);
  });

  test('and modifies is unmodified in `handle`', async () => {
    const handler = reading(async (request) => {
      const first = await request.body?.getReader().read();
      (first?.value as Uint8Array | undefined)?.fill(0);
    });
    expect(await (await handler(post(TEXT))).text()).toBe(TEXT);
  });

  test('is bounded, because the caller is still unknown', async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        sent += 64 * 1024;
        controller.enqueue(new Uint8Array(64 * 1024));
      },
    });
    const handler = reading((request) => request.text().catch(() => undefined));
    expect((await handler(post(endless))).status).toBe(413);
    expect(sent).toBeLessThan(1024 * 1024);
  });
});

describe('a recorder of decisions', () => {
  const open = (decided: (decision: Decision) => void | Promise<void>) => {
    const report = vi.fn();
    const handler = guard({
      verifier,
      describe: async () => ok(CALL),
      handle: async () => new Response('served'),
      decided,
      report,
    });
    return { handler, report };
  };

  test.each<[string, () => Promise<void>]>([
    ['rejects', () => Promise.reject(new TypeError('no log'))],
    [
      'throws',
      () => {
        throw new TypeError('no log');
      },
    ],
  ])('that %s changes no answer and does not end the process', async (_, decided) => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const { handler, report } = open(decided);
    expect((await handler(new Request('https://crm.example/'))).status).toBe(401);
    const allowed = new Request('https://crm.example/', { headers: { authorization } });
    expect((await handler(allowed)).status).toBe(200);
    await new Promise((passed) => setTimeout(passed, 10));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(report.mock.calls).toEqual([
      ['decided.failed', { error: 'TypeError' }],
      ['decided.failed', { error: 'TypeError' }],
    ]);
  });

  test('does not delay the answer', async () => {
    const { handler } = open(() => new Promise(() => {}));
    expect((await handler(new Request('https://crm.example/'))).status).toBe(401);
  });
});

test.each([
  ['a denial', '', {}, 401],
  ['a route that is not a call', '/none', { authorization }, 404],
])('cancels the unread body after %s', async (_, path, headers, status) => {
  const cancelled = vi.fn();
  const body = new ReadableStream({ pull: () => undefined, cancel: cancelled });
  const handler = guard({
    verifier,
    describe: async (request) =>
      request.url.endsWith('/none') ? refuse(new Response('', { status: 404 })) : ok(CALL),
    handle: async () => new Response('served'),
  });
  const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
  const response = await handler(new Request(`https://crm.example${path}`, init));
  expect(response.status).toBe(status);
  await expect.poll(() => cancelled).toHaveBeenCalled();
});

test('a challenge names the configured server, not the one that the client names', async () => {
  const handler = guard({
    verifier,
    describe: async () => ok(CALL),
    handle: async () => new Response('served'),
  });
  const response = await handler(new Request('https://evil.example/'));
  expect(response.headers.get('www-authenticate')).toBe('Bearer realm="crm.example"');
});
