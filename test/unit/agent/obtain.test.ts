import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { type Capability, type ObtainOptions, obtainCapability } from '../../../src/agent/index.ts';
import { AUDIENCE, at, mintToken } from '../fixtures/issuer.ts';
import { json, type LocalServer, serve } from '../fixtures/log.ts';

const GRANT = { tool: 'crm.search', action: 'read', dataset: 'crm/contacts' } as const;
const TOKEN = mintToken();
const ANSWER = {
  access_token: TOKEN,
  token_type: 'Bearer',
  expires_in: 300,
  authorization_details: [
    { type: 'hewn_task', workflow: 'wf_1', task: 'churn', grants: [GRANT], more: 1 },
  ],
};

const METADATA = '/.well-known/oauth-authorization-server';
type Answer = (response: ServerResponse, url: string) => void;

/** An honest issuer, except for the paths that the test answers itself. */
async function serveIssuer(instead: Readonly<Record<string, Answer>> = {}) {
  const bodies: string[] = [];
  const server: LocalServer = await serve(async (request, response) => {
    bodies.push(await bodyOf(request));
    const path = request.url ?? '';
    const scripted = instead[path];
    if (scripted) return scripted(response, server.url);
    const { url } = server;
    if (path === METADATA) {
      return json(response, { issuer: url, token_endpoint: `${url}/token` });
    }
    json(response, path === '/token' ? ANSWER : {}, path === '/token' ? 200 : 404);
  });
  return { server, bodies, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

const obtain = (issuer: string, more: Partial<ObtainOptions> = {}) =>
  obtainCapability({
    issuer,
    audience: AUDIENCE,
    task: 'churn',
    grants: [GRANT],
    subjectToken: 'user-jwt',
    actorToken: 'workload-jwt',
    now: () => at(0),
    requestMilliseconds: 1_500,
    ...more,
  });

describe('obtainCapability', () => {
  test('makes one token exchange of RFC 8693', async () => {
    await using issuer = await serveIssuer();
    expect(await obtain(issuer.server.url)).toEqual({
      ok: true,
      value: {
        token: TOKEN,
        workflow: 'wf_1',
        task: 'churn',
        audience: AUDIENCE,
        grants: [GRANT],
        expires: new Date(at(300)),
      },
    });
    expect(issuer.server.asked).toEqual([METADATA, '/token']);
    const type = 'urn:ietf:params:oauth:token-type:access_token';
    const form = Object.fromEntries(new URLSearchParams(issuer.bodies[1]));
    expect(form).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: 'user-jwt',
      subject_token_type: type,
      actor_token: 'workload-jwt',
      actor_token_type: type,
      resource: AUDIENCE,
      authorization_details: JSON.stringify([
        { type: 'hewn_task', task: 'churn', grants: [GRANT] },
      ]),
    });
  });
});

test('a capability says what was refused if a part of the request was granted', async () => {
  const refused = 'mail.send (write) on mail: denied by the rule at mail.datalog:7';
  await using issuer = await serveIssuer({
    '/token': (response) => json(response, { ...ANSWER, hewn_refused: refused }),
  });
  expect(await obtain(issuer.server.url)).toMatchObject({ ok: true, value: { refused } });
});

describe('the lifetime of a capability', () => {
  test('and the time within which its workflow must be renewed are requested in seconds', async () => {
    await using issuer = await serveIssuer();
    await obtain(issuer.server.url, { lifetimeSeconds: 60, renewWithinSeconds: 110 });
    expect(detailOf(issuer.bodies[1])).toMatchObject({ lifetime: 60, renew_within: 110 });
  });

  test('can be requested again for a further capability, and the other cannot', async () => {
    await using issuer = await serveIssuer();
    const lease = { lifetimeSeconds: 60, renewWithinSeconds: 110 };
    await obtain(issuer.server.url, { ...lease, workflow: 'wf_1' });
    const detail = detailOf(issuer.bodies[1]);
    expect(detail).toMatchObject({ lifetime: 60, workflow: 'wf_1' });
    expect(detail).not.toHaveProperty('renew_within');
  });

  test.each([
    ['lifetimeSeconds', 29, '30 to 3600'],
    ['lifetimeSeconds', 3_601, '30 to 3600'],
    ['lifetimeSeconds', 60.5, '30 to 3600'],
    ['renewWithinSeconds', 59, '60 to 3600'],
    ['renewWithinSeconds', Number.POSITIVE_INFINITY, '60 to 3600'],
  ])('is not requested with %s of %d', async (name, value, range) => {
    const refused = await obtain('https://issuer.example', { [name]: value });
    expect(refused).toMatchObject({ error: { code: 'options_invalid' } });
    expect(JSON.stringify(refused)).toContain(range);
  });
});

const detailOf = (body: string | undefined) =>
  JSON.parse(new URLSearchParams(body).get('authorization_details') ?? '[]')[0];

