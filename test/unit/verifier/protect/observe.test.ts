import { describe, expect, test } from 'vitest';
import type { FeedHit } from '../../../../src/feed/index.ts';
import type { Feed, Route } from '../../../../src/verifier/index.ts';
import { fixedFeed } from '../../fixtures/feed.ts';
import { AUDIENCE, mintToken, narrowed } from '../../fixtures/issuer.ts';
import { protectionWith, recorder, requestTo, SEARCH } from './protected.ts';

const token = mintToken();
const narrower = await narrowed(token, { tool: 'x' });
const route: Route = { ...SEARCH, dataset: 'crm/contacts', mode: 'observe' };

async function observe(
  request: Request,
  { feed = fixedFeed(1), changes = {}, refusal }: Partial<Observed> = {},
) {
  const records = recorder(refusal);
  const hewn = protectionWith({ records }, { feed });
  const handler = hewn.fetch({ ...route, ...changes }, async (call) =>
    Response.json({ body: call.body ?? null, sent: await call.request.text() }, { status: 201 }),
  );
  const response = await handler(request);
  const opened = records.told.find(({ what }) => what === 'open')?.decision;
  return {
    status: response.status,
    text: await response.text(),
    observed: opened?.allowed ? opened.observed?.code : undefined,
    told: records.told.map(({ what }) => what).filter((what) => what !== 'flush'),
    evidence: records.told[0]?.decision?.evidence,
  };
}

interface Observed {
  readonly feed: Feed;
  readonly changes: Partial<Route>;
  readonly refusal: Parameters<typeof recorder>[0];
}

describe('a route that observes', () => {
  test('serves an allowed call as any route does', async () => {
    const seen = await observe(requestTo('/', { token }));
    expect(seen).toMatchObject({ status: 201, observed: undefined, told: ['open', 'close'] });
  });

  test('serves a request without a token, and records what would have happened', async () => {
    const seen = await observe(requestTo('/'));
    expect(seen).toMatchObject({ status: 201, observed: 'token_missing' });
    expect(seen.evidence).toEqual({
      revocationIds: [],
      tool: 'crm.search',
      action: 'read',
      datasets: ['crm/contacts'],
      tier: 1,
    });
  });

  test.each([
    ['garbage', requestTo('/', { token: 'garbage' }), 'token_malformed', {}],
    ['another tool', requestTo('/', { token }), 'no_grant', { tool: 'crm.export' }],
    ['a narrower token', requestTo('/', { token: narrower }), 'caveat_failed', {}],
    ['an expired token', requestTo('/', { token: mintToken({}, 1) }), 'expired', {}],
    [
      'a token for another audience',
      requestTo('/', { token: mintToken({ audience: `${AUDIENCE}/x` }) }),
      'audience_mismatch',
      {},
    ],
    [
      'a route that throws',
      requestTo('/', { token }),
      'arguments_invalid',
      {
        args: () => {
          throw new Error();
        },
      },
    ],
    ['an unknown tier', requestTo('/', { token }), 'tier_unknown', { tier: () => 9 as never }],
  ] as const)(
    'serves %s, and records what would have happened',
    async (_, request, code, changes) => {
      const seen = await observe(request, { changes });
      expect(seen).toMatchObject({ status: 201, observed: code, told: ['open', 'close'] });
    },
  );

  test.each([
    ['text', 'not JSON', 'text/plain', 'body_type_unsupported'],
    ['a member twice', '{"a":1,"a":2}', 'application/json', 'body_invalid'],
    ['a body over the bound', `"${'x'.repeat(300_000)}"`, 'application/json', 'body_too_large'],
  ])('hands over the whole of %s', async (_, body, type, code) => {
    const request = requestTo('/', { method: 'POST', body, headers: { 'content-type': type } });
    const seen = await observe(request);
    expect(seen).toMatchObject({ status: 201, observed: 'token_missing' });
    expect(JSON.parse(seen.text)).toEqual({ body: null, sent: body });
    const again = requestTo('/', {
      method: 'POST',
      body,
      token,
      headers: { 'content-type': type },
    });
    expect(await observe(again)).toMatchObject({ status: 201, observed: code });
  });

  test('serves a call while the feed is out of reach', async () => {
    const seen = await observe(requestTo('/', { token }), { feed: fixedFeed(undefined) });
    expect(seen).toMatchObject({ status: 201, observed: 'head_missing' });
  });

  test('serves a call that cannot be charged, and says so', async () => {
    const refusal = {
      code: 'budget_exhausted',
      status: 403,
      error: 'insufficient_scope',
      message: '',
    } as const;
    const seen = await observe(requestTo('/', { token }), { refusal });
    expect(seen).toMatchObject({ status: 201, told: ['open'] });
  });
});

const stopping = (
  hit: (tool: string | undefined, workflow: string) => FeedHit | undefined,
): Feed => ({
  head: fixedFeed(1).head,
  refresh: async () => ({ ok: true }),
  find: ({ tool, workflow }) => hit(tool, workflow),
});
const revoked = stopping((_, workflow) =>
  workflow === 'wf_1' ? { by: 'workflow', id: workflow } : undefined,
);
const suspended = stopping((_, workflow) =>
  workflow === 'wf_1' ? { by: 'suspension', id: workflow } : undefined,
);
const denied = stopping((tool) => (tool === 'crm.search' ? { by: 'denial', tool } : undefined));

describe('what an operator has stopped is blocked by a route that observes:', () => {
  test.each([
    ['a revoked workflow', token, revoked, 401, 'revoked'],
    ['a suspended workflow', token, suspended, 401, 'suspended'],
    ['a denied tool', token, denied, 403, 'tool_denied'],
    ['a denied tool, without a token', undefined, denied, 403, 'tool_denied'],
    ['a denied tool, with garbage', 'garbage', denied, 403, 'tool_denied'],
    ['a revoked workflow whose token has expired', mintToken({}, 1), revoked, 401, 'revoked'],
    [
      'a revoked workflow whose token is bound to a key',
      mintToken({ holder: 'A'.repeat(43) }),
      revoked,
      401,
      'revoked',
    ],
    ['a revoked workflow with a narrower token', narrower, revoked, 401, 'revoked'],
  ])('%s', async (_, given, feed, status, code) => {
    const request = requestTo('/', given === undefined ? {} : { token: given });
    const seen = await observe(request, { feed });
    expect(seen).toMatchObject({ status, told: ['denied'] });
    expect(JSON.parse(seen.text)).toMatchObject({ code });
  });

  test('a denied tool that a function names, in a call that cannot be described', async () => {
    const changes: Partial<Route> = { tool: () => 'crm.search', dataset: 'crm/:missing' };
    const broken: Partial<Route> = {
      ...changes,
      args: () => {
        throw new Error('a bug');
      },
    };
    for (const given of [changes, broken]) {
      const seen = await observe(requestTo('/', { token }), { feed: denied, changes: given });
      expect(seen).toMatchObject({ status: 403, told: ['denied'] });
    }
  });

  test('a workflow that its issuer has stopped', async () => {
    const refusal = {
      code: 'workflow_stopped',
      status: 403,
      error: 'insufficient_scope',
      message: 'Stopped.',
    } as const;
    expect(await observe(requestTo('/', { token }), { refusal })).toMatchObject({ status: 403 });
  });

  test('a URL with two readings', async () => {
    const request = requestTo('/', { token, headers: { host: 'crm.example/x' } });
    expect(await observe(request)).toMatchObject({ status: 400 });
  });
});
