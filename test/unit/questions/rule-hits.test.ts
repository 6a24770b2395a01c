import { expect, test } from 'vitest';
import { heldBy, ruleHits, unusedGrants } from '../../../src/questions/index.ts';
import { commentAbove } from '../../../workers/issuer/questions/comment-above.ts';
import { AGENT, AT, grant, mint, names, policyOf, refusal, seenOf } from './scene.ts';

test('an allow has the hits that mints name, and a deny those that the policy decides again', () => {
  const policy = policyOf('allow if tool("read");', 'deny if under("files/private");');
  const [allow] = policy.rules;
  const seen = seenOf(
    mint({ rules: [allow?.rule ?? ''] }),
    mint({ rules: ['allow if gone("x")'] }),
    refusal({ code: 'policy_refused:denied', grants: [grant('read', 'files/private')] }),
    refusal({ grants: [grant('write', 'mail')] }),
    // The policy would give it now.
    refusal(),
  );
  const { rules, refusals } = ruleHits(policy, seen, names);
  expect(rules.map(({ rule, hits }) => [rule.kind, hits?.total ?? 0])).toEqual([
    ['allow', 1],
    ['deny', 1],
  ]);
  expect(refusals.map(({ code, hits }) => [code, hits.total])).toEqual([['no_rule', 1]]);
});

test('a workflow holds a dataset if its grant contains it or is within it', () => {
  const living = { agent: AGENT, grants: [grant('read', 'files/reports')] };
  expect(heldBy(living, { dataset: 'files/reports/q3' })).toHaveLength(1);
  expect(heldBy(living, { dataset: 'files' })).toHaveLength(1);
  expect(heldBy(living, { dataset: 'files/reports-archive' })).toEqual([]);
  expect(heldBy(living, { tool: 'write' })).toEqual([]);
  expect(heldBy(living, { agent: 'another' })).toEqual([]);
});

test('a grant is unused if no call of its agent was within it', () => {
  const given = seenOf(mint(), mint({ grants: [grant('read', 'files/summaries')] })).given();
  const use = { agent: AGENT, tool: 'read', dataset: 'files/reports/q3', calls: 1, last: AT };
  const unused = (uses: readonly (typeof use)[]) =>
    unusedGrants(given, uses, {}).map(({ dataset }) => dataset);
  expect(unused([use])).toEqual(['files/summaries']);
  expect(unused([{ ...use, agent: 'another' }])).toHaveLength(2);
  expect(unusedGrants(given, [], { tool: 'write' })).toEqual([]);
});

test('the words of a statement are the comment directly above it', () => {
  const text =
    '// It reads.\nallow if a();\n\n// Long:\n// two lines.\n  deny if b();\n\ncheck if c();';
  expect(commentAbove(text, 2)).toBe('It reads.');
  expect(commentAbove(text, 6)).toBe('Long: two lines.');
  expect(commentAbove(text, 8)).toBeUndefined();
  expect(commentAbove(`${'// x\n'.repeat(7)}allow if a();`, 8)).toBeUndefined();
});
