import { describe, expect, test } from 'vitest';
import type { ArgumentConstraints, Constraint, Grant } from '../../../src/capability/index.ts';
import { parseCatalogue } from '../../../src/catalogue/index.ts';
import { loadPolicy, type PolicyInput } from '../../../src/policy/index.ts';
import { CATALOGUE } from '../fixtures/catalogue.ts';
import { unwrap } from '../fixtures/issuer.ts';

const ARGUMENTS = ['recipient', 'subject', 'amount'];
const PINNED: ArgumentConstraints = {
  arguments: ARGUMENTS,
  constraints: {
    '/recipient': { oneOf: ['GB1', 'GB2'] },
    '/amount': { number: { min: 0, max: 50 } },
  },
};
/** A policy that accepts the constraints of the request. */
const TRUSTING = 'open_sink($p, "named beforehand") <- bounded_by($p, "request");';
const SEND: Grant = { tool: 'bank.send', action: 'write', dataset: 'bank' };
const pinned = (constraints: ArgumentConstraints = PINNED): Grant => ({ ...SEND, constraints });
const READ: Grant = { tool: 'read', action: 'read', dataset: 'files/reports' };

const decide = (source: string, requests: readonly Grant[], change: Partial<PolicyInput> = {}) => {
  const text = `owner("team"); max_lifetime(300); allow if true; ${source}`;
  return unwrap(loadPolicy([{ name: 'test.datalog', source: text }], CATALOGUE)).decide({
    workload: { issuerName: 'idp', subject: 'agent' },
    user: { issuerName: 'idp', subject: 'alice' },
    task: 'pay the invoices',
    audience: 'https://bank.example',
    now: new Date('2026-11-23T10:00:00Z'),
    requests,
    ...change,
  });
};
const refusal = (source: string, grant: Grant, change: Partial<PolicyInput> = {}) =>
  decide(source, [grant], change).refused.map(({ grant: _, ...reason }) => reason);

const MARKED = unwrap(
  parseCatalogue(`
[[tool]]
name = "share"
action = "write"
tier = 2
arguments = ["with", "role"]
datasets = [{ fixed = "files" }]

[[tool.sink]]
argument = "/with/*"
kind = "email"
takes = ["self", "prompt"]

[[tool.sink]]
argument = "/role"
kind = "role"
safe = ["reader"]

[[tool]]
name = "passport"
action = "read"
tier = 1
arguments = []
datasets = [{ fixed = "identity" }]
secret = true
`),
);

describe('the marks of a catalogue', () => {
  const share = (to: readonly string[], role: string): Grant => ({
    tool: 'share',
    action: 'write',
    dataset: 'files',
    constraints: {
      arguments: ['with', 'role'],
      constraints: { '/with': { subsetOf: to }, '/role': { exact: role } },
    },
  });
  const claims = (email: string) => ({
    user: { issuerName: 'idp', subject: 'a', claims: { email } },
  });
  const codesOf = (grant: Grant, change: Partial<PolicyInput>, source = '') => {
    const text = `owner("team"); max_lifetime(300); allow if true; ${source}`;
    const policy = unwrap(loadPolicy([{ name: 'test.datalog', source: text }], MARKED));
    const decided = policy.decide({
      workload: { issuerName: 'idp', subject: 'agent' },
      task: 'share the report',
      audience: 'https://files.example',
      now: new Date('2026-11-23T10:00:00Z'),
      requests: [grant],
      ...change,
    });
    const open = decided.granted.flatMap(({ openSinks }) => openSinks);
    return [...decided.refused, ...open].map((one) => ('pointer' in one ? one.pointer : one.code));
  };

  test("close a sink for safe values and for the person's own", () => {
    expect(codesOf(share(['a@x.example'], 'reader'), claims('a@x.example'))).toEqual([]);
  });

  test.each([
    ['another address', ['b@x.example'], 'reader', '/with/*'],
    ['one more address', ['a@x.example', 'b@x.example'], 'reader', '/with/*'],
    ['another role', ['a@x.example'], 'owner', '/role'],
  ])('leave it open for %s', (_, to, role, pointer) => {
    expect(codesOf(share(to, role), claims('a@x.example'))).toEqual([pointer]);
  });

  test('take no value for the own one of a person without the claim', () => {
    const user = { issuerName: 'idp', subject: 'a' };
    expect(codesOf(share(['a@x.example'], 'reader'), { user })).toEqual(['/with/*']);
    expect(codesOf(share(['sub'], 'reader'), { user })).toEqual(['/with/*']);
  });

  test('let a policy tell secrets from other reads', () => {
    const passport: Grant = { tool: 'passport', action: 'read', dataset: 'identity' };
    const denies = 'deny if secret(true);';
    expect(codesOf(passport, claims('a@x.example'), denies)).toEqual(['denied']);
    expect(codesOf(share(['a@x.example'], 'reader'), claims('a@x.example'), denies)).toEqual([]);
  });
});

