import { describe, expect, test } from 'vitest';
import { neededGrants } from '../../../src/agent/index.ts';
import { offersApproval } from '../../../src/agent/needed-grants.ts';
import { ok, refuse } from '../../../src/result.ts';
import { type Decision, guard } from '../../../src/verifier/index.ts';
import { CALL, verifierWith } from '../fixtures/feed.ts';
import { mintToken, narrowed } from '../fixtures/issuer.ts';

const elsewhere = await narrowed(mintToken(), { tool: 'other' });
const handled: string[] = [];
const decided: Decision[] = [];
const handler = guard<[{ name: string }]>({
  verifier: verifierWith(),
  describe: async (request) =>
    new URL(request.url).pathname === '/search'
      ? ok(CALL)
      : refuse(new Response('no such route', { status: 404 })),
  handle: async (request, decision, env) => {
    handled.push(new URL(request.url).pathname);
    return Response.json({ env: env.name, workflow: decision.evidence.workflow });
  },
  decided: (decision) => decided.push(decision),
});

async function send(path: string, authorization?: string) {
  handled.length = 0;
  decided.length = 0;
  const headers = new Headers(authorization === undefined ? {} : { authorization });
  const request = new Request(`https://crm.example${path}`, { headers });
  const response = await handler(request, { name: 'env' });
  return { status: response.status, response, handled: handled.length, decided: decided.length };
}

describe('a guarded handler', () => {
  test('runs for an allowed call, with the other arguments of the handler', async () => {
    const { response, ...seen } = await send('/search', `Bearer ${mintToken()}`);
    expect(seen).toEqual({ status: 200, handled: 1, decided: 1 });
    expect(await response.json()).toEqual({ env: 'env', workflow: 'wf_1' });
  });

  test('answers 401 without a token, with the challenge of RFC 6750', async () => {
    const { response, ...seen } = await send('/search');
    expect(seen).toEqual({ status: 401, handled: 0, decided: 1 });
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="crm.example"');
    expect(await response.json()).toMatchObject({ code: 'token_missing' });
  });

  test.each([
    ['garbage', 'Bearer garbage', 401],
    ['two tokens', `Bearer ${mintToken()} ${mintToken()}`, 401],
    ['another scheme', `Basic ${mintToken()}`, 401],
    ['another tool', `Bearer ${elsewhere}`, 403],
  ])('does not run for %s', async (_, authorization, status) => {
    const { response, ...seen } = await send('/search', authorization);
    expect(seen).toEqual({ status, handled: 0, decided: 1 });
    expect(await response.text()).not.toContain(mintToken().slice(0, 16));
  });

  test('decides nothing if `describe` answers the request itself', async () => {
    const { response: _, ...seen } = await send('/other', `Bearer ${mintToken()}`);
    expect(seen).toEqual({ status: 404, handled: 0, decided: 0 });
  });
});

describe('a guarded handler of a call that needs a wider capability', () => {
  const needs = ['crm/orders', 'crm/contacts/eu', 'crm/orders'];
  const stepping = guard({
    verifier: verifierWith(),
    describe: async () => ok({ ...CALL, dataset: needs }),
    handle: async () => new Response('ran'),
    resourceMetadata: 'https://crm.example/.well-known/oauth-protected-resource',
  });
  const ask = (token: string) =>
    stepping(
      new Request('https://crm.example/', { headers: { authorization: `Bearer ${token}` } }),
    );

  test('challenges with everything that the call needs, in header and body', async () => {
    const response = await ask(mintToken());
    expect(response.status).toBe(403);
    const challenge = response.headers.get('www-authenticate') ?? '';
    const scope = `${CALL.tool}:read:crm/orders ${CALL.tool}:read:crm/contacts/eu`;
    expect(challenge).toContain('error="insufficient_scope"');
    expect(challenge).toContain(`scope="${scope}"`);
    expect(challenge).toMatch(/resource_metadata="https:\/\/crm\.example\/[^"]+"$/);
    expect(neededGrants(await response.text())).toEqual([
      { tool: CALL.tool, action: 'read', dataset: 'crm/orders' },
      { tool: CALL.tool, action: 'read', dataset: 'crm/contacts/eu' },
    ]);
  });

  test('asks for exactly this call if it does more than read, and names no scope', async () => {
    const writing = guard({
      verifier: verifierWith(),
      describe: async () =>
        ok({
          ...CALL,
          action: 'write' as const,
          dataset: 'crm/orders',
          args: { to: 'a', note: ['b'] },
        }),
      handle: async () => new Response('ran'),
    });
    const headers = { authorization: `Bearer ${mintToken()}` };
    const response = await writing(new Request('https://crm.example/', { headers }));
    const challenge = response.headers.get('www-authenticate') ?? '';
    expect(challenge).toContain('error="insufficient_scope"');
    expect(challenge).not.toContain('scope="');
    expect(neededGrants(await response.text())).toMatchObject([
      { constraints: { constraints: { '/to': { exact: 'a' }, '/note': { subsetOf: ['b'] } } } },
    ]);
  });

  test('does not challenge if no grant would help', async () => {
    for (const token of ['', 'garbage']) {
      const response = await ask(token);
      expect(response.headers.get('www-authenticate')).not.toContain('scope=');
      expect(response.headers.get('www-authenticate')).toContain('resource_metadata=');
      expect(neededGrants(await response.text())).toBeUndefined();
    }
  });
});

test('a denial that an approval would cure says where to ask for it', async () => {
  const constraints = {
    arguments: ['to'],
    constraints: { '/to': { from: ['=ann', 'approved'] } },
  } as const;
  const grants = [{ tool: 'crm.update', action: 'write', dataset: 'crm', constraints }] as const;
  const handle = guard({
    verifier: verifierWith(),
    describe: async () =>
      ok({ tool: 'crm.update', action: 'write', dataset: 'crm', args: { to: 'bob' }, tier: 2 }),
    handle: async () => new Response(),
  });
  const headers = { authorization: `Bearer ${mintToken({ grants })}` };
  const denied = await handle(new Request('https://crm.example/', { headers }));
  expect(denied.status).toBe(403);
  expect(await offersApproval(denied)).toBe(true);
  expect(await denied.json()).toMatchObject({
    code: 'constraint_failed',
    authorization_details: [{ type: 'hewn_task' }],
    approval: { endpoint: 'https://issuer.example/workflows/v1/wf_1/approvals' },
  });
});
