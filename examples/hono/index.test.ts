import { testIssuer } from 'hewn/testing';
import { expect, test } from 'vitest';
import { createApp } from './index.ts';

const { mint, protection, feed } = await testIssuer({ audience: 'https://api.example' });
const app = createApp(protection);
const grants = [
  { tool: 'crm.search', action: 'read', dataset: 'crm/contacts/eu' },
  { tool: 'crm.add', action: 'write', dataset: 'crm/contacts/eu' },
] as const;

async function send(method: string, path: string, token: string, body?: object) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return app.request(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
}

test('reads and adds contacts of the region that the capability grants', async () => {
  const token = await mint({ grants });
  expect((await send('POST', '/contacts/eu', token, { name: 'Carla' })).status).toBe(201);
  const found = await send('GET', '/contacts/eu', token);
  expect(await found.json()).toEqual(['Ada', 'Blaise', 'Carla']);
  expect((await send('GET', '/contacts/us', token)).status).toBe(403);
});

test('erases nothing without a grant for it', async () => {
  const denied = await send('DELETE', '/contacts/eu/Ada', await mint({ grants }));
  expect(await denied.json()).toMatchObject({ code: 'no_grant' });
});

test('stops a revoked workflow', async () => {
  const token = await mint({ grants, workflow: 'wf_stopped' });
  feed.revoke('wf_stopped');
  expect((await send('GET', '/contacts/eu', token)).status).toBe(401);
});