describe('a grant that leaves a sink open', () => {
  test('is refused with the name of the sink, and other grants are not affected', () => {
    const decision = decide('', [SEND, READ]);
    expect(decision.granted.map(({ grant }) => grant)).toEqual([READ]);
    expect(decision.refused).toEqual([{ grant: SEND, code: 'sink_open', pointer: '/recipient' }]);
  });

  test('is refused if only the request bounds its sinks', () => {
    expect(refusal('', pinned())).toEqual([{ code: 'sink_open', pointer: '/recipient' }]);
    const evil = { '/recipient': { exact: 'https://evil.example/' }, '/amount': { exact: 1 } };
    expect(refusal('', pinned({ ...PINNED, constraints: evil }))).toMatchObject([
      { code: 'sink_open' },
    ]);
  });

  test('is granted if the policy accepts the bound of the request, and the record says so', () => {
    expect(decide(TRUSTING, [pinned()]).granted).toMatchObject([
      {
        grant: pinned(),
        openSinks: [
          { pointer: '/recipient', bound: 'request', reason: 'named beforehand' },
          { pointer: '/amount', bound: 'request', reason: 'named beforehand' },
        ],
      },
    ]);
    expect(refusal(TRUSTING, SEND)).toMatchObject([{ code: 'sink_open' }]);
  });

  test('is shown to a person if only the request bounds its sinks', () => {
    const { approvalRequired, granted } = decide('approval(true) <- leaves_open($p);', [pinned()]);
    expect(approvalRequired).toBe(true);
    expect(granted[0]?.openSinks).toMatchObject([{ bound: 'request' }, { bound: 'request' }]);
  });

  test('needs no approval if the policy itself closes the sink', () => {
    const closing = `require_constraint("/recipient", {"prefix": "GB"});
      require_constraint("/amount", {"number": {"min": 0, "max": 50}});
      approval(true) <- leaves_open($p);`;
    for (const grant of [SEND, pinned()]) {
      const { approvalRequired, granted } = decide(closing, [grant]);
      expect(approvalRequired).toBe(false);
      expect(granted).toMatchObject([{ openSinks: [] }]);
    }
  });

  test('is distinguished by what bounds it', () => {
    const source = `${TRUSTING} require_constraint("/amount", {"number": {"max": 50}});
      deny if bounded_by($p, $who), $who == "policy", $p != "/amount";
      deny if bounded_by("/recipient", $who), $who != "request";
      check if bounded_by("/amount", "policy");`;
    expect(refusal(source, pinned())).toEqual([]);
    expect(refusal(source, SEND)).toMatchObject([{ code: 'denied' }]);
  });

  test('is closed by a constraint that the policy requires for open sinks', () => {
    const source = `require_constraint("/recipient", {"prefix": "GB"}) <- leaves_open("/recipient");
      open_sink("/amount", "small");`;
    const [given] = decide(source, [SEND]).granted;
    expect(given?.grant.constraints?.constraints).toEqual({ '/recipient': { prefix: 'GB' } });
    if (!given) throw new Error('nothing was granted');
    expect(decide(source, [given.grant]).granted[0]?.grant).toEqual(given.grant);
  });

  test('is refused if a requirement appears only after another one has closed the sink', () => {
    const source = `require_constraint("/recipient", {"prefix": "GB"}); open_sink("/amount", "small");
      require_constraint("/amount", {"number": {"max": 1}}) <- bounded_by("/recipient", "policy");`;
    expect(refusal(source, SEND)).toEqual([{ code: 'requirement_invalid' }]);
  });

  test.each<[string, ArgumentConstraints]>([
    ['the amount', { ...PINNED, constraints: { '/recipient': { exact: 'GB1' } } }],
    ['the recipient', { ...PINNED, constraints: { '/amount': { number: { max: 5 } } } }],
    [
      'an amount with a bound that bounds nothing',
      { ...PINNED, constraints: { ...PINNED.constraints, '/amount': { number: { min: 0 } } } },
    ],
  ])('is refused if %s is open', (_, constraints) => {
    expect(refusal('', pinned(constraints))).toMatchObject([{ code: 'sink_open' }]);
  });

  test('is granted if the dataset bounds the sink', () => {
    const write: Grant = { tool: 'write', action: 'write', dataset: 'files/summaries' };
    expect(decide('', [write]).granted).toMatchObject([{ openSinks: [] }]);
  });

  test('is granted if the policy opens each sink with a reason', () => {
    const opens = 'open_sink("/recipient", "the bank asks back"); open_sink("/amount", "small")';
    expect(decide(`${opens};`, [SEND]).granted).toMatchObject([
      {
        openSinks: [
          { pointer: '/recipient', reason: 'the bank asks back' },
          { pointer: '/amount', reason: 'small' },
        ],
      },
    ]);
    expect(refusal('open_sink("/recipient", "x");', SEND)).toEqual([
      { code: 'sink_open', pointer: '/amount' },
    ]);
    expect(refusal('open_sink("/x", "x"); open_sink("", "x");', SEND)).toHaveLength(1);
  });

  test('is granted by stepping up, if the policy allows that', () => {
    const source = 'open_sink($p, "asked for") <- step_up(true), leaves_open($p);';
    expect(refusal(source, SEND)).toHaveLength(1);
    expect(decide(source, [SEND], { stepUp: true }).granted).toHaveLength(1);
  });

  test('is granted if a person has to approve', () => {
    const { approvalRequired, granted } = decide('approval(true) <- leaves_open($p);', [SEND]);
    expect(approvalRequired).toBe(true);
    expect(granted[0]?.openSinks).toEqual([{ pointer: '/recipient' }, { pointer: '/amount' }]);
  });

  test('of an unlisted tool is refused, unless the tool only reads', () => {
    const unknown: Grant = { tool: 'crm.update', action: 'write', dataset: 'crm' };
    expect(refusal('', unknown)).toEqual([{ code: 'sink_open', pointer: '' }]);
    const bounded = { ...unknown, constraints: { arguments: ['a'], constraints: {} } };
    expect(refusal('', bounded)).toEqual([{ code: 'sink_open', pointer: '' }]);
    expect(decide('', [{ ...unknown, action: 'read' }]).granted).toHaveLength(1);
    expect(decide('open_sink("", "an API of ours");', [unknown]).granted).toHaveLength(1);
  });

  test.each([
    ...['open_sink("/recipient", "")', 'open_sink("/recipient", " ")', 'open_sink(1, "x")'],
    ...['open_sink("/recipient", true)', `open_sink("/recipient", "${'x'.repeat(257)}")`],
  ])('is refused if the fact that opens the sink is malformed: %s', (fact) => {
    expect(refusal(`${fact};`, pinned())).toEqual([{ code: 'open_sink_invalid' }]);
  });
});

