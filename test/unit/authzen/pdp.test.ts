import { describe, expect, test } from 'vitest';
import {
  type AuthzenEntity,
  type AuthzenMapping,
  type CandidateQuery,
  createPdp,
  type PdpOptions,
} from '../../../src/authzen/index.ts';
import { testIssuer } from '../../../src/testing/index.ts';
import { API, CALLERS, CREDENTIAL, MAPPING, PDP, PREFIX, pdpWith, requestOf } from './questions.ts';

const EVALUATION = '/access/v1/evaluation';
const EVALUATIONS = '/access/v1/evaluations';
const GRANTS = [
  { tool: 'records.read', action: 'read', dataset: 'records/a' },
  { tool: 'files.read', action: 'read', dataset: 'files/eu' },
] as const;
const record = (id: string) => ({ type: 'record', id });
const READ = { name: 'read' };
const ALICE = `${PREFIX}alice`;

const { issuer, pdp, post, answerOf } = await pdpWith();
const capability = await issuer.mint({ grants: GRANTS, subject: ALICE });
const alice = { type: 'user', id: 'alice', properties: { capability } };
const question = { subject: alice, action: READ, resource: record('a') };
const codeOf = (answer: Record<string, unknown>): unknown =>
  (answer.context as { 'hewn.dev/denial': { code: string } })?.['hewn.dev/denial'].code;

