import { Agent, request as httpRequest } from 'node:http';
import express from 'express';
import { describe, expect, test } from 'vitest';
import { protectedCall, protectRoute } from '../../../src/express/index.ts';
import type { Route } from '../../../src/verifier/index.ts';
import {
  API,
  EUROPE,
  IMPORT_ROUTE,
  METADATA,
  protectedApi,
  SEARCH_ROUTE,
  UPDATE_ROUTE,
} from '../fixtures/protected-api.ts';
import { bearer, closing, importing, post, serve, served } from './served.ts';

/** Sends a target as it is: `fetch` would normalise it first. */
const sendRaw = (base: string, path: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base);
    const sent = httpRequest({ hostname, port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject).end();
  });

describe('a protected route of Express', () => {
  test('hands an allowed call to its handler, with what was judged', async () => {
    const { send, records } = await served();
    const response = await send('/contacts/eu?limit=5');
    const args = { region: 'eu', limit: '5' };
    expect(await response.json()).toEqual({ args, workflow: 'wf_eu' });
    await expect.poll(() => records).toEqual(['GET 200', 'flush']);
  });

  test('answers a denied call itself, with a challenge that leads to the issuer', async () => {
    const { send, records } = await served();
    const denied = await send('/contacts/us');
    expect(denied.status).toBe(403);
    expect(await denied.json()).toMatchObject({ code: 'no_grant' });
    const anonymous = await send('/contacts/eu', {}, {});
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get('www-authenticate')).toContain(METADATA);
    await expect
      .poll(() => records)
      .toEqual(['GET denied: no_grant', 'flush', 'GET denied: token_missing', 'flush']);
  });

  test('judges HEAD as the GET that answers it, and leaves other methods to Express', async () => {
    const { send, records } = await served();
    expect((await send('/contacts/eu', { method: 'HEAD' })).status).toBe(200);
    expect((await send('/contacts/us', { method: 'HEAD' })).status).toBe(403);
    expect((await send('/contacts/eu', { method: 'DELETE' })).status).toBe(404);
    await expect.poll(() => records).toContain('HEAD 200');
  });

  test.each([
    '/contacts/eu%2f..%2fus',
    '/contacts/..%2fus',
    '/contacts/%2e%2e%2fus',
    '/contacts/eu%5cus',
    '/contacts/%00',
    '/contacts/..',
    '/contacts/us/../eu',
  ])('never allows a parameter with two readings: %s', async (path) => {
    const { base, token } = await served();
    expect([400, 403, 404]).toContain(await sendRaw(base, path, bearer(token)));
  });

  test('joins the segments of a wildcard, and denies a slash inside one of them', async () => {
    const { send } = await served((protection) => {
      const app = express();
      const dataset: Route['dataset'] = ({ params }) => `crm/contacts/${params.path}`;
      app.get(
        '/files/*path',
        protectRoute(protection, { ...SEARCH_ROUTE, dataset }),
        (req, res) => {
          res.json(protectedCall(req).args);
        },
      );
      return app;
    });
    expect(await (await send('/files/eu/ada')).json()).toEqual({ path: 'eu/ada' });
    expect((await send('/files/eu%2fada')).status).toBe(400);
    expect((await send('/files/us/ada')).status).toBe(403);
  });

  test('below a mounted router has its parameters judged, with the whole path', async () => {
    const seen: string[] = [];
    const { send } = await served((protection) => {
      const router = express.Router({ mergeParams: true });
      router.put('/:name', protectRoute(protection, UPDATE_ROUTE), (req, res) => {
        seen.push(protectedCall(req).url.pathname);
        res.json(protectedCall(req).args);
      });
      return express().use('/v1/:region', router);
    });
    const put = (path: string) => send(path, { method: 'PUT' });
    expect(await (await put('/v1/eu/ada')).json()).toEqual({ region: 'eu', name: 'ada' });
    expect((await put('/v1/us/ada')).status).toBe(403);
    expect(seen).toEqual(['/v1/eu/ada']);
  });

  test('accepts a proof for the whole path, and each proof once', async () => {
    const { send, mint, holder } = await served();
    const owner = await holder();
    const token = await mint({ grants: EUROPE, holder: owner.thumbprint });
    const headers = await owner.headers(token, { method: 'GET', url: `${API}/contacts/eu` });
    expect((await send('/contacts/eu', {}, headers)).status).toBe(200);
    expect((await send('/contacts/eu', {}, headers)).status).toBe(401);
  });
});

