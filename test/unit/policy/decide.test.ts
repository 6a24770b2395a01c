import { expect, test } from 'vitest';
import type { Grant } from '../../../src/capability/index.ts';
import { CAPABILITY_SECONDS_MAX, GRANTS_MAX } from '../../../src/limits.ts';
import { loadPolicy, type PolicyInput } from '../../../src/policy/index.ts';
import { CATALOGUE } from '../fixtures/catalogue.ts';
import { unwrap } from '../fixtures/issuer.ts';
import { AT, codes, decide, GIVEN, grant, input, STAFF } from './deciding.ts';

test('a grant comes with its rule, an owner and a lifetime', () => {
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

test('refuses a grant that no rule allows', () => {
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

test('a deny after an allow, or in a later file, still denies', () => {
  const deny = 'deny if tool("read")';
  const denied = [{ grant: grant(), code: 'denied', rule: deny, at: AT }];
  expect(decide(`${STAFF} ${deny}; allow if true`).refused).toEqual(denied);
  expect(decide(`${STAFF} allow if true; ${deny}`).refused).toEqual(denied);
  const files = [
    { name: 'a.datalog', source: `${STAFF} allow if true;` },
    { name: 'b.datalog', source: `allow if tool("read");\n${deny};` },
  ];
  for (const ordered of [files, [...files].reverse()]) {
    const { granted, refused } = unwrap(loadPolicy(ordered, CATALOGUE)).decide(input());
    expect(granted).toEqual([]);
    expect(refused).toEqual([
      { grant: grant(), code: 'denied', rule: deny, at: { file: 'b.datalog', line: 2 } },
    ]);
  }
});

test('names the first of several matching rules', () => {
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

test('an allow does not override a failed check', () => {
  const check = 'check if audience("https://crm.example")';
  const source = `${STAFF} ${check}; allow if true`;
  expect(decide(source).granted).toHaveLength(1);
  expect(decide(source, { audience: 'https://crm.example/' }).refused).toEqual([
    { grant: grant(), code: 'check_failed', rule: check, at: AT },
  ]);
  expect(codes(`${STAFF} reject if tool("read"); allow if true`)).toEqual(['check_failed']);
});

test('decides each grant on its own', () => {
  const requests = [grant('read'), grant('write'), grant('drop')];
  const decision = decide(`${STAFF} deny if tool("drop"); allow if tool("read")`, { requests });
  expect(decision.granted.map((given) => given.grant.tool)).toEqual(['read']);
  expect(decision.refused.map(({ code }) => code)).toEqual(['no_rule', 'denied']);
});

test('an evaluation error refuses only the grant that caused it', () => {
  const requests = [grant('bad'), grant('read')];
  const decision = decide(`${STAFF} allow if tool($t), $t != "bad" || $t > 1`, { requests });
  expect(decision.granted.map((given) => given.grant.tool)).toEqual(['read']);
  expect(decision.refused).toEqual([
    { grant: grant('bad'), code: 'policy_failed', error: 'type_invalid' },
  ]);
});

test('an evaluation error does not bypass a deny', () => {
  const source = `${STAFF} deny if tool($t), $t > 1; allow if true`;
  expect(codes(source)).toEqual(['policy_failed']);
});

test('a runaway rule refuses only the grant that caused it', () => {
  const numbers = Array.from({ length: 40 }, (_, i) => `n(${i});`).join('');
  const source = `${STAFF} ${numbers} m($a, $b) <- n($a), n($b), tool("bad");
    deny if m(-1, -1); allow if true`;
  const decision = decide(source, { requests: [grant('bad'), grant('read')] });
  expect(decision.refused).toEqual([
    { grant: grant('bad'), code: 'over_limit', limit: 'factsMax' },
  ]);
  expect(decision.granted).toHaveLength(1);
});

test('rules with many rounds are not cut off by the wall clock', () => {
  const chain = Array.from({ length: 60 }, (_, i) => `s${i + 1}($x) <- s${i}($x), n($y);`).join('');
  const numbers = Array.from({ length: 40 }, (_, i) => `n(${i});`).join('');
  const source = `${STAFF} ${numbers} s0("x"); ${chain} allow if s60("x")`;
  expect(decide(source).granted).toHaveLength(1);
});

test('refuses a grant without an owner or a lifetime', () => {
  expect(codes('max_lifetime(300); allow if true')).toEqual(['owner_missing']);
  expect(codes('owner("a"); allow if true')).toEqual(['lifetime_missing']);
});

test('refuses an owner that is not exactly one string', () => {
  expect(codes('owner("a"); owner("b"); max_lifetime(9); allow if true')).toEqual([
    'owner_invalid',
  ]);
  expect(codes('owner(7); max_lifetime(9); allow if true')).toEqual(['owner_invalid']);
  expect(codes('owner($t) <- tool($t); max_lifetime(9); allow if true')).toEqual([]);
});

test('refuses grants with two owners together, because a capability has one owner', () => {
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

test('takes the smallest lifetime across grants, below the cap', () => {
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

test('a folder covers the datasets below it by whole segments', () => {
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

test('the same subject of another issuer is another identity', () => {
  const source = `${STAFF} allow if workload("idp", "agent")`;
  const foreign = { issuerName: 'other', subject: 'agent' };
  expect(codes(source, { workload: foreign })).toEqual(['no_rule']);
});

test('the time fact is the time of the input', () => {
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

test.each(INJECTIONS)('Datalog in a value has no effect: %j', (text) => {
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
  // And it matches itself, byte for byte.
  const literal = `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  expect(decide(`${STAFF} allow if task(${literal})`, { task: text }).granted).toHaveLength(1);
});

test('refuses an ambiguous name before it evaluates the policy', () => {
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

test('refuses all requests if there are more than a capability can hold', () => {
  const requests = Array.from({ length: GRANTS_MAX + 1 }, (_, i) => {
    return { ...grant(`t${i}`), dataset: `crm/${i}` };
  });
  const decision = decide(`${STAFF} allow if true`, { requests });
  expect(decision.granted).toEqual([]);
  expect(new Set(decision.refused.map(({ code }) => code))).toEqual(new Set(['requests_count']));
  expect(decide(`${STAFF} allow if true`, { requests: requests.slice(1) }).granted).toHaveLength(
    GRANTS_MAX,
  );
});

test('grants nothing if nothing is requested', () => {
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
  // A malformed term still requires a key: a mistake must not leave a capability unbound.
  ['require_holder("false");', true],
])('a policy with %j requires a key: %j', (statements, required) => {
  const decision = decide(`${STAFF} ${statements} allow if true`);
  expect(decision).toMatchObject({ granted: [{ grant: grant() }], holderRequired: required });
});

test('one granted tool that requires a key is enough, and a refused one does not count', () => {
  const rule = 'require_holder(true) <- tool("write");';
  const requests = [grant(), grant('write')];
  expect(decide(`${STAFF} ${rule} allow if true`, { requests }).holderRequired).toBe(true);
  const refused = decide(`${STAFF} ${rule} allow if tool("read")`, { requests });
  expect(refused).toMatchObject({ granted: [{ grant: grant() }], holderRequired: false });
});
