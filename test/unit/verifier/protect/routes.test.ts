import { AutoRouter } from 'itty-router';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/canonical-json.ts';
import type { ProtectedCall } from '../../../../src/verifier/index.ts';
import { cpuMilliseconds } from '../../cpu-time.ts';
import { mintToken, narrowed } from '../../fixtures/issuer.ts';
import { codeOf, protectionWith, requestTo, SEARCH } from './protected.ts';

const hewn = protectionWith();
const token = mintToken();
const seen: ProtectedCall[] = [];
const served = (call: ProtectedCall, env: { readonly name: string }): Response => {
  seen.push(call);
  return Response.json({ args: call.args, env: env.name });
};
const router = AutoRouter<never, [{ name: string }]>()
  .get('/contacts/:region', hewn.fetch(SEARCH, served))
  .post('/contacts/:region', hewn.fetch(SEARCH, served));

const send = (path: string, init: Parameters<typeof requestTo>[1] = {}): Promise<Response> =>
  router.fetch(requestTo(path, { token, ...init }) as never, { name: 'prod' });

const post = (body: BodyInit, path = '/contacts/eu', type = 'application/json') =>
  send(path, { method: 'POST', body, headers: { 'content-type': type } });

describe('a route of itty-router', () => {
  test('serves an allowed call, with the arguments that were judged and the environment', async () => {
    const response = await send('/contacts/eu?limit=5&tag=a&tag=b');
    expect(await response.json()).toEqual({
      args: { region: 'eu', limit: '5', tag: ['a', 'b'] },
      env: 'prod',
    });
    expect(seen.at(-1)?.decision.evidence).toMatchObject({
      workflow: 'wf_1',
      tool: 'crm.search',
      datasets: ['crm/contacts/eu'],
    });
  });

  test.each([
    ['a region outside the grant', { ...SEARCH, dataset: 'crm/orders/:region' }, 'no_grant', 403],
    ['a tool outside the grant', { ...SEARCH, tool: 'crm.export' }, 'no_grant', 403],
    ['another action', { ...SEARCH, action: 'delete' as const }, 'no_grant', 403],
  ])('denies %s', async (_, route, code, status) => {
    const other = AutoRouter().get('/contacts/:region', hewn.fetch(route, served as never));
    const response = await other.fetch(requestTo('/contacts/eu', { token }));
    expect([await codeOf(response), response.status]).toEqual([code, status]);
  });

  test.each([
    ['the path', { path: '/contacts/eu' }, { path: '/contacts/us' }],
    ['the method', { method: 'GET' }, { method: 'POST' }],
  ])('judges %s by the caveats of the token', async (_, kept, other) => {
    const of = async (cut: object) => {
      const response = await send('/contacts/eu', { token: await narrowed(token, cut as never) });
      return response.status;
    };
    expect([await of(kept), await of(other)]).toEqual([200, 403]);
  });

  test('denies a request without a token, with a challenge', async () => {
    const response = await router.fetch(requestTo('/contacts/eu') as never, { name: '' });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="crm.example"');
  });

  test('judges path and query by the caveats of the token', async () => {
    const limited = await narrowed(token, { args: { region: 'eu', limit: '5' } });
    const responses = await Promise.all(
      ['?limit=5', '?limit=6', ''].map((query) => send(`/contacts/eu${query}`, { token: limited })),
    );
    expect(responses.map(({ status }) => status)).toEqual([200, 403, 403]);
  });

  test('decodes the path, as caveats have it', async () => {
    const handler = hewn.fetch({ ...SEARCH, dataset: 'crm/contacts' }, () => new Response());
    const cut = await narrowed(token, { path: '/café' });
    const status = async (path: string) => (await handler(requestTo(path, { token: cut }))).status;
    expect([await status('/café'), await status('/caf%C3%A9/x'), await status('/cafe')]).toEqual([
      200, 200, 403,
    ]);
  });

  test.each([
    ['an encoded slash', '/contacts/eu%2fsecret', 400],
    ['an encoded dot segment', '/contacts/%2e%2e', 404],
    ['a dot segment', '/contacts/us/../eu', 200],
    ['a doubly encoded slash', '/contacts/eu%252f', 400],
    ['a NUL', '/contacts/eu%00', 400],
    ['an empty segment', '/contacts//eu', 404],
    ['a method without a route', '/contacts', 404],
  ])('answers %s as a router and a judge that read alike', async (_, path, status) => {
    expect((await send(path)).status).toBe(status);
  });

  test.each(['PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH'])('does not serve %s', async (method) => {
    expect((await send('/contacts/eu', { method })).status).toBe(404);
  });
});

describe('a dataset with a placeholder', () => {
  test.each<[string, JsonObject]>([
    ['a number', { account: 1 }],
    ['a list', { account: ['a'] }],
    ['nothing', {}],
    ['two segments', { account: 'a/b' }],
    ['a parent', { account: '..' }],
    ['an empty text', { account: '' }],
    ['an inherited member', { toString: 'x' }],
  ])('is denied if the argument is %s', async (_, body) => {
    const handler = hewn.fetch({ ...SEARCH, dataset: 'crm/contacts/:account' }, () =>
      Response.json({}),
    );
    const init = {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    };
    const response = await handler(requestTo('/', { token, ...init }));
    expect([response.status, await codeOf(response)]).toEqual([400, 'name_invalid']);
  });

  test('takes the argument from the body', async () => {
    expect((await post(JSON.stringify({ note: 'x' }))).status).toBe(200);
  });
});

