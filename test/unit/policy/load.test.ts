import { describe, expect, test } from 'vitest';
import { loadPolicy } from '../../../src/policy/index.ts';
import { POLICY_BYTES_MAX } from '../../../src/policy/load.ts';
import { catalogueOf, NO_CATALOGUE } from '../fixtures/catalogue.ts';

const errorOf = (...sources: readonly string[]) => {
  const files = sources.map((source, i) => ({ name: `${i}.datalog`, source }));
  const loaded = loadPolicy(files, NO_CATALOGUE);
  return loaded.ok ? 'accepted' : loaded.error;
};
const invalidAt = (line: number, file = '0.datalog') => ({ code: 'policy_invalid', file, line });

test('rejects files without a statement', () => {
  expect(loadPolicy([], NO_CATALOGUE)).toEqual({ ok: false, error: { code: 'policy_missing' } });
  for (const source of ['', ' \n', '// allow if true;', '/* allow if true; */']) {
    expect(errorOf(source)).toEqual({ code: 'policy_missing' });
  }
});

test('rejects an oversized policy before parsing it', () => {
  const file = '0.datalog';
  expect(errorOf(' '.repeat(POLICY_BYTES_MAX + 1))).toEqual({ code: 'policy_too_large', file });
  expect(errorOf('é'.repeat(POLICY_BYTES_MAX))).toEqual({ code: 'policy_too_large', file });
});

test('allows comments anywhere, and none inside a string', () => {
  const source = `/* a; "b */ allow if // " ;
    tool("x // y"), /* ; */ task("/* z; */") // the end`;
  expect(errorOf(source)).toBe('accepted');
  expect(errorOf('owner("a\\";// b"); allow if true')).toBe('accepted');
});

test.each([
  ['a broken policy', 'owner("a");\n\n\nallow if tool(;', 4],
  ['a misspelt keyword', 'owner("a");\nallw if tool("x");\nallow if true', 2],
  ['a missing semicolon', 'allow if tool("a")\nallow if tool("b")', 1],
  ['an empty statement', 'owner("a");\n;', 2],
  ['an unterminated string', 'owner("a");\nallow if tool("x);\n', 2],
  ['an unterminated comment', 'owner("a");\n\n/* allow if true;', 3],
  ['a variable in a fact', 'owner($x)', 1],
  ['a head with an unbound variable', '\nowner($x, $y) <- tool($x)', 2],
  ['a parameter in a policy', 'allow if tool({name})', 1],
  ['a parameter in a fact', 'owner({name})', 1],
  ['prose', 'The report agent may read.', 1],
])('a policy that does not parse is refused with its line: %s', (_, source, line) => {
  expect(errorOf(source)).toMatchObject(invalidAt(line));
});

test('names the faulty file, and counts lines with comments', () => {
  expect(errorOf('allow if true', '// one\n/* two\n three */\nallow if')).toMatchObject(
    invalidAt(4, '1.datalog'),
  );
});

test.each([
  ['a misspelt fact in a deny', 'deny if datset("files/secret")'],
  ['a missing term', 'deny if user("root")'],
  ['an extra term', 'deny if workload("idp", "a", "b")'],
  ['an unknown fact', 'deny if on_call($who)'],
  ['an unknown fact with a line break', 'deny if on_call\n ("bob")'],
  ['an unknown fact after an or', 'deny if tool("a") or tol("b")'],
  ['an unknown fact in a check', 'check if approved("x")'],
  ['an unknown fact in a rule', 'bad($x) <- tol($x)'],
  ['an invalid regular expression', 'deny if tool($t), $t.matches("(")'],
  [
    'a second, invalid regular expression',
    'deny if tool($t), $t.matches("a") && $t.matches("[\\"")',
  ],
])('a rule that could never match is refused, because a deny would be a no-op: %s', (_, source) => {
  expect(errorOf(source)).toMatchObject(invalidAt(1));
});

