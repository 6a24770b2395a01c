import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { createDpopKey, type HandOffOptions, handOff } from 'hewn/agent';
import { testIssuer } from 'hewn/testing';
import { handToWorker } from './hand-off-planner.ts';
import { createApi } from './tested-api.ts';

const ISSUER = 'https://issuer.test';
const server = createServer(async ({ url, headers }, response) => {
  const { authorization = '', dpop = '' } = headers as Readonly<Record<string, string>>;
  const request = new Request(`${audience}${url}`, { headers: { authorization, dpop } });
  const answer: Response = await api.fetch(request);
  response.writeHead(answer.status).end(await answer.text());
});
await once(server.listen(0, '127.0.0.1'), 'listening');
after(() => server.close());

const audience = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const { mint, protection, decisions } = await testIssuer({ audience, issuer: ISSUER });
const api = createApi(protection);

/** What `connect` obtains: bound to the planner's key, for all regions. */
const holder = await createDpopKey();
const grants = [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts' }] as const;
const capability = {
  token: await mint({ grants, holder: holder.thumbprint, workflow: 'wf_plan' }),
  workflow: 'wf_plan',
  task: 'plan a campaign',
  audience,
  grants,
  expires: new Date(Date.now() + 300_000),
  holder,
};
const planner = (token: string) => ({
  audience,
  delegate: (options: HandOffOptions) => handOff({ ...capability, token }, options),
});
const europe = { tools: 'crm.search', datasets: 'crm/contacts/eu' };
const step = { ...europe, issuer: ISSUER, paths: ['/contacts/eu', '/contacts/us'] };

test('a worker in another process does its step and no more, and decisions name its hop', async () => {
  const found = await handToWorker(planner(capability.token), step);
  assert.ok('answers' in found);
  const [eu, us] = found.answers;
  assert.deepEqual([eu, us?.status], [{ status: 200, text: '["Ada","Blaise"]' }, 403]);
  for (const { evidence } of decisions) {
    const [hop, ...others] = evidence.hops ?? [];
    assert.deepEqual([hop?.by, hop?.name, others], [holder.thumbprint, 'worker', []]);
  }
});

test('the planner cannot take back the part of one worker for another', async () => {
  const { thumbprint } = await createDpopKey();
  const handed = await handOff(capability, { to: thumbprint, ...europe });
  assert.ok(handed.ok);
  const found = await handToWorker(planner(handed.value.token), step);
  assert.deepEqual(found, { refused: 'hop_invalid' });
});
