import { expect, test } from 'vitest';
import { readGrants } from '../../../../workers/issuer/token/read-grants.ts';

const details = (...grants: readonly object[]) =>
  readGrants(
    new URLSearchParams({
      authorization_details: JSON.stringify([{ type: 'hewn_task', task: 'report', grants }]),
    }),
  );
const names = (count: number) => Array.from({ length: count }, (_, i) => `mcp/files/t${i}`);
const reads = (tools: readonly string[], more: object = {}) => ({
  tools,
  action: 'read',
  dataset: 'files',
  ...more,
});

test('a grant for many reads stands for one grant for each tool', () => {
  const read = details(reads(names(100)), { tool: 'x', action: 'write', dataset: 'crm' });
  expect(read.ok && read.value.grants).toHaveLength(101);
  expect(read.ok && read.value.grants[99]).toEqual({
    tool: 'mcp/files/t99',
    action: 'read',
    dataset: 'files',
  });
});

test.each([
  ['no tool', [reads([])]],
  ['too many tools', [reads(names(129))]],
  ['too many tools together', [reads(names(100)), reads(names(100), { dataset: 'mail' })]],
  ['another action', [reads(names(2), { action: 'write' })]],
  ['constraints', [reads(names(2), { constraints: { arguments: [], constraints: {} } })]],
  ['one tool as well', [reads(names(2), { tool: 'x' })]],
  ['a name that is no tool', [reads(['a\u200bb'])]],
  ['a name that is no text', [reads([1 as unknown as string])]],
])('a grant for many reads with %s is refused', (_, grants) => {
  expect(details(...grants)).toEqual({ ok: false, error: { code: 'details_invalid' } });
});
