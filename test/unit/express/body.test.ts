import { request } from 'node:http';
import express, { type ErrorRequestHandler } from 'express';
import { describe, expect, test } from 'vitest';
import { protectRoute } from '../../../src/express/index.ts';
import type { Route } from '../../../src/verifier/index.ts';
import { IMPORT_ROUTE, SEARCH_ROUTE, UPDATE_ROUTE } from '../fixtures/protected-api.ts';
import { bearer, importing, post, served } from './served.ts';

describe('a body', () => {
  const body = { region: 'eu', name: 'Ada' };

  test('that no parser has read is read and judged, and later parsers leave it alone', async () => {
    const { send } = await served((protection) => {
      const app = express();
      app.post('/import', protectRoute(protection, IMPORT_ROUTE), express.json(), (req, res) => {
        res.json(req.body);
      });
      return app;
    });
    expect(await (await send('/import', post(body))).json()).toEqual(body);
    expect((await send('/import', post({ region: 'us' }))).status).toBe(403);
    expect((await send('/import', post('{"region":"us","region":"eu"}'))).status).toBe(400);
    expect((await send('/import', post('region=eu', 'text/plain'))).status).toBe(415);
    expect((await send('/import', post({ ...body, name: 'x'.repeat(300_000) }))).status).toBe(413);
  });

  test('that express.json() has read is judged as the handler gets it', async () => {
    const { send } = await served(importing(express.json()));
    expect(await (await send('/import', post(body))).json()).toEqual({ judged: body, body });
    expect((await send('/import', post({ region: 'us' }))).status).toBe(403);
  });

  test('that middleware has changed is judged as changed', async () => {
    const move: express.RequestHandler = (req, _res, next) => {
      req.body = { ...req.body, region: 'us' };
      next();
    };
    const { send } = await served(importing(express.json(), move));
    expect((await send('/import', post(body))).status).toBe(403);
  });

  test('that a parser of text or bytes has read stays what it was', async () => {
    for (const parser of [express.text({ type: '*/*' }), express.raw({ type: '*/*' })]) {
      const { send } = await served(importing(parser));
      const sent = (await (await send('/import', post(body))).json()) as { body: unknown };
      expect(sent).toMatchObject({ judged: body });
      expect(sent.body).not.toEqual(body);
      expect((await send('/import', post({ region: 'us' }))).status).toBe(403);
    }
  });

  test('that a parser of forms has read is a fault of the app, and reaches no handler', async () => {
    const errors: string[] = [];
    const failed: ErrorRequestHandler = (error, _req, res, _next) => {
      errors.push(String(error));
      res.status(500).end();
    };
    const { send } = await served((protection) =>
      importing(express.urlencoded({ extended: true }))(protection).use(failed),
    );
    const form = post('region=eu', 'application/x-www-form-urlencoded');
    expect((await send('/import', form)).status).toBe(500);
    expect(errors).toEqual([expect.stringContaining('the body was read before')]);
  });

  test('of a GET is not judged, so the handler gets none', async () => {
    const { base, token } = await served((protection) => {
      const app = express();
      app.use((req, _res, next) => {
        req.body = { region: 'us' };
        next();
      });
      app.get('/contacts/:region', protectRoute(protection, SEARCH_ROUTE), (req, res) => {
        res.json({ body: req.body ?? null });
      });
      return app;
    });
    const response = await fetch(`${base}/contacts/eu`, { headers: bearer(token) });
    expect(await response.json()).toEqual({ body: null });
  });

  test('of a GET is refused if a later parser could read it unjudged', async () => {
    const { base, token } = await served((protection) => {
      const app = express();
      const search = protectRoute(protection, SEARCH_ROUTE);
      app.get('/contacts/:region', search, express.json(), (req, res) => {
        res.json({ body: req.body ?? null });
      });
      return app;
    });
    const send = (content: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const type = { 'content-type': 'application/json', 'content-length': content.length };
        const headers = { ...bearer(token), ...type };
        const sent = request(`${base}/contacts/eu`, { method: 'GET', headers }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        sent.on('error', reject).end(content);
      });
    expect(await send('{"region":"us"}')).toBe(400);
    expect(await send('')).toBe(200);
  });

  test('of a route that leaves it unread reaches the handler as a stream', async () => {
    const { send } = await served((protection) => {
      const app = express();
      const route: Route = { ...UPDATE_ROUTE, body: 'unread' };
      app.post('/contacts/:region/photo', protectRoute(protection, route), async (req, res) => {
        let bytes = 0;
        for await (const chunk of req) bytes += chunk.length;
        res.json({ bytes });
      });
      return app;
    });
    const photo = { method: 'POST', body: new Uint8Array(400_000) };
    expect(await (await send('/contacts/eu/photo', photo)).json()).toEqual({ bytes: 400_000 });
    expect((await send('/contacts/us/photo', photo)).status).toBe(403);
  });
});
