import { expect, test } from 'vitest';
import { PROMPT_BYTES_MAX } from '../../../../src/limits.ts';
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

const leased = (more: object) =>
  readGrants(
    new URLSearchParams({
      authorization_details: JSON.stringify([
        { type: 'hewn_task', task: 'report', grants: [reads(['t'])], ...more },
      ]),
    }),
  );

test('a request may shorten the capability, and have its workflow end without renewals', () => {
  expect(leased({ lifetime: 30, renew_within: 60 })).toMatchObject({
    value: { lifetimeSeconds: 30, renewWithin: 60 },
  });
  expect(leased({ lifetime: 3_600, renew_within: 3_600 })).toMatchObject({ ok: true });
  expect(leased({ lifetime: 60, workflow: `wf_${'A'.repeat(22)}` })).toMatchObject({ ok: true });
});

test('the request of the user is stated once, at the begin of a root', () => {
  const prompt = 'Pay Bob';
  expect(leased({ prompt })).toMatchObject({ value: { prompt } });
  expect(leased({ prompt: 'x'.repeat(PROMPT_BYTES_MAX) })).toMatchObject({ ok: true });
  const workflow = `wf_${'A'.repeat(22)}`;
  for (const more of [{ workflow }, { workflow, step_up: true }, { parent: 'x' }]) {
    expect(leased({ prompt, ...more })).toEqual({ ok: false, error: { code: 'prompt_restated' } });
  }
});

test.each([
  ['a request of the user that is too long', { prompt: 'x'.repeat(PROMPT_BYTES_MAX + 1) }],
  ['a request of the user that is empty', { prompt: ' ' }],
  ['a request of the user that is no text', { prompt: 7 }],
  ['a lifetime below 30 s', { lifetime: 29 }],
  ['a lifetime over an hour', { lifetime: 3_601 }],
  ['a lifetime that is no whole number', { lifetime: 60.5 }],
  ['a lifetime that is text', { lifetime: '60' }],
  ['renewals within less than a minute', { renew_within: 59 }],
  ['renewals within more than an hour', { renew_within: 3_601 }],
  [
    'another time for renewals of a running workflow',
    { renew_within: 60, workflow: `wf_${'A'.repeat(22)}` },
  ],
])('a request with %s is refused', (_, more) => {
  expect(leased(more)).toEqual({ ok: false, error: { code: 'details_invalid' } });
});
