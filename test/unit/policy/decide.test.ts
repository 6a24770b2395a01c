import { describe, expect, test } from 'vitest';
import type { Grant } from '../../../src/capability/index.ts';
import { CAPABILITY_SECONDS_MAX, GRANTS_MAX } from '../../../src/limits.ts';
import { CLAIM_FACTS_MAX, CLAIMS_BYTES_MAX } from '../../../src/policy/claims.ts';
import { type Claims, loadPolicy, type PolicyInput } from '../../../src/policy/index.ts';
import { CATALOGUE } from '../fixtures/catalogue.ts';
import { must } from '../fixtures/issuer.ts';

const grant = (tool = 'read', dataset = 'files/reports'): Grant => ({
  tool,
  action: 'read',
  dataset,
});

const input = (change: Partial<PolicyInput> = {}): PolicyInput => ({
  workload: { issuerName: 'idp', subject: 'agent' },
  user: { issuerName: 'idp', subject: 'alice' },
  task: 'quarterly report',
  audience: 'https://crm.example',
  now: new Date('2026-11-23T10:00:00Z'),
  requests: [grant()],
  ...change,
});

const STAFF = 'owner("team:growth"); max_lifetime(300);';

const decide = (source: string, change: Partial<PolicyInput> = {}) => {
  const loaded = loadPolicy([{ name: 'test.datalog', source }], CATALOGUE);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value.decide(input(change));
};
const codes = (source: string, change: Partial<PolicyInput> = {}) =>
  decide(source, change).refused.map(({ code }) => code);

/** All on one line. */
const AT = { file: 'test.datalog', line: 1 };
const GIVEN = {
  grant: grant(),
  requested: grant(),
  at: AT,
  approvalRequired: false,
  openSinks: [],
};

test('a grant is given with the rule that gave it, an owner and a lifetime', () => {
  const rule = 'allow if tool("read"), under("files")';
  expect(decide(`${STAFF} deny if tool("x"); ${rule}; allow if true`)).toEqual({
    granted: [{ ...GIVEN, rule }],
    refused: [],
    owner: 'team:growth',
    unattended: false,
    lifetimeSeconds: 300,
    holderRequired: false,
    tier: 1,
    budgets: {},
    approvalRequired: false,
  });
});

test('what no rule allows is refused: the default is no', () => {
  const nothing = {
    granted: [],
    refused: [{ grant: grant(), code: 'no_rule' }],
    unattended: false,
    holderRequired: false,
    tier: 0,
    budgets: {},
    approvalRequired: false,
  };
  expect(decide(STAFF)).toEqual({ ...nothing, lifetimeSeconds: 0 });
  expect(decide(`${STAFF} allow if tool("write")`)).toEqual({ ...nothing, lifetimeSeconds: 0 });
});

test('a deny that stands behind an allow, or in a later file, still denies', () => {
  const deny = 'deny if tool("read")';
  const denied = [{ grant: grant(), code: 'denied', rule: deny, at: AT }];
  expect(decide(`${STAFF} ${deny}; allow if true`).refused).toEqual(denied);
  expect(decide(`${STAFF} allow if true; ${deny}`).refused).toEqual(denied);
  const files = [
    { name: 'a.datalog', source: `${STAFF} allow if true;` },
    { name: 'b.datalog', source: `allow if tool("read");\n${deny};` },
  ];
  for (const ordered of [files, [...files].reverse()]) {
    const { granted, refused } = must(loadPolicy(ordered, CATALOGUE)).decide(input());
    expect(granted).toEqual([]);
    expect(refused).toEqual([
      { grant: grant(), code: 'denied', rule: deny, at: { file: 'b.datalog', line: 2 } },
    ]);
  }
});

test('of several that match the first is named', () => {
  const rules = 'deny if tool("x"); deny if action("read"); deny if tool("read")';
  expect(decide(`${STAFF} allow if true; ${rules}`).refused).toMatchObject([
    { rule: 'deny if action("read")' },
  ]);
  expect(decide(`${STAFF} allow if tool("x"); allow if true; allow if tool("read")`)).toMatchObject(
    {
      granted: [{ rule: 'allow if true' }],
    },
  );
});

test('an allow does not outvote a check', () => {
  const check = 'check if audience("https://crm.example")';
  const source = `${STAFF} ${check}; allow if true`;
  expect(decide(source).granted).toHaveLength(1);
  expect(decide(source, { audience: 'https://crm.example/' }).refused).toEqual([
    { grant: grant(), code: 'check_failed', rule: check, at: AT },
  ]);
  expect(codes(`${STAFF} reject if tool("read"); allow if true`)).toEqual(['check_failed']);
});

