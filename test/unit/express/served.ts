import { createServer, type RequestListener } from 'node:http';
import express, { type Express } from 'express';
import { afterEach } from 'vitest';
import { protectedCall, protectRoute } from '../../../src/express/index.ts';
import type { Protection } from '../../../src/verifier/index.ts';
import { EUROPE, IMPORT_ROUTE, protectedApi, SEARCH_ROUTE } from '../fixtures/protected-api.ts';

/** Apps of Express on loopback, with an issuer in memory. */

export const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Serves a handler on a free port. Returns its URL. */
export async function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as { port: number };
  return `http://127.0.0.1:${port}`;
}

export const bearer = (token: string): Record<string, string> => ({
  authorization: `Bearer ${token}`,
});

function contacts(protection: Protection): Express {
  const app = express();
  app.get('/contacts/:region', protectRoute(protection, SEARCH_ROUTE), (req, res) => {
    const { args, decision } = protectedCall(req);
    res.json({ args, workflow: decision.evidence.workflow });
  });
  return app;
}

export async function served(build: (protection: Protection) => Express = contacts) {
  const api = await protectedApi();
  const base = await serve(build(api.protection));
  const token = await api.mint({ grants: EUROPE, workflow: 'wf_eu' });
  const send = (path: string, init: RequestInit = {}, headers = bearer(token)) =>
    fetch(base + path, { ...init, headers: { ...headers, ...init.headers } });
  return { ...api, base, token, send };
}

export const post = (body: string | object, type = 'application/json'): RequestInit => ({
  method: 'POST',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: { 'content-type': type },
});

/** An app that imports contacts, with other middleware before it. */
export const importing =
  (...before: express.RequestHandler[]) =>
  (protection: Protection): Express => {
    const app = express();
    if (before.length > 0) app.use(...before);
    app.post('/import', protectRoute(protection, IMPORT_ROUTE), (req, res) => {
      res.json({ judged: protectedCall(req).body, body: req.body });
    });
    return app;
  };