test.each([
  ['a fact of another file', 'a("x")', 'allow if a($x), tool($x)'],
  ['a derived fact', 'b($x) <- tool($x)', 'allow if b($x)'],
  ['sets, arrays and dates', 'a({"x", "y"}, [1, 2])', 'allow if a($s, $l), $s.contains("x")'],
  ['a string that looks like a predicate', 'a("unknown(1)")', 'allow if a("unknown(1)")'],
  ['closures', 'a({"x"})', 'allow if a($s), $s.any($p -> $p == "x" || $p.starts_with("y"))'],
  ['brackets and constants', 'a("x")', 'allow if (true) or a("x"), !("a" == "b") or ((1 == 1))'],
  ['regular expressions', 'deny if tool($t), $t.matches("^(a|b\\\\.c)$")', 'allow if true'],
])('what the policy states itself may be read: %s', (_, first, second) => {
  expect(errorOf(first, second)).toBe('accepted');
});

test.each(['workload', 'user', 'task', 'audience', 'time', 'tool', 'action', 'dataset', 'under'])(
  'a policy cannot state what the request states: %s',
  (name) => {
    for (const source of [`${name}("a")`, `${name}("a", "b")`, `${name}($t) <- tool($t)`]) {
      expect(errorOf(source)).toMatchObject({ ...invalidAt(1), why: expect.stringMatching(name) });
    }
  },
);

test('rejects an owner or a lifetime with another number of terms, which would have no effect', () => {
  expect(errorOf('owner("a", "b")')).toMatchObject(invalidAt(1));
  expect(errorOf('max_lifetime("tool", 5)')).toMatchObject(invalidAt(1));
});

test.each(['aproval(true)', 'max_cals(3)', 'require_holdr(true) <- action("write")', 'a("x")'])(
  'rejects a fact that nothing reads, because a misspelt bound would bound nothing: %s',
  (statement) => {
    expect(errorOf(`${statement}; allow if true`)).toMatchObject({
      ...invalidAt(1),
      why: expect.stringMatching(/^nothing reads /),
    });
  },
);

test.each([
  ['allow if true;\n# a remark', 'found # a remark. A comment begins with //'],
  ['alow if\n  tool("x")', 'expected "(", found if'],
])('quotes on one line what is not a statement: %s', (source, why) => {
  const { error } = loadPolicy([{ name: 'a.datalog', source }], NO_CATALOGUE) as {
    readonly error?: { readonly why: string };
  };
  expect(error?.why.slice(-why.length)).toBe(why);
});

describe('names in a policy', () => {
  const tools = catalogueOf(`
[[tool]]
name = "mcp/files/read_text_file"
action = "read"
tier = 1
arguments = ["path"]
datasets = [{ argument = "/path", under = "files" }]

[[tool]]
name = "crm.search"
action = "read"
tier = 1
arguments = []
datasets = [{ fixed = "crm/contacts" }]
`);
  const load = (source: string, issuers?: readonly string[]) => {
    const options = issuers === undefined ? {} : { issuers };
    const loaded = loadPolicy([{ name: 'a.datalog', source: `\n${source}` }], tools, options);
    return loaded.ok ? 'accepted' : loaded.error;
  };

  test.each<[string, string]>([
    ['deny if tool("mcp/files/read_text_fiel")', 'did you mean "mcp/files/read_text_file"?'],
    ['deny if tool("CRM.search")', 'did you mean "crm.search"?'],
    ['allow if tool("mcp/files/unlink")', 'the catalogue has no tool "mcp/files/unlink"'],
    ['list("crm.serach"); allow if tool($t), list($t)', 'did you mean "crm.search"? (in list)'],
    ['max_tool_calls("crm.serch", 5); allow if true', 'did you mean "crm.search"?'],
    ['deny if under("crm/contcts/eu")', 'did you mean "crm/contacts"?'],
    ['deny if dataset("fles/x")', 'did you mean "files"?'],
    ['deny if action("raed")', 'did you mean "read"?'],
    ['check if tool("crm.search") or tool("crm.serch")', 'did you mean "crm.search"?'],
    ['owner("a") <- tool("crm.serch")', 'did you mean "crm.search"?'],
  ])('are rejected if misspelt, because they match nothing: %s', (source, why) => {
    expect(load(source)).toMatchObject({
      ...invalidAt(2, 'a.datalog'),
      why: expect.stringContaining(why),
    });
  });

  test.each([
    ...['allow if tool("crm.search"), under("crm")', 'allow if tool("billing.charge")'],
    ...['allow if under("billing"), action("write")', 'allow if dataset("crm/contacts/eu")'],
    'reading("crm.search"); allow if tool($t), reading($t)',
  ])('are accepted if they can be intended: %s', (source) => expect(load(source)).toBe('accepted'));

  test('of identity issuers are checked against the configured ones, if those are known', () => {
    const source = 'allow if workload("lcal-idp", "agent")';
    expect(load(source)).toBe('accepted');
    expect(load(source, ['lcal-idp'])).toBe('accepted');
    expect(load(source, ['local-idp'])).toMatchObject({
      why: 'unknown identity issuer "lcal-idp"; did you mean "local-idp"?',
    });
    expect(load('deny if user("github", $who)', ['local-idp'])).toMatchObject({
      why: 'unknown identity issuer "github"',
    });
  });
});

