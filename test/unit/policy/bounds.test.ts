import { describe, expect, test } from 'vitest';
import { BUDGET_TOOLS_MAX } from '../../../src/capability/budgets.ts';
import type { Grant } from '../../../src/capability/index.ts';
import { loadPolicy, type PolicyInput } from '../../../src/policy/index.ts';
import { CATALOGUE } from '../fixtures/catalogue.ts';
import { unwrap } from '../fixtures/issuer.ts';

const READ: Grant = { tool: 'read', action: 'read', dataset: 'files/reports' };
const WRITE: Grant = { tool: 'write', action: 'write', dataset: 'files/summaries' };
const UNKNOWN: Grant = { tool: 'crm.search', action: 'read', dataset: 'crm' };

const load = (source: string) =>
  loadPolicy(
    [
      {
        name: 'test.datalog',
        source: `owner("team"); max_lifetime(300); allow if true; ${source}`,
      },
    ],
    CATALOGUE,
  );
const decide = (source: string, ...requests: Grant[]) =>
  unwrap(load(source)).decide({
    workload: { issuerName: 'idp', subject: 'agent' },
    user: { issuerName: 'idp', subject: 'alice' },
    task: 'quarterly report',
    audience: 'https://crm.example',
    now: new Date('2026-11-23T10:00:00Z'),
    requests: requests.length > 0 ? requests : [READ],
  } satisfies PolicyInput);
const codes = (source: string) => decide(source).refused.map(({ code }) => code);

describe('the tier of a workflow', () => {
  test.each<[string, string, Grant[], number]>([
    ['is the highest of its tools, by the catalogue', '', [READ, WRITE], 2],
    ['is raised by the policy', 'tier(3) <- action("write");', [READ, WRITE], 3],
    ['is the highest that the policy states', 'tier(0); tier(3); tier(2);', [READ], 3],
    ['is never lowered by the policy', 'tier(0);', [WRITE], 2],
    ['is 3 for a tool that the catalogue lacks', 'tier(0);', [UNKNOWN], 3],
  ])('%s', (_, source, requests, tier) => {
    expect(decide(source, ...requests).tier).toBe(tier);
  });

  test('ignores refused grants', () => {
    const source =
      'reject if action("write"); tier(3) <- action("write"); max_calls(1) <- action("write");';
    expect(decide(source, READ, WRITE)).toMatchObject({ tier: 1, budgets: {} });
  });
});

describe('budgets', () => {
  test('are read from the facts of each kind', () => {
    const source = `max_calls(40); max_tool_calls("write", 2); max_denials(5);
      max_wall_seconds(3600); max_delegation_depth(0); max_sum("bank.send", "/amount", 50000000);`;
    expect(decide(source).budgets).toEqual({
      calls: 40,
      tools: [{ tool: 'write', calls: 2 }],
      denials: 5,
      wallSeconds: 3600,
      delegationDepth: 0,
      sums: [{ tool: 'bank.send', pointer: '/amount', micros: 50_000_000 }],
    });
  });

  test('are unbounded if the policy states none', () => {
    expect(decide('').budgets).toEqual({});
  });

  test('are the smallest that is stated, for one grant and across all grants', () => {
    const source = `max_calls(40); max_calls(7); max_calls(20);
      max_calls(3) <- action("write");
      max_tool_calls("write", 9); max_tool_calls("write", 2); max_tool_calls("read", 4);
      max_sum("bank.send", "/amount", 9); max_sum("bank.send", "/amount", 8);`;
    expect(decide(source).budgets).toEqual({
      calls: 7,
      tools: [
        { tool: 'read', calls: 4 },
        { tool: 'write', calls: 2 },
      ],
      sums: [{ tool: 'bank.send', pointer: '/amount', micros: 8 }],
    });
    expect(decide(source, READ, WRITE).budgets.calls).toBe(3);
  });

  test.each([
    ...['max_calls("40")', 'max_calls(-1)', 'max_calls(true)', 'max_denials(null)'],
    ...['max_calls(9223372036854775807)', 'max_wall_seconds(0)', 'max_delegation_depth("none")'],
    ...['max_tool_calls("a b  c", 1)', 'max_tool_calls(1, 1)', 'max_tool_calls("write", "1")'],
    ...['max_sum("bank.send", "amount", 1)', 'max_sum("bank.send", "/amount", "1")'],
    ...['max_sum("bank.send", "/amount", -1)'],
  ])('refuse the grant if one is malformed, even next to valid ones: %s', (fact) => {
    expect(codes(`${fact};`)).toEqual(['budget_invalid']);
    expect(codes(`${fact}; max_calls(1); max_tool_calls("write", 1);`)).toEqual(['budget_invalid']);
  });

  test('refuse the grant if there are too many', () => {
    const facts = Array.from(
      { length: BUDGET_TOOLS_MAX + 1 },
      (_, i) => `max_tool_calls("t${i}", 1);`,
    );
    expect(codes(facts.slice(1).join(' '))).toEqual([]);
    expect(codes(facts.join(' '))).toEqual(['budget_invalid']);
  });
});

describe('an approval', () => {
  test('is required for the whole decision if one grant requires it', () => {
    const decision = decide('approval(true) <- action("write");', READ, WRITE);
    expect(decision.granted.map(({ approvalRequired }) => approvalRequired)).toEqual([false, true]);
    expect(decision.approvalRequired).toBe(true);
    expect(decide('approval(true) <- action("write");', READ).approvalRequired).toBe(false);
    expect(decide('approval(false);').approvalRequired).toBe(false);
  });

  test('is required if the policy states both true and false', () => {
    expect(decide('approval(false); approval(true);').approvalRequired).toBe(true);
  });

  // A malformed approval never counts as absent (docs/reference/conformance.md, failure 16).
  test.each(['"true"', '"yes"', '1', '0', 'null', '"false"'])(
    'that is malformed never allows: %s',
    (value) => {
      expect(codes(`approval(${value});`)).toEqual(['approval_invalid']);
      expect(codes(`approval(${value}); approval(false);`)).toEqual(['approval_invalid']);
    },
  );
});

test.each(['tier(4)', 'tier(-1)', 'tier("2")', 'tier(true)', 'tier(9223372036854775807)'])(
  'an invalid tier refuses the grant: %s',
  (fact) => {
    expect(codes(`${fact};`)).toEqual(['tier_invalid']);
    expect(codes(`${fact}; tier(1);`)).toEqual(['tier_invalid']);
  },
);

test.each([
  'max_calls("write", 2)',
  'max_tool_calls(2)',
  'max_sum("bank.send", 5)',
  'approval()',
  'approval("write", true)',
  'tier(1, 2)',
])('a bound with another number of terms does not load: %s', (fact) => {
  expect(load(`${fact};`)).toMatchObject({ ok: false });
});