describe('a question', () => {
  test('is decided by the capability of its subject', async () => {
    expect(await answerOf(EVALUATION, question)).toEqual({ decision: true });
    const denied = await answerOf(EVALUATION, { ...question, resource: record('b') });
    expect(denied).toEqual({
      decision: false,
      context: {
        reason_admin: { 403: 'no_grant: No grant covers this call.' },
        reason_user: { 403: 'No grant covers this call.' },
        'hewn.dev/denial': { code: 'no_grant' },
      },
    });
  });

  test.each<[string, string, object]>([
    ['without a capability', 'token_missing', { subject: { type: 'user', id: 'alice' } }],
    [
      'with a forged one',
      'token_malformed',
      { subject: { ...alice, properties: { capability: 'x' } } },
    ],
    [
      'with one that is no text',
      'token_malformed',
      { subject: { ...alice, properties: { capability: 7 } } },
    ],
    [
      'with a malformed proof',
      'proof_missing',
      { subject: { ...alice, properties: { capability, proof: 'x' } } },
    ],
    [
      'with the capability of another subject',
      'subject_mismatch',
      { subject: { ...alice, id: 'bob' } },
    ],
    [
      'about a subject of an unknown type',
      'subject_unknown',
      { subject: { ...alice, type: 'ship' } },
    ],
    [
      'about a subject of an inherited type',
      'subject_unknown',
      { subject: { ...alice, type: 'constructor' } },
    ],
    [
      'about a resource of an unknown type',
      'resource_unknown',
      { resource: { type: 'ship', id: 'a' } },
    ],
    [
      'about a resource of an inherited type',
      'resource_unknown',
      { resource: { type: 'toString', id: 'a' } },
    ],
    ['about an unknown action', 'action_unknown', { action: { name: 'burn' } }],
    ['about a resource without a name', 'question_incomplete', { resource: record('') }],
    ['about another resource of that prefix', 'no_grant', { resource: record('ab') }],
    ['about a resource above', 'no_grant', { resource: record('a/../b') }],
    [
      'about a path that leaves its root',
      'question_incomplete',
      { resource: { type: 'file', id: 'eu/../us' } },
    ],
    ['about an encoded path', 'no_grant', { resource: { type: 'file', id: 'eu%2f..%2fus' } }],
  ])('%s is answered with no: %s', async (_, code, changes) => {
    const answer = await answerOf(EVALUATION, { ...question, ...changes });
    expect([answer.decision, codeOf(answer)]).toEqual([false, code]);
  });

  test('about an id with slashes is about one segment, and a path about several', async () => {
    const odd = await issuer.mint({
      grants: [{ tool: 'records.read', action: 'read', dataset: 'records' }, GRANTS[1]],
      subject: ALICE,
    });
    const subject = { ...alice, properties: { capability: odd } };
    expect(await answerOf(EVALUATION, { ...question, subject, resource: record('a/b?') })).toEqual({
      decision: true,
    });
    const file = { type: 'file', id: 'eu/2026/q1.txt' };
    expect(await answerOf(EVALUATION, { ...question, subject, resource: file })).toEqual({
      decision: true,
    });
  });

  test('passes what the mapping names, and nothing else, as arguments', async () => {
    const grants = [
      {
        tool: 'records.write',
        action: 'write',
        dataset: 'records',
        constraints: {
          arguments: ['status', 'by', 'from'],
          constraints: {
            '/status': { exact: 'active' },
            '/by': { exact: 'authzen' },
            '/from': { optional: { cidr: '10.0.0.0/8' } },
          },
        },
      },
    ] as const;
    const token = await issuer.mint({ grants, subject: ALICE });
    const ask = async (status: unknown, context?: object) => {
      const body = {
        subject: { ...alice, properties: { capability: token, extra: true } },
        action: { name: 'write', properties: { by: 'me' } },
        resource: { ...record('a'), properties: { status } },
        ...(context && { context }),
      };
      return (await answerOf(EVALUATION, body)).decision;
    };
    expect(await ask('active')).toBe(true);
    expect(await ask('archived')).toBe(false);
    expect(await ask(['active'])).toBe(false);
    expect(await ask('active', { ip: '10.1.2.3' })).toBe(true);
    expect(await ask('active', { ip: '8.8.8.8' })).toBe(false);
  });

  test('about a revoked workflow is answered with no at once', async () => {
    const token = await issuer.mint({ grants: GRANTS, subject: ALICE, workflow: 'wf_stopped' });
    const subject = { ...alice, properties: { capability: token } };
    expect((await answerOf(EVALUATION, { ...question, subject })).decision).toBe(true);
    issuer.feed.revoke('wf_stopped');
    expect(codeOf(await answerOf(EVALUATION, { ...question, subject }))).toBe('revoked');
  });

  test('about a capability that is bound to a key needs a proof', async () => {
    const holder = await issuer.holder();
    const token = await issuer.mint({ grants: GRANTS, subject: ALICE, holder: holder.thumbprint });
    const sent = await holder.headers(token, { method: 'GET', url: `${API}/records/a` });
    const proof = { dpop: sent.dpop, method: 'GET', url: `${API}/records/a` };
    const ask = async (properties: object) =>
      answerOf(EVALUATION, { ...question, subject: { ...alice, properties } });
    expect(codeOf(await ask({ capability: token }))).toBe('holder_unproven');
    expect(await ask({ capability: token, proof })).toEqual({ decision: true });
    expect(codeOf(await ask({ capability: token, proof }))).toBe('proof_invalid'); // A replay.
    const other = { ...proof, url: `${API}/records/b` };
    expect(codeOf(await ask({ capability: token, proof: other }))).toBe('proof_invalid');
  });

  test('is recorded like the call that it is about, and a search is not', async () => {
    const before = issuer.decisions.length;
    await answerOf(EVALUATION, question);
    await answerOf(EVALUATION, { ...question, resource: record('b') });
    expect(issuer.decisions.slice(before)).toMatchObject([
      { allowed: true, evidence: { tool: 'records.read', datasets: ['records/a'] } },
      { allowed: false, denial: { code: 'no_grant', dataset: 'records/b' } },
    ]);
    await answerOf('/access/v1/search/action', { subject: alice, resource: record('a') });
    expect(issuer.decisions).toHaveLength(before + 2);
  });
});