describe('sends none of our tokens', () => {
  const answers: readonly (readonly [string, string, Answer, string])[] = [
    ['metadata of another issuer', METADATA, metadata('https://evil.example'), 'malformed_answer'],
    ['metadata that spells the issuer differently', METADATA, metadata('/'), 'malformed_answer'],
    ['metadata from a redirect', METADATA, redirect, 'malformed_answer'],
    ['metadata that is not JSON', METADATA, raw('<html>'), 'malformed_answer'],
    ['metadata without endpoints', METADATA, raw('{}'), 'malformed_answer'],
    ['oversized metadata', METADATA, raw(`"${'x'.repeat(65 * 1024)}"`), 'malformed_answer'],
    ['a 500 without a reason', METADATA, raw('{}', 500), 'malformed_answer'],
    ['no answer', METADATA, () => {}, 'unreachable'],
  ];

  test.each(answers)('after %s', async (_, path, answer, code) => {
    await using issuer = await serveIssuer({ [path]: answer });
    expect(await obtain(issuer.server.url)).toMatchObject({ ok: false, error: { code } });
    expect(issuer.bodies.join()).not.toContain('jwt');
  });
});

describe('the answer of the token endpoint', () => {
  test('is passed on if it is an OAuth error', async () => {
    const refusal = { error: 'invalid_grant', error_description: 'The token is expired.' };
    await using issuer = await serveIssuer({ '/token': (to) => json(to, refusal, 400) });
    const error = { code: 'refused', status: 400, error: 'invalid_grant' };
    expect(await obtain(issuer.server.url)).toEqual({
      ok: false,
      error: { ...error, description: 'The token is expired.' },
    });
  });

  const detail = ANSWER.authorization_details[0];
  test.each<[string, Answer]>([
    ['is a redirect', redirect],
    ['is garbage', raw('\0')],
    ['is oversized', raw(`"${'x'.repeat(65 * 1024)}"`)],
    ['is a malformed error', raw('"no"', 403)],
    ['has no token', answer({ access_token: undefined })],
    ['has a token over 8 KiB', answer({ access_token: 'A'.repeat(8_193) })],
    ['has no lifetime', answer({ expires_in: undefined })],
    ['has a lifetime of zero', answer({ expires_in: 0 })],
    ['has a lifetime of a day', answer({ expires_in: 86_400 })],
    ['has no task', answer({ authorization_details: [] })],
    ['has two tasks', answer({ authorization_details: [detail, detail] })],
    ['has an unknown action', answer(withGrant({ ...GRANT, action: 'admin' }))],
  ])('is malformed if it %s', async (_, scripted) => {
    await using issuer = await serveIssuer({ '/token': scripted });
    expect(await obtain(issuer.server.url)).toMatchObject({ error: { code: 'malformed_answer' } });
  });

  function withGrant(grant: unknown) {
    return { authorization_details: [{ ...detail, grants: [grant] }] };
  }
});

test('reports an absent issuer as unreachable, and the reason contains no token', async () => {
  const server = await serve(() => {});
  await server[Symbol.asyncDispose]();
  const obtained = await obtain(server.url);
  expect(obtained).toMatchObject({ ok: false, error: { code: 'unreachable' } });
  expect(JSON.stringify(obtained)).not.toContain('jwt');
});

function raw(body: string, status = 200): Answer {
  return (response) => void response.writeHead(status).end(body);
}

function redirect(response: ServerResponse, url: string): void {
  response.writeHead(302, { location: `${url}/elsewhere` }).end();
}

function metadata(issuer: string): Answer {
  return (to, url) => {
    const spelled = issuer === '/' ? `${url}/` : issuer;
    json(to, { issuer: spelled, token_endpoint: `${url}/token` });
  };
}

function answer(changes: Record<string, unknown>): Answer {
  return (to) => json(to, { ...ANSWER, ...changes });
}

test('returns the constraints that the policy added to the grants', async () => {
  const constraints = { arguments: ['query'], constraints: { '/query': { prefix: 'churn' } } };
  const answered =
    (given: unknown): Answer =>
    (response) =>
      json(response, {
        ...ANSWER,
        authorization_details: [
          { ...ANSWER.authorization_details[0], grants: [{ ...GRANT, constraints: given }] },
        ],
      });
  await using issuer = await serveIssuer({ '/token': answered(constraints) });
  expect(await obtain(issuer.server.url)).toMatchObject({
    ok: true,
    value: { grants: [{ ...GRANT, constraints }] },
  });
  // An agent that ignored unreadable constraints would believe the grant has none.
  await using other = await serveIssuer({ '/token': answered({ '/query': 'churn' }) });
  expect(await obtain(other.server.url)).toMatchObject({ error: { code: 'malformed_answer' } });
});

