import { describe, expect, test } from 'vitest';
import type { Grant } from '../../../../src/capability/index.ts';
import { decide } from '../../../../workers/issuer/token/decide.ts';
import type { MintInput } from '../../../../workers/issuer/token/load.ts';
import { approvePlan } from '../../../../workers/issuer/token/plan.ts';
import { catalogueOf, identity, mintInput } from './mint-input.ts';

const catalogue = catalogueOf(`
[[tool]]
name = "bank.send"
action = "write"
tier = 2
arguments = ["recipient", "amount"]
datasets = [{ fixed = "bank" }]
sinks = ["/recipient"]
`);
const SEND: Grant = { tool: 'bank.send', action: 'write', dataset: 'bank' };
const READ: Grant = { tool: 'bank.read', action: 'read', dataset: 'bank' };

const decideUnder = (
  rules: string,
  grants: readonly Grant[] = [SEND],
  changes: Partial<MintInput> = {},
) =>
  decide(
    mintInput(`owner("team"); max_lifetime(300); allow if true; ${rules}`, grants, {
      catalogue,
      ...changes,
    }),
  );

const OPEN = 'open_sink("/recipient", "the bank asks back");';

test('a child gets no grant that a workflow above it lacks', () => {
  const EU: Grant = { ...SEND, dataset: 'bank/eu' };
  expect(decideUnder(OPEN, [EU], { grantsAbove: [[SEND], [EU]] }).kind).toBe('mint');
  for (const grantsAbove of [
    [[SEND], []],
    [[], [SEND]],
  ]) {
    expect(decideUnder(OPEN, [EU], { grantsAbove })).toEqual({
      kind: 'refuse',
      refusal: { code: 'parent_exceeded' },
    });
  }
});

test('the policy reads the claims of both identities', () => {
  const rules = `${OPEN} check if workload_claim("team", "red"), user_claim("groups", "finance");`;
  const claims = {
    workload: { ...identity('agent'), claims: { team: 'red' } },
    user: { ...identity('alice'), claims: { groups: ['sales', 'finance'] } },
  };
  expect(decideUnder(rules, [SEND], claims).kind).toBe('mint');
  expect(decideUnder(rules, [SEND], { ...claims, user: identity('alice') })).toMatchObject({
    refusal: { code: 'policy_refused', cause: 'check_failed' },
  });
});

test('the same input gives the same decision', () => {
  const input = mintInput('owner("team"); max_lifetime(300); allow if true;', [SEND]);
  expect(decide(input)).toEqual(decide(input));
});

describe('a planned capability', () => {
  test('has tier and budgets in its record and in the start of its workflow', () => {
    const budgets = {
      calls: 40,
      sums: [{ tool: 'bank.send', pointer: '/amount', micros: 5_000_000 }],
    };
    const rules = `${OPEN} max_calls(40); max_sum("bank.send", "/amount", 5000000); tier(3);`;
    expect(decideUnder(rules)).toMatchObject({
      plan: { record: { tier: 3, budgets }, start: { tier: 3, budgets } },
    });
  });

  test('records which sinks are open, and why', () => {
    expect(decideUnder(OPEN)).toMatchObject({
      plan: {
        record: {
          openSinks: [{ tool: 'bank.send', pointer: '/recipient', reason: 'the bank asks back' }],
        },
      },
    });
  });

  test('has the constraints that the policy requires, and then no open sink', () => {
    const decision = decideUnder('require_constraint("/recipient", {"oneOf": ["GB1", "GB2"]});');
    const constraints = {
      arguments: ['recipient', 'amount'],
      constraints: { '/recipient': { oneOf: ['GB1', 'GB2'] } },
    };
    const grants = [{ ...SEND, constraints }];
    expect(decision).toMatchObject({ plan: { start: { grants }, record: { grants } } });
    expect(decision.kind === 'mint' && 'openSinks' in decision.plan.record).toBe(false);
  });

  test('lists the tools that an operator denies as refused, and grants the others', () => {
    const rules = `${OPEN} open_sink("", "no one has described the tool");`;
    const decision = decideUnder(rules, [SEND, READ], { deniedTools: ['bank.send'] });
    expect(decision).toMatchObject({
      plan: {
        start: { grants: [READ] },
        record: { refused: [{ ...SEND, code: 'denied_by_operator' }] },
      },
    });
  });
});