describe('a batch', () => {
  const [yes, no] = [{ resource: record('a') }, { resource: record('b') }];
  const batch = { subject: alice, action: READ };
  test.each<[string, readonly object[], readonly boolean[]]>([
    ['execute_all', [yes, no, yes], [true, false, true]],
    ['deny_on_first_deny', [yes, no, yes], [true, false]],
    ['deny_on_first_deny', [yes, yes], [true, true]],
    ['deny_on_first_deny', [yes, {}, yes], [true, false]],
    ['permit_on_first_permit', [no, yes, no], [false, true]],
    ['permit_on_first_permit', [no, {}, no], [false, false, false]],
  ])('%s %j', async (semantic, evaluations, decisions) => {
    const options = { evaluations_semantic: semantic };
    const answer = await answerOf(EVALUATIONS, { ...batch, options, evaluations });
    const given = answer.evaluations as readonly { decision: boolean }[];
    expect(given.map(({ decision }) => decision)).toEqual(decisions);
  });

  test('decides nothing after the decision that ends it', async () => {
    const before = issuer.decisions.length;
    const options = { evaluations_semantic: 'deny_on_first_deny' };
    await answerOf(EVALUATIONS, { ...batch, options, evaluations: [no, yes, yes] });
    expect(issuer.decisions).toHaveLength(before + 1);
  });

  test.each<[string, object]>([
    ['evaluations that are no list', { evaluations: {} }],
    ['options that are no object', { options: [], evaluations: [yes] }],
    ['another semantic', { options: { evaluations_semantic: 'all' }, evaluations: [yes] }],
    ['a default that is no object', { subject: 'alice', evaluations: [yes] }],
    ['more than 100 evaluations', { evaluations: Array.from({ length: 101 }, () => yes) }],
  ])('with %s is answered with 400', async (_, changes) => {
    expect((await post(EVALUATIONS, { ...batch, ...changes })).status).toBe(400);
  });
});

describe('a caller', () => {
  test.each<[string, Record<string, string>]>([
    ['without a credential', { authorization: '' }],
    ['with another credential', { authorization: 'Bearer other' }],
    ['with a capability instead', { authorization: `Bearer ${capability}` }],
    ['with another scheme', { authorization: `Basic ${CREDENTIAL}` }],
  ])('%s is answered with 401, and its body is not read', async (_, headers) => {
    const request = requestOf(EVALUATION, question, headers);
    const response = await pdp.fetch(request);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="pdp.example"',
    ]);
    expect(request.bodyUsed).toBe(false);
    expect(await response.text()).toBe('The caller is not authenticated.');
  });

  test('without the right to search is answered with 403', async () => {
    const [caller] = CALLERS;
    const callers = [{ name: 'gateway', sha256: caller?.sha256 ?? '', may: ['evaluate'] as const }];
    const limited = await pdpWith({ callers });
    expect((await limited.post(EVALUATION, question)).status).toBe(200);
    expect((await limited.post('/access/v1/search/action', question)).status).toBe(403);
  });

  test('may be identified by a function', async () => {
    const own = await pdpWith({
      callers: ({ headers }) => (headers.get('x-client') === 'a' ? ['evaluate'] : undefined),
    });
    expect((await own.post(EVALUATION, question)).status).toBe(401);
    expect((await own.post(EVALUATION, question, { 'x-client': 'a' })).status).toBe(200);
    expect((await own.post('/access/v1/search/action', question, { 'x-client': 'a' })).status).toBe(
      403,
    );
  });
});

describe('a request', () => {
  test.each<[string, unknown]>([
    ['a body over its bound', JSON.stringify({ ...question, pad: 'x'.repeat(300_000) })],
    ['a member that is given twice', '{"subject":{"type":"user","type":"admin","id":"a"}}'],
    ['a list', [question]],
    ['a text', '"question"'],
    ['deep nesting', `${'['.repeat(100)}${']'.repeat(100)}`],
    ['properties that are no object', { ...question, subject: { ...alice, properties: 1 } }],
    ['a context that is no object', { ...question, context: 'now' }],
  ])('with %s is answered with 400', async (_, body) => {
    expect((await post(EVALUATION, body)).status).toBe(400);
  });

  test.each([
    ['GET', EVALUATION, 405],
    ['PUT', EVALUATION, 405],
    ['POST', '/.well-known/authzen-configuration', 405],
    ['GET', '/access/v1', 404],
    ['GET', '/.well-known/authzen-configuration/tenant', 404],
  ])('%s %s is answered with %i', async (method, path, status) => {
    const headers = { authorization: `Bearer ${CREDENTIAL}` };
    expect((await pdp.fetch(new Request(`${PDP}${path}`, { method, headers }))).status).toBe(
      status,
    );
  });

  test('that the server cannot decide is answered with 500, and reported without detail', async () => {
    const reported: unknown[] = [];
    const failing = await pdpWith({
      capability: () => Promise.reject(new RangeError('the secret')),
      report: (event, detail) => void reported.push([event, detail]),
    });
    const body = { ...question, subject: { type: 'user', id: 'alice' } };
    const response = await failing.post(EVALUATION, body, { 'x-request-id': '7' });
    expect([response.status, response.headers.get('x-request-id')]).toEqual([500, '7']);
    expect(await response.text()).not.toContain('secret');
    expect(reported).toEqual([['authzen.failed', { error: 'RangeError' }]]);
  });
});

