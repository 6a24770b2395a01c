import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Validator } from '@cfworker/json-schema';
import { describe, expect, test } from 'vitest';
import type { AuthzenMapping } from '../../../src/authzen/index.ts';
import type { Grant } from '../../../src/capability/index.ts';
import { PREFIX, pdpWith } from './questions.ts';

/**
 * The scenarios of the interoperability events of the AuthZEN working group (github.com/openid/authzen,
 * interop/), with its own questions and expected answers, from a folder next to this repository.
 */
const FOLDER = fileURLToPath(new URL('../../../../shared/authzen/', import.meta.url).href);
const isThere = existsSync(`${FOLDER}README.md`);
const read = (path: string) => JSON.parse(readFileSync(`${FOLDER}${path}`, 'utf8'));

interface Case {
  readonly request: { readonly subject: { readonly id: string } };
  readonly expected: boolean | { readonly results: readonly unknown[] };
}

test.runIf(!isThere)('the scenarios are not tested without the folder ../shared/authzen', () => {
  expect(isThere).toBe(false);
});

const GATEWAY: AuthzenMapping = {
  subjects: { identity: { is: 'subject' } },
  resources: {
    route: {
      dataset: 'routes/{resource.id}',
      actions: {
        GET: { tool: 'todo.get', action: 'read', tier: 1 },
        POST: { tool: 'todo.post', action: 'write', tier: 2 },
        PUT: { tool: 'todo.put', action: 'write', tier: 2 },
        DELETE: { tool: 'todo.delete', action: 'delete', tier: 2 },
      },
    },
  },
};

describe.runIf(isThere)('the scenario of API gateways', async () => {
  const cases: readonly Case[] = isThere
    ? read('interop/authzen-api-gateways/test-harness/test/decisions.json').evaluation
    : [];
  const validators = (isThere ? ['request', 'response'] : []).map(
    (kind) => new Validator(read(`api/schemas/evaluation-${kind}.schema.json`), '2020-12'),
  );
  const capabilities = new Map<string, string>();
  const { issuer, answerOf } = await pdpWith({
    mapping: GATEWAY,
    capability: ({ id }) => capabilities.get(id),
  });
  const READING: readonly Grant[] = [{ tool: 'todo.get', action: 'read', dataset: 'routes' }];
  const WRITING: readonly Grant[] = [
    ...READING,
    { tool: 'todo.post', action: 'write', dataset: 'routes' },
    { tool: 'todo.put', action: 'write', dataset: 'routes' },
    { tool: 'todo.delete', action: 'delete', dataset: 'routes' },
  ];
  // Viewers only read. An editor is a subject whose POST is expected to be allowed.
  const editors = new Set(
    cases
      .filter(({ request, expected }) => expected && JSON.stringify(request).includes('"POST"'))
      .map(({ request }) => request.subject.id),
  );
  for (const { request } of cases) {
    const { id } = request.subject;
    const grants = editors.has(id) ? WRITING : READING;
    if (!capabilities.has(id)) capabilities.set(id, await issuer.mint({ grants, subject: id }));
  }

  test('has the expected decisions, in requests and answers of its schemas', async () => {
    expect(cases).toHaveLength(25);
    const [asked, answered] = validators;
    for (const { request, expected } of cases) {
      const answer = await answerOf('/access/v1/evaluation', request);
      expect([request, answer.decision]).toEqual([request, expected]);
      expect([asked?.validate(request).valid, answered?.validate(answer).valid]).toEqual([
        true,
        true,
      ]);
    }
    const { evaluations } = await answerOf('/access/v1/evaluations', {
      evaluations: cases.map(({ request }) => request),
    });
    expect((evaluations as { decision: boolean }[]).map(({ decision }) => decision)).toEqual(
      cases.map(({ expected }) => expected),
    );
  });
});

interface User {
  readonly id: string;
  readonly role?: string;
  readonly department?: string;
}
interface Recorded {
  readonly id: number | string;
  readonly owner: string;
  readonly department?: string;
}

/** The rules of the scenario, as the grants that a policy would have given to a user. */
function grantsOf({ id, role, department }: User, records: readonly Recorded[]): readonly Grant[] {
  const isManager = role === 'manager';
  const some = (action: Grant['action'], name: string, isAllowed: (one: Recorded) => boolean) =>
    records
      .filter(isAllowed)
      .map((one): Grant => ({ tool: `records.${name}`, action, dataset: `records/${one.id}` }));
  const isOwn = ({ owner }: Recorded): boolean => owner === id;
  const isNear = (one: Recorded): boolean =>
    one.department !== undefined && one.department === department;
  const views: readonly Grant[] = isManager
    ? [{ tool: 'records.view', action: 'read', dataset: 'records' }]
    : some('read', 'view', (one) => isOwn(one) || isNear(one));
  return [
    ...views,
    ...some('write', 'edit', (one) => isOwn(one) || (isManager && isNear(one))),
    ...some('delete', 'delete', isOwn),
  ];
}

type File = readonly [searched: string, path: string];
const SEARCHES: readonly (readonly [name: string, files: readonly File[]])[] = [
  [
    'authzen-search-demo',
    [
      ['resource', 'src/resource/results.json'],
      ['subject', 'src/subject/results.json'],
      ['action', 'src/action/results.json'],
    ],
  ],
  ['authzen-idp', [['resource', 'src/results.json']]],
];

describe.runIf(isThere).each(SEARCHES)('the scenario of searches %s', async (name, files) => {
  const folder = `interop/${name}`;
  const records: readonly Recorded[] = isThere ? read(`${folder}/data/records.json`) : [];
  const users: readonly User[] = isThere ? read(`${folder}/data/users.json`) : [];
  const capabilities = new Map<string, string>();
  const { issuer, answerOf } = await pdpWith({
    capability: ({ id }) => capabilities.get(id),
    mapping: {
      subjects: {
        user: { is: 'subject', prefix: PREFIX, entities: users.map(({ id }) => ({ id })) },
      },
      resources: {
        record: {
          dataset: 'records/{resource.id}',
          entities: records.map(({ id }) => ({ id: String(id) })),
          actions: {
            view: { tool: 'records.view', action: 'read', tier: 1 },
            edit: { tool: 'records.edit', action: 'write', tier: 2 },
            delete: { tool: 'records.delete', action: 'delete', tier: 2 },
          },
        },
      },
    },
  });
  for (const user of users) {
    const grants = grantsOf(user, records);
    capabilities.set(user.id, await issuer.mint({ grants, subject: `${PREFIX}${user.id}` }));
  }

  test.each(files)('has the expected results: %s', async (searched, file) => {
    const data = read(`${folder}/test-harness/${file}`);
    const cases: readonly Case[] = data.evaluation ?? data.search;
    expect(cases.length).toBeGreaterThan(5);
    for (const { request, expected } of cases) {
      const { results } = await answerOf(`/access/v1/search/${searched}`, request);
      expect([request, { results }]).toEqual([request, expected]);
    }
  });
});
