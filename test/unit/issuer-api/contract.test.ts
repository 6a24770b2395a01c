import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { renderOpenApi } from '../../../scripts/docs/openapi.ts';
import {
  ADMIN_API,
  ADMIN_PREFIX,
  type AdminRoute,
  COMMON_PROBLEMS,
  isKnownQuery,
  membersOf,
  PROBLEMS,
  PUBLIC_API,
  type PublicRoute,
  parametersOf,
} from '../../../src/issuer-api/index.ts';

const ROUTES = Object.values(ADMIN_API).flatMap((routes) => Object.entries<AdminRoute>(routes));
const PUBLIC = Object.values(PUBLIC_API).flatMap((routes) => Object.values<PublicRoute>(routes));

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { operationId: string }>>>>;
}

describe('the contract of the admin API', () => {
  test.each(ROUTES)('describes each parameter in the path of %s', (_name, { path, params }) => {
    const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
    expect(names.sort()).toEqual(Object.keys(params).sort());
  });

  test.each(ROUTES)('describes each input of %s', (_name, { query, body }) => {
    for (const schema of [query, body]) {
      for (const [member, { description }] of schema ? membersOf(schema) : []) {
        expect([member, description]).toEqual([member, expect.stringMatching(/\w/)]);
      }
    }
  });

  test.each(ROUTES)('gives %s either an answer or the status 204', (_name, { answer, status }) => {
    expect(answer === undefined).toBe(status === 204);
  });

  test('has no route twice', () => {
    const routes = [
      ...ROUTES.map(([, { method, path }]) => `${method} ${ADMIN_PREFIX}${path}`),
      ...PUBLIC.map(({ method, path }) => `${method} ${path}`),
    ];
    expect(new Set(routes).size).toBe(routes.length);
  });

  test('lists no problem that no route answers with', () => {
    const { always, withBody } = COMMON_PROBLEMS;
    const used = new Set<string>([
      ...[...always, ...withBody],
      ...ROUTES.flatMap(([, { problems }]) => problems),
      // Of the feed, and of an agent that ends its workflow.
      ...[
        'range_unknown',
        'log_part_unknown',
        'catalogue_unknown',
        'catalogue_unavailable',
        'upgrade_required',
        'not_active',
        'capability_narrowed',
      ],
      ...['invalid_token', 'use_dpop_nonce'],
      // Of an agent that asks a person to approve single calls.
      ...['call_not_approvable', 'approval_refused', 'approval_void', 'approvals_exhausted'],
      ...['approvals_off', 'policy_unavailable'],
      // Of the sign-in of operators.
      ...['sign_in_refused', 'no_role'],
      // Of verifiers with a credential of their own.
      ...['origin_unknown', 'too_many_reports', 'records_unwritten'],
    ]);
    expect(Object.keys(PROBLEMS).sort()).toEqual([...used].sort());
  });
});

describe('the query of a request', () => {
  test.each([
    ['/admin/v1/audit', 'workflow=x&after=1&limit=2', true],
    ['/admin/v1/audit', 'agents=x', false],
    ['/admin/v1/audit', 'after=1&after=2', false],
    ['/admin/v1/workflows/wf_1/revoke', 'wait=5', true],
    ['/admin/v1/workflows/wf_1/revoke/x', 'wait=5', false],
    ['/feed/v2/0/head', 'polled', true],
    ['/feed/v2/0/headers', 'polled', false],
    ['/.well-known/jwks.json', '', true],
    ['/nowhere', 'x=1', false],
  ])('of %s with %j is known: %s', (path, query, known) => {
    expect(isKnownQuery(path, new URLSearchParams(query))).toBe(known);
  });

  test('has the parameters of all methods of a path', () => {
    expect(parametersOf('/admin/v1/watermarks')).toEqual(['wait']);
  });
});

describe('the OpenAPI document', () => {
  const document = JSON.parse(renderOpenApi()) as OpenApi;

  test('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(renderOpenApi());
    expect([valid, errors]).toEqual([true, undefined]);
  });

  test('gives each route a unique id', () => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations.length).toBe(ROUTES.length + PUBLIC.length);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });
});
