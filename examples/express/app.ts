/** An API of your own on Express 5. Its tests hand `createApp` another protection. */

import express from 'express';
import { protectedCall, protectRoute } from 'hewn/express';
import type { Protection } from 'hewn/verifier';

const contacts = new Map([['eu', new Set(['Ada', 'Blaise'])]]);

export function createApp(hewn: Protection) {
  const app = express();
  const dataset = 'crm/contacts/:region';
  const search = protectRoute(hewn, { tool: 'crm.search', action: 'read', tier: 1, dataset });
  const add = protectRoute(hewn, { tool: 'crm.add', action: 'write', tier: 2, dataset });
  const erase = protectRoute(hewn, { tool: 'crm.erase', action: 'delete', tier: 3, dataset });

  app.get('/contacts/:region', search, (req, res) => {
    res.json([...(contacts.get(req.params.region) ?? [])]);
  });
  app.post('/contacts/:region', add, (req, res) => {
    const { name } = protectedCall(req).args;
    contacts.get(req.params.region)?.add(String(name));
    res.status(201).end();
  });
  app.delete('/contacts/:region/:name', erase, (req, res) => {
    contacts.get(req.params.region)?.delete(req.params.name);
    res.status(204).end();
  });
  return app;
}
