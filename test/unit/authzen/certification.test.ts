import { describe, expect, test } from 'vitest';
import { admin, alice, bob, CONTEXT, certifiedPdp, named, record } from './certification.ts';
import { PDP } from './questions.ts';

/**
 * Every check of the AuthZEN 1.0 certification scenario, by the number of its section (see
 * certification.ts for the source), at all levels: Basic, Batch, Search and Discovery, each with
 * Core and Properties.
 */
const { pdp, post } = await certifiedPdp();
const EVALUATION = '/access/v1/evaluation';
const EVALUATIONS = '/access/v1/evaluations';
const SEARCH = '/access/v1/search';
const read = named('read');
const write = named('write');
const one = record('record-1');
const archived = record('record-2', 'archived');
const unfinished = { action: read, resource: one };

async function answerOf(path: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await post(path, body);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'application/json',
  ]);
  return (await response.json()) as Record<string, unknown>;
}
const decisionOf = async (body: unknown): Promise<unknown> =>
  (await answerOf(EVALUATION, body)).decision;
const decisionsOf = async (body: unknown): Promise<unknown> =>
  ((await answerOf(EVALUATIONS, body)).evaluations as { decision: unknown }[]).map(
    ({ decision }) => decision,
  );
const resultsOf = async (searched: string, body: unknown): Promise<unknown> =>
  (await answerOf(`${SEARCH}/${searched}`, body)).results;

