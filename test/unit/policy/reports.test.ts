import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import type { Action, Grant } from '../../../src/capability/index.ts';
import { tools } from '../../../src/catalogue/index.ts';
import { loadPolicy, type Policy, type PolicyInput } from '../../../src/policy/index.ts';
import { projectCatalogue } from '../fixtures/catalogue.ts';

// The demo policy, over every tool of the catalogue.
let policy: Policy;
let names: readonly string[];

beforeAll(async () => {
  const source = await readFile('policy/reports.datalog', 'utf8');
  const loaded = loadPolicy([{ name: 'reports.datalog', source }], projectCatalogue());
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  policy = loaded.value;
  names = tools(projectCatalogue()).map(({ name }) => name);
});

const decide = (grant: Grant, change: Partial<PolicyInput> = {}) =>
  policy.decide({
    workload: { issuerName: 'local-idp', subject: 'report-agent' },
    user: { issuerName: 'local-idp', subject: 'alice' },
    task: 'quarterly report',
    audience: 'http://127.0.0.1:8788',
    now: new Date('2026-11-23T10:00:00Z'),
    requests: [grant],
    ...change,
  });

const allowed = (tool: string, action: Action, dataset: string): boolean =>
  decide({ tool, action, dataset }).granted.length === 1;

const READING = [
  ...['directory_tree', 'get_file_info', 'list_directory', 'list_directory_with_sizes'],
  ...['read_multiple_files', 'read_text_file', 'search_files'],
];

test('the report agent reads reports with the reading tools and no other', () => {
  const reading = names.filter((name) => allowed(name, 'read', 'files/reports'));
  expect(reading.sort()).toEqual(READING.map((name) => `mcp/files/${name}`));
});

test('the report agent writes summaries with one tool, and edits them if a person approves', () => {
  const writing = names.filter((name) => allowed(name, 'write', 'files/summaries'));
  expect(writing.sort()).toEqual(['mcp/files/edit_file', 'mcp/files/write_file']);
  const approved = writing.filter(
    (tool) => decide({ tool, action: 'write', dataset: 'files/summaries' }).approvalRequired,
  );
  expect(approved).toEqual(['mcp/files/edit_file']);
});

test('the report agent gets nothing anywhere else', () => {
  const actions = ['read', 'write', 'delete', 'execute'] as const;
  const elsewhere = ['files', 'files/private', 'files/reports-2025', 'files/summary', 'reports'];
  for (const tool of names) {
    for (const action of actions) {
      for (const dataset of elsewhere) expect(allowed(tool, action, dataset)).toBe(false);
      if (action !== 'read') expect(allowed(tool, action, 'files/reports')).toBe(false);
      if (action !== 'write') expect(allowed(tool, action, 'files/summaries')).toBe(false);
    }
  }
});

test('a grant of the report agent has an owner and lives five minutes', () => {
  const decision = decide({
    tool: 'mcp/files/read_text_file',
    action: 'read',
    dataset: 'files/reports',
  });
  expect(decision).toMatchObject({ owner: 'team:growth', lifetimeSeconds: 300 });
});

test.each<[string, Partial<PolicyInput>]>([
  ['another workload', { workload: { issuerName: 'local-idp', subject: 'mail-agent' } }],
  ['the user as the workload', { workload: { issuerName: 'local-idp', subject: 'alice' } }],
  [
    'the same subject of another issuer',
    { workload: { issuerName: 'github', subject: 'report-agent' } },
  ],
  ['a foreign user', { user: { issuerName: 'github', subject: 'alice' } }],
])('no one else gets the grants of the report agent: %s', (_, change) => {
  const grant = { tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' };
  expect(decide(grant as Grant, change).granted).toEqual([]);
});

test.each([
  { absent: true },
  { suffix: '@acme.example' },
  { optional: { present: true } },
] as const)(
  'a constraint on a member named * does not let it draft to anybody: %j',
  (constraint) => {
    const constraints = { arguments: ['to', 'subject'], constraints: { '/to/*': constraint } };
    const grant: Grant = { tool: 'mcp/mail/save_draft', action: 'write', dataset: 'mail' };
    expect(decide({ ...grant, constraints })).toMatchObject({
      granted: [],
      refused: [{ code: 'constraints_invalid', pointer: '/to/*' }],
    });
  },
);