describe('a policy sees the constraints', () => {
  test('as JSON', () => {
    const source = `${TRUSTING} reject if constraint("/recipient", {"oneOf": ["GB1", "GB2"]});`;
    expect(refusal(source, pinned())).toMatchObject([{ code: 'check_failed' }]);
    const recipient: Constraint = { exact: 'GB1' };
    const constraints = { ...PINNED.constraints, '/recipient': recipient };
    expect(decide(source, [pinned({ ...PINNED, constraints })]).granted).toHaveLength(1);
  });

  test('and their members', () => {
    const source = `${TRUSTING} reject if constraint("/recipient", $c),
      $c.get("oneOf").any($v -> !$v.starts_with("GB"));`;
    expect(decide(source, [pinned()]).granted).toHaveLength(1);
    const abroad = {
      ...PINNED,
      constraints: { ...PINNED.constraints, '/recipient': { oneOf: ['GB1', 'RU1'] } },
    };
    expect(refusal(source, pinned(abroad))).toMatchObject([{ code: 'check_failed' }]);
  });

  test('and the sinks of the tool, including the open ones', () => {
    const source = 'reject if sink($p), leaves_open($p), $p == "/amount";';
    expect(refusal(source, SEND)).toMatchObject([{ code: 'check_failed' }]);
    const closing = 'require_constraint("/amount", {"number": {"max": 9}});';
    expect(refusal(`${source} ${closing}`, SEND)).toEqual([
      { code: 'sink_open', pointer: '/recipient' },
    ]);
  });
});