describe('a request is refused', () => {
  test.each([
    ['for an open sink', '', 'sink_open'],
    ['if the approval rule is malformed', `${OPEN} approval("true");`, 'approval_invalid'],
    ['if a budget is malformed', `${OPEN} max_calls("many");`, 'budget_invalid'],
    ['if the tier is malformed', `${OPEN} tier(9);`, 'tier_invalid'],
    ['if an open_sink is malformed', 'open_sink("/recipient", 1);', 'open_sink_invalid'],
    [
      'if a required constraint is malformed',
      'require_constraint("/recipient", 1);',
      'requirement_invalid',
    ],
  ])('%s', (_, rules, cause) => {
    expect(decideUnder(rules)).toMatchObject({
      kind: 'refuse',
      refusal: { code: 'policy_refused', cause },
    });
  });

  test.each([
    ['an open sink', '', /: the argument \/recipient needs a constraint$/],
    ['a deny rule', `${OPEN} deny if true;`, /: denied by the rule at [\w.]+:\d+$/],
    ['a check', `${OPEN} check if false;`, /: the check at [\w.]+:\d+ failed$/],
  ])('with the grant and the place of %s', (_, rules, reason) => {
    const decided = decideUnder(rules);
    const { refusal } = decided as { readonly refusal: { readonly reasons: string } };
    expect(refusal.reasons).toMatch(reason);
    expect(refusal.reasons).toContain(`${SEND.tool} (${SEND.action}) on ${SEND.dataset}`);
    expect(refusal.reasons).toMatch(/^[ !#-[\]-~]+$/);
  });

  test('in part, and the plan has the grant and the place of the rule', () => {
    const rules = `${OPEN} deny if action("read");`;
    const decided = decideUnder(rules, [SEND, READ]);
    expect(decided).toMatchObject({ kind: 'mint', plan: { start: { grants: [SEND] } } });
    const { plan } = decided as { readonly plan: { readonly refused?: string } };
    expect(plan.refused).toMatch(/^\S+ \(read\) on \S+: denied by the rule at [\w.]+:\d+$/);
    expect(decideUnder(OPEN, [SEND, READ])).not.toHaveProperty('plan.refused');
  });

  test('for more checks than a verifier would evaluate', () => {
    const values = Array.from({ length: 64 }, (_, i) => `${'x'.repeat(100)}${i}`);
    const constraints = {
      arguments: ['recipient', 'amount'],
      constraints: { '/recipient': { oneOf: values } },
    };
    expect(decideUnder(OPEN, [{ ...SEND, constraints }])).toMatchObject({
      refusal: { code: 'policy_refused', cause: 'authority_over_limit' },
    });
  });

  test('if an operator denies every requested tool', () => {
    expect(decideUnder(OPEN, [SEND], { deniedTools: ['bank.send'] })).toEqual({
      kind: 'refuse',
      refusal: { code: 'denied_by_operator', cause: 'tool' },
    });
  });

  test('if an identity expires within the second', () => {
    const expires = new Date(mintInput(OPEN, []).now + 900);
    const user = { ...identity('alice'), expires };
    expect(decideUnder(OPEN, [SEND], { user })).toMatchObject({
      refusal: { code: 'lifetime_exhausted' },
    });
  });
});

describe('a policy that requires a holder', () => {
  const rules = `require_holder(true) <- action("write");
    open_sink("", "no one has described the tool");`;
  const grantFor = (action: 'read' | 'write'): Grant => ({
    tool: 'crm.search',
    action,
    dataset: 'crm',
  });

  test('refuses a request without a proven key', () => {
    expect(decideUnder(rules, [grantFor('write')])).toMatchObject({
      refusal: { code: 'holder_required' },
    });
  });

  test('binds the capability to the proven key, and records it', () => {
    const holder = 'A'.repeat(43);
    expect(decideUnder(rules, [grantFor('write')], { holder })).toMatchObject({
      kind: 'mint',
      plan: { facts: { holder }, record: { holder } },
    });
  });

  test('for some grants leaves the others unbound', () => {
    const decision = decideUnder(rules, [grantFor('read')]);
    expect(decision.kind === 'mint' && 'holder' in decision.plan.record).toBe(false);
    expect(decision.kind).toBe('mint');
  });
});

describe('a person is asked', () => {
  const asked = (rules: string, changes: Partial<MintInput> = {}) => {
    const decision = decideUnder(rules, [SEND], changes);
    if (decision.kind !== 'ask') throw new Error(JSON.stringify(decision));
    return decision;
  };

  test('if the policy says so, and sees what is open', () => {
    expect(asked('approval(true) <- leaves_open($p);').question).toMatchObject({
      openSinks: [{ tool: 'bank.send', pointer: '/recipient' }],
    });
  });

  test('if the request names an approval, even if the policy no longer requires one', () => {
    const { request } = mintInput(OPEN, [SEND]);
    expect(asked(OPEN, { request: { ...request, approval: 'apr_1' } }).kind).toBe('ask');
  });

  test('and an answer to another question approves nothing', () => {
    const { plan, question } = asked('approval(true);');
    const other = asked('approval(true);', { workload: identity('other') });
    const answer = { id: 'apr_1', digest: '', by: 'carol', until: plan.start.expires };
    expect(() => approvePlan(plan, question, { ...answer, question: 'another' })).toThrow(
      'another question',
    );
    expect(other.question).not.toEqual(question);
  });
});
