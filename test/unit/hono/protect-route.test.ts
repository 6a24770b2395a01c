import { serve } from '@hono/node-server';
import { Hono, type MiddlewareHandler } from 'hono';
import { describe, expect, test } from 'vitest';
import { type HewnVariables, protectRoute } from '../../../src/hono/index.ts';
import {
  API,
  EUROPE,
  IMPORT_ROUTE,
  METADATA,
  protectedApi,
  SEARCH_ROUTE,
  UPDATE_ROUTE,
} from '../fixtures/protected-api.ts';

type Env = { Variables: HewnVariables };

async function contacts() {
  const api = await protectedApi();
  const { protection } = api;
  const app = new Hono<Env>();
  app.get('/contacts/:region', protectRoute(protection, SEARCH_ROUTE), (c) => {
    const { args, decision } = c.get('hewn');
    return c.json({ args, workflow: decision.evidence.workflow });
  });
  app.post('/import', protectRoute(protection, IMPORT_ROUTE), async (c) =>
    c.json({ judged: c.get('hewn').body, read: await c.req.json() }),
  );
  const token = await api.mint({ grants: EUROPE, workflow: 'wf_eu' });
  const send = async (path: string, init: RequestInit = {}, headers = bearer(token)) =>
    app.fetch(new Request(`${API}${path}`, { ...init, headers: { ...headers, ...init.headers } }));
  return { ...api, app, token, send };
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const post = (body: unknown, type = 'application/json'): RequestInit => ({
  method: 'POST',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: { 'content-type': type },
});

describe('a protected route of Hono', () => {
  test('hands an allowed call to its handler, with what was judged', async () => {
    const { send, records } = await contacts();
    const response = await send('/contacts/eu?limit=5');
    expect(response.status).toBe(200);
    const args = { region: 'eu', limit: '5' };
    expect(await response.json()).toEqual({ args, workflow: 'wf_eu' });
    expect(records).toEqual(['GET 200', 'flush']);
  });

  test('answers a denied call itself, with a challenge that leads to the issuer', async () => {
    const { send, records, mint } = await contacts();
    const denied = await send('/contacts/us');
    expect(denied.status).toBe(403);
    const grants = [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts/us' }];
    expect(await denied.json()).toMatchObject({
      code: 'no_grant',
      authorization_details: [{ type: 'hewn_task', grants }],
    });
    const constraints = { '/region': { from: ['approved'] } } as const;
    const limit = { arguments: ['region'], constraints };
    const asking = { ...EUROPE[0], dataset: 'crm', constraints: limit };
    const token = await mint({ grants: [asking], workflow: 'wf_asks' });
    expect(await (await send('/contacts/us', {}, bearer(token))).json()).toMatchObject({
      approval: { endpoint: expect.stringMatching(/\/workflows\/v1\/wf_asks\/approvals$/) },
    });
    const anonymous = await send('/contacts/eu', {}, {});
    expect(anonymous.status).toBe(401);
    const challenge = anonymous.headers.get('www-authenticate');
    expect(challenge).toBe(`Bearer realm="api.example", resource_metadata="${METADATA}"`);
    expect(records.filter((line) => line !== 'flush')).toEqual([
      'GET denied: no_grant',
      'GET denied: constraint_failed',
      'GET denied: token_missing',
    ]);
  });

  test('judges HEAD as the GET that answers it', async () => {
    const { send, records } = await contacts();
    const allowed = await send('/contacts/eu', { method: 'HEAD' });
    expect([allowed.status, await allowed.text()]).toEqual([200, '']);
    expect((await send('/contacts/us', { method: 'HEAD' })).status).toBe(403);
    expect(records).toContain('HEAD 200');
  });

  test('leaves other methods and paths to Hono, which has no route for them', async () => {
    const { send, records } = await contacts();
    expect((await send('/contacts/eu', { method: 'DELETE' })).status).toBe(404);
    expect((await send('/contacts/eu/ada')).status).toBe(404);
    expect(records).toEqual([]);
  });

  test.each([
    '/contacts/eu%2f..%2fus',
    '/contacts/..%2fus',
    '/contacts/%2e%2e%2fus',
    '/contacts/e%75%2f',
    '/contacts/eu%5cus',
    '/contacts/%00',
  ])('denies a parameter with two readings: %s', async (path) => {
    const { send } = await contacts();
    const response = await send(path);
    expect([400, 403]).toContain(response.status);
  });

  test('judges a parameter as the handler reads it', async () => {
    const { send } = await contacts();
    const response = await send('/contacts/%65u');
    expect(await response.json()).toMatchObject({ args: { region: 'eu' } });
  });
});

describe('a body', () => {
  test('is read once: the handler gets the value that was judged', async () => {
    const { send } = await contacts();
    const body = { region: 'eu', name: 'Ada' };
    const response = await send('/import', post(body));
    expect(await response.json()).toEqual({ judged: body, read: body });
    expect((await send('/import', post({ region: 'us', name: 'Ada' }))).status).toBe(403);
  });

  test('is denied if it is not JSON, ambiguous or too large', async () => {
    const { send } = await contacts();
    expect((await send('/import', post('{"region":"us","region":"eu"}'))).status).toBe(400);
    expect((await send('/import', post('{'))).status).toBe(400);
    expect((await send('/import', post('region=eu', 'text/plain'))).status).toBe(415);
    const large = { region: 'eu', name: 'x'.repeat(300_000) };
    expect((await send('/import', post(large))).status).toBe(413);
  });

  test('that earlier middleware has read is judged as that middleware has read it', async () => {
    const { protection, token } = await contacts();
    const app = new Hono<Env>();
    app.use(async (c, next) => {
      await c.req.json();
      await next();
    });
    app.post('/import', protectRoute(protection, IMPORT_ROUTE), async (c) =>
      c.json(await c.req.json()),
    );
    const send = (body: unknown) =>
      app.request('/import', {
        ...post(body),
        headers: { ...bearer(token), ...post(body).headers },
      });
    expect(await (await send({ region: 'eu' })).json()).toEqual({ region: 'eu' });
    expect((await send({ region: 'us' })).status).toBe(403);
  });
});

test('a body that middleware has planted in the cache of Hono reaches no handler', async () => {
  const { protection, token } = await contacts();
  const send = async (before: MiddlewareHandler) => {
    const app = new Hono<Env>();
    app.use(before);
    app.post('/import', protectRoute(protection, IMPORT_ROUTE), async (c) =>
      c.json(await c.req.json()),
    );
    const init = post({ region: 'eu' });
    return app.request('/import', { ...init, headers: { ...bearer(token), ...init.headers } });
  };
  const planted = await send(async (c, next) => {
    c.req.bodyCache.json = Promise.resolve({ region: 'us' });
    await next();
  });
  expect(await planted.json()).toEqual({ region: 'eu' });
});

test('a route that observes lets a call through and records what it would have denied', async () => {
  const { protection, records, feed, token } = await contacts();
  const app = new Hono<Env>();
  const route = { ...SEARCH_ROUTE, mode: 'observe' } as const;
  app.get('/contacts/:region', protectRoute(protection, route), (c) => c.json(c.get('hewn').args));
  const send = (headers: Record<string, string>) => app.request('/contacts/us', { headers });
  expect(await (await send(bearer(token))).json()).toEqual({ region: 'us' });
  expect((await send({})).status).toBe(200);
  feed.revoke('wf_eu');
  expect((await send(bearer(token))).status).toBe(401);
  expect(records.filter((line) => line !== 'flush')).toEqual([
    'GET observed: no_grant 200',
    'GET observed: token_missing 200',
    'GET denied: revoked',
  ]);
});

test('a route whose description throws denies the call', async () => {
  const { protection, token } = await contacts();
  const app = new Hono<Env>();
  const dataset = () => {
    throw new Error('a bug');
  };
  app.get('/', protectRoute(protection, { ...SEARCH_ROUTE, dataset }), (c) => c.text('reached'));
  const response = await app.request('/', { headers: bearer(token) });
  expect(response.status).toBe(400);
  expect(await response.text()).not.toContain('a bug');
});

test('sub-apps and base paths have their parameters judged', async () => {
  const { protection, token } = await contacts();
  const sub = new Hono<Env>();
  sub.put('/:name', protectRoute(protection, UPDATE_ROUTE), (c) => c.json(c.get('hewn').args));
  const app = new Hono().basePath('/v1').route('/regions/:region/contacts', sub);
  const put = (region: string) =>
    app.request(`/v1/regions/${region}/contacts/ada`, { method: 'PUT', headers: bearer(token) });
  expect(await (await put('eu')).json()).toEqual({ region: 'eu', name: 'ada' });
  expect((await put('us')).status).toBe(403);
});

test('middleware in front of all routes sees no parameters, so their datasets are denied', async () => {
  const { protection, token } = await contacts();
  const app = new Hono<Env>();
  app.use(protectRoute(protection, SEARCH_ROUTE));
  app.get('/contacts/:region', (c) => c.text('reached'));
  const response = await app.request('/contacts/eu', { headers: bearer(token) });
  expect(response.status).toBe(400);
});

test('records 500 for a handler that throws, and leaves the answer to Hono', async () => {
  const { protection, records, token } = await contacts();
  const app = new Hono<Env>();
  app.get('/contacts/:region', protectRoute(protection, SEARCH_ROUTE), () => {
    throw new Error('a bug');
  });
  app.onError((_error, c) => c.text('an error page', 500));
  const response = await app.request('/contacts/eu', { headers: bearer(token) });
  expect([response.status, await response.text()]).toEqual([500, 'an error page']);
  expect(records).toEqual(['GET 500 threw', 'flush']);
});

test('keeps work after the response alive in a Worker, from the start of the request', async () => {
  const { app, token, records } = await contacts();
  const works: Promise<unknown>[] = [];
  const ctx = {
    waitUntil: (work: Promise<unknown>) => void works.push(work),
    passThroughOnException: () => undefined,
    props: {},
  };
  const request = new Request(`${API}/contacts/eu`, { headers: bearer(token) });
  const answering = app.fetch(request, {}, ctx);
  expect(works).toHaveLength(1);
  expect((await answering).status).toBe(200);
  await Promise.all(works);
  expect(records).toEqual(['GET 200', 'flush']);
});

test('a caller that proves its key may use a bound capability, and only with that key', async () => {
  const { send, mint, holder } = await contacts();
  const [owner, thief] = [await holder(), await holder()];
  const token = await mint({ grants: EUROPE, holder: owner.thumbprint });
  const sent = { method: 'GET', url: `${API}/contacts/eu` };
  expect((await send('/contacts/eu', {}, await owner.headers(token, sent))).status).toBe(200);
  expect((await send('/contacts/eu', {}, await thief.headers(token, sent))).status).toBe(401);
  expect((await send('/contacts/eu', {}, bearer(token))).status).toBe(401);
});

test('works in Node, where a target arrives as the client wrote it', async () => {
  const { app, token } = await contacts();
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const base = `http://127.0.0.1:${port}`;
  try {
    const headers = { ...bearer(token), 'content-type': 'application/json' };
    expect((await fetch(`${base}/contacts/eu`, { headers })).status).toBe(200);
    expect((await fetch(`${base}/contacts/us`, { headers })).status).toBe(403);
    const body = JSON.stringify({ region: 'eu', name: 'Ada' });
    const sent = await fetch(`${base}/import`, { method: 'POST', headers, body });
    expect(await sent.json()).toEqual({ judged: JSON.parse(body), read: JSON.parse(body) });
    expect((await fetch(`${base}/contacts/eu%2f..%2fus`, { headers })).status).toBe(400);
  } finally {
    server.close();
  }
});
