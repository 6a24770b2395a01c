import { mkdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { emptyFolder, type Folder, hewn } from './scene.ts';

const CATALOGUE = `
[[tool]]
name = "mcp/bank/pay"
action = "write"
tier = 3
arguments = ["amount", "claim"]
datasets = [{ fixed = "bank" }]
sinks = []

[[tool]]
name = "mcp/bank/approve"
action = "write"
tier = 3
arguments = ["claim"]
datasets = [{ fixed = "bank" }]
sinks = []

[[tool]]
name = "mcp/bank/look"
action = "read"
tier = 1
arguments = []
datasets = [{ fixed = "bank" }]

[[history]]
id = "a-day"
kind = "sum"
tools = ["mcp/bank/pay"]
argument = "/amount"
most = 100
within = 86400
reason = "a test"

[[history]]
id = "approved"
kind = "after"
tools = ["mcp/bank/pay"]
of = ["mcp/bank/approve"]
same = "/claim"
uses = 1
reason = "a test"
`;
const pay = (amount: number, rest = '') =>
  `{ tool = "mcp/bank/pay", args = { amount = ${amount}, claim = "c" }${rest} }`;
const approve = (rest = '') => `{ tool = "mcp/bank/approve", args = { claim = "c" }${rest} }`;
const story = (...calls: readonly string[]) =>
  `[[history]]\nname = "story"\ncalls = [\n${calls.map((call) => `  ${call},\n`).join('')}]\n`;

async function tried(cases: string, ...more: readonly string[]) {
  await using folder = await emptyFolder();
  await written(folder, cases);
  const ran = await hewn(['policy', 'test', ...more], { cwd: folder.path });
  return { ...ran, text: ran.out + ran.err };
}
async function written(folder: Folder, cases: string): Promise<void> {
  await mkdir(folder.file('policy/cases'), { recursive: true });
  await writeFile(folder.file('policy/tools.toml'), CATALOGUE);
  await writeFile(folder.file('policy/p.datalog'), 'owner("team:a");\nmax_lifetime(300);\n');
  await writeFile(folder.file('policy/cases/bank.toml'), cases);
}

test('a story of calls passes if each rule over history denies what it says', async () => {
  const ran = await tried(
    story(
      pay(60, ', denied_by = "approved"'),
      approve(),
      pay(60),
      pay(30, ', denied_by = "approved"'),
      approve(', at = "10m", ends = "failed"'),
      pay(30, ', denied_by = "approved"'),
      approve(),
      pay(41, ', denied_by = "a-day"'),
      pay(40, ', ends = "returned"'),
      pay(40),
      approve(', at = "1h", workflow = "second", owner = "team:b"'),
      pay(1, ', at = "1h", workflow = "second", owner = "team:b", denied_by = "a-day"'),
      approve(', at = "1h", workflow = "third", subject = "bob"'),
      pay(100, ', at = "1h", workflow = "third", subject = "bob"'),
      approve(', at = "25h"'),
      pay(100),
    ),
  );
  expect(ran.text).toContain('1 passed, 0 failed');
  expect(ran.code).toBe(0);
});

test('a call that is decided otherwise is shown with both decisions', async () => {
  const cases = story(approve(), pay(101), approve(), pay(1, ', denied_by = "a-day"'));
  const ran = await tried(cases);
  expect(ran.code).toBe(1);
  expect(ran.out.split('\n')).toEqual([
    `FAIL  story  (policy/cases/bank.toml)`,
    '        mcp/bank/approve: allowed',
    '        mcp/bank/pay: denied by a-day (history_limit)',
    '        mcp/bank/approve: allowed',
    '        mcp/bank/pay: allowed',
    '      - call 2 (mcp/bank/pay): allowed',
    '      + call 2 (mcp/bank/pay): denied by a-day (history_limit)',
    '      - call 4 (mcp/bank/pay): denied by a-day',
    '      + call 4 (mcp/bank/pay): allowed',
    '0 passed, 1 failed',
  ]);
  const json = JSON.parse((await tried(cases, '--json')).out);
  expect(json).toMatchObject({ passed: 0, failed: 1, history: [{ differences: { length: 2 } }] });
});

test.each<[string, string, RegExp]>([
  ['no call', story(), /history\.0\.calls/],
  ['201 calls', story(...new Array<string>(201).fill(approve())), /history\.0\.calls/],
  ['an unknown member', story(approve(', allowed = true')), /history\.0\.calls\.0\.allowed/],
  ['an unknown end', story(approve(', ends = "fine"')), /history\.0\.calls\.0\.ends/],
  [
    'a time that cannot be read',
    story(approve(', at = "soon"')),
    /call 1: at must be a time such as/,
  ],
  [
    'a call before another',
    story(approve(', at = "2h"'), pay(1, ', at = "1h"')),
    /call 2: at = "1h" is before the call above it/,
  ],
  [
    'a denied call that ends',
    story(pay(1, ', denied_by = "approved", ends = "ok"')),
    /call 1: a call that approved denies has no end/,
  ],
  [
    'one workflow of two people',
    story(approve(), pay(1, ', subject = "bob"')),
    /call 2: the workflow "wf" is .*"subject".* before/,
  ],
  [
    'a misspelt tool',
    story(pay(1).replace('bank/pay', 'bank/pya')),
    /call 1: .*did you mean "mcp\/bank\/pay"\?/,
  ],
  [
    'a tool without a rule',
    story('{ tool = "mcp/bank/look" }'),
    /call 1: no rule over history names the tool mcp\/bank\/look/,
  ],
  [
    'a misspelt argument',
    story(pay(1).replace('amount =', 'amounts =')),
    /call 1: mcp\/bank\/pay has no argument "amounts"; did you mean "amount"\?/,
  ],
  [
    'a misspelt rule',
    story(pay(1, ', denied_by = "approve"')),
    /call 1: no rule over history is "approve"; did you mean "approved"\?/,
  ],
  [
    'a rule that does not bound the tool',
    story(approve(', denied_by = "a-day"')),
    /call 1: the rule a-day does not bound mcp\/bank\/approve. It bounds mcp\/bank\/pay/,
  ],
])(
  'a file of cases with a story with %s is an error that names the place',
  async (_, cases, why) => {
    const { code, text } = await tried(cases);
    expect(text).toMatch(why);
    expect(code).toBe(2);
  },
);

test('hewn check runs the stories of a deployment', async () => {
  const ran = await hewn(['check', 'examples/orders']);
  expect(ran.out).toContain('4 policy cases passed');
});