describe('arguments', () => {
  test.each([
    ['in path and query', '/contacts/eu?region=us', '{}'],
    ['in path and body', '/contacts/eu', '{"region":"us"}'],
    ['in query and body', '/contacts/eu?limit=1', '{"limit":2}'],
  ])('with one name %s are denied', async (_, path, body) => {
    const response = await post(body, path);
    expect([response.status, await codeOf(response)]).toEqual([400, 'arguments_invalid']);
  });

  test.each([
    ['the query', '/contacts/eu?region=us', {}],
    ['the body', '/contacts/eu', { region: 'us' }],
  ])('of the path cannot be replaced by %s, in a dataset or a function', async (_, path, body) => {
    const served = async (route: object) => {
      const routed = AutoRouter().post(
        '/contacts/:region',
        hewn.fetch({ ...SEARCH, ...route }, () => new Response('served')),
      );
      const init = { method: 'POST', headers: { 'content-type': 'application/json' } };
      const request = requestTo(path, { token, ...init, body: JSON.stringify(body) });
      return (await routed.fetch(request)).status;
    };
    expect(await served({ args: {} })).toBe(400);
    const dataset = ({ args }: { args: JsonObject }) => `crm/contacts/${args.region}`;
    expect(await served({ dataset, args: {} })).toBe(400);
    const exact = ({ params }: { params: JsonObject }) => `crm/contacts/${params.region}`;
    expect(await served({ dataset: exact, args: {} })).toBe(200);
  });

  test('of thousands of names cost little', async () => {
    const query = Array.from({ length: 20_000 }, (_, index) => `n${index}=1`).join('&');
    const milliseconds = await cpuMilliseconds(async () => {
      expect((await send(`/contacts/eu?${query}`)).status).toBe(400);
    });
    expect(milliseconds).toBeLessThan(2_000);
  });

  test('named by the route alone are what the handler gets', async () => {
    const route = {
      ...SEARCH,
      dataset: 'crm/contacts',
      args: ({ query }: { query: Readonly<Record<string, unknown>> }) => ({
        limit: Number(query.limit ?? 10),
      }),
    };
    const handler = hewn.fetch(route, ({ args }) => Response.json(args));
    const response = await handler(requestTo('/?limit=3&region=eu', { token }));
    expect(await response.json()).toEqual({ limit: 3 });
  });

  test('keep a member that is called __proto__', async () => {
    const response = await post('{"__proto__":{"a":1}}');
    expect(await response.text()).toContain('"__proto__":{"a":1}');
  });
});

describe('a route whose function', () => {
  const answerOf = async (route: object) => {
    const handler = hewn.fetch({ ...SEARCH, dataset: 'crm/contacts', ...route }, () =>
      Response.json({}),
    );
    const response = await handler(requestTo('/', { token }));
    return [response.status, await codeOf(response)];
  };

  test.each([
    [
      'throws',
      {
        tool: () => {
          throw new Error('secret');
        },
      },
      [400, 'arguments_invalid'],
    ],
    ['returns nothing', { dataset: () => undefined }, [400, 'arguments_invalid']],
    ['returns a promise', { tool: async () => 'crm.search' }, [400, 'name_invalid']],
    ['returns a promise of arguments', { args: async () => ({}) }, [400, 'arguments_invalid']],
    ['returns another tool', { tool: () => 'crm.export' }, [403, 'no_grant']],
    ['returns no tier', { tier: () => 7 }, [503, 'tier_unknown']],
    ['returns no dataset', { dataset: () => [] }, [403, 'dataset_missing']],
    ['returns a parent', { dataset: () => 'crm/contacts/../orders' }, [400, 'name_invalid']],
  ])('%s is denied', async (_, route, answer) => {
    expect(await answerOf(route)).toEqual(answer);
  });
});

test('a function that throws is reported by the name of its error alone', async () => {
  const reported: unknown[] = [];
  const { fetch } = protectionWith({ report: (...event) => void reported.push(event) });
  const dataset = () => {
    throw new RangeError('secret');
  };
  await fetch({ ...SEARCH, dataset }, () => new Response())(requestTo('/', { token }));
  expect(reported).toEqual([['route.failed', { tool: 'crm.search', error: 'RangeError' }]]);
});

test.each([
  ['an unknown member', { ...SEARCH, datasets: 'crm' }, /unknown member `datasets`/],
  ['an unknown mode', { ...SEARCH, mode: 'off' }, /`mode` must be one of enforce, observe/],
  ['an unknown body', { ...SEARCH, body: 'form' }, /`body` must be one of json, unread/],
  ['no tier', { ...SEARCH, tier: 4 }, /`tier` must be 0, 1, 2 or 3/],
  ['an odd tool', { ...SEARCH, tool: ' crm' }, /`tool` must be the name of a tool/],
  ['an odd dataset', { ...SEARCH, dataset: 'crm//x' }, /`dataset` must be a dataset/],
  ['no dataset', { ...SEARCH, dataset: [] }, /`dataset` must be a dataset/],
  ['an odd placeholder', { ...SEARCH, dataset: 'crm/a:b' }, /`dataset` must be a dataset/],
])('a route with %s is a TypeError, before any request', (_, route, message) => {
  expect(() => hewn.fetch(route as never, () => new Response())).toThrow(message);
});