test('each grant is decided by itself', () => {
  const requests = [grant('read'), grant('write'), grant('drop')];
  const decision = decide(`${STAFF} deny if tool("drop"); allow if tool("read")`, { requests });
  expect(decision.granted.map((given) => given.grant.tool)).toEqual(['read']);
  expect(decision.refused.map(({ code }) => code)).toEqual(['no_rule', 'denied']);
});

test('an error that one grant provokes refuses that grant alone', () => {
  const requests = [grant('bad'), grant('read')];
  const decision = decide(`${STAFF} allow if tool($t), $t != "bad" || $t > 1`, { requests });
  expect(decision.granted.map((given) => given.grant.tool)).toEqual(['read']);
  expect(decision.refused).toEqual([
    { grant: grant('bad'), code: 'policy_failed', error: 'type_invalid' },
  ]);
});

test('an error before an allow is no way around a deny', () => {
  const source = `${STAFF} deny if tool($t), $t > 1; allow if true`;
  expect(codes(source)).toEqual(['policy_failed']);
});

test('a rule that runs away refuses its grant alone', () => {
  const numbers = Array.from({ length: 40 }, (_, i) => `n(${i});`).join('');
  const source = `${STAFF} ${numbers} m($a, $b) <- n($a), n($b), tool("bad");
    deny if m(-1, -1); allow if true`;
  const decision = decide(source, { requests: [grant('bad'), grant('read')] });
  expect(decision.refused).toEqual([
    { grant: grant('bad'), code: 'over_limit', limit: 'factsMax' },
  ]);
  expect(decision.granted).toHaveLength(1);
});

test('rules of many rounds are not cut off by a wall clock', () => {
  const chain = Array.from({ length: 60 }, (_, i) => `s${i + 1}($x) <- s${i}($x), n($y);`).join('');
  const numbers = Array.from({ length: 40 }, (_, i) => `n(${i});`).join('');
  const source = `${STAFF} ${numbers} s0("x"); ${chain} allow if s60("x")`;
  expect(decide(source).granted).toHaveLength(1);
});

test('a policy without an owner or a lifetime gives nothing', () => {
  expect(codes('max_lifetime(300); allow if true')).toEqual(['owner_missing']);
  expect(codes('owner("a"); allow if true')).toEqual(['lifetime_missing']);
});

test('an owner is one text', () => {
  expect(codes('owner("a"); owner("b"); max_lifetime(9); allow if true')).toEqual([
    'owner_invalid',
  ]);
  expect(codes('owner(7); max_lifetime(9); allow if true')).toEqual(['owner_invalid']);
  expect(codes('owner($t) <- tool($t); max_lifetime(9); allow if true')).toEqual([]);
});

test('one capability has one owner: grants of two teams are refused together', () => {
  const requests = [grant('read'), grant('write'), grant('drop')];
  const source = 'owner($t) <- tool($t); max_lifetime(9); deny if tool("drop"); allow if true';
  const decision = decide(source, { requests });
  expect(decision.granted).toEqual([]);
  expect(decision.owner).toBeUndefined();
  expect(decision.refused.map(({ grant: { tool }, code }) => [tool, code])).toEqual([
    ['drop', 'denied'],
    ['read', 'owner_invalid'],
    ['write', 'owner_invalid'],
  ]);
});

test('of several lifetimes the smallest counts, across the grants, under the cap', () => {
  const lifetimes = 'owner("a"); max_lifetime(900); max_lifetime(60) <- tool("write");';
  const source = `${lifetimes} allow if true`;
  expect(decide(source).lifetimeSeconds).toBe(900);
  const requests = [grant('read'), grant('write')];
  expect(decide(source, { requests }).lifetimeSeconds).toBe(60);
  for (const seconds of ['86400', '9223372036854775807']) {
    const long = `owner("a"); max_lifetime(${seconds}); allow if true`;
    expect(decide(long).lifetimeSeconds).toBe(CAPABILITY_SECONDS_MAX);
  }
});

test.each(['0', '-5', '-9223372036854775808', '"300"', 'true', 'null'])(
  'a lifetime that is no positive number refuses: %s',
  (lifetime) => {
    const source = `owner("a"); max_lifetime(300); max_lifetime(${lifetime}); allow if true`;
    expect(codes(source)).toEqual(['lifetime_invalid']);
  },
);

test('a folder covers what lies below it, by whole segments', () => {
  const source = `${STAFF} allow if under("files/reports")`;
  const given = (dataset: string) =>
    decide(source, { requests: [grant('read', dataset)] }).granted.length === 1;
  expect(['files/reports', 'files/reports/q3.md', 'files/reports/a/b'].map(given)).toEqual([
    ...[true, true, true],
  ]);
  const outside = ['files', 'files/reports-archive', 'files/report', 'x/files/reports', 'reports'];
  expect(outside.map(given)).toEqual([false, false, false, false, false]);
});