describe('a search', () => {
  const SUBJECT = '/access/v1/search/subject';
  const RESOURCE = '/access/v1/search/resource';

  test('decides each candidate that a function supplies, page by page', async () => {
    const asked: CandidateQuery[] = [];
    const all = Array.from({ length: 12 }, (_, index) => record(index % 2 ? `b${index}` : `a`));
    const resources = (query: CandidateQuery) => {
      asked.push(query);
      const start = Number(query.after ?? 0);
      const end = Math.min(start + query.limit, all.length);
      const entities: readonly AuthzenEntity[] = all.slice(start, end);
      return { entities, ...(end < all.length && { next: String(end) }) };
    };
    const searching = await pdpWith({ candidates: { resources } });
    const token = await searching.issuer.mint({ grants: GRANTS, subject: ALICE });
    const subject = { ...alice, properties: { capability: token } };
    const body = { subject, action: READ, resource: { type: 'record' }, page: { limit: 4 } };
    const pages: unknown[] = [];
    let next = '';
    do {
      const page = next === '' ? { limit: 4 } : { limit: 4, token: next };
      const answer = await searching.answerOf(RESOURCE, { ...body, page });
      pages.push((answer.results as readonly unknown[]).length);
      next = (answer.page as { next_token: string }).next_token;
    } while (next !== '');
    expect(pages).toEqual([4, 2]);
    expect(asked[0]).toEqual({ type: 'record', limit: 4 });
  });

  test('accepts a token only with its own question and limit', async () => {
    const mapping: AuthzenMapping = {
      ...MAPPING,
      subjects: {
        user: { is: 'subject', prefix: PREFIX, entities: [{ id: 'alice' }, { id: 'bob' }] },
      },
    };
    const tokens = new Map<string, string>();
    const searching = await pdpWith({ mapping, capability: ({ id }) => tokens.get(id) });
    for (const id of ['alice', 'bob']) {
      tokens.set(id, await searching.issuer.mint({ grants: GRANTS, subject: `${PREFIX}${id}` }));
    }
    const body = { subject: { type: 'user' }, action: READ, resource: record('a') };
    const first = await searching.answerOf(SUBJECT, { ...body, page: { limit: 1 } });
    const { next_token: token } = first.page as { next_token: string };
    const statusOf = async (changes: object, page: object): Promise<number> =>
      (await searching.post(SUBJECT, { ...body, ...changes, page })).status;
    expect(await statusOf({}, { token, limit: 1 })).toBe(200);
    expect(await statusOf({}, { token })).toBe(200);
    expect(await statusOf({ resource: record('b') }, { token })).toBe(400);
    expect(await statusOf({}, { token, limit: 2 })).toBe(400);
    expect(await statusOf({}, { token: `${token.slice(0, -2)}x` })).toBe(400);
    expect(await statusOf({}, { token: 'x'.repeat(4_000) })).toBe(400);
    for (const limit of [-1, 1.5, '1']) expect(await statusOf({}, { limit })).toBe(400);
    const none = await searching.answerOf(SUBJECT, { ...body, page: { limit: 0 } });
    expect(none.results).toEqual([]);
  });

  test('takes no candidate of another type, and not more than it asked for', async () => {
    const searching = await pdpWith({
      candidates: {
        resources: () => ({
          entities: [{ type: 'file', id: 'eu' }, record('a'), record('a'), record('a')],
        }),
      },
    });
    const token = await searching.issuer.mint({ grants: GRANTS, subject: ALICE });
    const subject = { ...alice, properties: { capability: token } };
    const body = { subject, action: READ, resource: { type: 'record' }, page: { limit: 2 } };
    expect((await searching.answerOf(RESOURCE, body)).results).toEqual([record('a'), record('a')]);
  });

  test('ends although a function never stops supplying candidates', async () => {
    let calls = 0;
    const searching = await pdpWith({
      candidates: { resources: () => ({ entities: [record('zzz')], next: String(++calls) }) },
    });
    const body = { subject: alice, action: READ, resource: { type: 'record' } };
    const answer = await searching.answerOf(RESOURCE, body);
    expect(answer.results).toEqual([]);
    expect((answer.page as { next_token: string }).next_token).not.toBe('');
    expect(calls).toBeLessThanOrEqual(500);
  });
});

