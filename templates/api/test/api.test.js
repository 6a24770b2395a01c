import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testIssuer } from 'hewn/testing';
import { createProtection } from 'hewn/verifier';
import { createApi } from '../api.js';

const issuer = 'https://issuer.test';
const audience = 'https://api.example';
const { mint, verifier, feed } = await testIssuer({ issuer, audience });
const api = createApi(createProtection({ issuer, audience, verifier }));
const grants = [{ tool: 'contacts.search', action: 'read', dataset: 'contacts/eu' }];

const get = async (region, token) => {
  const headers = { authorization: `Bearer ${token}` };
  const { status } = await api(new Request(`${audience}/contacts?region=${region}`, { headers }));
  return status;
};

test('answers a capability for the region, and denies another region', async () => {
  const token = await mint({ grants });
  assert.equal(await get('eu', token), 200);
  assert.equal(await get('us', token), 403);
});

test('stops a revoked workflow', async () => {
  const token = await mint({ grants, workflow: 'wf_stopped' });
  feed.revoke('wf_stopped');
  assert.equal(await get('eu', token), 401);
});
