import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { testIssuer } from 'hewn/testing';
import { createApp } from './app.ts';

const { mint, protection, feed } = await testIssuer({ audience: 'https://api.example' });
const server = createApp(protection).listen(0);
const { port } = server.address() as { port: number };
after(() => server.close());
const grants = [
  { tool: 'crm.search', action: 'read', dataset: 'crm/contacts/eu' },
  { tool: 'crm.add', action: 'write', dataset: 'crm/contacts/eu' },
] as const;

async function send(method: string, path: string, token: string, body?: object) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  return fetch(`http://127.0.0.1:${port}${path}`, init);
}

test('reads and adds contacts of the region that the capability grants', async () => {
  const token = await mint({ grants });
  assert.equal((await send('POST', '/contacts/eu', token, { name: 'Carla' })).status, 201);
  const found = await send('GET', '/contacts/eu', token);
  assert.deepEqual(await found.json(), ['Ada', 'Blaise', 'Carla']);
  assert.equal((await send('GET', '/contacts/us', token)).status, 403);
});

test('erases nothing without a grant for it', async () => {
  const denied = await send('DELETE', '/contacts/eu/Ada', await mint({ grants }));
  assert.equal(((await denied.json()) as { code: string }).code, 'no_grant');
});

test('stops a revoked workflow', async () => {
  const token = await mint({ grants, workflow: 'wf_stopped' });
  feed.revoke('wf_stopped');
  assert.equal((await send('GET', '/contacts/eu', token)).status, 401);
});
