import { env as untyped } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import type { Grant } from '../../../src/capability/index.ts';
import { parseCatalogue } from '../../../src/catalogue/index.ts';
import type { Identity } from '../../../src/identity/index.ts';
import { loadPolicy } from '../../../src/policy/index.ts';
import { type IssuerEnv, readConfig } from '../../../workers/issuer/platform/config.ts';
import { type MintInput, mintCapability } from '../../../workers/issuer/token/mint.ts';

const env = untyped as unknown as IssuerEnv;
const catalogue = parseCatalogue(`
[[tool]]
name = "bank.send"
action = "write"
tier = 2
arguments = ["recipient", "amount"]
datasets = [{ fixed = "bank" }]
sinks = ["/recipient"]
`);
const SEND: Grant = { tool: 'bank.send', action: 'write', dataset: 'bank' };

const identity = (subject: string): Identity => ({
  issuerName: 'idp',
  issuer: 'https://idp.example',
  subject,
  claims: {},
  qualified: `https://idp.example#${subject}`,
  expires: new Date(Date.now() + 600_000),
});

function mint(source: string, grants: readonly Grant[] = [SEND], more: Partial<MintInput> = {}) {
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  const text = `owner("team"); max_lifetime(300); allow if true; ${source}`;
  const policy = loadPolicy([{ name: 'test.datalog', source: text }], catalogue.value);
  if (!policy.ok) throw new Error(JSON.stringify(policy.error));
  return mintCapability({
    config: readConfig(env),
    policy: policy.value,
    above: [],
    workflow: 'wf_1',
    now: Date.now(),
    user: identity('alice'),
    workload: identity('agent'),
    request: {
      subjectToken: '',
      actorToken: '',
      audience: 'https://gateway.example',
      task: 't',
      grants,
    },
    ...more,
  });
}

const OPEN = 'open_sink("/recipient", "the bank asks back");';

test('a child is not minted with what a workflow above it lacks', () => {
  const EU: Grant = { ...SEND, dataset: 'bank/eu' };
  expect(mint(OPEN, [EU], { above: [[SEND], [EU]] }).ok).toBe(true);
  for (const above of [
    [[SEND], []],
    [[], [SEND]],
  ]) {
    expect(mint(OPEN, [EU], { above })).toMatchObject({ error: { code: 'parent_exceeded' } });
  }
});

test('the policy reads the claims of both identities', () => {
  const read = `${OPEN} check if workload_claim("team", "red"), user_claim("groups", "finance");`;
  const claiming = {
    workload: { ...identity('agent'), claims: { team: 'red' } },
    user: { ...identity('alice'), claims: { groups: ['sales', 'finance'] } },
  };
  expect(mint(read, [SEND], claiming).ok).toBe(true);
  expect(mint(read, [SEND], { ...claiming, user: identity('alice') })).toMatchObject({
    error: { code: 'policy_refused', cause: 'check_failed' },
  });
});

describe('what is minted', () => {
  test('has tier and budgets in its record and in what the workflow is begun with', () => {
    const budgets = {
      calls: 40,
      sums: [{ tool: 'bank.send', pointer: '/amount', micros: 5_000_000 }],
    };
    const bounds = 'max_calls(40); max_sum("bank.send", "/amount", 5000000);';
    const minted = mint(`${OPEN} ${bounds} tier(3);`);
    expect(minted).toMatchObject({
      value: { record: { tier: 3, budgets }, start: { tier: 3, budgets } },
    });
  });

  test('says which sinks are open, and why', () => {
    expect(mint(OPEN)).toMatchObject({
      value: {
        record: {
          openSinks: [{ tool: 'bank.send', pointer: '/recipient', reason: 'the bank asks back' }],
        },
      },
    });
  });

  test('has what the policy requires besides, and then no sink is open', () => {
    const minted = mint('require_constraint("/recipient", {"oneOf": ["GB1", "GB2"]});');
    const constraints = {
      arguments: ['recipient', 'amount'],
      constraints: { '/recipient': { oneOf: ['GB1', 'GB2'] } },
    };
    expect(minted).toMatchObject({
      value: {
        start: { grants: [{ ...SEND, constraints }] },
        record: { grants: [{ ...SEND, constraints }] },
      },
    });
    expect(minted.ok && 'openSinks' in minted.value.record).toBe(false);
  });
});

describe('nothing is minted', () => {
  test.each([
    ['for an open sink', '', 'sink_open'],
    ['where the approval is malformed', `${OPEN} approval("true");`, 'approval_invalid'],
    ['where a budget is malformed', `${OPEN} max_calls("many");`, 'budget_invalid'],
    ['where the tier is malformed', `${OPEN} tier(9);`, 'tier_invalid'],
    ['where what opens a sink is malformed', 'open_sink("/recipient", 1);', 'open_sink_invalid'],
    [
      'where a requirement is malformed',
      'require_constraint("/recipient", 1);',
      'requirement_invalid',
    ],
  ])('%s', (_, source, cause) => {
    expect(mint(source)).toEqual({ ok: false, error: { code: 'policy_refused', cause } });
  });

  test('where a person must approve first, who is shown what is open', () => {
    expect(mint('approval(true) <- leaves_open($p);')).toMatchObject({
      error: {
        code: 'approval_required',
        question: { openSinks: [{ tool: 'bank.send', pointer: '/recipient' }] },
      },
    });
  });

  test('for more checks than a verifier would evaluate', () => {
    const values = Array.from({ length: 64 }, (_, i) => `${'x'.repeat(100)}${i}`);
    const constraints = {
      arguments: ['recipient', 'amount'],
      constraints: { '/recipient': { oneOf: values } },
    };
    expect(mint(OPEN, [{ ...SEND, constraints }])).toMatchObject({
      error: { code: 'policy_refused', cause: 'authority_over_limit' },
    });
  });
});
