import { expect, test } from 'vitest';
import { questionLines } from '../../../src/approval/index.ts';
import type { JsonObject } from '../../../src/canonical-json.ts';

const EDIT = { tool: 'mcp/files/edit_file', action: 'write', dataset: 'files/summaries' };
const question = (more: JsonObject = {}): JsonObject => ({
  agent: 'idp#report-agent',
  subject: 'idp#carol',
  owner: 'team:growth',
  audience: 'https://gateway.example',
  task: 'fix figures',
  grants: [
    { ...EDIT, constraints: { arguments: ['path'], constraints: { '/path': { equals: 'a.md' } } } },
  ],
  rules: ['allow if true'],
  lifetimeSeconds: 300,
  ...more,
});
const tagOf = (lines: ReturnType<typeof questionLines>, name: string) =>
  lines.filter((line) => line.name === name).map(({ tag }) => tag);

test('every member of a question has a line, and without an earlier question each is new', () => {
  const lines = questionLines(question({ later: { x: 1 } }));
  expect(lines.every(({ tag }) => tag === 'new')).toBe(true);
  expect(lines.map(({ name }) => name)).toEqual([
    ...['Agent', 'For', 'Owner', 'At', 'Task', 'Allowed by', 'Seconds that a capability lives'],
    ...['later', 'May', 'Arguments', 'Argument /path'],
  ]);
  expect(lines.find(({ name }) => name === 'May')?.value).toBe(
    'write with mcp/files/edit_file on files/summaries and everything below it',
  );
});

test('what the last question of the agent had is the same, and what it had beyond is gone', () => {
  const last = question({ grants: [EDIT, { ...EDIT, dataset: 'files/reports' }], task: 'other' });
  const lines = questionLines(question(), last);
  expect(tagOf(lines, 'Agent')).toEqual(['same']);
  expect(tagOf(lines, 'Task')).toEqual(['new']);
  expect(tagOf(lines, 'May')).toEqual(['same', 'gone']);
  expect(tagOf(lines, 'Argument /path')).toEqual(['new']);
});

test('a step-up marks what it adds to the workflow, and nothing else', () => {
  const added = { tool: EDIT.tool, dataset: EDIT.dataset, pointer: '/path', was: null, now: 'a' };
  const lines = questionLines(question({ workflow: 'wf_1', stepUp: true, adds: [added] }));
  expect(lines.filter(({ tag }) => tag === 'new').map(({ name }) => name)).toEqual([
    'Argument /path',
  ]);
  const whole = questionLines(question({ adds: [{ ...EDIT }] }));
  expect(tagOf(whole, 'May')).toEqual(['new']);
  expect(tagOf(whole, 'Agent')).toEqual(['same']);
});

test('an addition of an unknown form marks every grant', () => {
  const lines = questionLines(question({ adds: [{ later: 'form' }] }));
  expect(tagOf(lines, 'May')).toEqual(['new']);
});

test('hidden characters are shown as their numbers', () => {
  const lines = questionLines(question({ task: 'a\u202eb', 'x\u0007': 'y' }));
  expect(lines.find(({ name }) => name === 'Task')?.value).toBe('a\\u{202e}b');
  expect(lines.map(({ name }) => name)).toContain('x\\u{7}');
});

test('budgets are lines, and one of an unknown form is shown as it is', () => {
  const budgets = {
    calls: 50,
    tools: [{ tool: 'mcp/mail/send', calls: 3 }, { later: 1 }],
    sums: [{ tool: 'bank.send', pointer: '/amount', micros: 1_500_000 }],
    later: { x: 1 },
  };
  const lines = questionLines(question({ budgets })).filter(({ name }) => name === 'At most');
  expect(lines.map(({ value }) => value)).toEqual([
    '50 calls',
    '3 calls of mcp/mail/send',
    '{"later":1}',
    '1.5 as the sum of /amount of bank.send',
    'later {"x":1}',
  ]);
});

test('the limit of an argument is in words', () => {
  const limits = { arguments: ['path'], constraints: { '/path': { pathBelow: 'reports' } } };
  const lines = questionLines(question({ grants: [{ ...EDIT, constraints: limits }] }));
  expect(lines.find(({ name }) => name === 'Argument /path')?.value).toBe(
    '"reports" or a path below it',
  );
});
