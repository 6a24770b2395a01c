import { describe, expect, test } from 'vitest';
import type { Grant } from '../../../src/capability/index.ts';
import { loadPolicy, PolicyInForce, type PolicyInput } from '../../../src/policy/index.ts';
import { NO_CATALOGUE } from '../fixtures/catalogue.ts';
import { unwrap } from '../fixtures/issuer.ts';

const GRANT: Grant = { tool: 'read', action: 'read', dataset: 'files/reports' };
const input = (change: Partial<PolicyInput> = {}): PolicyInput => ({
  workload: { issuerName: 'idp', subject: 'agent' },
  task: 'report',
  audience: 'https://crm.example',
  now: new Date('2026-11-23T10:00:00Z'),
  requests: [GRANT],
  ...change,
});
const FIRST = { name: 'a.datalog', source: 'owner("team:growth");\nmax_lifetime(300);\n' };
const explain = (source: string, change: Partial<PolicyInput> = {}) => {
  const policy = unwrap(loadPolicy([FIRST, { name: 'b.datalog', source }], NO_CATALOGUE));
  const [explanation] = policy.explain(input(change));
  if (!explanation) throw new Error('one grant was requested');
  return explanation;
};
const tried = (source: string) =>
  explain(source).nearest[0]?.conditions.map(({ text, outcome }) => `${outcome} ${text}`);

describe('an explanation', () => {
  test('names the file and the line of the rule, and the facts of the request', () => {
    const user = { issuerName: 'idp', subject: 'alice' };
    const { decided, facts, nearest } = explain('// First.\n\nallow if\n  tool("read");', { user });
    expect(decided).toEqual({
      granted: true,
      rule: 'allow if tool("read")',
      owner: 'team:growth',
      grant: GRANT,
      approvalRequired: false,
      openSinks: [],
      at: { file: 'b.datalog', line: 3 },
    });
    expect(facts).toContain('under("files")');
    expect(facts).toContain('workload("idp", "agent")');
    expect(nearest).toEqual([]);
  });

  test.each([
    ['allow if tool("read");\ndeny if tool("x")', 'check if tool("y");\n', 'check_failed', 1],
    ['allow if tool("read")', 'deny if\n  tool("read");\n', 'denied', 1],
    ['\ndeny if tool("read")', 'allow if true;\n', 'denied', 3],
    ['allow if tool("read")', '\n\n/* no */ reject if tool("read");\n', 'check_failed', 3],
  ])('names the position of the statement that refused: %j after %j', (rest, first, code, line) => {
    const { decided } = explain(first + rest);
    expect(decided).toMatchObject({ reason: { code, at: { file: 'b.datalog', line } } });
  });

  test('distinguishes conditions without a match, without a common match, and false ones', () => {
    expect(tried('allow if tool("read"), action("write"), task($t), $t == "report"')).toEqual([
      ...['matched tool("read")', 'unmatched action("write")', 'matched task($t)'],
      'unknown $t == "report"',
    ]);
    expect(tried('allow if dataset($x), tool($x), task($t)')).toEqual([
      ...['matched dataset($x)', 'apart tool($x)', 'matched task($t)'],
    ]);
    expect(tried('allow if task($t), $t == "other", $t.starts_with("rep")')).toEqual([
      ...['matched task($t)', 'false $t == "other"', 'matched $t.starts_with("rep")'],
    ]);
  });

  test('follows rules to the missing fact, up to a depth', () => {
    const { nearest } = explain('fit($u) <- user("idp", $u), tool("read");\nallow if fit($u)');
    expect(nearest[0]?.conditions[0]).toMatchObject({
      text: 'fit($u)',
      outcome: 'unmatched',
      statedBy: [
        {
          at: { file: 'b.datalog', line: 1 },
          conditions: [{ outcome: 'unmatched' }, { outcome: 'matched' }],
        },
      ],
    });
    const circle = explain('a($x) <- a($x), tool($x);\nallow if a("x")');
    expect(JSON.stringify(circle).split('statedBy').length).toBe(5);
  });

  test('lists the three nearest rules, nearest first, and no deny', () => {
    const rules = ['user', 'workload'].map((kind) => `allow if ${kind}($a, "x"), tool("y")`);
    const near = 'allow if tool("read"), action("write")';
    const { nearest } = explain(`${rules.join(';')};${near};${rules[0]};deny if tool("z")`);
    expect(nearest).toHaveLength(3);
    expect(nearest[0]?.rule).toBe(near);
  });

  test('of an invalid input has only the reason', () => {
    const source = 'allow if true';
    expect(explain(source, { task: '' })).toMatchObject({
      decided: { reason: { code: 'input_invalid' } },
      facts: [],
      nearest: [],
    });
    const requests = [{ ...GRANT, dataset: '../etc' }];
    expect(explain(source, { requests })).toMatchObject({
      decided: { reason: { code: 'grant_invalid' } },
    });
  });
});

describe('the policy in force', () => {
  const good = { name: 'b.datalog', source: 'allow if tool("read")' };
  const broken = { name: 'c.datalog', source: '\nallow iff' };

  test('is loaded in the order of its file names', () => {
    const inForce = new PolicyInForce(() => undefined);
    const deny = { name: 'a2.datalog', source: 'deny if tool("read")' };
    unwrap(inForce.offer([good, deny, FIRST], NO_CATALOGUE));
    expect(inForce.policy?.decide(input()).refused[0]).toMatchObject({
      code: 'denied',
      at: { file: 'a2.datalog', line: 1 },
    });
  });

  test('stays the last one that loaded if a newer one fails, and reports the failure', () => {
    const failures: unknown[] = [];
    const inForce = new PolicyInForce((failure) => failures.push(failure));
    expect(inForce.offer([FIRST, broken], NO_CATALOGUE).ok).toBe(false);
    expect(inForce.policy).toBeUndefined();
    const taken = unwrap(inForce.offer([FIRST, good], NO_CATALOGUE));
    inForce.offer([FIRST, good, broken], NO_CATALOGUE);
    inForce.offer([], NO_CATALOGUE);
    expect(inForce.policy).toBe(taken);
    expect(failures).toMatchObject([
      { lastGoodStays: false, error: { code: 'policy_invalid', file: 'c.datalog', line: 2 } },
      { lastGoodStays: true, error: { code: 'policy_invalid' } },
      { lastGoodStays: true, error: { code: 'policy_missing' } },
    ]);
  });
});