describe('C-2: Access Evaluation', () => {
  test.each<[string, unknown, boolean]>([
    ['C-2-2-1 permits', { subject: alice, action: read, resource: one }, true],
    ['C-1-4 rule 2 permits', { subject: alice, action: write, resource: one }, true],
    ['C-1-4 rule 3 permits', { subject: bob, action: read, resource: one }, true],
    ['C-2-2-2 denies', { subject: bob, action: write, resource: one }, false],
    [
      'C-2-2-3 takes a context',
      { subject: alice, action: read, resource: one, context: CONTEXT },
      true,
    ],
    [
      'C-2-2-4 denies by a property of the resource',
      { subject: alice, action: write, resource: archived },
      false,
    ],
    [
      'C-2-2-5 permits by a property of the subject',
      { subject: admin, action: write, resource: archived },
      true,
    ],
    [
      'C-2-2-6 permits by a property of the action',
      { subject: alice, action: named('delete', { soft: true }), resource: one },
      true,
    ],
    [
      'C-2-2-7 denies by a property of the action',
      { subject: alice, action: named('delete', { soft: false }), resource: one },
      false,
    ],
    [
      'C-2-2-8 takes additional properties',
      {
        subject: { ...alice, properties: { department: 'Sales', role: 'manager' } },
        action: named('read', { method: 'GET' }),
        resource: { ...one, properties: { status: 'active', owner: 'bob' } },
      },
      true,
    ],
    [
      'C-2-2-9 ignores unknown members',
      { subject: alice, action: read, resource: one, foo: 'bar', futureField: { nested: true } },
      true,
    ],
  ])('%s', async (_, body, decision) => {
    expect(await decisionOf(body)).toBe(decision);
  });

  test('C-2-3 the answer is JSON with a boolean, and a context is an object', async () => {
    const denied = await answerOf(EVALUATION, { subject: bob, action: write, resource: one });
    expect(denied).toMatchObject({ decision: false, context: { reason_user: {} } });
    const permitted = await answerOf(EVALUATION, { subject: alice, action: read, resource: one });
    expect(permitted).toEqual({ decision: true });
  });

  test.each<[string, unknown]>([
    ['C-2-4-1 without a subject', unfinished],
    ['C-2-4-1 without an action', { subject: alice, resource: one }],
    ['C-2-4-1 without a resource', { subject: alice, action: read }],
    ['C-2-4-2 a subject without a type', { ...unfinished, subject: { id: 'alice' } }],
    ['C-2-4-2 a subject without an id', { ...unfinished, subject: { type: 'user' } }],
    ['C-2-4-2 an action without a name', { subject: alice, action: {}, resource: one }],
    [
      'C-2-4-2 a resource without a type',
      { subject: alice, action: read, resource: { id: 'record-1' } },
    ],
    [
      'C-2-4-2 a resource without an id',
      { subject: alice, action: read, resource: { type: 'record' } },
    ],
    ['C-2-4-4 malformed JSON', '{"subject": '],
    ['C-2-4-5 an empty body', ''],
    ['C-2-4-6 a subject that is a text', { ...unfinished, subject: 'alice' }],
    ['C-2-4-6 a name that is a number', { subject: alice, action: { name: 123 }, resource: one }],
  ])('%s is answered with 400', async (_, body) => {
    expect((await post(EVALUATION, body)).status).toBe(400);
  });

  test('C-2-4-3 another content type is answered with 400', async () => {
    const headers = { 'content-type': 'text/plain' };
    const body = { subject: alice, action: read, resource: one };
    expect((await post(EVALUATION, body, headers)).status).toBe(400);
  });

  test.each([EVALUATION, EVALUATIONS, `${SEARCH}/subject`, '/access/v1/unknown'])(
    'C-2-5 %s repeats X-Request-ID, whatever the status, and needs none',
    async (path) => {
      const headers = { 'x-request-id': 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716' };
      for (const body of [{ subject: alice, action: read, resource: one }, '{']) {
        const response = await post(path, body, headers);
        expect(response.headers.get('x-request-id')).toBe(headers['x-request-id']);
        expect((await post(path, body)).headers.has('x-request-id')).toBe(false);
      }
    },
  );

  test('C-2-6 the same question has the same answer each time', async () => {
    for (let i = 0; i < 5; i++) {
      expect(await decisionOf({ subject: alice, action: read, resource: one })).toBe(true);
      expect(await decisionOf({ subject: bob, action: write, resource: one })).toBe(false);
    }
  });
});

describe('C-3: Access Evaluations', () => {
  const active = record('record-1', 'active');
  const two = record('record-2');
  test.each<[string, object, readonly unknown[]]>([
    [
      'C-3-2-1 answers each',
      { subject: alice, action: read, evaluations: [{ resource: one }, { resource: two }] },
      [true, true],
    ],
    [
      'C-3-2-2 keeps the order',
      { subject: bob, resource: one, evaluations: [{ action: read }, { action: write }] },
      [true, false],
    ],
    [
      'C-3-2-3 judges properties of resources',
      {
        subject: alice,
        action: write,
        evaluations: [{ resource: active }, { resource: archived }],
      },
      [true, false],
    ],
    [
      'C-3-2-4 judges properties of subjects',
      { action: write, resource: archived, evaluations: [{ subject: alice }, { subject: admin }] },
      [false, true],
    ],
    [
      'C-3-2-5 needs no defaults',
      {
        evaluations: [
          { subject: alice, action: read, resource: one },
          { subject: bob, action: write, resource: one },
        ],
      },
      [true, false],
    ],
    [
      'C-3-2-6 inherits the context',
      {
        subject: alice,
        action: read,
        context: CONTEXT,
        evaluations: [{ resource: one }, { resource: two, context: { source: 'batch-override' } }],
      },
      [true, true],
    ],
    [
      'C-3-2-7 inherits whole entities',
      {
        subject: alice,
        action: write,
        resource: active,
        evaluations: [{}, { resource: archived }],
      },
      [true, false],
    ],
  ])('%s', async (_, body, decisions) => {
    expect(await decisionsOf(body)).toEqual(decisions);
  });

  test('C-3-3 each answer has a decision, and the batch has none', async () => {
    const body = {
      subject: bob,
      resource: one,
      evaluations: [{ action: read }, { action: write }],
    };
    expect(Object.keys(await answerOf(EVALUATIONS, body))).toEqual(['evaluations']);
  });

  test('C-3-4-1 an incomplete evaluation is answered with no, and the others stand', async () => {
    const answer = await answerOf(EVALUATIONS, {
      subject: alice,
      action: read,
      options: { evaluations_semantic: 'execute_all' },
      evaluations: [{ resource: one }, {}],
    });
    expect(answer).toEqual({
      evaluations: [
        { decision: true },
        { decision: false, context: { error: { status: 400, message: 'resource is missing' } } },
      ],
    });
  });

  test.each([
    ['C-3-4-2 without evaluations', {}],
    ['C-3-4-3 with an empty list', { evaluations: [] }],
  ])('%s it is one evaluation', async (_, more) => {
    const body = { subject: alice, action: read, resource: one, ...more };
    expect(await answerOf(EVALUATIONS, body)).toEqual({ decision: true });
  });
});

describe('C-4: Search', () => {
  const users = [alice, bob];
  const spaceship = { type: 'spaceship' };
  const user = { type: 'user' };
  const records = { type: 'record' };
  test.each<[string, string, object, readonly unknown[]]>([
    ['C-4-2-1 finds subjects', 'subject', { subject: user, action: read, resource: one }, users],
    [
      'C-4-2-2 takes a context',
      'subject',
      { subject: user, action: read, resource: one, context: CONTEXT },
      users,
    ],
    [
      'C-4-2-3 ignores the id of the searched',
      'subject',
      { subject: alice, action: read, resource: one },
      users,
    ],
    [
      'C-4-2-4 judges properties of the resource',
      'subject',
      { subject: user, action: write, resource: archived },
      [bob],
    ],
    [
      'C-4-3-1 finds resources',
      'resource',
      { subject: alice, action: read, resource: records },
      [one, record('record-2')],
    ],
    [
      'C-4-3-2 takes a context',
      'resource',
      { subject: alice, action: read, resource: records, context: CONTEXT },
      [one, record('record-2')],
    ],
    [
      'C-4-3-3 ignores the id of the searched',
      'resource',
      { subject: alice, action: read, resource: one },
      [one, record('record-2')],
    ],
    [
      'C-4-3-4 judges properties of the subject',
      'resource',
      { subject: admin, action: write, resource: records },
      [one, record('record-2')],
    ],
    ['C-4-4-1 finds actions', 'action', { subject: alice, resource: one }, [read, write]],
    [
      'C-4-4-2 takes a context',
      'action',
      { subject: alice, resource: one, context: CONTEXT },
      [read, write],
    ],
    ['C-4-4-3 judges properties', 'action', { subject: admin, resource: archived }, [read, write]],
    [
      'C-4-6-1 finds nothing for an unknown subject',
      'action',
      { subject: { type: 'user', id: 'nonexistent-user' }, resource: one },
      [],
    ],
    [
      'C-4-6-1 finds nothing for an unknown subject',
      'resource',
      { subject: { type: 'user', id: 'nonexistent-user' }, action: read, resource: records },
      [],
    ],
    [
      'C-4-6-2 finds nothing of an unknown type',
      'subject',
      { subject: spaceship, action: read, resource: one },
      [],
    ],
    [
      'C-4-6-2 finds nothing of an unknown type',
      'resource',
      { subject: alice, action: read, resource: spaceship },
      [],
    ],
    [
      'C-4-6-2 finds nothing of an unknown type',
      'action',
      { subject: alice, resource: { ...spaceship, id: 'x' } },
      [],
    ],
  ])('%s (%s)', async (_, searched, body, results) => {
    expect(await resultsOf(searched, body)).toEqual(results);
  });

  test('C-4-5 pages have a limit, and a token until the last', async () => {
    const body = { subject: user, action: read, resource: one };
    const first = await answerOf(`${SEARCH}/subject`, { ...body, page: { limit: 1 } });
    expect(first).toEqual({
      page: { next_token: expect.stringMatching(/./), count: 1 },
      results: [alice],
    });
    const { next_token: token } = first.page as { next_token: string };
    const second = await answerOf(`${SEARCH}/subject`, { ...body, page: { token } });
    expect(second).toEqual({ page: { next_token: '', count: 1 }, results: [bob] });
  });

  test.each<[string, string, object]>([
    ['C-4-7-1 without an action', 'subject', { subject: user, resource: one }],
    ['C-4-7-1 without a subject', 'resource', { action: read, resource: records }],
    ['C-4-7-1 without a resource', 'action', { subject: alice }],
    [
      'C-4-7-2 a resource without an id',
      'subject',
      { subject: user, action: read, resource: records },
    ],
    [
      'C-4-7-2 a subject without an id',
      'resource',
      { subject: user, action: read, resource: records },
    ],
    ['C-4-7-2 a subject without an id', 'action', { subject: user, resource: one }],
  ])('%s (%s) is answered with 400', async (_, searched, body) => {
    expect((await post(`${SEARCH}/${searched}`, body)).status).toBe(400);
  });
});

test('C-6 the metadata names the decision point and its endpoints', async () => {
  const response = await pdp.fetch(new Request(`${PDP}/.well-known/authzen-configuration`));
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'application/json',
  ]);
  expect(await response.json()).toEqual({
    policy_decision_point: PDP,
    access_evaluation_endpoint: `${PDP}${EVALUATION}`,
    access_evaluations_endpoint: `${PDP}${EVALUATIONS}`,
    search_subject_endpoint: `${PDP}${SEARCH}/subject`,
    search_resource_endpoint: `${PDP}${SEARCH}/resource`,
    search_action_endpoint: `${PDP}${SEARCH}/action`,
  });
});