describe('a condition that can never hold', () => {
  test.each([
    ...['deny if tool("a"), tool("b")', 'deny if workload("idp", "a"), workload("other", $who)'],
    ...['deny if tool(5)', 'deny if action(true)', 'deny if step_up(false)', 'deny if false'],
    ...['deny if bounded_by($p, "polcy")', 'deny if tool("a"), 1 == 2', 'reject if false'],
    ...['allow if tool("a"), "x".starts_with("y")', 'allow if tool("a") or 1 > 2, tool("b")'],
    ...['owner("a") <- tool("a"), tool("b")', 'check if action("read"), action("write")'],
  ])('is rejected: %s', (source) => {
    expect(errorOf(`\n${source}`)).toMatchObject(invalidAt(2));
  });

  test.each([
    ...['deny if tool($a), tool($b)', 'deny if workload("idp", $a), workload($i, "b")'],
    ...['deny if under("a"), under("b")', 'deny if tool("a") or tool("b")'],
    ...['deny if tool($t), $t.starts_with("a")', 'check if false', 'deny if step_up(true)'],
    ...['deny if tool($t), {"a"}.any($x -> $x == $t)'],
  ])('is not rejected if it can: %s', (source) => expect(errorOf(source)).toBe('accepted'));
});

describe('a warning names a valid statement that is probably not intended', () => {
  const warned = (source: string) => {
    const loaded = loadPolicy([{ name: 'a.datalog', source: `\n${source}` }], NO_CATALOGUE);
    return loaded.ok ? loaded.value.warnings : loaded.error;
  };

  test.each([
    ['allow if true', 'it allows every grant that no deny or check refuses'],
    ['allow if tool("a") or 1 == 1', 'it allows every grant that no deny or check refuses'],
    ['deny if true', 'it denies every grant'],
    ['check if true', 'it checks nothing'],
    ['check if false', 'it refuses every grant'],
    ['reject if true', 'it refuses every grant'],
    ['allow if tool("a"), 1 < 2', 'it has a condition that is always true, whatever the request'],
  ])('%s', (source, why) => {
    expect(warned(source)).toEqual([{ file: 'a.datalog', line: 2, why }]);
  });

  test('a required maximum without a minimum, which allows negative amounts', () => {
    const lax = 'require_constraint("/amount", {"number": {"max": 50}}) <- tool("a")';
    expect(warned(lax)).toMatchObject([{ line: 2, why: expect.stringContaining('/amount: ') }]);
    expect(warned(lax.replace('"max"', '"min": 0, "max"'))).toEqual([]);
  });

  test('is given for nothing else', () => {
    const source =
      'owner("a"); allow if tool("a"); deny if tool($t), $t == "b"; check if user($i, $u)';
    expect(warned(source)).toEqual([]);
  });
});