test('a rule for a user does not match a workflow without one', () => {
  const source = `${STAFF} allow if user("idp", $user)`;
  const { user: _, ...alone } = input();
  const loaded = loadPolicy([{ name: 'a', source }], CATALOGUE);
  expect(loaded.ok && loaded.value.decide(alone).refused[0]?.code).toBe('no_rule');
  expect(decide(source).granted).toHaveLength(1);
});

test('a subject of one issuer is not the same subject of another', () => {
  const source = `${STAFF} allow if workload("idp", "agent")`;
  const foreign = { issuerName: 'other', subject: 'agent' };
  expect(codes(source, { workload: foreign })).toEqual(['no_rule']);
});

test('time is the time that was handed in', () => {
  const source = `${STAFF} allow if time($t), $t < 2026-11-23T10:00:01Z`;
  expect(decide(source).granted).toHaveLength(1);
  expect(codes(source, { now: new Date('2026-11-23T10:00:01Z') })).toEqual(['no_rule']);
});

const INJECTIONS = [
  'x"); allow if true; //',
  'x"); owner("mallory',
  '{p0}',
  '\\", true) or tool("read',
  'allow if true;',
  "'; drop table grants; --",
  '*/ allow if true /*',
];

test.each(INJECTIONS)('Datalog in a value is only a strange value: %j', (text) => {
  const source = `${STAFF} allow if tool("read"), task("t"), workload("idp", "agent")`;
  const changes: Partial<PolicyInput>[] = [
    { task: text },
    { workload: { issuerName: 'idp', subject: text } },
    { workload: { issuerName: text, subject: 'agent' } },
    { user: { issuerName: 'idp', subject: text } },
    { audience: text },
    { requests: [grant(text)] },
  ];
  for (const change of changes) {
    expect(codes(source, change)).toEqual(['no_rule']);
    const allowed = decide(`${STAFF} allow if true`, change);
    expect([allowed.owner, allowed.granted.length]).toEqual(['team:growth', 1]);
  }
  // And it matches what it is, byte for byte.
  const literal = `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  expect(decide(`${STAFF} allow if task(${literal})`, { task: text }).granted).toHaveLength(1);
});

test('a requested grant with a name that has two readings is refused before the policy', () => {
  const requests = [grant('read', 'files/../etc'), grant(' read'), grant('read', '')];
  const wild = { ...grant(), action: 'everything' } as unknown as Grant;
  const decision = decide(`${STAFF} allow if true`, { requests: [...requests, wild] });
  expect(decision.granted).toEqual([]);
  expect(decision.refused.map(({ code }) => code)).toEqual(Array(4).fill('grant_invalid'));
});

test.each<[string, Partial<PolicyInput>]>([
  ['task', { task: '' }],
  ['task', { task: 'x'.repeat(257) }],
  ['task', { task: '\ud800' }],
  ['workload', { workload: { issuerName: 'idp', subject: 'a\udfff' } }],
  ['workload', { workload: { issuerName: '', subject: 'a' } }],
  ['user', { user: { issuerName: 'idp', subject: 'x'.repeat(2_049) } }],
  ['user', { user: { issuerName: 'idp', subject: '' } }],
  ['audience', { audience: 'x'.repeat(513) }],
  ['now', { now: new Date(Number.NaN) }],
])('input that the engine would change or choke on is refused: %s', (field, change) => {
  expect(decide(`${STAFF} allow if true`, change).refused).toEqual([
    { grant: grant(), code: 'input_invalid', field },
  ]);
});

test('more requests than a capability can hold are refused together', () => {
  const requests = Array.from({ length: GRANTS_MAX + 1 }, (_, i) => grant(`t${i}`));
  const decision = decide(`${STAFF} allow if true`, { requests });
  expect(decision.granted).toEqual([]);
  expect(new Set(decision.refused.map(({ code }) => code))).toEqual(new Set(['requests_count']));
  expect(decide(`${STAFF} allow if true`, { requests: requests.slice(1) }).granted).toHaveLength(
    GRANTS_MAX,
  );
});

describe('a workflow without a user', () => {
  const { user: _, ...alone } = input();
  const asked = (source: string) => {
    const loaded = loadPolicy([{ name: 'test.datalog', source: `${STAFF} ${source}` }], CATALOGUE);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
    const { granted, refused, unattended } = loaded.value.decide(alone);
    return [granted.length, refused[0]?.code, unattended];
  };

  test('is refused where the policy does not say that it may run unattended', () => {
    expect(asked('allow if true')).toEqual([0, 'user_missing', false]);
  });

  test('is granted where the policy says so of this very request', () => {
    expect(asked('unattended(true) <- tool("read"); allow if true')).toEqual([1, undefined, true]);
    expect(asked('unattended(true) <- tool("x"); allow if true')).toEqual([
      ...[0, 'user_missing', false],
    ]);
  });

  test.each(['unattended(false)', 'unattended("true")', 'unattended(1)'])(
    'is not allowed by %s',
    (fact) => {
      expect(asked(`${fact}; allow if true`)).toEqual([0, 'user_missing', false]);
      expect(asked(`${fact}; unattended(true); allow if true`)).toEqual([
        ...[0, 'user_missing', false],
      ]);
    },
  );

  test('changes nothing for one who has a user', () => {
    expect(decide(`${STAFF} allow if true`).unattended).toBe(false);
    expect(decide(`${STAFF} unattended(true); allow if true`).granted).toHaveLength(1);
  });
});

test('no request, no grant', () => {
  expect(decide(`${STAFF} allow if true`, { requests: [] })).toEqual({
    granted: [],
    refused: [],
    unattended: false,
    lifetimeSeconds: 0,
    holderRequired: false,
    tier: 0,
    budgets: {},
    approvalRequired: false,
  });
});

test.each<[string, boolean]>([
  ['', false],
  ['require_holder(false);', false],
  ['require_holder(true);', true],
  ['require_holder(true) <- action("read");', true],
  ['require_holder(true) <- action("write");', false],
  ['require_holder(true); require_holder(false);', true],
  // A policy that says it wrongly still means it: no capability goes out unbound for a slip.
  ['require_holder("false");', true],
])('a policy with %j requires a key: %j', (statements, required) => {
  const decision = decide(`${STAFF} ${statements} allow if true`);
  expect(decision).toMatchObject({ granted: [{ grant: grant() }], holderRequired: required });
});

test('one granted tool that requires a key is enough, and a refused one is none', () => {
  const rule = 'require_holder(true) <- tool("write");';
  const requests = [grant(), grant('write')];
  expect(decide(`${STAFF} ${rule} allow if true`, { requests }).holderRequired).toBe(true);
  const refused = decide(`${STAFF} ${rule} allow if tool("read")`, { requests });
  expect(refused).toMatchObject({ granted: [{ grant: grant() }], holderRequired: false });
});

describe('the claims of an identity', () => {
  const person = (claims: Claims) => ({ user: { issuerName: 'idp', subject: 'alice', claims } });
  const allowed = (condition: string, claims: Claims) =>
    decide(`${STAFF} allow if ${condition}`, person(claims)).granted.length === 1;

  test('are read by name and value, an array element by element', () => {
    const claims = { groups: ['sales', 'finance'], level: 3, active: true, share: 0.5, none: [] };
    for (const condition of [
      'user_claim("groups", "finance")',
      'user_claim("groups", "sales")',
      'user_claim("level", 3)',
      'user_claim("active", true)',
      'user_claim("share", "0.5")',
    ]) {
      expect(allowed(condition, claims), condition).toBe(true);
    }
    for (const condition of [
      'user_claim("groups", "fin")',
      'user_claim("level", "3")',
      'user_claim("none", $any)',
      'workload_claim("groups", "finance")',
      'user_claim($name, null)',
    ]) {
      expect(allowed(condition, claims), condition).toBe(false);
    }
  });

  test('are values and never Datalog', () => {
    const claims = { x: '"); owner("me' };
    expect(allowed('user_claim("x", "\\"); owner(\\"me")', claims)).toBe(true);
  });

  test('state nothing of what is no text, number or boolean', () => {
    expect(allowed('user_claim($n, $v)', { a: null, b: { c: 'd' }, e: [['f'], { g: 1 }] })).toBe(
      false,
    );
  });

  test('are of the agent apart from those of the person', () => {
    const workload = { issuerName: 'idp', subject: 'agent', claims: { ref_protected: 'true' } };
    const source = `${STAFF} allow if workload_claim("ref_protected", "true")`;
    expect(decide(source, { workload }).granted).toHaveLength(1);
    expect(decide(source, person({ ref_protected: 'true' })).granted).toHaveLength(0);
  });

  test.each<[string, Claims]>([
    ['too many', { groups: Array.from({ length: CLAIM_FACTS_MAX + 1 }, (_, i) => `${i}`) }],
    ['too long', { groups: ['x'.repeat(CLAIMS_BYTES_MAX)] }],
    ['without a form in UTF-8', { groups: ['\ud800'] }],
  ])('that are %s refuse all: a deny would not see the rest', (_, claims) => {
    const source = `${STAFF} deny if user_claim("groups", "banned"); allow if true`;
    expect(decide(source, person(claims)).refused).toMatchObject([
      { code: 'input_invalid', field: 'user_claim' },
    ]);
  });

  test('are for the request to state', () => {
    const source = 'user_claim("groups", "finance"); allow if user_claim("groups", "finance")';
    expect(loadPolicy([{ name: 'a', source }], CATALOGUE)).toMatchObject({
      error: { why: 'user_claim is a fact of the request, which a policy must not state' },
    });
  });
});
