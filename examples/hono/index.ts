/** An API of your own on Hono, as a Worker. Its tests hand `createApp` another protection. */

import { type HewnVariables, protectRoute } from 'hewn/hono';
import { type Protection, protect } from 'hewn/verifier';
import { Hono } from 'hono';

const contacts = new Map([['eu', new Set(['Ada', 'Blaise'])]]);

export function createApp(hewn: Protection) {
  const app = new Hono<{ Variables: HewnVariables }>();
  const dataset = 'crm/contacts/:region';
  const search = protectRoute(hewn, { tool: 'crm.search', action: 'read', tier: 1, dataset });
  const add = protectRoute(hewn, { tool: 'crm.add', action: 'write', tier: 2, dataset });
  const erase = protectRoute(hewn, { tool: 'crm.erase', action: 'delete', tier: 3, dataset });

  app.get('/contacts/:region', search, (c) =>
    c.json([...(contacts.get(c.req.param('region')) ?? [])]),
  );
  app.post('/contacts/:region', add, (c) => {
    const { name } = c.get('hewn').args;
    contacts.get(c.req.param('region'))?.add(String(name));
    return c.body(null, 201);
  });
  app.delete('/contacts/:region/:name', erase, (c) => {
    contacts.get(c.req.param('region'))?.delete(c.req.param('name'));
    return c.body(null, 204);
  });
  return app;
}

interface Env {
  readonly ISSUER: string;
  readonly AUDIENCE: string;
  readonly FEED_PUBLIC_KEY: string;
}

// One per isolate, so that requests share the copy of the feed.
let app: ReturnType<typeof createApp> | undefined;

export default {
  fetch(request: Request, env: Env, ctx: ExecutionContext) {
    const { ISSUER: issuer, AUDIENCE: audience, FEED_PUBLIC_KEY: feedKey } = env;
    app ??= createApp(protect({ issuer, audience, feedKey }));
    return app.fetch(request, env, ctx);
  },
};