describe('a policy that requires a constraint', () => {
  const required = `require_constraint("/recipient", {"prefix": "GB"});
    require_constraint("/amount", {"number": {"max": 50}});`;

  test('grants with the constraint, which closes the sink', () => {
    const [given] = decide(required, [SEND]).granted;
    const constraints = { '/amount': { number: { max: 50 } }, '/recipient': { prefix: 'GB' } };
    expect(given?.grant).toEqual({ ...SEND, constraints: { arguments: ARGUMENTS, constraints } });
    expect(given?.requested).toBe(SEND);
  });

  test('joins it with the constraints of the request, always with the same result', () => {
    const [first] = decide(required, [pinned()]).granted;
    expect(first?.grant.constraints?.constraints['/recipient']).toEqual({
      allOf: [{ oneOf: ['GB1', 'GB2'] }, { prefix: 'GB' }],
    });
    if (!first) throw new Error('nothing was granted');
    expect(decide(required, [first.grant]).granted[0]?.grant).toEqual(first.grant);
  });

  test('joins several constraints on one argument in a fixed order', () => {
    const [a, b] = ['{"prefix": "GB"}', '{"suffix": "9"}'].map(
      (c) => `require_constraint("/recipient", ${c});`,
    );
    const open = 'open_sink("/amount", "x");';
    const one = decide(`${a} ${b} ${open}`, [SEND]).granted[0]?.grant;
    expect(decide(`${b} ${a} ${open}`, [SEND]).granted[0]?.grant).toEqual(one);
    expect(one?.constraints?.constraints['/recipient']).toEqual({
      allOf: [{ prefix: 'GB' }, { suffix: '9' }],
    });
  });

  test('accepts several constraints on a nested argument next to another one', () => {
    const nested = `require_constraint("/subject/a", {"prefix": "GB"});
      require_constraint("/subject/a", {"suffix": "99"});
      require_constraint("/subject/b", {"exact": 1});
      open_sink("/amount", "x"); open_sink("/recipient", "x");`;
    const [given] = decide(nested, [SEND]).granted;
    expect(given?.grant.constraints?.constraints).toEqual({
      '/subject/a': { allOf: [{ prefix: 'GB' }, { suffix: '99' }] },
      '/subject/b': { exact: 1 },
    });
    if (!given) throw new Error('nothing was granted');
    expect(decide(nested, [given.grant]).granted[0]?.grant).toEqual(given.grant);
  });

  test('is not bypassed by leaving out the member that closes an object', () => {
    const source = `require_constraint("/subject/timeout", {"optional": {"number": {"max": 5}}});
      open_sink("/amount", "x"); open_sink("/recipient", "x");`;
    const asked = { '/subject/timeout': { absent: true } } as const;
    const [given] = decide(source, [pinned({ arguments: ARGUMENTS, constraints: asked })]).granted;
    expect(given?.grant.constraints?.constraints).toEqual({ '/subject': { absent: true } });
  });

  test('refuses every grant if two of its statements contradict each other', () => {
    const both = `require_constraint("/recipient", {"absent": true});
      require_constraint("/recipient", {"prefix": "GB"});`;
    expect(refusal(both, SEND)).toEqual([{ code: 'constraints_unmet', pointer: '/recipient' }]);
  });

  test('refuses a grant that cannot meet it', () => {
    const without = { arguments: ['subject', 'amount'], constraints: {} };
    expect(refusal(required, pinned(without))).toEqual([
      { code: 'constraints_unmet', pointer: '/recipient' },
    ]);
  });

  test.each([
    ...['"/recipient", "GB1"', '"/recipient", {"prefx": "GB"}', '"recipient", {"prefix": "GB"}'],
    ...['1, {"prefix": "GB"}', '"/recipient", {"oneOf": {"GB1", "GB2"}}', '"/recipient", {}'],
  ])('refuses the grant if the requirement is malformed: %s', (terms) => {
    expect(refusal(`require_constraint(${terms});`, pinned())).toEqual([
      { code: 'requirement_invalid' },
    ]);
  });
});

describe('constraints of a request', () => {
  test.each<[string, unknown]>([
    ['are malformed', { arguments: ARGUMENTS, constraints: { '/recipient': { prefx: 'GB' } } }],
    ['are null', null],
    [
      'list an argument that the tool does not take',
      { arguments: [...ARGUMENTS, 'bcc'], constraints: {} },
    ],
  ])('that %s refuse the grant', (_, constraints) => {
    const grant = { ...SEND, constraints } as Grant;
    expect(refusal('', grant)).toMatchObject([{ code: 'constraints_invalid' }]);
  });

  test('that differ between two grants of one tool refuse both', () => {
    const other = pinned({ ...PINNED, arguments: ['recipient', 'amount'] });
    const decision = decide(TRUSTING, [pinned(), { ...other, dataset: 'bank/eu' }, READ]);
    expect(decision.granted.map(({ grant }) => grant)).toEqual([READ]);
    expect(decision.refused.map(({ code }) => code)).toEqual([
      'constraints_conflict',
      'constraints_conflict',
    ]);
    const turned = pinned({ ...PINNED, arguments: [...ARGUMENTS].reverse() });
    expect(decide(TRUSTING, [pinned(), { ...turned, dataset: 'bank/eu' }]).granted).toHaveLength(2);
  });
});