describe('the options', () => {
  const { protection } = issuer;
  const OPTIONS: PdpOptions = { url: PDP, protection, mapping: MAPPING, callers: CALLERS };
  const withAction = (changes: object): PdpOptions => ({
    ...OPTIONS,
    mapping: {
      subjects: MAPPING.subjects,
      resources: {
        record: {
          dataset: 'records/{resource.id}',
          actions: { read: { tool: 't', action: 'read', tier: 1, ...changes } },
        },
      },
    },
  });
  test.each<[string, PdpOptions]>([
    ['http', { ...OPTIONS, url: 'http://pdp.example' }],
    ['a query', { ...OPTIONS, url: `${PDP}/?tenant=1` }],
    ['no caller', { ...OPTIONS, callers: [] }],
    [
      'a caller whose credential is a line break',
      {
        ...OPTIONS,
        callers: [
          { name: 'a', sha256: '01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b' },
        ],
      },
    ],
    [
      'a caller without a credential',
      {
        ...OPTIONS,
        callers: [
          { name: 'a', sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
        ],
      },
    ],
    ['a dataset that a question could choose', withAction({ dataset: '{resource.id}' })],
    ['a value that no question has', withAction({ dataset: 'a/{resource.name}' })],
    ['a credential as an argument', withAction({ args: { a: '{subject.properties.capability}' } })],
    ['a path as an argument', withAction({ args: { a: '{+resource.id}' } })],
    ['an unknown tier', withAction({ tier: 4 })],
    ['an unknown member', withAction({ arguments: {} })],
  ])('are refused with %s', (_, options) => {
    expect(() => createPdp(options)).toThrow(TypeError);
  });

  test('may put it below a path, as one of several tenants', async () => {
    const url = `${PDP}/tenant1`;
    const tenant = createPdp({ ...OPTIONS, url });
    const found = await tenant.fetch(
      new Request(`${PDP}/.well-known/authzen-configuration/tenant1`),
    );
    expect(await found.json()).toMatchObject({
      policy_decision_point: url,
      access_evaluation_endpoint: `${url}${EVALUATION}`,
    });
    expect((await tenant.fetch(requestOf(`/tenant1${EVALUATION}`, question))).status).toBe(200);
    expect((await tenant.fetch(requestOf(EVALUATION, question))).status).toBe(404);
  });
});

test('records are sent after the response', async () => {
  const kept: Promise<unknown>[] = [];
  const own = await testIssuer({ audience: API });
  let flushed = 0;
  const protection = { ...own.protection, afterResponse: async () => void flushed++ };
  const decider = createPdp({ url: PDP, protection, mapping: MAPPING, callers: CALLERS });
  const context = { waitUntil: (work: Promise<unknown>) => void kept.push(work) };
  await decider.fetch(requestOf(EVALUATION, question), {}, context);
  await Promise.all(kept);
  expect([kept.length, flushed]).toEqual([1, 1]);
});
