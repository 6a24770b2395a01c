import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testIssuer } from 'hewn/testing';
import { createApi } from './tested-api.ts';

const grants = [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts/eu' }] as const;
const { mint, protection, feed, clock } = await testIssuer({ audience: 'https://api.example' });
const api = createApi(protection);
const get = async (path: string, token: string): Promise<number> => {
  const headers = { authorization: `Bearer ${token}` };
  return (await api.fetch(new Request(`https://api.example${path}`, { headers }))).status;
};

test('answers a capability for the region, and denies another region', async () => {
  const token = await mint({ grants });
  assert.equal(await get('/contacts/eu', token), 200);
  assert.equal(await get('/contacts/us', token), 403);
});

test('stops a revoked workflow', async () => {
  const token = await mint({ grants, workflow: 'wf_stopped' });
  feed.revoke('wf_stopped');
  assert.equal(await get('/contacts/eu', token), 401);
});

test('accepts no token from before a suspension, also once the workflow was resumed', async () => {
  const before = await mint({ grants, workflow: 'wf_paused' });
  feed.suspend('wf_paused');
  feed.resume('wf_paused');
  assert.equal(await get('/contacts/eu', before), 401);
  assert.equal(await get('/contacts/eu', await mint({ grants, workflow: 'wf_paused' })), 200);
});

test('denies calls in an outage, and expired tokens after it', async () => {
  const token = await mint({ grants, seconds: 300 });
  feed.disconnect();
  clock.advance(200);
  assert.equal(await get('/contacts/eu', token), 503);
  feed.reconnect();
  clock.advance(100);
  assert.equal(await get('/contacts/eu', token), 401);
});
