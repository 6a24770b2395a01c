import { expect, test } from 'vitest';
import type { Grant } from '../../../src/capability/index.ts';
import { loadPolicy, type PolicyInput } from '../../../src/policy/index.ts';
import { CATALOGUE } from '../fixtures/catalogue.ts';
import { unwrap } from '../fixtures/issuer.ts';

const SEND: Grant = { tool: 'bank.send', action: 'write', dataset: 'bank' };

const decide = (source: string, user: PolicyInput['user'], grant: Grant = SEND) => {
  const text = `owner("team"); max_lifetime(300); unattended(true); allow if true;
    require_constraint("/amount", {"number": {"min": 0, "max": 9}}); ${source}`;
  const input = {
    workload: { issuerName: 'idp', subject: 'agent' },
    ...(user && { user }),
    task: 'pay the invoices',
    audience: 'https://bank.example',
    now: new Date('2026-11-23T10:00:00Z'),
    requests: [grant],
  };
  const policy = unwrap(loadPolicy([{ name: 'test.datalog', source: text }], CATALOGUE));
  const { granted, refused } = policy.decide(input);
  return granted[0]?.grant.constraints?.constraints['/recipient'] ?? refused[0]?.code;
};
const alice = (claims: NonNullable<PolicyInput['user']>['claims'] = {}) => ({
  ...({ issuerName: 'idp', subject: 'alice' } as const),
  claims,
});
const REQUIRE = 'require_user_claim("/recipient", "account");';

test.each<[unknown, unknown]>([
  ['GB1', { exact: 'GB1' }],
  ['x"}, {"present": true', { exact: 'x"}, {"present": true' }],
  [7, { exact: 7 }],
  [true, { exact: true }],
  [['GB2', 'GB1', 'GB2'], { oneOf: ['GB1', 'GB2'] }],
  [['GB1'], { exact: 'GB1' }],
  [[], 'requirement_invalid'],
  [null, 'requirement_invalid'],
  [{ id: 'GB1' }, 'requirement_invalid'],
  [['GB1', 7], 'requirement_invalid'],
  ['x'.repeat(600), 'requirement_invalid'],
])('an argument is bound to the claim %j of the person', (account, expected) => {
  expect(decide(REQUIRE, alice({ account } as never))).toEqual(expected);
});

test('a grant is refused without the claim, and without a person', () => {
  expect(decide(REQUIRE, alice())).toBe('requirement_invalid');
  expect(decide(REQUIRE, alice({ Account: 'GB1' }))).toBe('requirement_invalid');
  expect(decide(REQUIRE, undefined)).toBe('requirement_invalid');
  expect(decide('require_user_claim("/recipient", 1);', alice())).toBe('requirement_invalid');
  expect(decide('require_user_claim("recipient", "sub");', alice())).toBe('requirement_invalid');
});

test('the claim sub is the subject of the person', () => {
  expect(decide('require_user_claim("/recipient", "sub");', alice())).toEqual({ exact: 'alice' });
});

test('the request can only ask for less than the claim allows', () => {
  const asking = (recipient: object) => ({
    ...SEND,
    constraints: { arguments: ['recipient', 'amount'], constraints: { '/recipient': recipient } },
  });
  const claims = alice({ account: ['GB1', 'GB2'] });
  const joined = decide(REQUIRE, claims, asking({ exact: 'GB9' }) as Grant);
  expect(joined).toEqual({ allOf: [{ exact: 'GB9' }, { oneOf: ['GB1', 'GB2'] }] });
  const stated = asking({ exact: { claim: 'account' } }) as unknown as Grant;
  expect(decide(REQUIRE, claims, stated)).toBe('constraints_invalid');
});
