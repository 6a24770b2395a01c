import { expect, test } from 'vitest';
import { shownToken, type TokenNode } from '../../../src/console/workflow/shown-tokens.ts';

const NOW = Date.parse('2026-11-28T10:42:07Z');
const node = (more: Partial<TokenNode>): TokenNode => ({
  id: 't1',
  kind: 'capability',
  count: 1,
  words: '1 capability with 2 grants',
  scope: [
    { tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' },
    { tool: 'mcp/mail/send_message', action: 'write', dataset: 'mail' },
  ],
  calls: 13,
  denied: 0,
  ...more,
});
const lines = (more: Partial<TokenNode>) => {
  const { title, about, more: last } = shownToken(node(more), NOW);
  return [title, about, last];
};

test('writes three lines into the box of a token', () => {
  expect(lines({ agent: 'https://idp.example/corp#report', expires: NOW / 1000 + 200 })).toEqual([
    'Capability',
    'corp#report · 2 grants',
    '13 calls · 3 min left',
  ]);
  expect(lines({ kind: 'narrowed', count: 7, denied: 1, calls: 7 })).toEqual([
    'Narrowed',
    'read_text_file, 7 tokens',
    '7 calls, 1 denied',
  ]);
  expect(lines({ kind: 'handed_on', scope: [], words: 'Handed on to another key' })).toEqual([
    'Handed on',
    'Handed on to another key',
    '13 calls',
  ]);
  expect(lines({ kind: 'child', agent: 'chart', expires: NOW / 1000 - 5 })[2]).toBe(
    '13 calls · expired',
  );
});