describe('names a wrong option before anything is sent:', () => {
  const GOOD = {
    audience: AUDIENCE,
    task: 'churn',
    grants: [GRANT],
    subjectToken: 'user-jwt',
    actorToken: 'workload-jwt',
  };
  const whyNot = async (changes: Readonly<Record<string, unknown>>) => {
    const requests: string[] = [];
    const fetch = async (input: RequestInfo | URL) => {
      requests.push(String(input));
      return new Response('{}', { status: 500 });
    };
    const issuer = 'https://issuer.example';
    const obtained = await obtainCapability({ issuer, ...GOOD, fetch, ...changes });
    expect(obtained).toMatchObject({ ok: false, error: { code: 'options_invalid' } });
    expect(requests).toEqual([]);
    expect(JSON.stringify(obtained)).not.toContain('-jwt');
    return obtained.ok || obtained.error.code !== 'options_invalid' ? '' : obtained.error.why;
  };

  test('an issuer with a trailing slash', async () => {
    expect(await whyNot({ issuer: 'https://issuer.example/' })).toBe(
      'obtainCapability: `issuer` "https://issuer.example/" must not end with a slash. Remove it.',
    );
  });

  test.each([
    'issuer.example',
    'HTTPS://issuer.example',
    'https://issuer.example:443',
    'https://issuer.example?x',
    'ftp://issuer.example',
    '',
  ])('an issuer that is %j', async (issuer) => {
    expect(await whyNot({ issuer })).toContain('`issuer`');
  });

  test('a malformed dataset, with its position and the reason', async () => {
    const bad = { ...GRANT, dataset: 'crm//eu' };
    expect(await whyNot({ grants: [GRANT, bad] })).toBe(
      'obtainCapability: grants[1]: the dataset "crm//eu" is not valid: an empty segment.',
    );
    const named = [
      [{ ...GRANT, dataset: '/crm' }, 'an empty segment'],
      [{ ...GRANT, dataset: 'crm/../hr' }, 'a dot segment'],
      [{ ...GRANT, dataset: 'crm/*' }, 'a character that is not allowed'],
      [{ ...GRANT, dataset: ['crm'] }, 'not a string'],
      [{ ...GRANT, tool: ' x' }, 'the tool " x" is not valid'],
      [{ ...GRANT, action: 'admin' }, 'the action "admin" is not valid'],
      [{ ...GRANT, datasets: ['crm'] }, 'Did you mean `dataset`?'],
      [{ ...GRANT, constraints: { arguments: ['a'], constraints: { a: {} } } }, 'constraints'],
    ] as const;
    for (const [grant, why] of named) expect(await whyNot({ grants: [grant] })).toContain(why);
  });

  test.each([
    [{ dataset: 'crm' }, 'unknown member `dataset`'],
    [{ workflw: 'wf_1' }, 'Did you mean `workflow`?'],
    [{ dpop: undefined }, '`dpop` is undefined'],
    [{ approval: { wait: 5 } }, 'approval: unknown member `wait`'],
    [{ budgets: { call: 5 } }, 'budgets'],
    [{ grants: { ...GRANT } }, '`grants` must be an array'],
  ])('%j', async (changes, why) => expect(await whyNot(changes)).toContain(why));
});

test('explains a mix-up of localhost and 127.0.0.1 with the issuer in the metadata', async () => {
  await using issuer = await serveIssuer();
  const spelled = issuer.server.url.replace('127.0.0.1', 'localhost');
  const fetchThere: typeof fetch = (input, init) =>
    fetch(String(input).replace('localhost', '127.0.0.1'), init);
  const obtained = await obtainCapability({
    issuer: spelled,
    audience: AUDIENCE,
    task: 'churn',
    grants: [GRANT],
    fetch: fetchThere,
    subjectToken: 'user-jwt',
    actorToken: 'workload-jwt',
  });
  expect(obtained).toMatchObject({ ok: false, error: { code: 'malformed_answer' } });
  expect(JSON.stringify(obtained)).toContain(JSON.stringify(issuer.server.url).slice(1, -1));
  expect(JSON.stringify(obtained)).toContain('compared byte for byte');
  expect(issuer.bodies.join()).not.toContain('jwt');
});

test('adds a hint about spelling for an audience that the issuer does not know', async () => {
  const refusal = { error: 'invalid_target', error_description: 'The resource is unknown.' };
  await using issuer = await serveIssuer({ '/token': (to) => json(to, refusal, 400) });
  const obtained = await obtain(issuer.server.url);
  expect(obtained).toMatchObject({ error: { code: 'refused', error: 'invalid_target' } });
  expect(JSON.stringify(obtained)).toContain('check for a trailing slash');
});

test.each<[string, unknown]>([
  ['the result that contains the capability', { ok: true, value: { token: TOKEN } }],
  ['a promise of the capability', Promise.resolve({ token: TOKEN })],
  ['an empty token', { token: '' }],
  ['an empty object', {}],
])('never begins a root instead of a child below %s', async (_, parent) => {
  await using issuer = await serveIssuer();
  const refused = await obtainCapability({
    issuer: issuer.server.url,
    audience: AUDIENCE,
    task: 'churn',
    grants: [GRANT],
    subjectToken: 'user-jwt',
    actorToken: 'workload-jwt',
    parent: parent as Capability,
  });
  expect(refused).toMatchObject({ ok: false, error: { code: 'options_invalid' } });
  expect(issuer.bodies).toEqual([]);
});