test('a connection is used again after a denied request with a body', async () => {
  const { base, token } = await served(importing());
  const sockets = new Set<unknown>();
  const { hostname, port } = new URL(base);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  closing.push(() => agent.destroy());
  const send = (region: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = { ...bearer(token), 'content-type': 'application/json' };
      const options = { hostname, port, agent, path: '/import', method: 'POST', headers };
      const sent = httpRequest(options, (response) => {
        sockets.add(response.socket);
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      });
      sent.on('error', reject).end(JSON.stringify({ region, note: 'x'.repeat(50_000) }));
    });
  expect(await send('us')).toBe(403);
  expect(await send('eu')).toBe(200);
  expect(await send('us')).toBe(403);
  expect(sockets.size).toBe(1);
});

test('a route that observes lets a call through, with its body, and records the denial', async () => {
  const { send, records, feed } = await served((protection) => {
    const app = express();
    const route: Route = { ...IMPORT_ROUTE, mode: 'observe' };
    app.post('/import', express.json(), protectRoute(protection, route), (req, res) => {
      res.json(req.body);
    });
    return app;
  });
  expect(await (await send('/import', post({ region: 'us' }))).json()).toEqual({ region: 'us' });
  feed.revoke('wf_eu');
  expect((await send('/import', post({ region: 'us' }))).status).toBe(401);
  await expect
    .poll(() => records.filter((line) => line !== 'flush'))
    .toEqual(['POST observed: no_grant 200', 'POST denied: revoked']);
});

test('a route that observes leaves a body alone that is not JSON', async () => {
  const { send } = await served((protection) => {
    const app = express();
    const route: Route = { ...SEARCH_ROUTE, mode: 'observe' };
    app.post('/:region/form', protectRoute(protection, route), express.urlencoded(), (req, res) => {
      res.json(req.body);
    });
    return app;
  });
  const form = post('name=Ada', 'application/x-www-form-urlencoded');
  expect(await (await send('/us/form', form)).json()).toEqual({ name: 'Ada' });
});

test('a route whose description throws denies the call, and a handler that throws is recorded', async () => {
  const { send, records } = await served((protection) => {
    const app = express();
    app.set('env', 'test');
    const dataset = () => {
      throw new Error('a bug');
    };
    app.get('/undescribed', protectRoute(protection, { ...SEARCH_ROUTE, dataset }));
    app.get('/:region', protectRoute(protection, SEARCH_ROUTE), () => {
      throw new Error('a bug');
    });
    return app;
  });
  expect((await send('/undescribed')).status).toBe(400);
  expect((await send('/eu')).status).toBe(500);
  await expect.poll(() => records).toContain('GET 500');
});

test('a handler that ends its connection without an answer is recorded as one that threw', async () => {
  const { send, records } = await served((protection) =>
    express().get('/:region', protectRoute(protection, SEARCH_ROUTE), (_req, res) => {
      res.destroy();
    }),
  );
  await expect(send('/eu')).rejects.toThrow();
  await expect.poll(() => records).toContain('GET 500 threw');
});

test('a handler of a route without protection has no call', async () => {
  expect(() => protectedCall({})).toThrow('this route has no `protectRoute`');
});

test('works on a server of Node without Express', async () => {
  const { protection, mint } = await protectedApi();
  const route: Route = { ...SEARCH_ROUTE, dataset: 'crm/contacts/eu' };
  const guard = protectRoute(protection, route);
  const base = await serve((req, res) =>
    guard(req, res, (error) => {
      res.statusCode = error === undefined ? 200 : 500;
      res.end(error === undefined ? protectedCall(req).decision.evidence.workflow : 'failed');
    }),
  );
  const token = await mint({ grants: EUROPE, workflow: 'wf_eu' });
  const response = await fetch(`${base}/`, { headers: bearer(token) });
  expect(await response.text()).toBe('wf_eu');
  expect((await fetch(`${base}/`)).status).toBe(401);
});
